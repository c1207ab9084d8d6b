"""The rows of a table that is to be written: parts joined, headers flattened or made up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ragkit.layout._grid import GridRow, Places
from ragkit.layout._options import LinearizationOptions
from ragkit.layout.cells import Cell, Table
from ragkit.layout.drawn_tables import MARKDOWN_FORMATS
from ragkit.layout.words import Line

__all__ = ["PlacedTables", "Rows", "joined"]

PlacedTables = Sequence[tuple[int, Table]]
"""The parts of one table, each with its page's number."""


@dataclass(frozen=True, slots=True)
class Rows:
    """All rows of a table.

    Attributes:
        all: From top to bottom.
        n_head: How many of them, at the top, are its header.
    """

    all: list[GridRow]
    n_head: int

    @property
    def width(self) -> int:
        """Number of columns."""
        return max((len(row.places) for row in self.all), default=0)

    def flattened(self) -> Rows:
        """The same with a single row of header, which has the texts of all below each other."""
        if self.n_head < 2:
            return self
        head = self.all[: self.n_head]
        columns: list[Places] = [[] for _ in range(self.width)]
        for row in head:
            for column, cell in zip(columns, row.places, strict=False):
                if cell is not None and not (column and column[-1] is cell):
                    column.append(cell)
        places: Places = [
            Cell(
                0, number, [line for cell in column if cell for line in cell.lines], is_header=True
            )
            for number, column in enumerate(columns)
        ]
        return Rows([GridRow(places, head[0].page), *self.all[self.n_head :]], 1)

    def headed(self, options: LinearizationOptions) -> Rows:
        """The same with a header for Markdown, which has no table without one.

        It is the first row, or one that is made up where the options take too little of that
        for a header.
        """
        if self._is_headed(options):
            return replace(self, n_head=max(self.n_head, 1))
        name = options.table_tabulate_format
        is_needed = name is None or name in MARKDOWN_FORMATS
        if options.table_remove_column_headers and not is_needed:
            return replace(self, n_head=0)
        if options.table_column_header_threshold is None and not is_needed:
            return self
        is_empty = options.table_remove_column_headers
        names = [
            Cell(0, number, [] if is_empty else [Line(raw=str(number))], is_header=True)
            for number in range(self.width)
        ]
        return Rows([GridRow(list(names), is_made_up=True), *self.all], 1)

    def _is_headed(self, options: LinearizationOptions) -> bool:
        """Whether the first row is taken for a header."""
        threshold = options.table_column_header_threshold
        if threshold is not None:
            first = self.all[0].places
            count = sum(cell is not None and cell.is_header for cell in first)
            return count > 0 and count >= threshold * len(first)
        if self.n_head or options.table_remove_column_headers:
            return self.n_head > 0
        return options.table_tabulate_format in {None, *MARKDOWN_FORMATS}


def joined(parts: PlacedTables) -> Rows:
    """The rows of all parts, the header once."""
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
    return Rows(rows, len(head))


def _texts(rows: Iterable[Places]) -> list[list[str]]:
    """What can be read in each row."""
    return [
        [cell.text for n, cell in enumerate(row) if cell and (n == 0 or row[n - 1] is not cell)]
        for row in rows
    ]
