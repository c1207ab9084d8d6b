"""Tables, by the alignment of their cells.

Rows that have several strips, one below the other, are a table where the strips fall into
the same columns. Rules and shading are not looked at.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from statistics import median

from ragkit.layout.analysis.alignment import cells_of, column_edges
from ragkit.layout.analysis.authors import are_authors, group_ends
from ragkit.layout.analysis.grids import Grid, GridCell
from ragkit.layout.analysis.strip import Strip

__all__ = ["append_row", "find_grids", "row_gap"]

Row = list[Strip]


def find_grids(rows: Sequence[Row]) -> list[Row | Grid]:
    """The rows, in order, those that make up a table put together as a grid."""
    found: list[Row | Grid] = []
    at = 0
    while at < len(rows):
        if not rows[at][0].is_line:
            found.append(rows[at][0].grid or rows[at])
            at += 1
            continue
        end = max(_run_end(rows, at), at + 1)
        found += _as_grid(rows[at:end])
        at = end
    return found


def _as_grid(rows: Sequence[Row]) -> list[Row | Grid]:
    """The rows as one grid, or as they are; those of authors from author to author."""
    texts = [[strip.text for strip in row] for row in rows]
    if are_authors(texts):
        ends = group_ends(texts)
        groups = [rows[start:end] for start, end in itertools.pairwise([0, *ends])]
        return [strips for group in groups for strips in _by_author(group)]
    grid = _grid(rows) if len(rows) > 1 else None
    return list(rows) if grid is None else [grid]


def _by_author(rows: Sequence[Row]) -> list[Row]:
    """The lines of authors side by side, from author to author."""
    edges = column_edges(rows)
    cells = [cell for row in rows for cell in cells_of(row, edges)]
    cells.sort(key=lambda cell: cell.column)
    return [cell.strips for cell in cells]


def _run_end(rows: Sequence[Row], start: int) -> int:
    """One past the last row of a run of rows with several strips.

    A row with one strip may stand inside of the run (a cell's second line), not at its end.
    """
    end = at = start
    while at < len(rows) and (len(rows[at]) > 1 or (end > start and at - end < 2)):
        if not rows[at][0].is_line:
            break
        if at > start and row_gap(rows[at - 1], rows[at]) > 2.2 * max(s.height for s in rows[at]):
            break
        if len(rows[at]) > 1:
            end = at + 1
        elif not _within_one(rows[at][0], rows[start:end]):
            break
        at += 1
    return end


def row_gap(above: Row, below: Row) -> float:
    """White between two rows."""
    return min(s.y0 for s in below) - max(s.y1 for s in above)


def _within_one(strip: Strip, rows: Sequence[Row]) -> bool:
    """Whether a lone strip stands in one column of the rows above it."""
    if abs(strip.size - rows[-1][0].size) > 0.1 * strip.size:
        return False
    touched = [s for s in rows[-1] if s.x0 < strip.x1 and strip.x0 < s.x1]
    return len(touched) == 1 or (not touched and len(strip.words) < 8)


def _grid(rows: Sequence[Row]) -> Grid | None:
    """The rows as a grid; None where they do not stand in columns."""
    edges = column_edges(rows)
    several = [row for row in rows if len(row) > 1]
    if len(edges) < 2 or len(several) < (3 if len(edges) == 2 else 2):
        return None
    if len(edges) == 2 and all(row[0].is_marker for row in several):
        return None  # a list whose marks stand far from its items
    filled = sum(min(len(row), len(edges)) for row in several) / (len(several) * len(edges))
    words = median(len(s.words) for row in rows for s in row)
    if filled < 0.5 or words > 12:
        return None
    return Grid(_merge_wrapped([cells_of(row, edges) for row in rows], rows), len(edges))


def _merge_wrapped(cells: list[list[GridCell]], rows: Sequence[Row]) -> list[list[GridCell]]:
    """Second lines of cells put to the first: rows closer than others, first column empty."""
    pitches = [row_gap(a, b) for a, b in itertools.pairwise(rows)]
    usual = median(pitches)
    merged = [cells[0]]
    for row, pitch in zip(cells[1:], pitches, strict=True):
        lacks_first = row[0].column > 0 and merged[-1][0].column == 0
        if lacks_first and len(row) < len(merged[-1]) and pitch <= usual:
            append_row(merged[-1], row)
        else:
            merged.append(row)
    return merged


def append_row(above: list[GridCell], row: list[GridCell]) -> None:
    """Puts the second lines of a row's cells to its first ones."""
    for cell in row:
        same = [c for c in above if c.column <= cell.column < c.column + c.span]
        if same:
            same[0].strips += cell.strips
        else:
            above.append(cell)
            above.sort(key=lambda c: c.column)
