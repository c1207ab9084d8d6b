"""Elements to text: one method for each kind."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import zip_longest

from ragkit.layout._hyphens import Vocabulary, break_of
from ragkit.layout._options import LinearizationOptions
from ragkit.layout._raster import raster_rows
from ragkit.layout._table_cutter import TableLimit
from ragkit.layout._table_writer import TableWriter
from ragkit.layout._writer import TextWriter
from ragkit.layout.model import Element, ElementKind, KeyValue, Line, Page, Word
from ragkit.layout.tables import markdown_word

__all__ = ["Composer"]

_CHECK_BOX = re.compile(r"^(?:[\[(]|\[[xX]?\])$")
_TASKS = dict.fromkeys("☑☒⊠", "[x]") | dict.fromkeys("☐⬜", "[ ]")
_BULLET = re.compile(r"^[^\w(\[]$")
# What Markdown would read as a heading, a quotation, a list, a rule or a table's row.
_BLOCK_MARK = re.compile(r"^(?:#{1,6}|>+|[-+*]|\||={3,}|-{3,}|`{3,}+.*|~{3,}+.*)$")

Flow = list[tuple[int, Element]]
"""Elements in reading order, each with its page's number."""

PlacedLines = list[tuple[int, Line]]


class Composer:
    """Writes elements as text, and the map of it, for one document.

    Args:
        options: How.
        words: The document's words, for mending broken ones.
        limit: Of a table's length.
    """

    def __init__(
        self,
        options: LinearizationOptions,
        words: Vocabulary,
        limit: TableLimit | None = None,
    ) -> None:
        self._options = options
        self._vocabulary = words
        self._tables = TableWriter(options, limit)

    def pages(self, pages: Iterable[Page], out: TextWriter) -> None:
        """Writes the pages' elements that are not hidden."""
        flow: Flow = []
        for page in pages:
            if page.verbatim:
                start = len(out)
                out.add("".join(line.text for line in page.iter_lines()))
                out.mark(ElementKind.TEXT, start)
                continue
            elements = [e for e in page.elements if not self._options.hides(e.kind)]
            if self._options.reading_order == "raster":
                elements = raster_rows(elements)
            flow += [(page.number, e) for e in elements if _has_text(e)]
        self._flow(flow, out)

    def _flow(self, flow: Flow, out: TextWriter) -> None:
        at, seen = 0, set[int]()
        flow = _notes_last(flow)
        while at < len(flow):
            if at:
                out.add(self._separator(turned=flow[at][0] not in seen))
            end = _chain_end(flow, at)
            self._write(flow[at:end], out)
            seen |= {number for number, _ in flow[at:end]}
            at = end

    def _separator(self, *, turned: bool) -> str:
        options = self._options
        if turned:
            return options.between_pages
        return "\n" if options.reading_order == "raster" else options.layout_element_separator

    def _write(self, flow: Flow, out: TextWriter) -> None:
        """One element, or several that are one paragraph or one table."""
        page, element = flow[0]
        if element.kind in (ElementKind.TITLE, ElementKind.SECTION_HEADER):
            self._heading(page, element, out)
        elif element.kind is ElementKind.LIST:
            self._list(page, element, out)
        elif element.kind is ElementKind.TABLE and element.table is not None:
            self._table(flow, out)
        elif element.kind is ElementKind.KEY_VALUE and element.key_values:
            self._form(page, element, out)
        else:
            self._text([(n, line) for n, e in flow for line in e.iter_lines()], out)

    def _heading(self, page: int, element: Element, out: TextWriter) -> None:
        options = self._options
        is_title = element.kind is ElementKind.TITLE
        level = 1 if is_title else max(2, element.level or 2)
        lines = [(page, line) for line in element.iter_lines()]
        start = len(out)
        out.add(options.heading_prefix(level))
        self._paragraph(lines, out)
        out.add((options.title_suffix if is_title else options.section_header_suffix) or "")
        out.mark(element.kind, start, level, title=self._plain(lines))

    def _plain(self, lines: PlacedLines) -> str:
        """The words of a paragraph, without any mark."""
        found = ""
        for (_, line), following in zip_longest(lines, lines[1:]):
            texts = line.text.split()
            mended = following is not None and self._mend(texts, following[1])
            found += " ".join(texts) + ("" if mended else " ")
        return found.strip()

    def _text(self, lines: PlacedLines, out: TextWriter) -> None:
        start = len(out)
        out.add(self._options.text_prefix or "")
        self._paragraph(lines, out, escape=self._options.markdown)
        out.add(self._options.text_suffix or "")
        out.mark(ElementKind.TEXT, start)

    def _aside(self, lines: PlacedLines, out: TextWriter, *, ends: bool) -> None:
        """Lines that an element has beside its table or its fields, as a paragraph before them."""
        if any(line.text for _, line in lines):
            self._text(lines, out)
            out.add("" if ends else self._options.layout_element_separator)

    def _table(self, flow: Flow, out: TextWriter) -> None:
        asides = [(n, line) for n, e in flow for line in replace(e, table=None).iter_lines()]
        parts = [(n, e.table) for n, e in flow if e.table is not None]
        has_text = any(cell.text for _, table in parts for cell in table.cells)
        self._aside(asides, out, ends=not has_text)
        if has_text:
            self._tables.write(parts, out)

    def _paragraph(
        self, lines: PlacedLines, out: TextWriter, *, escape: bool = False, marker: str = ""
    ) -> None:
        """Lines joined to one; the first word is written as `marker` where that is given."""
        for number, (page, line) in enumerate(lines):
            if line.raw is not None:
                out.add(line.raw + ("\n" if number < len(lines) - 1 else ""))
                continue
            texts = [w.text for w in line.words]
            if self._options.markdown:
                texts = [markdown_word(text) for text in texts]
            if number == 0 and texts:
                texts[0] = marker or (_escaped(texts[0]) if escape else texts[0])
            following = lines[number + 1][1] if number < len(lines) - 1 else None
            separator = self._break(texts, following)
            out.add_words(line.words, texts, page)
            out.add(separator)

    def _break(self, texts: list[str], following: Line | None) -> str:
        """What stands between two lines; mends the first one's last word in place."""
        if following is None or self._mend(texts, following):
            return ""
        return self._options.same_paragraph_separator

    def _mend(self, texts: list[str], following: Line) -> bool:
        """Whether a line's last word goes on in the next line; it loses its hyphen then."""
        if not (texts and following.words and self._options.mend_broken_words):
            return False
        stem = break_of(texts[-1], following.words[0].text, self._vocabulary)
        if stem is not None:
            texts[-1] = stem
        return stem is not None

    def _list(self, page: int, element: Element, out: TextWriter) -> None:
        options, start, n_parts = self._options, len(out), len(out.parts)
        out.add(options.list_layout_prefix or "")
        asides = [(page, line) for line in replace(element, children=[]).iter_lines()]
        if asides:
            at = len(out)
            self._paragraph(asides, out)
            out.mark(ElementKind.TEXT, at)
            out.add(options.list_element_separator if element.children else "")
        for number, item in enumerate(element.children):
            out.add(options.list_element_separator if number else "")
            self._item(page, item, out)
        out.add(options.list_layout_suffix or "")
        out.widen(n_parts, start)

    def _item(self, page: int, item: Element, out: TextWriter) -> None:
        options, start = self._options, len(out)
        out.add("  " * (max(1, item.level or 1) - 1) + (options.list_element_prefix or ""))
        lines = [(page, line) for line in item.iter_lines()]
        marker = item.marker or ""
        written = _written_marker(marker, markdown=options.markdown)
        if options.markdown and _CHECK_BOX.match(marker):
            out.add("- ")
        first: Word | None = next((w for _, line in lines for w in line.words), None)
        if first is not None and marker and first.text == marker:
            self._paragraph(lines, out, marker=written)
        else:
            out.add(f"{written} " if written else "")
            self._paragraph(lines, out)
        out.add(options.list_element_suffix or "")
        out.mark(ElementKind.LIST, start)

    def _form(self, page: int, element: Element, out: TextWriter) -> None:
        lines = [(page, line) for line in replace(element, key_values=[]).iter_lines()]
        self._aside(lines, out, ends=False)
        for number, pair in enumerate(element.key_values):
            if number:
                out.add("  \n" if self._options.markdown else "\n")
            self._key_value(page, pair, out)

    def _key_value(self, page: int, pair: KeyValue, out: TextWriter) -> None:
        start = len(out)
        self._paragraph([(page, line) for line in pair.key], out)
        if pair.value:
            out.add(self._key_suffix(pair) if pair.key else "")
            self._paragraph([(page, line) for line in pair.value], out)
        out.mark(ElementKind.KEY_VALUE, start)

    def _key_suffix(self, pair: KeyValue) -> str:
        if self._options.key_suffix is not None:
            return self._options.key_suffix
        return " " if pair.key[-1].text.endswith((":", "?", "：")) else ": "


def _notes_last(flow: Flow) -> Flow:
    """The flow, footnotes that stand within a paragraph moved behind it."""
    ordered: Flow = []
    notes: Flow = []
    for item in flow:
        element = item[1]
        if element.role == "footnote" and (notes or (ordered and ordered[-1][1].continued)):
            notes.append(item)
            continue
        if element.kind is not ElementKind.TEXT:  # the paragraph does not go on after all
            ordered += notes
            notes = []
        ordered.append(item)
        if not element.continued:
            ordered += notes
            notes = []
    return ordered + notes


def _chain_end(flow: Flow, at: int) -> int:
    """One past the last element of the paragraph, or of the table, that begins at `at`."""
    end = at + 1
    while end < len(flow) and _goes_on(flow[end - 1][1], flow[end][1]):
        end += 1
    return end


def _goes_on(element: Element, following: Element) -> bool:
    if element.kind is not following.kind:
        return False
    if element.table is not None and following.table is not None:
        return following.table.continues is element.table
    return element.kind is ElementKind.TEXT and element.continued and following.role is None


def _has_text(element: Element) -> bool:
    return any(line.text for line in element.iter_lines())


def _escaped(word: str) -> str:
    """A paragraph's first word, so that Markdown does not read it as the mark of a block."""
    return "\\" + word if _BLOCK_MARK.match(word) else word


def _written_marker(marker: str, *, markdown: bool) -> str:
    if not markdown:
        return marker
    if marker in _TASKS:
        return f"- {_TASKS[marker]}"
    return "-" if not marker or _BULLET.match(marker) else marker
