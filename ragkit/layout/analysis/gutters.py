"""Gutters of a table: upright strips of white that its rows leave free.

In running text no place is free on every line, so that the more rows leave it free, the narrower
it may be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ragkit.layout.analysis.drawn import Area
from ragkit.layout.analysis.grids import GridCell, add_cell
from ragkit.layout.analysis.strip import Strip

__all__ = ["Gutter", "find_gutters", "find_walls", "part_row"]

_WIDTHS = ((10, 0.3), (6, 0.4), (4, 0.6), (3, 0.9), (2, 1.2), (1, 1.8))
"""Rows, and the least width of a gutter between so many, in font sizes."""
_CROSSED = 10
"""One row in so many may run across a gutter, such as a heading over several columns."""


@dataclass(frozen=True, slots=True)
class Gutter:
    """White between two columns, in points."""

    x0: float
    x1: float

    @property
    def middle(self) -> float:
        """Half-way."""
        return (self.x0 + self.x1) / 2


def find_gutters(rows: Sequence[Sequence[Strip]]) -> list[Gutter]:
    """The gutters between rows of words, from left to right.

    Args:
        rows: Each a line's words, one strip for each.
    """
    if not rows:
        return []
    em = max(1.0, *(row[0].size for row in rows))
    width = next((w for least, w in _WIDTHS if len(rows) >= least)) * em
    most = len(rows) // _CROSSED
    return [g for g in _free(rows, most) if g.x1 - g.x0 >= width and _parts(rows, g)]


def find_walls(fills: Sequence[Area], rows: int) -> list[Gutter]:
    """Where shaded cells meet side by side, in a quarter of the rows at least."""
    meet: Counter[int] = Counter()
    ordered = sorted(fills, key=lambda f: (round(f.y0), f.x0))
    for a, b in pairwise(ordered):
        if abs(a.y0 - b.y0) < 1 and abs(a.y1 - b.y1) < 1 and abs(a.x1 - b.x0) < 1:
            meet[round(b.x0)] += 1
    least = max(2, rows // 4)
    found: list[Gutter] = []
    for x in sorted(meet):
        near = meet[x] + meet[x + 1]
        if near >= least and not (found and x - found[-1].x0 <= 2):
            found.append(Gutter(float(x), float(x)))
    return found


def _free(rows: Sequence[Sequence[Strip]], most: int) -> list[Gutter]:
    """Where at most so many rows have a word."""
    events: list[tuple[float, int]] = []
    for row in rows:
        end = None
        for strip in sorted(row, key=lambda s: s.x0):
            if end is not None and strip.x0 <= end:
                if strip.x1 > end:
                    events[-1] = strip.x1, -1
                    end = strip.x1
                continue
            events += [(strip.x0, 1), (strip.x1, -1)]
            end = strip.x1
    events.sort()
    found: list[Gutter] = []
    count = 0
    for (x0, change), (x1, _) in pairwise(events):
        count += change
        if count > most or x1 <= x0:
            continue
        if found and found[-1].x1 == x0:
            found[-1] = Gutter(found[-1].x0, x1)
        else:
            found.append(Gutter(x0, x1))
    return found


def _parts(rows: Sequence[Sequence[Strip]], gutter: Gutter) -> bool:
    """Whether enough rows have words on both sides, and none across; marks of lists are none."""
    both = marks = 0
    middle = gutter.middle
    for row in rows:
        left = [s for s in row if s.x1 <= middle]
        right = [s for s in row if s.x0 >= middle]
        if left and right and len(left) + len(right) == len(row):
            both += 1
            marks += len(left) == 1 and left[0].is_marker
    return marks < both and both >= max(1 if len(rows) < 3 else 2, 0.25 * len(rows))


def part_row(row: Sequence[Strip], gutters: Sequence[Gutter]) -> list[GridCell]:
    """The row's words as cells of the columns between the gutters."""
    ordered = sorted(row, key=lambda s: s.x0)
    pieces: list[list[Strip]] = [[ordered[0]]]
    places = [(gutter.middle, gutter.x1 - gutter.x0) for gutter in gutters]
    for a, b in pairwise(ordered):
        if _is_parted(a, b, places):
            pieces.append([])
        pieces[-1].append(b)
    cells: list[GridCell] = []
    for piece in pieces:
        strip = Strip.around(piece)
        first = _column(strip.x0, gutters, after=True)
        last = max(first, _column(strip.x1, gutters, after=False))
        add_cell(cells, strip, first, last)
    return cells


def _is_parted(a: Strip, b: Strip, places: Sequence[tuple[float, float]]) -> bool:
    """Whether a gutter stands between both; of each its middle and its width."""
    left, right, em = a.x1, b.x0, max(a.size, 1.0)
    return any(
        left <= middle <= right and right - left >= 0.95 * min(width, em)
        for middle, width in places
    )


def _column(x: float, gutters: Sequence[Gutter], *, after: bool) -> int:
    """The column that begins before `x`, or ends after it."""
    if after:
        return sum(gutter.middle <= x for gutter in gutters)
    return sum(gutter.middle < x for gutter in gutters)
