"""Strips of one column to rows: what stands at the same height."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ragkit.layout.analysis.strip import Strip

__all__ = ["group_levels", "group_rows", "is_justified"]


def group_rows(strips: Sequence[Strip]) -> list[list[Strip]]:
    """`group_levels`, a line that was stretched put together to one strip."""
    return [[Strip.around(row)] if is_justified(row) else row for row in group_levels(strips)]


def group_levels(strips: Sequence[Strip]) -> list[list[Strip]]:
    """Rows from top to bottom, each from left to right.

    A strip belongs to a row when it shares more than half of the lower one's height with the
    row's first strip.
    """
    rows: list[list[Strip]] = []
    for strip in sorted(strips, key=lambda s: s.middle):
        if rows and strip.is_line and rows[-1][0].is_line:
            first = rows[-1][0]
            shared = min(first.y1, strip.y1) - max(first.y0, strip.y0)
            if shared > 0.5 * min(first.height, strip.height):
                rows[-1].append(strip)
                continue
        rows.append([strip])
    for row in rows:
        row.sort(key=lambda s: s.x0)
    return rows


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
