"""Grids: the cells of a table by rows, before it becomes an element."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ragkit.layout.analysis.drawn import Area
    from ragkit.layout.analysis.strip import Strip

__all__ = ["Grid", "GridCell", "add_cell", "without_empty_columns"]


@dataclass(slots=True)
class GridCell:
    """Strips of one cell, from top to bottom, and the columns and rows that it spans."""

    strips: list[Strip]
    column: int
    span: int = 1
    row_span: int = 1


@dataclass(slots=True)
class Grid:
    """Rows of cells; a row holds only the cells that are not empty.

    Attributes:
        rows: From top to bottom; a cell over several rows stands in its first.
        n_columns: Columns.
        n_header: Rows of the header.
        area: Inside of its rules, where it has some.
        is_form: Whether it is a label and what is filled in.
        confidence: 0 to 1: by rules on all sides, by level rules, by alignment alone.
    """

    rows: list[list[GridCell]] = field(default_factory=list)
    n_columns: int = 0
    n_header: int = 1
    area: Area | None = None
    is_form: bool = False
    confidence: float = 0.7


def add_cell(cells: list[GridCell], strip: Strip, first: int, last: int) -> None:
    """Adds a strip in columns `first` to `last`: to the cell before, if that reaches there."""
    if cells and cells[-1].column + cells[-1].span > first:
        cells[-1].strips.append(strip)
        cells[-1].span = max(cells[-1].span, last + 1 - cells[-1].column)
    else:
        cells.append(GridCell([strip], first, last + 1 - first))


def without_empty_columns(grid: Grid) -> Grid:
    """The grid without columns in which no cell begins."""
    used = sorted({cell.column for row in grid.rows for cell in row})
    if len(used) == grid.n_columns:
        return grid
    place = {column: number for number, column in enumerate(used)}
    for row in grid.rows:
        for cell in row:
            cell.span = sum(cell.column <= column < cell.column + cell.span for column in used)
            cell.column = place[cell.column]
    return replace(grid, n_columns=len(used))
