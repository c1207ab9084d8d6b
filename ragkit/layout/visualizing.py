"""Elements drawn on their page: boxes by kind, labels, and arrows for the reading order."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypedDict

from ragkit._checks import check_count, check_flag, reject_unknown
from ragkit.layout._model_checks import check_box
from ragkit.layout.drawing import page_image, picture_file
from ragkit.layout.model import Element, ElementKind, Page
from ragkit.provenance import Box

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["COLORS", "DrawingOptions", "check_drawing", "page_picture", "picture_of"]

COLORS = {
    ElementKind.TITLE: (178, 24, 43),
    ElementKind.SECTION_HEADER: (214, 96, 20),
    ElementKind.TEXT: (33, 102, 172),
    ElementKind.LIST: (27, 120, 55),
    ElementKind.TABLE: (118, 42, 131),
    ElementKind.KEY_VALUE: (0, 128, 128),
    ElementKind.FIGURE: (140, 100, 30),
    ElementKind.HEADER: (110, 110, 110),
    ElementKind.FOOTER: (110, 110, 110),
    ElementKind.PAGE_NUMBER: (110, 110, 110),
}
"""Of each kind, red, green, blue."""
_PALE = 28
"""Opacity of a box, of 255."""
_ARROW = (20, 20, 20, 150)
_PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff")
_EMPTY = (612.0, 792.0)
"""Points of a page whose size is not known."""


class DrawingOptions(TypedDict, total=False):
    """How elements are drawn: see `Elements.visualize`."""

    dpi: int
    labels: bool
    order: bool
    password: str | None


def check_drawing(options: Mapping[str, object]) -> None:
    """Nothing, if elements can be drawn with these `DrawingOptions`.

    Raises:
        UnknownOptionError: If one is none of them.
        InvalidInputError: If one can't work.
    """
    reject_unknown("visualize()", options, DrawingOptions.__annotations__)
    check_count(options.get("dpi", 100), "dpi")
    for name in ("labels", "order"):
        check_flag(options.get(name, True), name)


def page_picture(page: Page, dpi: int, password: str | None) -> Image:
    """The page as its file shows it: a PDF at `dpi`, a picture at its own size, else a white one.

    What lies in S3 is not fetched for it.

    Raises:
        InvalidInputError: If `dpi` can't work.
        LoadError: If the file can't be opened any more.
    """
    import PIL.Image

    check_count(dpi, "dpi")
    name = "" if page.source.startswith("s3://") else page.source.lower()
    if name.endswith(".pdf"):
        return page_image(page.source, page.number, dpi=dpi, password=password)
    if name.endswith(_PICTURES):
        return picture_file(page.source, page.number)
    width, height = (page.width, page.height) if page.width and page.height else _EMPTY
    size = max(1, round(width * dpi / 72)), max(1, round(height * dpi / 72))
    return PIL.Image.new("RGB", size, "white")


def picture_of(
    page: Page,
    elements: Iterable[Element],
    *,
    dpi: int = 100,
    password: str | None = None,
    labels: bool = True,
    order: bool = True,
) -> Image:
    """The page with boxes around the elements.

    Raises:
        InvalidInputError: If a box is none, or `dpi` can't work.
        LoadError: If the file can't be opened any more.
    """
    import PIL.Image
    from PIL import ImageDraw, ImageFont

    picture = page_picture(page, dpi, password).convert("RGBA")
    layer = PIL.Image.new("RGBA", picture.size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(layer)
    font = ImageFont.load_default(max(8, round(dpi * 0.11)))
    placed = [(element, element.box) for element in elements if element.box is not None]
    for element, box in placed:
        check_box(box, f"Page {page.number}, {element.kind}: the box")
    if order:
        for (_, a), (_, b) in pairwise(placed):
            _arrow(pen, _middle(a, picture.size), _middle(b, picture.size), dpi)
    for number, (element, box) in enumerate(placed, 1):
        red, green, blue = COLORS[element.kind]
        corners = _corners(box, picture.size)
        line = max(1, round(dpi / 60))
        pen.rectangle(corners, (red, green, blue, _PALE), (red, green, blue, 255), line)
        if labels:
            _label(pen, f"{number} {element.kind.value}", corners, (red, green, blue, 230), font)
    return PIL.Image.alpha_composite(picture, layer).convert("RGB")


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
