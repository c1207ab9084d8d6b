"""Tables in a linearized text, with the places of their words."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ragkit.layout._options import LinearizationOptions
from ragkit.layout._writer import TextWriter
from ragkit.layout.model import Cell, ElementKind, Line, Table
from ragkit.layout.tables import cell_tags, markdown_cell, rows_of_cells

__all__ = ["TableLimit", "TableWriter"]

_Row = list[Cell | None]


@dataclass(frozen=True, slots=True)
class TableLimit:
    """How long a table may get before it goes on in another with the same header.

    Attributes:
        size: At most; a single row may be longer.
        length: Of a text.
    """

    size: int
    length: Callable[[str], int]


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

    def write(self, parts: Sequence[tuple[int, Table]], out: TextWriter) -> None:
        """Writes a table; one that goes on over several pages has a part for each.

        Args:
            parts: Each with its page's number.
            out: Where to.
        """
        head, rows = self._rows(parts)
        start, number = len(out), len(head)
        self._open(head, out)
        for page, row in rows:
            if number > len(head) and self._is_full(start, row, out):
                self._close(start, out)
                out.add(self._options.layout_element_separator)
                start, number = len(out), len(head)
                self._open(head, out)
            self._row(page, row, out, number)
            number += 1
        self._close(start, out)

    def _open(self, head: Sequence[tuple[int | None, _Row]], out: TextWriter) -> None:
        """Begins a table with its header."""
        out.add(self._options.table_prefix)
        out.add("<table>" if self._form == "html" else "")
        for number, (page, row) in enumerate(head):
            self._row(page, row, out, number)

    def _close(self, start: int, out: TextWriter) -> None:
        out.add("\n</table>" if self._form == "html" else "")
        out.add(self._options.table_suffix)
        out.mark(ElementKind.TABLE, start)

    def _is_full(self, start: int, row: _Row, out: TextWriter) -> bool:
        limit = self._limit
        if limit is None:
            return False
        text = " | ".join(cell.text for cell in row if cell)
        return limit.length(out.since(start)) + limit.length(text) > limit.size

    def _rows(
        self, parts: Sequence[tuple[int, Table]]
    ) -> tuple[list[tuple[int | None, _Row]], list[tuple[int | None, _Row]]]:
        """Header rows and the others, each with its page; None where it stands on another."""
        rows: list[tuple[int | None, _Row]] = []
        first = parts[0][1]
        head: list[tuple[int | None, _Row]] = []
        if first.continues is not None:  # its header stands on an earlier page
            origin = first.continues
            while origin.continues is not None:
                origin = origin.continues
            head = [(None, row) for row in self._grid(origin)[: origin.n_header_rows]]
        for page, table in parts:
            grid = self._grid(table)
            skipped = table.n_header_rows if head else 0
            if head and not _same(grid[:skipped], [row for _, row in head]):
                skipped = 0
            if not head:
                skipped = table.n_header_rows
                head = [(page, row) for row in grid[:skipped]]
            rows += [(page, row) for row in grid[skipped:]]
        if self._form == "markdown" and not head and rows:
            head, rows = rows[:1], rows[1:]
        return head, rows

    def _grid(self, table: Table) -> list[_Row]:
        """Rows of cells; in HTML only those that begin there."""
        if self._form == "html":
            return [list(row) for row in rows_of_cells(table)]
        return table.grid(fill_merged=self._options.table_duplicate_text_in_merged_cells)

    def _row(self, page: int | None, cells: _Row, out: TextWriter, number: int) -> None:
        if self._form == "html":
            self._html_row(page, cells, out)
            return
        if number:
            out.add("\n" if self._form == "markdown" else self._options.table_row_separator)
        markdown = self._form == "markdown"
        out.add("| " if markdown else "")
        for column, cell in enumerate(cells):
            if column:
                out.add(" | " if markdown else self._options.table_column_separator)
            self._cell(page, cell.lines if cell else [], out)
        out.add(" |" if markdown else "")
        if markdown and number == 0:
            out.add("\n|" + " --- |" * len(cells))

    def _html_row(self, page: int | None, cells: _Row, out: TextWriter) -> None:
        out.add("\n<tr>")
        for cell in cells:
            if cell is not None:
                opening, closing = cell_tags(cell)
                out.add(opening)
                self._cell(page, cell.lines, out)
                out.add(closing)
        out.add("</tr>")

    def _cell(self, page: int | None, lines: Sequence[Line], out: TextWriter) -> None:
        """A cell's lines joined by blanks, without mending: numbers stay as they are."""
        blank = ""
        for line in lines:
            out.add(blank)
            blank = " "
            if line.raw is not None or page is None:
                out.add(self._in_cell(" ".join(line.text.split())))
                continue
            out.add_words(line.words, [self._in_cell(w.text) for w in line.words], page)

    def _in_cell(self, text: str) -> str:
        if self._form == "html":
            return html.escape(text, quote=False)
        return markdown_cell(text) if self._form == "markdown" else text


def _same(rows: Sequence[_Row], others: Sequence[_Row]) -> bool:
    """Whether both read alike."""

    def texts(given: Sequence[_Row]) -> Iterator[list[str]]:
        for row in given:
            yield [cell.text for cell in row if cell]

    return list(texts(rows)) == list(texts(others))
