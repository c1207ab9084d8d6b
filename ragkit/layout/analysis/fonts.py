"""What is usual in a document: the size of its body text, whether that is bold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ragkit.layout.analysis.strip import Strip

__all__ = ["FontStatistics"]


class FontStatistics:
    """Counts characters by size and weight.

    Attributes:
        body_size: Points, to the half: the size of most characters.
        body_bold: Whether most of those are bold.
    """

    def __init__(self, strips: Iterable[Strip]) -> None:
        sizes: Counter[float] = Counter()
        bold: Counter[float] = Counter()
        for strip in strips:
            length, size = strip.length, round_size(strip.size)
            sizes[size] += length
            if strip.bold:
                bold[size] += length
        self.body_size = max(sizes, key=lambda size: (sizes[size], size), default=0.0)
        self.body_bold = 2 * bold[self.body_size] > sizes[self.body_size] > 0


def round_size(size: float) -> float:
    """To half points, within which the sizes of one style vary."""
    return round(size * 2) / 2
