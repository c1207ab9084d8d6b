"""What Textractor takes for a document, as it is sent."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from ragkit.compat.textractor.images import as_png, is_picture
from ragkit.errors import InvalidInputError

__all__ = ["as_source"]


def as_source(file_source: Any) -> tuple[str | bytes, str | bytes | Sequence[Any]]:
    """What is sent, and what its pages are drawn from.

    Args:
        file_source: A path, an address in S3, bytes, or a picture, also in a list.

    Raises:
        InvalidInputError: If it is something else, or several.
    """
    if isinstance(file_source, list | tuple):
        if len(file_source) != 1:
            raise InvalidInputError(
                f"file_source has {len(file_source)} pictures; give one. For several pages, save "
                "them as one PDF or TIFF and use start_document_analysis()."
            )
        (file_source,) = file_source
    if is_picture(file_source):
        return as_png(file_source), [file_source]
    if isinstance(file_source, bytes | bytearray):
        return bytes(file_source), bytes(file_source)
    if isinstance(file_source, str | os.PathLike):
        path = os.fspath(file_source)
        return path, path
    raise InvalidInputError(
        f"file_source is a {type(file_source).__name__}; it has to be a path, 's3://bucket/key', "
        "bytes, or a picture of Pillow's."
    )
