"""Amazon Textract's responses in one line: as a layout, as text, as Markdown, as HTML.

The text has what Textractor's has by default: nothing is hidden, and nothing is added. For
ragkit's own defaults, which leave out running headers, footers and page numbers, use
``TextractLoader(response)`` with ``LayoutLinearizer()``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack

from ragkit.errors import InvalidInputError
from ragkit.layout.linearizer import LayoutLinearizer, LinearizerOptions
from ragkit.layout.model import LayoutDocument
from ragkit.loading.textract import TextractLoader

if TYPE_CHECKING:
    from ragkit.loading.textract import LoaderOptions

__all__ = ["get_text", "load", "to_markdown"]

Source = Mapping[str, Any] | Sequence[Mapping[str, Any]] | str | os.PathLike[str] | bytes
"""A response, its parts, a path or an address of either, or a document: see `TextractLoader`."""

_AS_IT_IS: LinearizerOptions = {
    "hide_header_layout": False,
    "hide_footer_layout": False,
    "hide_page_num_layout": False,
    "mend_broken_words": False,
    "key_suffix": " ",
}


def load(source: Source, **options: Unpack[LoaderOptions]) -> LayoutDocument:
    """The layout of a response, or of a document that Textract analyses.

    Args:
        source: A response, a list of its parts, a JSON file or folder of either, or a JPEG, PNG,
            TIFF or PDF; see `TextractLoader`.
        options: Of `TextractLoader`.

    Raises:
        LoadError: If it can't be read, or is no response.
        EndpointError: If a service refuses, or can't be reached.
        UnknownOptionError: If there is no such option.
        InvalidInputError: If an option can't work.
    """
    loader = TextractLoader(source, **options)
    if loader.count > 1:
        raise InvalidInputError(
            f"source has {loader.count} documents; load() gives one. Use TextractLoader(…).load()."
        )
    return loader.load()[0]


def get_text(source: Source, **options: Unpack[LinearizerOptions]) -> str:
    """All text of a response, every word once, in the service's order of reading.

    Args:
        source: As `load`.
        options: Of `LayoutLinearizer`.

    Raises:
        LoadError: If it can't be read, or is no response.
        UnknownOptionError: If there is no such option.
        InvalidInputError: If an option's value can't work.
    """
    return LayoutLinearizer(**(_AS_IT_IS | options)).to_text(load(source))


def to_markdown(source: Source, **options: Unpack[LinearizerOptions]) -> str:
    """The same as Markdown."""
    options.setdefault("format", "markdown")
    return get_text(source, **options)
