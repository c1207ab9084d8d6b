"""Reading across the whole page, as text extraction without layout does: the baseline."""

from __future__ import annotations

from collections.abc import Sequence

from ragkit.layout.model import Element, ElementKind, Line, Word
from ragkit.provenance import Box

__all__ = ["raster_rows"]


def raster_rows(elements: Sequence[Element]) -> list[Element]:
    """The elements' words as rows across the page, from top to bottom, one TEXT for each.

    Elements without geometry come first, as they are.
    """
    placed: list[tuple[Box, Line]] = []
    rest: list[Element] = []
    for element in elements:
        lines = [(line.box, line) for line in element.iter_lines()]
        placed += [(box, line) for box, line in lines if box is not None]
        if any(box is None for box, _ in lines):
            rest.append(Element(ElementKind.TEXT, [line for box, line in lines if box is None]))
    return rest + [Element(ElementKind.TEXT, [Line(words)]) for words in _rows(placed)]


def _rows(placed: Sequence[tuple[Box, Line]]) -> list[list[Word]]:
    rows: list[tuple[Box, list[tuple[Box, Line]]]] = []
    for box, line in sorted(placed, key=lambda item: item[0].y0 + item[0].y1):
        if rows:
            first, row = rows[-1]
            shared = min(first.y1, box.y1) - max(first.y0, box.y0)
            if shared > 0.5 * min(first.height, box.height):
                row.append((box, line))
                continue
        rows.append((box, [(box, line)]))
    ordered = [sorted(row, key=lambda item: item[0].x0) for _, row in rows]
    return [[word for _, line in row for word in line.words] for row in ordered]
