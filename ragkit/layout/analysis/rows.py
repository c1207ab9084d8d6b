"""Strips of one column to rows: what stands at the same height."""

from __future__ import annotations

from collections.abc import Sequence

from ragkit.layout.analysis.strips import Strip

__all__ = ["group_rows"]


def group_rows(strips: Sequence[Strip]) -> list[list[Strip]]:
    """Rows from top to bottom, each from left to right.

    A strip belongs to a row when it shares more than half of the lower one's height with the
    row's first strip.
    """
    rows: list[list[Strip]] = []
    for strip in sorted(strips, key=lambda s: s.middle):
        if rows:
            first = rows[-1][0]
            shared = min(first.y1, strip.y1) - max(first.y0, strip.y0)
            if shared > 0.5 * min(first.height, strip.height):
                rows[-1].append(strip)
                continue
        rows.append([strip])
    for row in rows:
        row.sort(key=lambda s: s.x0)
    return rows
