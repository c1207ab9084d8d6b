"""The pictures of a document's pages, made when they are first looked at."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ragkit.errors import InvalidInputError, LoadError
from ragkit.layout.drawing import MAX_PIXELS, page_image

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["Pages", "as_png", "is_picture"]

_DPI = 150
"""Of pages of PDFs."""
_KEPT = "RGB", "L"
"""Modes of pictures that are sent as they are."""


def is_picture(thing: object) -> bool:
    """Whether it is one of Pillow's."""
    return hasattr(thing, "save") and hasattr(thing, "convert")


def as_png(picture: Any) -> bytes:
    """A picture as a file."""
    data = io.BytesIO()
    (picture if picture.mode in _KEPT else picture.convert("RGB")).save(data, "PNG")
    return data.getvalue()


class Pages:
    """Gives the picture of a page by its place, from 0.

    Args:
        source: A path, the bytes of a file, or pictures.
        fetch: Gives the bytes of a source in S3.
    """

    def __init__(
        self, source: str | bytes | Sequence[Image], fetch: Callable[[str], bytes]
    ) -> None:
        self._source, self._fetch = source, fetch

    def __call__(self, place: int) -> Image:
        """The picture.

        Raises:
            LoadError: If the document can't be opened any more, or has no such page.
            EndpointError: If it can't be fetched from S3.
        """
        source = self._source
        if isinstance(source, str) and source.startswith("s3://"):
            source = self._source = self._fetch(source)
        if not isinstance(source, str | bytes):
            return source[place]
        head = source[:1024] if isinstance(source, bytes) else _head(source)
        if b"%PDF-" in head:
            return _of_pdf(source, place)
        return _of_picture(source, place)


def _head(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            return file.read(1024)
    except OSError as error:
        raise LoadError(f"{path!r} can't be drawn any more: {error}.") from error


def _of_pdf(source: str | bytes, place: int) -> Image:
    if isinstance(source, bytes):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "document.pdf")
            path.write_bytes(source)
            return page_image(path, place, dpi=_DPI)
    return page_image(source, place, dpi=_DPI)


def _of_picture(source: str | bytes, place: int) -> Image:
    import PIL.Image

    try:
        with PIL.Image.open(io.BytesIO(source) if isinstance(source, bytes) else source) as file:
            file.seek(place)
            if file.width * file.height > MAX_PIXELS:
                raise InvalidInputError(
                    f"The picture has {file.width:,} × {file.height:,} pixels, more than "
                    f"{MAX_PIXELS:,}."
                )
            return file.convert("RGB")
    except (OSError, EOFError, SyntaxError) as error:
        raise LoadError(f"The document can't be drawn: {error}.") from error
