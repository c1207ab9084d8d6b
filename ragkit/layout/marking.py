"""Boxes with labels, drawn on a picture, and arrows from one to the next."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ragkit.provenance import Box

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["Color", "Mark", "draw_marks"]

Color = tuple[int, int, int]
"""Red, green, blue."""

_PALE = 28
"""Opacity of a box, of 255."""
_ARROW = (20, 20, 20, 150)


@dataclass(frozen=True, slots=True)
class Mark:
    """What is drawn around a place.

    Attributes:
        box: In fractions of the picture.
        color: Of its outline, and paler of its inside.
        label: Written at its upper edge; none if empty.
    """

    box: Box
    color: Color
    label: str = ""


def draw_marks(picture: Image, marks: Sequence[Mark], *, dpi: int, arrows: bool) -> Image:
    """A copy of the picture with the marks on it.

    Args:
        picture: Of a page.
        marks: With sound boxes.
        dpi: Of the picture, which says how large letters and how broad lines are.
        arrows: Whether one leads from each mark to the next.
    """
    import PIL.Image
    from PIL import ImageDraw, ImageFont

    under = picture.convert("RGBA")
    layer = PIL.Image.new("RGBA", under.size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(layer)
    font = ImageFont.load_default(max(8, round(dpi * 0.11)))
    for a, b in pairwise(marks) if arrows else ():
        _arrow(pen, _middle(a.box, under.size), _middle(b.box, under.size), dpi)
    for mark in marks:
        corners = _corners(mark.box, under.size)
        line = max(1, round(dpi / 60))
        pen.rectangle(corners, (*mark.color, _PALE), (*mark.color, 255), line)
        if mark.label:
            _label(pen, mark.label, corners, (*mark.color, 230), font)
    return PIL.Image.alpha_composite(under, layer).convert("RGB")


def _corners(box: Box, size: tuple[int, int]) -> tuple[float, float, float, float]:
    wide, high = size
    x0, x1 = sorted((box.x0 * wide, box.x1 * wide))
    y0, y1 = sorted((box.y0 * high, box.y1 * high))
    return x0, y0, x1, y1


def _middle(box: Box, size: tuple[int, int]) -> tuple[float, float]:
    return (box.x0 + box.x1) / 2 * size[0], (box.y0 + box.y1) / 2 * size[1]


def _label(
    pen: Any,
    text: str,
    corners: tuple[float, float, float, float],
    color: tuple[int, int, int, int],
    font: Any,
) -> None:
    """White on the kind's colour, over the box's upper edge."""
    left, top, right, bottom = pen.textbbox((0, 0), text, font=font)
    x, y = corners[0], max(0.0, corners[1] - (bottom - top) - 3)
    pen.rectangle((x, y, x + right - left + 4, y + bottom - top + 3), fill=color)
    pen.text((x + 2 - left, y + 1 - top), text, fill=(255, 255, 255, 255), font=font)


def _arrow(pen: Any, start: tuple[float, float], end: tuple[float, float], dpi: int) -> None:
    pen.line((*start, *end), fill=_ARROW, width=max(1, round(dpi / 80)))
    angle = math.atan2(end[1] - start[1], end[0] - start[0])
    size = dpi * 0.09
    wings = [
        (end[0] - size * math.cos(angle + turn), end[1] - size * math.sin(angle + turn))
        for turn in (0.45, -0.45)
    ]
    pen.polygon([end, *wings], fill=_ARROW)
