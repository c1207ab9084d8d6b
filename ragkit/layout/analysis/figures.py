"""Figures: where images and drawings lie close together, and the text in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ragkit.layout.analysis.drawn import Area, Drawn
from ragkit.layout.analysis.strip import Strip

__all__ = ["take_figures"]

_SQUARE = 10.0
"""Points: side of the squares in which a page is looked at; what is closer belongs together."""
_MOST_SQUARES = 120
"""Along the longer side: on a large page they are larger."""
_LEAST = 36.0
"""Points of a figure's width and height, at least: icons and logos are smaller."""
_MOST = 0.8
"""Part of the page that a figure covers, at most: a background covers more."""
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
    tables = [s for s in strips if s.grid is not None]
    figures: list[Strip] = []
    rest = list(strips)
    for area in _clusters([*drawn.pictures, *drawn.fills], width, height):
        if not _can_be_figure(area, width, height) or any(area.holds(t.centre) for t in tables):
            continue
        inside = [s for s in rest if s.grid is None and area.holds(s.centre)]
        if sum(len(s.words) >= _PROSE_WORDS for s in inside) >= _PROSE_LINES:
            continue
        figures.append(_as_strip(area, inside))
        gone = {id(s) for s in inside}
        rest = [s for s in rest if id(s) not in gone]
    return figures, rest


def _clusters(areas: Iterable[Area], width: float, height: float) -> Iterator[Area]:
    """The rectangles around what lies close together; backgrounds are left out."""
    square = max(_SQUARE, max(width, height) / _MOST_SQUARES)
    across, down = int(width // square) + 1, int(height // square) + 1
    marked: set[tuple[int, int]] = set()
    for area in areas:
        if area.size > 0.5 * width * height:
            continue
        rows = range(_square(area.y0, square, down), _square(area.y1, square, down) + 1)
        columns = range(_square(area.x0, square, across), _square(area.x1, square, across) + 1)
        marked.update((row, column) for row in rows for column in columns)
    while marked:
        group = _connected(marked)
        rows_of, columns_of = [row for row, _ in group], [column for _, column in group]
        yield Area(
            min(columns_of) * square,
            min(rows_of) * square,
            min(width, (max(columns_of) + 1) * square),
            min(height, (max(rows_of) + 1) * square),
        )


def _square(at: float, side: float, count: int) -> int:
    return min(max(int(at // side), 0), count - 1)


def _connected(marked: set[tuple[int, int]]) -> list[tuple[int, int]]:
    """Squares that touch each other, taken out of `marked`."""
    first = marked.pop()
    group, waiting = [first], [first]
    while waiting:
        row, column = waiting.pop()
        for near in (
            (r, c) for r in (row - 1, row, row + 1) for c in (column - 1, column, column + 1)
        ):
            if near in marked:
                marked.remove(near)
                group.append(near)
                waiting.append(near)
    return group


def _can_be_figure(area: Area, width: float, height: float) -> bool:
    large = area.width >= _LEAST and area.height >= _LEAST
    return large and area.size <= _MOST * width * height


def _as_strip(area: Area, inside: list[Strip]) -> Strip:
    words = [word for strip in inside for word in strip.words]
    size = max((s.size for s in inside), default=0.0)
    return Strip.over(area, words, size, figure=inside)
