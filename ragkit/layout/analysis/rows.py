"""Strips of one column to rows: what stands at the same height."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from operator import attrgetter

from ragkit.layout.analysis.strip import Strip

__all__ = ["as_lines", "group_levels", "group_rows", "is_justified"]

_LEFT = attrgetter("x0")
_PROSE_WORDS = 5
_SHARED = 0.3
"""Part of a row's height that it shares with the next where both belong to one formula."""


def group_rows(strips: Sequence[Strip]) -> list[list[Strip]]:
    """`group_levels`, a line that was stretched put together to one strip."""
    return [[Strip.around(row)] if is_justified(row) else row for row in group_levels(strips)]


def group_levels(strips: Sequence[Strip]) -> list[list[Strip]]:
    """Rows from top to bottom, each from left to right.

    A strip belongs to a row when it shares more than half of the lower one's height with the
    row's first strip.
    """
    rows: list[list[Strip]] = []
    first: Strip | None = None
    top = bottom = 0.0
    for strip in sorted(strips, key=_depth):
        y0, y1 = strip.y0, strip.y1
        if first is not None and strip.is_line and first.is_line:
            shared = (y1 if y1 < bottom else bottom) - (y0 if y0 > top else top)
            if shared > 0.5 * min(bottom - top, y1 - y0):
                rows[-1].append(strip)
                continue
        first, top, bottom = strip, y0, y1
        rows.append([strip])
    for row in rows:
        if len(row) > 1:
            row.sort(key=_LEFT)
    return rows


def _depth(strip: Strip) -> float:
    """Twice its middle."""
    return strip.y0 + strip.y1


def is_justified(row: Sequence[Strip]) -> bool:
    """Whether it is one line, stretched: all its spaces, also those in a strip, are alike."""
    if len(row) < 2:
        return False
    between = [b.x0 - a.x1 for a, b in pairwise(row)]
    em = max(1.0, *(s.size for s in row))
    if max(between) > (2.5 if len(between) > 1 else 1.8) * em:
        return False
    right = max((w.box.x1 for s in row for w in s.words if w.box), default=0.0)
    scale = max(s.x1 for s in row) / right if right > 0 else 1.0
    every = between + [gap * scale for s in row for gap in s.gaps()]
    return min(every) > 0 and max(every) < 1.7 * min(every)


def as_lines(rows: Sequence[Sequence[Strip]]) -> list[Strip]:
    """One strip for each row, from left to right.

    The parts of a displayed formula stand higher and lower than each other, in no rows; where
    the file's order is that of reading, they come in it.
    """
    if not _is_read_in_order(rows):
        return [Strip.around(row) for row in rows]
    lines: list[Strip] = []
    for cluster in _overlapping(rows):
        if len(cluster) == 1:
            lines.append(Strip.around(cluster[0]))
        else:
            lines += sorted((s for row in cluster for s in row), key=lambda s: s.place)
    return lines


def _is_read_in_order(rows: Sequence[Sequence[Strip]]) -> bool:
    """Whether lines of running text follow each other in the file as on the page."""
    places = [row[0].place for row in rows if sum(len(s.words) for s in row) >= _PROSE_WORDS]
    rising = sum(a < b for a, b in pairwise(places))
    return len(places) > 2 and rising >= 0.9 * (len(places) - 1)


def _overlapping(rows: Sequence[Sequence[Strip]]) -> list[list[Sequence[Strip]]]:
    """Rows in groups of those that share a height; most stand alone."""
    groups: list[list[Sequence[Strip]]] = []
    top = bottom = height = 0.0
    for row in rows:
        y0, y1 = min(s.y0 for s in row), max(s.y1 for s in row)
        rises = y0 + y1 < 2 * top  # the next author of several, side by side
        if groups and not rises and bottom - y0 > _SHARED * min(height, y1 - y0):
            groups[-1].append(row)
            bottom = max(bottom, y1)
        else:
            groups.append([row])
            bottom = y1
        top, height = y0, y1 - y0
    return groups
