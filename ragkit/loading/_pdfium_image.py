"""Pages as pictures, drawn by PDFium."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pypdfium2 as pdfium

from ragkit.errors import CorruptFileError, InvalidInputError
from ragkit.loading._files import check_file
from ragkit.loading._pdfium import LOCK, open_form, open_pdf

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["render_page"]


def render_page(path: str, page: int, *, dpi: int, password: str | None, max_pixels: int) -> Image:
    """Page `page` (0-based) of a PDF as it is shown, upright, with its form's values, RGB.

    Raises:
        LoadError: If the file can't be opened, or the page is damaged.
        InvalidInputError: If there is no such page, or the picture has over `max_pixels`.
    """
    check_file(path)
    with open_pdf(path, password) as document, LOCK:
        open_form(document)
        count = len(document)
        if page >= count:
            raise InvalidInputError(
                f"page is {page}, but {path!r} has {count} page(s), counted from 0."
            )
        try:
            loaded = document[page]  # closed with the document, before its form
            _check_size(path, loaded.get_size(), dpi, max_pixels)
            return _drawn(loaded, dpi)
        except (pdfium.PdfiumError, MemoryError) as error:
            raise CorruptFileError(
                f"Page {page + 1} of {path!r} can't be drawn: {error}. Fetch the file again."
            ) from error


def _drawn(page: Any, dpi: int) -> Image:
    """The page with what is filled in: PDFium draws a form's fields after all else."""
    bitmap = page.render(scale=dpi / 72)
    try:
        picture: Image = bitmap.to_pil()  # it shares the bitmap's memory
        return picture.convert("RGB").copy()
    finally:
        bitmap.close()  # here, under the lock, and not whenever it is collected


def _check_size(path: str, size: tuple[float, float], dpi: int, max_pixels: int) -> None:
    pixels = size[0] * size[1] * (dpi / 72) ** 2
    if pixels > max_pixels:
        raise InvalidInputError(
            f"dpi={dpi} makes a picture of {pixels:,.0f} pixels of this page of {path!r} "
            f"({size[0]:.0f} x {size[1]:.0f} points), more than {max_pixels:,}. Give a lower dpi."
        )
