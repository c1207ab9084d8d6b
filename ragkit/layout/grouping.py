"""Things on a page in rows: those at one height from left to right.

The measures are Textractor's.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from ragkit.provenance import Box

__all__ = ["Placed", "are_one_paragraph", "compare_places", "rows_of"]

_NEAR = 3.5
"""Things whose middles differ by less than this part of their heights' sum are at one height."""


_OVERLAP = 0.5
"""Part of a row's height that what is in it shares, at least."""
_SAMPLE = 100
"""Things of a row with which another is compared: the row may be as long as it likes."""


class Placed(Protocol):
    """Anything with a box."""

    @property
    def box(self) -> Box | None:
        """Where it stands."""


P = TypeVar("P", bound=Placed)


def compare_places(one: Placed, other: Placed) -> int:
    """-1 or 1: which is read first; 0 where one has no box."""
    a, b = one.box, other.box
    if a is None or b is None:
        return 0
    middle, other_middle = (a.y0 + a.y1) / 2, (b.y0 + b.y1) / 2
    if abs(middle - other_middle) < (a.height + b.height) / _NEAR:
        return 1 if a.x0 > b.x0 else -1
    return 1 if middle > other_middle else -1


def rows_of(
    things: Sequence[P],
    overlap: float = _OVERLAP,
    alone: Iterable[P] = (),
    *,
    in_order: bool = False,
) -> list[list[P]]:
    """The things from top to bottom, and those in one row from left to right.

    Args:
        things: In any order; where one has no box they stay in theirs, each in a row.
        overlap: How much of the row's height a thing has to share to be in it.
        alone: Those that are a row by themselves, such as tables.
        in_order: Whether they stay in their order, and only what follows each other makes a row.
    """
    if any(thing.box is None for thing in things):
        return [[thing] for thing in things]  # nothing to go by
    solitary = {id(thing) for thing in alone}
    rows: list[list[P]] = []
    row: list[P] = []
    placed = things if in_order else sorted(things, key=functools.cmp_to_key(compare_places))
    for thing in placed:
        if id(thing) in solitary:
            rows += [row, [thing]]
            row = []
        elif not row or _is_in_row(thing.box, row, overlap):
            row.append(thing)
        else:
            rows.append(row)
            row = [thing]
    rows.append(row)
    return [row if in_order else sorted(row, key=_left) for row in rows if row]


def _is_in_row(box: Box | None, row: Sequence[Placed], overlap: float) -> bool:
    if box is None:
        return False
    boxes = [one.box for one in row[:_SAMPLE] if one.box is not None]
    tallest = max((one.height for one in boxes), default=0.0)
    shared = sum(max(0.0, min(box.y1, one.y1) - max(box.y0, one.y0)) for one in boxes)
    return tallest <= 0 or shared / tallest >= overlap


def _left(thing: Placed) -> float:
    return thing.box.x0 if thing.box is not None else 0.0


def are_one_paragraph(line: Box, following: Box, indent: float, gap: float) -> bool:
    """Whether a line goes on in the one below it.

    Args:
        line: The upper one's box.
        following: The other's.
        indent: How much their left edges may differ, as a part of the upper one's width.
        gap: How much room may be between them, as a part of the smaller height.
    """
    is_aligned = abs(line.x0 - following.x0) <= indent * line.width
    room = abs(line.y1 - following.y0)
    return is_aligned and room <= gap * min(line.height, following.height)
