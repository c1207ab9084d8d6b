"""Columns of a page, in reading order.

A gutter is a strip of white that many neighbouring strips of text leave free. Text that runs
across it (a title, an abstract, a wide table) cuts the page into bands; within a band the
columns are read one after the other. The idea is that of recursive XY-cuts (Nagy and Seth,
1984), with gutters found by votes, so that what runs across one does not hide it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from ragkit.layout.analysis.strip import Strip

__all__ = ["find_columns"]

_MAX_DEPTH = 6
_PROSE_WORDS = 4
"""Words a strip must have to count as running text and not as a table's cell."""


class _Gutter(NamedTuple):
    """White space between two columns, from `x0` to `x1`, and how much text leaves it free."""

    x0: float
    x1: float
    votes: float

    @property
    def middle(self) -> float:
        return (self.x0 + self.x1) / 2


def find_columns(strips: Sequence[Strip], depth: int = 0) -> list[list[Strip]]:
    """Groups of strips in reading order; a group has one column, or is a table."""
    if len(strips) < 4 or depth >= _MAX_DEPTH:
        return [list(strips)] if strips else []
    for gutter in _gutters(strips):
        bands = _bands(_cut(strips, gutter), gutter)
        if any(_is_prose(band, gutter, 2) for band in bands):
            return _read_bands(bands, gutter, depth)
    return [list(strips)]


def _gutters(strips: Sequence[Strip]) -> list[_Gutter]:
    """The three with most votes; each gap between neighbours votes with its line's height."""
    gaps = _gaps(strips)
    least = 2.5 * median(s.height for s in strips)
    found: list[_Gutter] = []
    while gaps and len(found) < 3:
        best = _most_voted(gaps)
        if best.votes < least:
            break
        found.append(best)
        gaps = [g for g in gaps if g[1] <= best.x0 or g[0] >= best.x1]
    return found


def _gaps(strips: Sequence[Strip]) -> list[tuple[float, float, float]]:
    """Left, right and height of the white between each strip and its right neighbour.

    Neighbours share a third of a line's height.
    """
    edges = sorted((s.y0, s.y1, s.x0, s.x1) for s in strips)
    nearest = [math.inf] * len(edges)
    for i, (top, bottom, left, right) in enumerate(edges):
        for j in range(i + 1, len(edges)):
            y0, y1, x0, x1 = edges[j]
            if y0 >= bottom:
                break
            shared = (y1 if y1 < bottom else bottom) - y0
            if shared <= 0.33 * min(bottom - top, y1 - y0):
                continue
            if right < x0 < nearest[i]:
                nearest[i] = x0
            elif x1 < left < nearest[j]:
                nearest[j] = left
    return [
        (x1, near, y1 - y0)
        for (y0, y1, _, x1), near in zip(edges, nearest, strict=True)
        if near < math.inf
    ]


def _most_voted(gaps: Sequence[tuple[float, float, float]]) -> _Gutter:
    """Where most gaps overlap."""
    events = sorted([(x0, 1, h) for x0, _, h in gaps] + [(x1, 0, -h) for _, x1, h in gaps])
    votes, best = 0.0, _Gutter(0.0, 0.0, 0.0)
    for (x, _, change), (following, _, _) in itertools.pairwise(events):
        votes += change
        if votes > best.votes + 1e-6:
            best = _Gutter(x, following, votes)
    return best


def _cut(strips: Sequence[Strip], gutter: _Gutter) -> list[Strip]:
    """The strips, those cut in two that were joined across the gutter.

    Wide spaces of justified lines can be as wide as a gutter, but they rarely stand over it.
    """
    found = []
    left, right = gutter.x0 + 1, gutter.x1 - 1
    for strip in strips:
        if strip.x0 < left and strip.x1 > right:
            found += strip.cut(gutter.x0 - 1, gutter.x1 + 1)
        else:
            found.append(strip)
    return found


def _bands(strips: Sequence[Strip], gutter: _Gutter) -> list[list[Strip]]:
    """From top to bottom: what runs across the gutter, and what stands beside it, in turns."""
    bands: list[list[Strip]] = []
    crossing: bool | None = None
    left, right = gutter.middle - 1, gutter.middle + 1
    for strip in sorted(strips, key=lambda s: s.y0 + s.y1):
        crosses = strip.x0 < left and strip.x1 > right
        if crosses != crossing:
            bands.append([])
            crossing = crosses
        bands[-1].append(strip)
    return bands


def _sides(band: Sequence[Strip], gutter: _Gutter) -> tuple[list[Strip], list[Strip]]:
    middle = gutter.middle
    left = [s for s in band if (s.x0 + s.x1) / 2 < middle]
    right = [s for s in band if (s.x0 + s.x1) / 2 >= middle]
    return left, right


def _is_prose(band: Sequence[Strip], gutter: _Gutter, least: int) -> bool:
    """Whether running text stands on both sides, so that they are columns and no table."""
    middle = gutter.middle
    on_left = on_right = 0
    for strip in band:
        x0, x1 = strip.x0, strip.x1
        if x0 < middle - 1 and x1 > middle + 1:
            return False
        if len(strip.words) >= _PROSE_WORDS and strip.is_line:
            if (x0 + x1) / 2 < middle:
                on_left += 1
            else:
                on_right += 1
    return min(on_left, on_right) >= least


def _read_bands(bands: Sequence[list[Strip]], gutter: _Gutter, depth: int) -> list[list[Strip]]:
    """The bands' columns; bands that have none are put together with their neighbours."""
    found: list[list[Strip]] = []
    together: list[Strip] = []
    for band in bands:
        if _is_prose(band, gutter, 1):
            found += find_columns(together, depth + 1)
            together = []
            for side in _sides(band, gutter):
                found += find_columns(side, depth + 1)
        else:
            together += band
    return found + find_columns(together, depth + 1)
