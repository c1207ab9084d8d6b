"""Lists and their items."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from ragkit.layout._affixes import Affixes
from ragkit.layout._options import LinearizationOptions
from ragkit.layout._writer import TextWriter
from ragkit.layout.model import Element, ElementKind
from ragkit.layout.words import Word

__all__ = ["ListWriter"]

_CHECK_BOX = re.compile(r"^(?:[\[(]|\[[xX]?\])$")
_TASKS = dict.fromkeys("☑☒⊠", "[x]") | dict.fromkeys("☐⬜", "[ ]")
_BULLET = re.compile(r"^[^\w(\[]$")
_NUMBER = re.compile(r"^(\d{1,9})[.)]$")
_PRINTED = re.compile(r"^(?:[•◦▪▫‣·●○■□–*-]|\d{1,3}[.)])$")
"""A first word that is a marker also where the loader does not say so."""

ItemText = Callable[[int, Element, TextWriter, "str | None"], None]


@dataclass(slots=True)
class _Node:
    """An item, and those below it."""

    item: Element
    below: list[_Node] = field(default_factory=list)


class ListWriter:
    """Writes lists.

    Args:
        options: How.
        affixes: What stands around lists and items.
        write_lines: Writes an element's own content on one line, its first word as the marker
            that is given.
    """

    def __init__(
        self, options: LinearizationOptions, affixes: Affixes, write_lines: ItemText
    ) -> None:
        self._options = options
        self._affixes = affixes
        self._write_lines = write_lines

    def write(self, page: int, element: Element, out: TextWriter) -> None:
        """A list, each of its items a part for those who cut the text."""
        options, start, n_parts = self._options, len(out), len(out.parts)
        roots = _tree(element.children) if self._affixes.is_html else []
        tag = _list_tag(roots)
        aside = replace(element, children=[])
        if self._affixes.is_html:
            self._aside(page, aside, out, more=bool(roots))
            if roots:
                self._affixes.open("list_layout", out, tag, key=element.id)
                out.add("\n")
                self._nodes(page, roots, out)
                out.add("\n")
                self._affixes.close("list_layout", out, tag)
        else:
            self._affixes.open("list_layout", out)
            self._aside(page, aside, out, more=bool(element.children))
            for number, item in enumerate(element.children):
                out.add(options.list_element_separator if number else "")
                self._item(page, item, out)
            self._affixes.close("list_layout", out)
        out.widen(n_parts, start)

    def _aside(self, page: int, element: Element, out: TextWriter, *, more: bool) -> None:
        """Lines of a list that are in no item."""
        if any(line.text for line in element.iter_lines()):
            start = len(out)
            out.add("<p>" if self._affixes.is_html else "")
            self._write_lines(page, element, out, None)
            out.add("</p>" if self._affixes.is_html else "")
            out.mark(ElementKind.TEXT, start)
            out.add(self._options.list_element_separator if more else "")

    def _item(self, page: int, item: Element, out: TextWriter) -> None:
        """An item of text or Markdown, indented by its level."""
        start = len(out)
        out.add("  " * (max(1, item.level or 1) - 1))
        self._affixes.open("list_element", out)
        self._content(page, item, out)
        self._affixes.close("list_element", out)
        out.mark(ElementKind.LIST, start)

    def _nodes(self, page: int, nodes: Sequence[_Node], out: TextWriter) -> None:
        """Items of HTML, each with the list of those below it."""
        is_numbered = _list_tag(nodes) == "ol"
        expected = 1
        for number, node in enumerate(nodes):
            out.add(self._options.list_element_separator if number else "")
            value = ""
            if is_numbered:
                found = int(_marker(node.item).rstrip(".)"))
                value = "" if found == expected else f' value="{found}"'
                expected = found + 1
            start, n_parts = len(out), len(out.parts)
            self._affixes.open("list_element", out, "li", key=node.item.id, attributes=value)
            self._content(page, node.item, out, is_numbered=is_numbered)
            if node.below:
                out.mark(ElementKind.LIST, start)
                tag = _list_tag(node.below)
                out.add(f"\n<{tag}>\n")
                self._nodes(page, node.below, out)
                out.add(f"\n</{tag}>\n")
            self._affixes.close("list_element", out, "li")
            if node.below:
                out.widen(n_parts, start)
            else:
                out.mark(ElementKind.LIST, start)

    def _content(
        self, page: int, item: Element, out: TextWriter, *, is_numbered: bool = False
    ) -> None:
        """An item's marker and its text."""
        options, marker, first = self._options, _marker(item), _first_word(item)
        if self._affixes.is_html:
            written = "" if is_numbered or _BULLET.match(marker) else marker
        else:
            written = _written_marker(marker, markdown=options.markdown)
        if options.markdown and first is not None and first.selected is not None and not marker:
            self._write_lines(page, item, out, f"- [{'x' if first.selected else ' '}]")
            return
        if options.markdown and _CHECK_BOX.match(marker):
            out.add("- ")
        if first is not None and marker and first.text == marker:
            self._write_lines(page, item, out, written)
        else:
            out.add(f"{written} " if written else "")
            self._write_lines(page, item, out, None)


def _tree(items: Sequence[Element]) -> list[_Node]:
    """Items by level: each with those of a deeper level that follow it."""
    roots: list[_Node] = []
    path: list[tuple[int, _Node]] = []
    for item in items:
        level, node = max(1, item.level or 1), _Node(item)
        path = [(at, above) for at, above in path if at < level]
        (path[-1][1].below if path else roots).append(node)
        path.append((level, node))
    return roots


def _list_tag(nodes: Sequence[_Node]) -> str:
    """That of a numbered list where all items have a number."""
    numbered = bool(nodes) and all(_NUMBER.match(_marker(node.item)) for node in nodes)
    return "ol" if numbered else "ul"


def _marker(item: Element) -> str:
    """An item's marker: the loader's, or its first word where that can be nothing else."""
    if item.marker is not None:
        return item.marker
    words = [word for line in item.iter_lines() for word in line.words][:2]
    return words[0].text if len(words) > 1 and _PRINTED.match(words[0].text) else ""


def _first_word(item: Element) -> Word | None:
    return next((word for line in item.iter_lines() for word in line.words), None)


def _written_marker(marker: str, *, markdown: bool) -> str:
    if not markdown:
        return marker
    if marker in _TASKS:
        return f"- {_TASKS[marker]}"
    return "-" if not marker or _BULLET.match(marker) else marker
