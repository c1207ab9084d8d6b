"""Pages as pictures, with passages marked."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ragkit._checks import check_count
from ragkit.errors import InvalidInputError, LoadError, UnsupportedFileError
from ragkit.layout._model_checks import check_box
from ragkit.provenance import Box
from ragkit.types import Citation

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["MAX_PIXELS", "citation_image", "draw_regions", "page_image"]

_MARKER = (255, 214, 10, 95)
_OUTLINE = (214, 120, 0, 255)
MAX_PIXELS = 100_000_000
"""Larger pictures take over 400 MB and are a slip of `dpi`."""


def page_image(
    path: str | os.PathLike[str], page: int, *, dpi: int = 100, password: str | None = None
) -> Image:
    """One page of a PDF as a picture, upright.

    Args:
        path: The PDF.
        page: 0-based.
        dpi: Dots per inch.
        password: Of an encrypted PDF.

    Raises:
        LoadError: If the file can't be opened or is no PDF.
        InvalidInputError: If there is no such page, or `dpi` can't work.
    """
    from ragkit.loading import render_page

    check_count(page, "page", least=0)
    check_count(dpi, "dpi")
    _check_pdf(os.fspath(path))
    return render_page(os.fspath(path), page, dpi=dpi, password=password, max_pixels=MAX_PIXELS)


def draw_regions(
    path: str | os.PathLike[str],
    page: int,
    boxes: Iterable[Box],
    *,
    dpi: int = 100,
    password: str | None = None,
) -> Image:
    """One page of a PDF with boxes marked on it, as with a yellow marker.

    Args:
        path: The PDF.
        page: 0-based.
        boxes: In fractions of the page.
        dpi: Dots per inch.
        password: Of an encrypted PDF.

    Raises:
        LoadError: If the file can't be opened or is no PDF.
        InvalidInputError: If there is no such page, a box is none, or `dpi` can't work.
    """
    import PIL.Image
    from PIL import ImageDraw

    picture = page_image(path, page, dpi=dpi, password=password).convert("RGBA")
    layer = PIL.Image.new("RGBA", picture.size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(layer)
    width, height = picture.size
    for box in boxes:
        check_box(box, f"Page {page}: a box to mark")
        corners = (box.x0 * width, box.y0 * height, box.x1 * width, box.y1 * height)
        pen.rectangle(corners, fill=_MARKER, outline=_OUTLINE, width=max(1, round(dpi / 100)))
    return PIL.Image.alpha_composite(picture, layer).convert("RGB")


def citation_image(citation: Citation, *, dpi: int = 100, password: str | None = None) -> Image:
    """The cited page with the passage marked.

    A passage that runs over several pages is shown on its first.

    Args:
        citation: Of an answer; its source is opened again.
        dpi: Dots per inch.
        password: Of an encrypted PDF.

    Raises:
        LoadError: If the source can't be opened, or is no PDF.
        InvalidInputError: If the citation has no place on a page, or `dpi` can't work.
    """
    if citation.source is None:
        raise InvalidInputError(
            f"Citation {citation.number} has no source to draw. Load documents from files."
        )
    _check_pdf(citation.source)
    if not citation.regions:
        raise InvalidInputError(
            f"Citation {citation.number} has no boxes to mark on a page of {citation.source!r}. "
            'PDFs read with engine="pdfium" have them.'
        )
    page = citation.regions[0].page
    boxes = [region.box for region in citation.regions if region.page == page]
    return draw_regions(citation.source, page, boxes, dpi=dpi, password=password)


def _check_pdf(path: str) -> None:
    """Nothing, if the name is that of a PDF file on this machine.

    Raises:
        LoadError: If it is not.
    """
    if "://" in path:
        raise LoadError(f"{path!r} is not a file on this machine; fetch it first to draw it.")
    if Path(path).suffix.lower() != ".pdf":
        raise UnsupportedFileError(
            f"{path!r} has no pages to draw: only PDF files can be shown as pictures."
        )
