"""Running headers, footers and page numbers: what stands in the margins of many pages.

One page tells little: a line is a running header because others repeat it at the same height,
but for the number of the page. What is alone on its page must be small, or at the very edge.
"""

from __future__ import annotations

from collections.abc import Sequence

from ragkit.layout.analysis.lone_lines import add_lone_lines, add_lone_number, is_stamp
from ragkit.layout.analysis.margins import Margin, Side
from ragkit.layout.analysis.repeated_lines import RepeatedLines
from ragkit.layout.analysis.repeats import Repeats
from ragkit.layout.analysis.strip import Strip
from ragkit.layout.model import ElementKind

__all__ = ["Margin", "find_running"]


def find_running(
    pages: Sequence[Sequence[Strip]], heights: Sequence[float], body_size: float
) -> list[Margin]:
    """For each page, the strips of its margins that are running, and their kind.

    Args:
        pages: Their strips.
        heights: Of the pages, in points.
        body_size: Font size of most of the text.
    """
    every = enumerate(zip(pages, heights, strict=True))
    sides = [Side.both_of(number, strips, height) for number, (strips, height) in every]
    candidates = (c for page in sides for side in page for row in side.candidates for c in row)
    repeated = RepeatedLines(Repeats(candidates, 2 if len(pages) < 8 else 3), body_size)
    found = []
    for both, strips, height in zip(sides, pages, heights, strict=True):
        margin: Margin = {}
        for side in both:
            margin |= repeated.of(side)
        for kind in (ElementKind.HEADER, ElementKind.FOOTER):
            add_lone_lines(strips, height, body_size, kind, margin)
        add_lone_number(strips, height, margin)
        margin |= {s: ElementKind.HEADER for s in strips if s.vertical and is_stamp(s, strips)}
        found.append(margin)
    return found
