"""Tables in a linearized text, with the places of their words."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from ragkit.layout._grid import GridRow, Places, begins, extent
from ragkit.layout._options import LinearizationOptions
from ragkit.layout._table_cutter import TableCutter, TableLimit
from ragkit.layout._writer import TextWriter
from ragkit.layout.model import Cell, ElementKind, Table
from ragkit.layout.tables import cell_tags, markdown_cell

__all__ = ["TableWriter"]

PlacedTables = Sequence[tuple[int, Table]]
"""The parts of one table, each with its page's number."""


class TableWriter:
    """Writes tables in the form that the options name.

    Args:
        options: How.
        limit: Of a table's length; none by default.
    """

    def __init__(self, options: LinearizationOptions, limit: TableLimit | None = None) -> None:
        self._options = options
        self._form = options.table_form
        self._limit = limit

    def write(self, parts: PlacedTables, out: TextWriter) -> None:
        """Writes a table; one that goes on over several pages has a part for each."""
        rows, n_head = _joined(parts)
        if self._form == "markdown":
            n_head = max(n_head, 1)  # Markdown has no table without a header
        if self._limit is None:
            self._table(rows, 0, out)
            return
        cutter = TableCutter(self._limit, rows, n_head, self._written_table, self._written_row)
        for number, piece in enumerate(cutter.pieces(out.last_headings())):
            out.add(self._options.layout_element_separator if number else "")
            out.extend(piece)

    def _written_table(self, rows: Sequence[GridRow], n_repeated: int) -> TextWriter:
        out = TextWriter()
        self._table(rows, n_repeated, out)
        return out

    def _written_row(self, rows: Sequence[GridRow], at: int) -> TextWriter:
        out = TextWriter()
        self._row(rows, at, out)
        return out

    def _table(self, rows: Sequence[GridRow], n_repeated: int, out: TextWriter) -> None:
        """Rows as one table; the first `n_repeated` are the header of a piece before it."""
        start = len(out)
        out.add(self._options.table_prefix)
        out.add("<table>" if self._form == "html" else "")
        for at in range(len(rows)):
            self._row(rows, at, out)
        out.add("\n</table>" if self._form == "html" else "")
        out.add(self._options.table_suffix)
        page = rows[n_repeated].page if n_repeated < len(rows) else None
        out.mark(ElementKind.TABLE, start, page=page)

    def _row(self, rows: Sequence[GridRow], at: int, out: TextWriter) -> None:
        if self._form == "html":
            self._html_row(rows, at, out)
        elif self._form == "markdown":
            self._markdown_row(rows, at, out)
        else:
            out.add(self._options.table_row_separator if at else "")
            self._cells(rows, at, self._options.table_column_separator, out)

    def _html_row(self, rows: Sequence[GridRow], at: int, out: TextWriter) -> None:
        out.add("\n<tr>")
        for column, cell in enumerate(rows[at].places):
            if begins(rows, at, column):
                opening, closing = cell_tags(cell, *extent(rows, at, column))
                out.add(opening)
                self._cell(rows[at].page, cell, out)
                out.add(closing)
        out.add("</tr>")

    def _markdown_row(self, rows: Sequence[GridRow], at: int, out: TextWriter) -> None:
        out.add("\n| " if at else "| ")
        self._cells(rows, at, " | ", out)
        out.add(" |" if at else " |\n|" + " --- |" * len(rows[at].places))

    def _cells(self, rows: Sequence[GridRow], at: int, separator: str, out: TextWriter) -> None:
        """A row's places, spans included: their text stands in the first, or in all."""
        repeats = self._options.table_duplicate_text_in_merged_cells
        for column, cell in enumerate(rows[at].places):
            out.add(separator if column else "")
            if repeats or begins(rows, at, column):
                self._cell(rows[at].page, cell, out)

    def _cell(self, page: int | None, cell: Cell | None, out: TextWriter) -> None:
        """A cell's lines joined by blanks, without mending: numbers stay as they are."""
        for number, line in enumerate(cell.lines if cell else ()):
            out.add(" " if number else "")
            if line.raw is not None or page is None:
                out.add(self._in_cell(" ".join(line.text.split())))
            else:
                out.add_words(line.words, [self._in_cell(w.text) for w in line.words], page)

    def _in_cell(self, text: str) -> str:
        if self._form == "html":
            return html.escape(text, quote=False)
        return markdown_cell(text) if self._form == "markdown" else text


def _joined(parts: PlacedTables) -> tuple[list[GridRow], int]:
    """The rows of all parts, the header once, and how many of them are the header."""
    page, table = parts[0]
    origin = table.origin
    head = [
        GridRow(places, page if origin is table else None)  # else it stands on another page
        for places in origin.grid(fill_merged=True)[: origin.n_header_rows]
    ]
    rows = list(head)
    for page, table in parts:
        grid = table.grid(fill_merged=True)
        n_same = table.n_header_rows
        if _texts(grid[:n_same]) != _texts(row.places for row in head):
            n_same = 0
        rows += [GridRow(places, page) for places in grid[n_same:]]
    return rows, len(head)


def _texts(rows: Iterable[Places]) -> list[list[str]]:
    """What can be read in each row."""
    return [
        [cell.text for n, cell in enumerate(row) if cell and (n == 0 or row[n - 1] is not cell)]
        for row in rows
    ]
