"""Columns of a table by the alignment of what stands in them."""

from __future__ import annotations

from collections.abc import Sequence

from ragkit.layout.analysis.grids import GridCell, add_cell
from ragkit.layout.analysis.strip import Strip

__all__ = ["cells_of", "column_edges"]


def column_edges(rows: Sequence[Sequence[Strip]]) -> list[tuple[float, float]]:
    """Left and right of each column: where the strips of the fullest rows overlap."""
    most = max(len(row) for row in rows)
    for least in range(2, most + 1):  # few strips in a row may be headings that span columns
        edges = _merged([(s.x0, s.x1) for row in rows if len(row) >= least for s in row])
        if len(edges) >= least:
            return edges
    return _merged([(s.x0, s.x1) for row in rows if len(row) == most for s in row])


def _merged(spans: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Overlapping spans put together, from left to right."""
    merged: list[tuple[float, float]] = []
    for x0, x1 in sorted(spans):
        if merged and x0 < merged[-1][1] - 0.5:
            merged[-1] = (merged[-1][0], max(merged[-1][1], x1))
        else:
            merged.append((x0, x1))
    return merged


def cells_of(row: Sequence[Strip], edges: Sequence[tuple[float, float]]) -> list[GridCell]:
    """The row's strips by the columns that they touch."""
    cells: list[GridCell] = []
    for strip in row:
        touched = [i for i, (x0, x1) in enumerate(edges) if x0 < strip.x1 and strip.x0 < x1]
        if not touched:
            centre = (strip.x0 + strip.x1) / 2
            near = [abs((x0 + x1) / 2 - centre) for x0, x1 in edges]
            touched = [near.index(min(near))]
        first, last = touched[0], touched[-1]
        add_cell(cells, strip, first, last)
    return cells
