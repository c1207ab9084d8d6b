"""Figures: where images and drawings lie close together, and the text in them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import TypeAlias

from ragkit.layout.analysis.drawn import Area, Drawn
from ragkit.layout.analysis.strip import Strip

__all__ = ["take_figures"]

_Place: TypeAlias = tuple[int, int]

_SQUARE = 10.0
"""Points: side of the squares in which a page is looked at; what is closer belongs together."""
_MOST_SQUARES = 120
"""Along the longer side: on a large page they are larger."""
_LEAST = 36.0
"""Points of a figure's width and height, at least: icons and logos are smaller."""
_MOST = 0.8
"""Part of the page that a figure covers, at most: a background covers more."""
_BACKGROUND = 0.5
"""Part of the page that an image or a shaded rectangle covers, above which it is left out."""
_PICTURED = 0.25
"""Part of a figure's width and height that its images and drawings span, at least."""
_PROSE_WORDS = 6
_PROSE_LINES = 4
"""Lines of so many words: a box that holds more is text on a background."""


def take_figures(
    strips: Sequence[Strip], drawn: Drawn, width: float, height: float
) -> tuple[list[Strip], list[Strip]]:
    """A strip for each figure, with the strips in it, and those that are in none.

    Args:
        strips: Of the page, tables too.
        drawn: What is drawn on it.
        width: Of the page, in points.
        height: The same.
    """
    if not drawn.pictures:
        return [], list(strips)
    by_height = sorted(range(len(strips)), key=lambda n: strips[n].middle)
    heights = [strips[n].middle for n in by_height]
    figures: list[Strip] = []
    gone: set[int] = set()
    for area in _clusters(drawn, width, height):
        if not _can_be_figure(area, width, height):
            continue
        level = by_height[bisect_left(heights, area.y0) : bisect_right(heights, area.y1)]
        numbers = [n for n in sorted(level) if n not in gone and area.holds(strips[n].centre)]
        inside = [strips[n] for n in numbers]
        if any(s.grid is not None for s in inside) or _is_prose(inside):
            continue
        figures.append(_as_strip(area, inside))
        gone.update(numbers)
    return figures, [s for n, s in enumerate(strips) if n not in gone]


def _is_prose(inside: Sequence[Strip]) -> bool:
    return sum(len(s.words) >= _PROSE_WORDS for s in inside) >= _PROSE_LINES


def _clusters(drawn: Drawn, width: float, height: float) -> Iterator[Area]:
    """The rectangles around what lies close together; backgrounds are left out.

    Shading belongs to a picture that makes up a good part of it, such as a diagram's boxes to
    its arrows. A band behind a heading, or a box around some text, is not made a figure by the
    logo that stands in it.
    """
    squares = _Squares(width, height)
    pictures = squares.under(drawn.pictures)
    for group in _groups(pictures | squares.under(drawn.fills)):
        pictured = [place for place in group if place in pictures]
        if pictured:
            whole, part = squares.around(group), squares.around(pictured)
            is_wide = part.width >= _PICTURED * whole.width
            yield whole if is_wide and part.height >= _PICTURED * whole.height else part


class _Squares:
    """A page as squares, each known by its row and its column."""

    def __init__(self, width: float, height: float) -> None:
        self._width, self._height = width, height
        self._side = max(_SQUARE, max(width, height) / _MOST_SQUARES)
        self._across = int(width // self._side) + 1
        self._down = int(height // self._side) + 1

    def under(self, areas: Iterable[Area]) -> set[_Place]:
        """The squares that are covered, in part at least, by an area that is no background.

        Each area counts at its four corners only, one up and one down again; the sums of these
        counts say how many lie on a square, however large the areas are.
        """
        counts = [[0] * (self._across + 1) for _ in range(self._down + 1)]
        for area in areas:
            if area.size > _BACKGROUND * self._width * self._height:
                continue
            top, bottom = self._at(area.y0, self._down), self._at(area.y1, self._down) + 1
            left, right = self._at(area.x0, self._across), self._at(area.x1, self._across) + 1
            counts[top][left] += 1
            counts[top][right] -= 1
            counts[bottom][left] -= 1
            counts[bottom][right] += 1
        sums = [0] * (self._across + 1)
        columns: list[int] = []
        found: set[_Place] = set()
        for row, changes in enumerate(counts):
            if any(changes):
                sums = [a + b for a, b in zip(sums, accumulate(changes), strict=True)]
                columns = [column for column, count in enumerate(sums) if count]
            found.update([(row, column) for column in columns])
        return found

    def _at(self, place: float, count: int) -> int:
        return min(max(int(place // self._side), 0), count - 1)

    def around(self, places: Iterable[_Place]) -> Area:
        """The rectangle that holds the squares, within the page."""
        rows, columns = zip(*places, strict=True)
        return Area(
            min(columns) * self._side,
            min(rows) * self._side,
            min(self._width, (max(columns) + 1) * self._side),
            min(self._height, (max(rows) + 1) * self._side),
        )


def _groups(marked: set[_Place]) -> Iterator[list[_Place]]:
    """Squares in groups of those that touch each other."""
    left = set(marked)
    while left:
        yield _taken(left)


def _taken(marked: set[_Place]) -> list[_Place]:
    """One group of squares, taken out of `marked`."""
    first = marked.pop()
    group, waiting = [first], [first]
    while waiting:
        row, column = waiting.pop()
        found = marked.intersection(
            [(r, c) for r in (row - 1, row, row + 1) for c in (column - 1, column, column + 1)]
        )
        if found:
            marked -= found
            group += found
            waiting += found
    return group


def _can_be_figure(area: Area, width: float, height: float) -> bool:
    large = area.width >= _LEAST and area.height >= _LEAST
    return large and area.size <= _MOST * width * height


def _as_strip(area: Area, inside: list[Strip]) -> Strip:
    words = [word for strip in inside for word in strip.words]
    size = max((s.size for s in inside), default=0.0)
    return Strip.over(area, words, size, figure=inside)
