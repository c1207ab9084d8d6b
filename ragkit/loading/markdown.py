"""Markdown files as layout documents."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ragkit.layout.model import Element, ElementKind, LayoutDocument, Line, Page
from ragkit.loading.text import TextLoader

__all__ = ["MarkdownLoader"]

_HEADING = re.compile(r"^ {0,3}(#{1,6})(?:[ \t]|\r?\n|$)")
_UNDERLINE = re.compile(r"^ {0,3}(=+|-+)[ \t]*\r?\n?$")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_ITEM = re.compile(r"^\s*(?:[-*+]|\d{1,9}[.)])\s")


class MarkdownLoader(TextLoader):
    """Markdown files: headings, lists, tables and paragraphs, each kept verbatim.

    The linearized text is the file's text, in both formats. A ``title:`` in the front matter,
    or else the first heading of level 1, is the metadata's title. Arguments, methods and errors
    are those of `TextLoader`.
    """

    def _layout(self, path: str, text: str) -> LayoutDocument:
        elements = _elements(text)
        metadata = {"source": path}
        title = _title(elements)
        if title:
            metadata["title"] = title
        return LayoutDocument(path, [Page(0, elements=elements, verbatim=True)], metadata)


def _elements(text: str) -> list[Element]:
    """Blocks, each with the blank lines after it; put together they are the text."""
    lines = re.findall(r"[^\n]*\n|[^\n]+$", text)
    elements: list[Element] = []
    at = 0
    while at < len(lines):
        end = _block_end(lines, at)
        element = _element(lines[at:end])
        while end < len(lines) and not lines[end].strip():
            end += 1
        element.lines = [Line(raw="".join(lines[at:end]))]
        elements.append(element)
        at = end
    _name_title(elements)
    return elements


def _block_end(lines: Sequence[str], at: int) -> int:
    """One past the last line of the block that begins at `at`."""
    first = lines[at]
    if at == 0 and first.strip() == "---":
        closed = [i for i in range(1, len(lines)) if lines[i].strip() in ("---", "...")]
        if closed:
            return closed[0] + 1
    fence = _FENCE.match(first)
    if fence:
        return _fence_end(lines, at, fence[1])
    if _HEADING.match(first) or not first.strip():
        return at + 1
    end = at + 1
    while end < len(lines) and not _starts_block(lines, end):
        if _UNDERLINE.match(lines[end]):
            return end + 1
        end += 1
    return end


def _fence_end(lines: Sequence[str], at: int, fence: str) -> int:
    for end in range(at + 1, len(lines)):
        closing = lines[end].strip()
        if closing.startswith(fence) and not closing.strip(fence[0]):
            return end + 1
    return len(lines)


def _starts_block(lines: Sequence[str], at: int) -> bool:
    """Whether a new block begins there; a list goes on over blank lines before its items."""
    line = lines[at]
    return not line.strip() or bool(_HEADING.match(line) or _FENCE.match(line))


def _element(lines: Sequence[str]) -> Element:
    heading = _HEADING.match(lines[0])
    if heading:
        return Element(ElementKind.SECTION_HEADER, level=len(heading[1]))
    underline = _UNDERLINE.match(lines[-1]) if len(lines) > 1 else None
    if underline and not lines[0].startswith("---"):
        return Element(ElementKind.SECTION_HEADER, level=1 if underline[1][0] == "=" else 2)
    if _ITEM.match(lines[0]):
        return Element(ElementKind.LIST)
    if len(lines) > 1 and "|" in lines[0] and _is_rule(lines[1]):
        return Element(ElementKind.TABLE)
    return Element(ElementKind.TEXT)


def _is_rule(line: str) -> bool:
    """Whether it is the line under the head of a table; in linear time, whatever it holds."""
    return "-" in line and all(c in "-:|" or c.isspace() for c in line)


def _name_title(elements: Sequence[Element]) -> None:
    """The first heading of level 1 is the title."""
    for element in elements:
        if element.kind is ElementKind.SECTION_HEADER and element.level == 1:
            element.kind = ElementKind.TITLE
            return


def _title(elements: Sequence[Element]) -> str | None:
    if elements and elements[0].text.startswith("---"):
        for line in elements[0].text.split("\n"):
            title = line.removeprefix("title:").strip() if line.startswith("title:") else ""
            if title:
                return title.strip("\"'")
    for element in elements:
        if element.kind is ElementKind.TITLE:
            first = element.text.strip().splitlines()[0]
            return first.strip().strip("#").strip() or None
    return None
