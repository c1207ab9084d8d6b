"""What stands at some height of a page, found without looking at all of it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Generic, TypeVar

from ragkit.layout.analysis.strips import MAX_PAIRS, CrowdedPageError

__all__ = ["Levels"]

T = TypeVar("T")


class Levels(Generic[T]):
    """Things by their height.

    Args:
        things: In any order.
        heights: Of each.
    """

    def __init__(self, things: Sequence[T], heights: Sequence[float]) -> None:
        order = sorted(range(len(things)), key=heights.__getitem__)
        self._things = [things[number] for number in order]
        self._heights = [heights[number] for number in order]
        self._given = 0

    def between(self, top: float, bottom: float) -> list[T]:
        """Those from one height to another.

        Raises:
            CrowdedPageError: If it has given more than `MAX_PAIRS` things, all calls together.
        """
        first, last = bisect_left(self._heights, top), bisect_right(self._heights, bottom)
        self._given += max(0, last - first)
        if self._given > MAX_PAIRS:
            raise CrowdedPageError(f"it has over {MAX_PAIRS:,} words at the height of fields")
        return self._things[first:last]
