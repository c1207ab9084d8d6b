"""Tables in a linearized text, with the places of their words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ragkit.layout._affixes import Affixes
from ragkit.layout._cell_writer import CellWriter, TableForm
from ragkit.layout._drawn_writer import short_rule, write_drawn
from ragkit.layout._form_writer import FieldWriter
from ragkit.layout._grid import GridRow, begins, extent
from ragkit.layout._notes import TableNotes
from ragkit.layout._options import LinearizationOptions
from ragkit.layout._paragraphs import Paragraphs
from ragkit.layout._table_cutter import TableCutter, TableLimit
from ragkit.layout._table_rows import PlacedTables, Rows, joined
from ragkit.layout._writer import TextWriter
from ragkit.layout.drawn_tables import MARKDOWN_FORMATS
from ragkit.layout.model import ElementKind, Table
from ragkit.layout.words import Line

__all__ = ["TableWriter"]

Around = tuple[str, str]
"""What stands before and after a table, for which its pieces leave room."""


@dataclass(slots=True)
class _Whole:
    """A table that is being written, maybe in pieces.

    Attributes:
        rows: All of them.
        id: A service's own.
        page: Of its first part.
        notes: What its caption and its last rows say.
    """

    rows: Rows
    id: str
    page: int
    notes: TableNotes = field(default_factory=TableNotes)


class TableWriter:
    """Writes tables in the form that the options name.

    Attributes:
        notes: By a table's id: titles and footers that are written within it.

    Args:
        options: How.
        paragraphs: Writes tables that are written as text.
        fields: Writes fields of forms.
        limit: Of a table's length; none by default.
    """

    def __init__(
        self,
        options: LinearizationOptions,
        paragraphs: Paragraphs,
        fields: FieldWriter,
        limit: TableLimit | None = None,
    ) -> None:
        self._options = options
        self._form = _form_of(options)
        self._limit = limit
        self._paragraphs = paragraphs
        self._affixes = Affixes(options, is_html=self._form == "html")
        self._cells = CellWriter(options, self._form, self._affixes, fields)
        self.notes: dict[int, TableNotes] = {}

    @property
    def takes_notes(self) -> bool:
        """Whether titles or footers are written within tables."""
        options = self._options
        asked = options.table_add_title_as_caption or options.table_add_footer_as_paragraph
        return self._form == "html" and asked

    def is_text(self, table: Table) -> bool:
        """Whether it is written as if it were no table."""
        options = self._options
        if options.table_flatten_semi_structured_as_plaintext and table.kind == "semi-structured":
            return True
        least = options.table_min_table_words
        return least > 0 and least > sum(len(cell.text.split()) for cell in table.cells)

    def write(self, parts: PlacedTables, out: TextWriter, around: Around = ("", "")) -> None:
        """Writes a table; one that goes on over several pages has a part for each.

        Args:
            parts: The table.
            out: Where to.
            around: What its caller writes before and after it.
        """
        if all(self.is_text(table) for _, table in parts):
            self._as_text(parts, out)
            return
        whole = self._whole(parts)
        if self._limit is None:
            self._table(whole, whole.rows.all, 0, out)
            return
        cutter = TableCutter(
            self._limit,
            whole.rows.all,
            whole.rows.n_head,
            lambda rows, n_repeated: self._written(whole, rows, n_repeated),
            self._written_row,
            around,
        )
        pieces = (piece for piece in cutter.pieces(out.last_headings()) if len(piece))
        for number, piece in enumerate(pieces):
            out.add(self._options.layout_element_separator if number else "")
            out.extend(piece)

    def _whole(self, parts: PlacedTables) -> _Whole:
        rows = joined(parts)
        if self._options.table_flatten_headers:
            rows = rows.flattened()
        if self._form in ("markdown", "drawn"):
            rows = rows.headed(self._options)
        whole = _Whole(rows, parts[0][1].id, parts[0][0])
        for notes in (self.notes.get(id(table)) for _, table in parts):
            if notes is not None:
                whole.notes.title += notes.title
                whole.notes.footers += notes.footers
        return whole

    def _as_text(self, parts: PlacedTables, out: TextWriter) -> None:
        """A line for each row, the cells' texts after each other."""
        rows = joined(parts).all
        start = len(out)
        out.add("<p>" if self._options.format == "html" else "")
        is_first = True
        for at, row in enumerate(rows):
            held = [
                cell
                for column, cell in enumerate(row.places)
                if cell is not None and cell.text and begins(rows, at, column)
            ]
            if held:
                out.add("" if is_first else self._paragraphs.as_break("\n"))
                is_first = False
            for number, cell in enumerate(held):
                out.add(" " if number else "")
                for nth, line in enumerate(cell.lines):
                    out.add(" " if nth else "")
                    escape = not number and not nth
                    self._paragraphs.write([(row.page or 0, line)], out, escape=escape)
        out.add("</p>" if self._options.format == "html" else "")
        out.mark(ElementKind.TEXT, start)

    def _written(self, whole: _Whole, rows: Sequence[GridRow], n_repeated: int) -> TextWriter:
        out = TextWriter()
        self._table(whole, rows, n_repeated, out)
        return out

    def _written_row(self, rows: Sequence[GridRow], at: int) -> TextWriter:
        out = TextWriter()
        if self._form == "drawn":
            self._markdown_row(rows, at, out)
        else:
            self._row(rows, at, out)
        return out

    def _table(
        self, whole: _Whole, rows: Sequence[GridRow], n_repeated: int, out: TextWriter
    ) -> None:
        """Rows as one table; the first `n_repeated` are the header of a piece before it."""
        start = len(out)
        self._affixes.open("table", out, "table", key=whole.id)
        every = whole.rows.all
        if not n_repeated and rows[0] is every[0]:
            self._caption(whole, out)
        if self._form == "drawn":
            self._drawn(whole, rows, n_repeated, out)
        elif self._form == "html" and self._options.format == "html":
            n_head = n_repeated or (whole.rows.n_head if rows[0] is every[0] else 0)
            self._html_groups(rows, min(n_head, len(rows)), out)
        else:
            for at in range(len(rows)):
                self._row(rows, at, out)
        if rows[-1] is every[-1]:
            self._footers(whole, out)
        out.add("\n" if self._form == "html" else "")
        self._affixes.close("table", out, "table")
        page = rows[n_repeated].page if n_repeated < len(rows) else None
        out.mark(ElementKind.TABLE, start, page=page)

    def _row(self, rows: Sequence[GridRow], at: int, out: TextWriter) -> None:
        if self._form == "markdown":
            self._markdown_row(rows, at, out)
            return
        is_html = self._form == "html"
        separator = "" if is_html else self._options.table_column_separator
        out.add("\n" if is_html else self._options.table_row_separator if at else "")
        self._affixes.open("table_row", out, "tr")
        for column in range(len(rows[at].places)):
            if not is_html or begins(rows, at, column):
                out.add(separator if column else "")
                self._cells.write(rows, at, column, out)
        self._affixes.close("table_row", out, "tr")

    def _html_groups(self, rows: Sequence[GridRow], n_head: int, out: TextWriter) -> None:
        """Rows of HTML, those of the header in a group of their own."""
        spans_out = any(
            begins(rows, at, column) and at + extent(rows, at, column)[0] > n_head
            for at in range(n_head)
            for column in range(len(rows[at].places))
        )
        n_head = 0 if spans_out else n_head  # no cell may reach out of its group
        for at in range(len(rows)):
            out.add("\n<thead>" if n_head and not at else "")
            out.add("\n<tbody>" if n_head and at == n_head else "")
            self._row(rows, at, out)
            out.add("\n</thead>" if n_head and at == n_head - 1 else "")
        out.add("\n</tbody>" if n_head and len(rows) > n_head else "")

    def _markdown_row(self, rows: Sequence[GridRow], at: int, out: TextWriter) -> None:
        out.add("\n| " if at else "| ")
        for column in range(len(rows[at].places)):
            out.add(" | " if column else "")
            self._cells.write(rows, at, column, out)
        rule = "|" + " --- |" * len(rows[at].places)
        if self._options.table_tabulate_remove_extra_hyphens:
            rule = short_rule(rule)
        out.add(" |" if at else f" |\n{rule}")

    def _drawn(
        self, whole: _Whole, rows: Sequence[GridRow], n_repeated: int, out: TextWriter
    ) -> None:
        texts = [
            [self._drawn_cell(rows, at, column, out) for column in range(whole.rows.width)]
            for at in range(len(rows))
        ]
        name = self._options.table_tabulate_format or ""
        has_head = bool(n_repeated or (whole.rows.n_head and rows[0] is whole.rows.all[0]))
        has_head = has_head or name in MARKDOWN_FORMATS
        short = self._options.table_tabulate_remove_extra_hyphens
        header, body = (texts[0], texts[1:]) if has_head else (None, texts)
        write_drawn(header, body, out, name, short_rules=short)

    def _drawn_cell(
        self, rows: Sequence[GridRow], at: int, column: int, out: TextWriter
    ) -> TextWriter:
        cell = out.sibling()
        if column < len(rows[at].places):
            self._cells.write(rows, at, column, cell)
        return cell

    def _caption(self, whole: _Whole, out: TextWriter) -> None:
        if whole.notes.title:
            out.add("\n")
            self._affixes.open("table_title", out, "caption")
            self._cells.write_lines([(whole.page, line) for line in whole.notes.title], out)
            self._affixes.close("table_title", out, "caption")

    def _footers(self, whole: _Whole, out: TextWriter) -> None:
        """Paragraphs in a last row: HTML has no other place for them within a table."""
        if not whole.notes.footers:
            return
        columns = whole.rows.width
        spans = f' colspan="{columns}"' if columns > 1 else ""
        out.add(f"\n<tfoot>\n<tr><td{spans}>")
        for line in whole.notes.footers:
            self._footer(line, whole.page, out)
        out.add("</td></tr>\n</tfoot>")

    def _footer(self, line: Line, page: int, out: TextWriter) -> None:
        self._affixes.open("table_footers", out, "p")
        self._cells.write_lines([(page, line)], out)
        self._affixes.close("table_footers", out, "p")


def _form_of(options: LinearizationOptions) -> TableForm:
    wanted = options.table_linearization_format
    is_drawn = options.table_tabulate_format is not None
    if is_drawn and (wanted == "markdown" or (wanted is None and options.format != "html")):
        return "drawn"
    return options.table_form
