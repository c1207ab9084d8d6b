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
from ragkit.layout.analysis.rows import group_levels
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
    rows = [group_levels([s for s in strips if not s.vertical]) for strips in pages]
    text = map(_text_rows, rows, pages)
    every = enumerate(zip(text, heights, strict=True))
    sides = [Side.both_of(number, found, height) for number, (found, height) in every]
    candidates = (c for page in sides for side in page for row in side.candidates for c in row)
    repeated = RepeatedLines(Repeats(candidates, 2 if len(pages) < 8 else 3), body_size)
    found = []
    for both, levels, strips, height in zip(sides, rows, pages, heights, strict=True):
        margin: Margin = {}
        for side in both:
            margin |= repeated.of(side)
        add_lone_lines(levels, height, body_size, margin)
        add_lone_number(strips, height, margin)
        margin |= {s: ElementKind.HEADER for s in strips if s.vertical and is_stamp(s, strips)}
        found.append(margin)
    return found


def _text_rows(rows: list[list[Strip]], strips: Sequence[Strip]) -> list[list[Strip]]:
    """The page's rows without its tables; nearly always they are the rows themselves."""
    if all(s.is_line for s in strips):
        return rows
    return group_levels([s for s in strips if not s.vertical and s.is_line])
