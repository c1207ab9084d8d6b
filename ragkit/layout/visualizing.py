"""Elements drawn on their page: boxes by kind, labels, and arrows for the reading order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypedDict

from ragkit._checks import check_count, check_flag, reject_unknown
from ragkit.errors import LimitExceededError, LoadError, MissingFileError
from ragkit.layout._model_checks import check_box
from ragkit.layout.drawing import MAX_PIXELS, page_image
from ragkit.layout.marking import Mark, draw_marks
from ragkit.layout.model import Element, ElementKind, Page

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
_PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff")
_WIDTH = 8.5
"""Inches of a picture of which nobody knows how large it was printed."""
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
    """The page as its file shows it; a white one where the file is no PDF and no picture.

    What lies in S3 is not fetched for it.

    Raises:
        InvalidInputError: If `dpi` can't work.
        LoadError: If the file can't be opened any more.
    """
    import PIL.Image

    check_count(dpi, "dpi")
    name = "" if "://" in page.source else page.source.lower()
    if name.endswith(".pdf"):
        return page_image(page.source, page.number, dpi=dpi, password=password)
    if name.endswith(_PICTURES):
        return _from_file(page.source, page.number, dpi)
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
    picture = page_picture(page, dpi, password)
    placed = [(element, element.box) for element in elements if element.box is not None]
    marks = []
    for number, (element, box) in enumerate(placed, 1):
        check_box(box, f"Page {page.number}, {element.kind}: the box")
        label = f"{number} {element.kind.value}" if labels else ""
        marks.append(Mark(box, COLORS[element.kind], label))
    return draw_marks(picture, marks, dpi=dpi, arrows=order)


def _from_file(path: str, number: int, dpi: int) -> Image:
    """The picture that a page is, at a size as if it were 8.5 inches wide.

    Raises:
        LoadError: If the file can't be opened.
    """
    import PIL.Image

    try:
        with PIL.Image.open(path) as file:
            file.seek(number)
            wide, high = file.size
            if wide * high > MAX_PIXELS:
                raise LimitExceededError(
                    f"{path!r} has {wide:,} × {high:,} pixels; {MAX_PIXELS:,} are drawn at most."
                )
            size = _WIDTH * dpi / min(wide, high)
            scaled = max(1, round(wide * size)), max(1, round(high * size))
            return file.convert("RGB").resize(scaled)
    except FileNotFoundError as error:
        raise MissingFileError(f"There is no file {path!r} any more to be drawn.") from error
    except (OSError, EOFError, SyntaxError, ValueError, PIL.Image.DecompressionBombError) as error:
        if isinstance(error, LoadError):
            raise
        raise LoadError(f"{path!r} can't be drawn: {error}.") from error
