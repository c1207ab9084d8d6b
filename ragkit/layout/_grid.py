"""Which cell covers each place of a table, and which part of a span stands in which rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from ragkit.layout._model_checks import check_cells

if TYPE_CHECKING:
    from ragkit.layout.cells import Cell

__all__ = ["GridRow", "Places", "begins", "covered_rows", "extent", "starting_rows"]

Places = list["Cell | None"]
"""A row of a table: the cell of each place."""


class GridRow(NamedTuple):
    """A row of a table.

    Attributes:
        places: The cell that covers each place.
        page: 0-based; None where no place is to be kept for its words.
        is_made_up: Whether it is no row of the document.
    """

    places: Places
    page: int | None = None
    is_made_up: bool = False


def starting_rows(cells: Sequence[Cell]) -> list[Places]:
    """Rows with each cell in the place where it begins, and None elsewhere.

    Two cells in one place become one with the lines of both.

    Raises:
        InvalidInputError: If the cells make no grid.
    """
    check_cells(cells)
    width = max((c.column + c.column_span for c in cells), default=0)
    height = max((c.row + c.row_span for c in cells), default=0)
    rows: list[Places] = [[None] * width for _ in range(height)]
    for cell in cells:
        held = rows[cell.row][cell.column]
        rows[cell.row][cell.column] = cell if held is None else _both(held, cell)
    return rows


def covered_rows(cells: Sequence[Cell]) -> list[Places]:
    """Rows with each cell in every place that it spans.

    A span ends where another cell stands, so that each cell is a rectangle of its own.

    Raises:
        InvalidInputError: If the cells make no grid.
    """
    rows = starting_rows(cells)
    if any(cell.row_span > 1 or cell.column_span > 1 for cell in cells):
        for cell in [cell for row in rows for cell in row if cell is not None]:
            _spread(cell, rows)
    return rows


def _both(cell: Cell, other: Cell) -> Cell:
    return type(cell)(
        cell.row,
        cell.column,
        [*cell.lines, *other.lines],
        max(cell.row_span, other.row_span),
        max(cell.column_span, other.column_span),
        cell.is_header and other.is_header,
        cell.box,
    )


def _spread(cell: Cell, rows: list[Places]) -> None:
    """Writes the cell to the free places that it spans."""
    top, left = rows[cell.row], cell.column
    right = left + 1
    while right < left + cell.column_span and top[right] is None:
        right += 1
    top[left:right] = [cell] * (right - left)
    for row in rows[cell.row + 1 : cell.row + cell.row_span]:
        if any(place is not None for place in row[left:right]):
            break
        row[left:right] = [cell] * (right - left)


def begins(rows: Sequence[GridRow], at: int, column: int) -> bool:
    """Whether the cell of a place stands neither left of it nor above it in these rows."""
    cell = rows[at].places[column]
    if cell is None:
        return True
    if column and rows[at].places[column - 1] is cell:
        return False
    return not at or _place(rows[at - 1], column) is not cell


def extent(rows: Sequence[GridRow], at: int, column: int) -> tuple[int, int]:
    """Rows and columns that the cell of a place covers in these rows, from there on."""
    cell = rows[at].places[column]
    if cell is None:
        return 1, 1
    down = across = 1
    while at + down < len(rows) and _place(rows[at + down], column) is cell:
        down += 1
    while _place(rows[at], column + across) is cell:
        across += 1
    return down, across


def _place(row: GridRow, column: int) -> Cell | None:
    return row.places[column] if column < len(row.places) else None
