"""Elements to text: one method for each kind."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ragkit.layout._affixes import Affixes
from ragkit.layout._contents import Part, PlacedLines, parts_of
from ragkit.layout._flow import Flow, chain_end, notes_last
from ragkit.layout._form_writer import FieldWriter
from ragkit.layout._hyphens import Vocabulary
from ragkit.layout._list_writer import ListWriter
from ragkit.layout._notes import Notes, TableNotes, around_words, without
from ragkit.layout._options import LinearizationOptions
from ragkit.layout._paragraphs import Paragraphs
from ragkit.layout._raster import raster_rows
from ragkit.layout._table_cutter import TableLimit
from ragkit.layout._table_writer import TableWriter
from ragkit.layout._writer import TextWriter
from ragkit.layout.model import Element, ElementKind, Page

__all__ = ["Composer"]

_ONE_LINE = frozenset({ElementKind.HEADER, ElementKind.FOOTER, ElementKind.PAGE_NUMBER})
_TAGS = {
    ElementKind.HEADER: "header",
    ElementKind.FOOTER: "footer",
    ElementKind.FIGURE: "figure",
}


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
        self._is_html = options.format == "html"
        self._affixes = Affixes(options, is_html=self._is_html)
        self._paragraphs = Paragraphs(options, words, self._affixes)
        self._fields = FieldWriter(options, self._affixes, self._paragraphs)
        self._lists = ListWriter(options, self._affixes, self._inline)
        self._tables = TableWriter(options, self._paragraphs, self._fields, limit)

    def pages(self, pages: Iterable[Page], out: TextWriter) -> None:
        """Writes the pages' elements that are not hidden."""
        flow: Flow = []
        for page in pages:
            if page.verbatim:
                self._verbatim(page, out)
                continue
            elements = self._shown(page.elements)
            elements = self._with_notes(page, elements)
            if self._options.reading_order == "raster":
                elements = raster_rows(elements)
            flow += [(page.number, e) for e in elements if _has_text(e)]
        self._flow(flow, out)

    def _shown(self, elements: Sequence[Element]) -> list[Element]:
        """Those that are not hidden, without what is hidden in them."""
        found = []
        for element in elements:
            if self._options.hides(element.kind):
                continue
            if element.children and self._hides_some(element.children):
                children = [one for one in self._shown(element.children) if _has_text(one)]
                found.append(replace(element, children=children))
            else:
                found.append(element)
        return found

    def _hides_some(self, elements: Iterable[Element]) -> bool:
        return any(
            self._options.hides(element.kind) or self._hides_some(element.children)
            for element in elements
        )

    def _verbatim(self, page: Page, out: TextWriter) -> None:
        """A page whose text stays as it stands."""
        start, text = len(out), "".join(line.text for line in page.iter_lines())
        out.add(f"<pre>{html.escape(text, quote=False)}</pre>" if self._is_html and text else text)
        out.mark(ElementKind.TEXT, start)

    def _with_notes(self, page: Page, elements: list[Element]) -> list[Element]:
        """Sees to what stands around titles and footers of tables; some go into the tables."""
        options = self._options
        title = options.table_title_prefix or options.table_title_suffix
        footers = options.table_footers_prefix or options.table_footers_suffix
        takes = self._tables.takes_notes and options.reading_order == "layout"
        if not (takes or title or footers):
            return elements
        notes = Notes(page).of
        if takes:
            moved = {key: self._moved(one) for key, one in notes.items()}
            shown = {
                id(part.table)
                for element in elements
                for part in parts_of(element, page.number)
                if part.table is not None
                and not self._tables.is_text(part.table)
                and any(cell.text for cell in part.table.cells)
            }
            moved = {key: one for key, one in moved.items() if key in shown}
            self._tables.notes |= moved
            keys = {key for one in moved.values() for key in one.keys}
            elements = [without(element, keys) for element in elements] if keys else elements
        self._paragraphs.around |= around_words(notes.values(), options)
        return elements

    def _moved(self, notes: TableNotes) -> TableNotes:
        """Those that are written within their table."""
        options = self._options
        return TableNotes(
            notes.title if options.table_add_title_as_caption else [],
            notes.footers if options.table_add_footer_as_paragraph else [],
        )

    def _flow(self, flow: Flow, out: TextWriter) -> None:
        at, seen = 0, set[int]()
        flow = notes_last(flow)
        while at < len(flow):
            if at:
                out.add(self._separator(turned=flow[at][0] not in seen))
            end = chain_end(flow, at)
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
            self._lists.write(page, element, out)
        elif element.kind is ElementKind.TABLE and element.table is not None:
            self._table(flow, out)
        else:
            self._block(flow, out)

    def _heading(self, page: int, element: Element, out: TextWriter) -> None:
        is_title = element.kind is ElementKind.TITLE
        name = "title" if is_title else "section_header"
        level = 1 if is_title else max(2, element.level or 2)
        tag = f"h{min(level, 6)}"
        start = len(out)
        if getattr(self._options, f"{name}_prefix") is None:
            out.add(self._options.heading_prefix(level))
        self._affixes.open(name, out, tag, key=element.id)
        self._inline(page, element, out)
        self._affixes.close(name, out, tag)
        lines = [(page, line) for line in element.iter_lines()]
        out.mark(element.kind, start, level, title=self._paragraphs.plain(lines))

    def _inline(
        self, page: int, element: Element, out: TextWriter, marker: str | None = None
    ) -> None:
        """What an element holds, as one line."""
        at = out.n_pieces
        for number, part in enumerate(parts_of(element, page)):
            out.add(self._options.same_layout_element_separator if number else "")
            first = None if number else marker
            if part.fields and first is None:
                for nth, pair in enumerate(part.fields):
                    out.add(self._options.same_layout_element_separator if nth else "")
                    self._fields.write_inline(pair, page, out)
            else:
                self._paragraphs.write(part.lines or _lines(part), out, marker=first)
        if self._options.remove_new_lines_in_leaf_elements:
            out.on_one_line(at)

    def _block(self, flow: Flow, out: TextWriter) -> None:
        """A paragraph, a form, a figure: anything that is no heading, list or table alone."""
        element, parts = flow[0][1], self._parts(flow)
        name, tag = self._options.affix_name(element), self._tag(element, parts)
        start, n_parts = len(out), len(out.parts)
        self._affixes.open(name, out, tag, key=element.id)
        around = self._affixes.opening(name, tag), self._affixes.closing(name, tag)
        for number, part in enumerate(parts):
            if number:
                out.add(self._between(element, parts[number - 1], part))
            if part.table is not None:
                self._tables.write([(part.page, part.table)], out, around)
            elif part.fields:
                self._form(part, out, is_part=self._is_html and tag != "dl")
            else:
                is_part = self._is_html and len(parts) > 1
                self._lines(part.lines, element.kind, out, is_part=is_part)
        self._affixes.close(name, out, tag)
        out.widen(n_parts, start)

    def _form(self, part: Part, out: TextWriter, *, is_part: bool) -> None:
        start, n_parts = len(out), len(out.parts)
        out.add("<dl>" if is_part else "")
        self._fields.write(part.fields, part.page, out)
        out.add("</dl>" if is_part else "")
        out.widen(n_parts, start)

    def _parts(self, flow: Flow) -> list[Part]:
        """What the elements of one paragraph hold."""
        parts: list[Part] = []
        for page, element in flow:
            for part in parts_of(element, page):
                if part.table is not None and not any(cell.text for cell in part.table.cells):
                    continue
                if parts and part.lines and parts[-1].lines:
                    parts[-1].lines += part.lines
                else:
                    parts.append(part)
        return parts

    def _lines(
        self, lines: PlacedLines, kind: ElementKind, out: TextWriter, *, is_part: bool
    ) -> None:
        start = len(out)
        out.add("<p>" if is_part else "")
        at = out.n_pieces
        self._paragraphs.write(lines, out, escape=True)
        if kind in _ONE_LINE and self._options.remove_new_lines_in_leaf_elements:
            out.on_one_line(at)
        out.add("</p>" if is_part else "")
        out.mark(ElementKind.TEXT, start)

    def _between(self, element: Element, before: Part, part: Part) -> str:
        """What stands between two parts of an element."""
        options = self._options
        beside = element.lines and (element.key_values or element.table is not None)
        is_block = options.table_form == "markdown" and (before.table or part.table)
        if beside or is_block:
            return options.layout_element_separator
        if self._is_html:
            return options.same_layout_element_separator
        return self._paragraphs.line_break

    def _tag(self, element: Element, parts: list[Part]) -> str:
        """The tag of HTML for an element with those parts."""
        if element.kind in _TAGS:
            return _TAGS[element.kind]
        if len(parts) == 1 and parts[0].lines:
            return "p"
        if all(part.fields for part in parts):
            return "dl"
        return "div"

    def _table(self, flow: Flow, out: TextWriter) -> None:
        start, n_parts = len(out), len(out.parts)
        asides = [(n, line) for n, e in flow for line in replace(e, table=None).iter_lines()]
        parts = [(n, e.table) for n, e in flow if e.table is not None]
        has_text = any(cell.text for _, table in parts for cell in table.cells)
        self._affixes.open("table_layout", out, key=flow[0][1].id)
        if any(line.text for _, line in asides):
            self._lines(asides, ElementKind.TEXT, out, is_part=self._is_html)
            out.add(self._options.layout_element_separator if has_text else "")
        if has_text:
            around = self._affixes.opening("table_layout"), self._affixes.closing("table_layout")
            self._tables.write(parts, out, around)
        self._affixes.close("table_layout", out)
        out.widen(n_parts, start)


def _has_text(element: Element) -> bool:
    return any(line.text for line in element.iter_lines())


def _lines(part: Part) -> PlacedLines:
    """The lines of a form or a table."""
    pairs = [line for pair in part.fields for line in [*pair.key, *pair.value]]
    cells = part.table.cells if part.table is not None else []
    return [(part.page, line) for line in [*pairs, *(x for cell in cells for x in cell.lines)]]
