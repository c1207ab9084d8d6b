"""Tables that are drawn with rules, taken out of a page's words before anything else is."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

from ragkit.layout.analysis.drawn import Drawn, Rule
from ragkit.layout.analysis.framed import HEADER_ROOM, find_framed, frames_of
from ragkit.layout.analysis.grids import Grid, GridCell
from ragkit.layout.analysis.lattices import (
    MAX_RULES,
    Lattice,
    LatticeCell,
    find_lattices,
    join_rules,
)
from ragkit.layout.analysis.refining import refine
from ragkit.layout.analysis.strip import Strip
from ragkit.layout.analysis.strips import find_strips
from ragkit.layout.model import Word

__all__ = ["take_ruled"]

_MOST_HEADER = 3
"""Rows of a header, at most: a cell that spans more is no part of one."""
_FILLED = 0.33
"""Part of a lattice's cells that have text; a diagram's have less."""
_MOST_PANELS = 9
_PANELS = 0.7
"""Part of a leaflet's panels that are full of text, at least."""
_PANEL_LINES = 6
"""Lines of a panel that is full, at least."""
_PROSE_WORDS = 3
"""Words on a line of running text, at least, in the mean."""


def take_ruled(
    words: Sequence[Word], drawn: Drawn, width: float, height: float
) -> tuple[list[Strip], list[Word]]:
    """A strip for each ruled table, with its grid, and the words that are in none.

    Raises:
        CrowdedPageError: If there is too much in one cell.
    """
    tables: list[Strip] = []
    rest = list(words)
    rules = join_rules(drawn.rules)
    for lattice in find_lattices(rules) if len(drawn.rules) <= MAX_RULES else ():
        inside, others = _by_cell(lattice, rest, width, height)
        if not _is_table(lattice, inside):
            continue
        cells = [(cell, find_strips(found, width, height)) for cell, found in inside]
        tables.append(_as_strip(lattice, cells))
        rest = others
    frames = frames_of(rules)
    if frames:
        framed, rest = _take_framed(frames, rules, drawn, rest, width, height)
        tables += framed
    return tables, rest


def _take_framed(
    frames: Sequence[Sequence[Rule]],
    rules: Sequence[Rule],
    drawn: Drawn,
    words: Sequence[Word],
    width: float,
    height: float,
) -> tuple[list[Strip], list[Word]]:
    top = (min(group[0].at for group in frames) - HEADER_ROOM) / height
    bottom = max(group[-1].at for group in frames) / height
    near = [w for w in words if w.box is not None and top < (w.box.y0 + w.box.y1) / 2 < bottom]
    strips = [Strip.of_word(word, width, height) for word in near]
    tables, taken = [], set()
    for one in find_framed(frames, rules, drawn.fills, strips):
        inside = [strip.words[0] for strip in one.words]
        taken |= {id(word) for word in inside}
        one.grid.area, one.grid.confidence = one.area, 0.85
        tables.append(Strip.over(one.area, inside, _usual_size(inside), grid=one.grid))
    return tables, [word for word in words if id(word) not in taken] if taken else list(words)


def _by_cell(
    lattice: Lattice, words: Iterable[Word], width: float, height: float
) -> tuple[list[tuple[LatticeCell, list[Word]]], list[Word]]:
    """The lattice's cells that have words, with them, and the words outside."""
    left, top, right, bottom = lattice.area
    at = {
        (row, column): cell
        for cell in lattice.cells
        for row in range(cell.row, cell.row + cell.row_span)
        for column in range(cell.column, cell.column + cell.column_span)
    }
    found: dict[LatticeCell, list[Word]] = defaultdict(list)
    others: list[Word] = []
    for word in words:
        box = word.box
        if box is None:
            others.append(word)
            continue
        x0, y0, x1, y1 = box
        x, y = (x0 + x1) / 2 * width, (y0 + y1) / 2 * height
        if not (left <= x < right and top <= y < bottom):
            others.append(word)
            continue
        place = bisect_right(lattice.ys, y) - 1, bisect_right(lattice.xs, x) - 1
        found[at[place]].append(word)
    return [(cell, found[cell]) for cell in lattice.cells if cell in found], others


def _is_table(lattice: Lattice, inside: Sequence[tuple[LatticeCell, list[Word]]]) -> bool:
    """Whether text stands in most of it, in several rows and columns."""
    rows = {cell.row for cell, _ in inside}
    columns = {cell.column for cell, _ in inside}
    if len(rows) < 2 or len(columns) < 2 or _are_panels([words for _, words in inside]):
        return False
    return len(inside) >= max(4, _FILLED * len(lattice.cells))


def _are_panels(cells: Sequence[Sequence[Word]]) -> bool:
    """Whether they are the panels of a leaflet: few, and nearly all of them full of text.

    A table whose cells hold as much has a header, or more rows.
    """
    if len(cells) > _MOST_PANELS:
        return False
    return sum(map(_is_full, cells)) > _PANELS * len(cells)


def _is_full(words: Sequence[Word]) -> bool:
    """Whether it holds many lines of running text."""
    if len(words) < _PANEL_LINES * _PROSE_WORDS:
        return False
    boxes = sorted((w.box for w in words if w.box is not None), key=lambda b: b.y0 + b.y1)
    lines = 1 + sum(a.y0 + a.y1 < 2 * b.y0 for a, b in pairwise(boxes))
    return _PANEL_LINES <= lines <= len(words) / _PROSE_WORDS


def _as_strip(lattice: Lattice, cells: Sequence[tuple[LatticeCell, list[Strip]]]) -> Strip:
    parted = [part for cell, strips in cells for part in _parted(cell, strips, lattice.xs)]
    words = [word for _, strips in cells for strip in strips for word in strip.words]
    grid = refine(_grid(parted))
    grid.area, grid.confidence = lattice.area, 0.95
    return Strip.over(lattice.area, words, _usual_size(words), grid=grid)


def _usual_size(words: Sequence[Word]) -> float:
    sizes = sorted(word.size for word in words)
    return sizes[len(sizes) // 2]


def _parted(
    cell: LatticeCell, strips: Sequence[Strip], xs: Sequence[float]
) -> list[tuple[LatticeCell, list[Strip]]]:
    """A cell over several columns parted, where its text stands in those columns one by one."""
    end = cell.column + cell.column_span
    by_column: dict[int, list[Strip]] = defaultdict(list)
    for strip in strips:
        first, last = (bisect_right(xs, x) - 1 for x in (strip.x0 + 1, strip.x1 - 1))
        if first != last:
            return [(cell, list(strips))]
        by_column[min(max(first, cell.column), end - 1)].append(strip)
    if len(by_column) < 2:
        return [(cell, list(strips))]
    return [
        (LatticeCell(cell.row, column, cell.row_span, 1, cell.area), by_column[column])
        for column in sorted(by_column)
    ]


def _grid(cells: Sequence[tuple[LatticeCell, list[Strip]]]) -> Grid:
    """The cells by rows; rows and columns without any text are left out."""
    rows = sorted({cell.row for cell, _ in cells})
    columns = sorted({cell.column for cell, _ in cells})
    grid = Grid([[] for _ in rows], len(columns))
    for cell, strips in cells:
        down = sum(cell.row <= row < cell.row + cell.row_span for row in rows)
        across = sum(cell.column <= column < cell.column + cell.column_span for column in columns)
        place = columns.index(cell.column)
        grid.rows[rows.index(cell.row)].append(GridCell(strips, place, across, down))
    grid.n_header = min(max(cell.row_span for cell in grid.rows[0]), _MOST_HEADER, len(rows) - 1)
    return grid
