"""Tables in a linearized text, with the places of their words."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence

from ragkit.layout._options import LinearizationOptions
from ragkit.layout._writer import TextWriter
from ragkit.layout.model import Cell, Line, Table
from ragkit.layout.tables import cell_tags, markdown_cell, rows_of_cells

__all__ = ["TableWriter"]


class TableWriter:
    """Writes tables in the form that the options name.

    Args:
        options: How.
    """

    def __init__(self, options: LinearizationOptions) -> None:
        self._options = options
        self._form = options.table_form

    def write(self, page: int, table: Table, out: TextWriter) -> None:
        """Writes all of a table."""
        out.add(self._options.table_prefix)
        out.add("<table>\n" if self._form == "html" else "")
        for number, _ in enumerate(self.rows(page, table, out)):
            if self._form == "markdown" and number == 0:
                out.add("\n|" + " --- |" * table.n_columns)
            if number < table.n_rows - 1:
                out.add("\n" if self._form != "plaintext" else self._options.table_row_separator)
        out.add("\n</table>" if self._form == "html" else "")
        out.add(self._options.table_suffix)

    def rows(self, page: int, table: Table, out: TextWriter) -> Iterator[None]:
        """Writes one row after the other, each when it is asked for."""
        if self._form == "html":
            for row in rows_of_cells(table):
                self._html_row(page, row, out)
                yield
            return
        for cells in self._grid(table):
            self._row(page, cells, out)
            yield

    def _grid(self, table: Table) -> list[list[Cell | None]]:
        rows = table.grid()
        for cell in table.cells if self._options.table_duplicate_text_in_merged_cells else ():
            for row in rows[cell.row : cell.row + cell.row_span]:
                end = cell.column + cell.column_span
                row[cell.column : end] = [cell] * (end - cell.column)
        return rows

    def _row(self, page: int, cells: Sequence[Cell | None], out: TextWriter) -> None:
        markdown = self._form == "markdown"
        out.add("| " if markdown else "")
        for column, cell in enumerate(cells):
            if column:
                out.add(" | " if markdown else self._options.table_column_separator)
            self._cell(page, cell.lines if cell else [], out)
        out.add(" |" if markdown else "")

    def _html_row(self, page: int, cells: Sequence[Cell], out: TextWriter) -> None:
        out.add("<tr>")
        for cell in cells:
            opening, closing = cell_tags(cell)
            out.add(opening)
            self._cell(page, cell.lines, out)
            out.add(closing)
        out.add("</tr>")

    def _cell(self, page: int, lines: Sequence[Line], out: TextWriter) -> None:
        """A cell's lines joined by blanks, without mending: numbers stay as they are."""
        blank = ""
        for line in lines:
            out.add(blank)
            blank = " "
            if line.raw is not None:
                out.add(self._in_cell(" ".join(line.raw.split())))
                continue
            out.add_words(line.words, [self._in_cell(w.text) for w in line.words], page)

    def _in_cell(self, text: str) -> str:
        if self._form == "html":
            return html.escape(text, quote=False)
        return markdown_cell(text) if self._form == "markdown" else text
