"""Grids of rules made finer: rows and columns that only white space parts.

Many tables have a rule under their header and around their body, and nothing in between; a
lattice's cell then holds several rows or columns.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ragkit.layout.analysis.alignment import cells_of, column_edges
from ragkit.layout.analysis.grids import Grid, GridCell
from ragkit.layout.analysis.rows import group_levels, is_justified
from ragkit.layout.analysis.strip import Strip

__all__ = ["refine"]

_NUMBER = re.compile(
    r"^[^A-Za-z]*\d[^A-Za-z]*[A-Za-z%]{0,2}\W*$|^[-–—.*•]+$|^n/?a\.?$", re.IGNORECASE
)
_SHORT = 4
"""Words of an entry, at most; running text has more on a line."""


def refine(grid: Grid) -> Grid:
    """The grid with its rows and columns of several lines parted."""
    return _split_columns(_split_rows(grid))


def _split_rows(grid: Grid) -> Grid:
    rows: list[list[GridCell]] = []
    reaches = 0  # the row up to which a cell from above spans
    for number, row in enumerate(grid.rows):
        reaches = max([reaches, *(number + cell.row_span for cell in row)])
        levels = group_levels([strip for cell in row for strip in cell.strips])
        if reaches > number + 1 or len(levels) < 2 or not _are_rows(row):
            rows.append(row)
            continue
        rows += _parted_rows(row)
    return replace(grid, rows=rows)


def _parted_rows(row: Sequence[GridCell]) -> list[list[GridCell]]:
    """A row for each line; a cell whose only line stands between them spans them all."""
    lines = {cell.column: group_levels(cell.strips) for cell in row}
    levels = group_levels([s for cell in row if len(lines[cell.column]) > 1 for s in cell.strips])
    rows: list[list[GridCell]] = [[] for _ in levels]
    for cell in row:
        places = [_nearest(strips[0], levels) for strips in lines[cell.column]]
        if len(places) == 1 and places[0] is None:
            rows[0].append(GridCell(cell.strips, cell.column, cell.span, len(levels)))
            continue
        for place, strips in zip(places, lines[cell.column], strict=True):
            rows[place or 0].append(GridCell(strips, cell.column, cell.span))
    return rows


def _nearest(strip: Strip, levels: Sequence[Sequence[Strip]]) -> int | None:
    """The level that the strip stands on."""
    away = [abs(level[0].middle - strip.middle) for level in levels]
    place = away.index(min(away))
    return place if away[place] < 0.35 * strip.height else None


def _are_rows(row: Sequence[GridCell]) -> bool:
    """Whether the lines in the row's cells are rows of their own, and not wrapped text."""
    lines = [[" ".join(s.text for s in level) for level in group_levels(c.strips)] for c in row]
    if any(len(one) > 1 and all(map(_NUMBER.match, one)) for one in lines[1:]):
        return True
    most = max(len(one) for one in lines)
    even = [one for one in lines if len(one) == most]
    short = all(len(line.split()) <= _SHORT for one in even[1:] for line in one)
    return most > 2 and len(even) > 1 and len(even) == len(lines) and short


def _split_columns(grid: Grid) -> Grid:
    for column in reversed(range(grid.n_columns)):
        own = [cell for row in grid.rows for cell in row if cell.column == column]
        levels = [lv for cell in own if cell.span == 1 for lv in group_levels(cell.strips)]
        several = [level for level in levels if len(level) > 1 and not is_justified(level)]
        if len(several) < 2 or 2 * len(several) < len(levels):
            continue
        edges = column_edges(several)
        if len(edges) > 1:
            grid = _with_columns(grid, column, edges)
    return grid


def _with_columns(grid: Grid, column: int, edges: Sequence[tuple[float, float]]) -> Grid:
    """The grid with one column parted in several."""
    more = len(edges) - 1
    rows = []
    for row in grid.rows:
        cells: list[GridCell] = []
        for cell in row:
            if cell.column > column:
                cells.append(GridCell(cell.strips, cell.column + more, cell.span, cell.row_span))
            elif cell.column + cell.span <= column:
                cells.append(cell)
            elif cell.span > 1:
                cells.append(GridCell(cell.strips, cell.column, cell.span + more, cell.row_span))
            else:
                cells += _parted(cell, edges)
        rows.append(cells)
    return replace(grid, rows=rows, n_columns=grid.n_columns + more)


def _parted(cell: GridCell, edges: Sequence[tuple[float, float]]) -> list[GridCell]:
    parts = cells_of(sorted(cell.strips, key=lambda s: s.x0), edges)
    by_column: dict[int, GridCell] = {}
    for part in parts:
        place = cell.column + part.column
        known = by_column.get(place)
        if known is None:
            by_column[place] = GridCell(part.strips, place, part.span, cell.row_span)
        else:
            known.strips += part.strips
    for part in by_column.values():
        part.strips.sort(key=lambda s: (s.middle, s.x0))
    return [by_column[place] for place in sorted(by_column)]
