"""Amazon Textract's responses in one line: as a layout, as text, as Markdown, as HTML.

The text has what Textractor's has by default: nothing is hidden, and nothing is added. For
ragkit's own defaults, which leave out running headers, footers and page numbers, use
``TextractLoader(response)`` with ``LayoutLinearizer()``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from ragkit._lazy import lazy_names
from ragkit.errors import InvalidInputError
from ragkit.layout.linearizer import LayoutLinearizer, LinearizerOptions
from ragkit.layout.model import LayoutDocument, Word
from ragkit.loading._response_part import Source
from ragkit.loading.textract import TextractLoader

if TYPE_CHECKING:
    from ragkit.loading.textract import LoaderOptions
    from ragkit.textract.forms import get_forms_string
    from ragkit.textract.layout_csv import get_layout_csv
    from ragkit.textract.layout_json import get_text_from_layout_json
    from ragkit.textract.lines import get_lines_string
    from ragkit.textract.tables import get_tables_string

__all__ = [
    "get_forms_string",
    "get_layout_csv",
    "get_lines_string",
    "get_tables_string",
    "get_text",
    "get_text_and_words",
    "get_text_from_layout_json",
    "load",
    "to_html",
    "to_markdown",
]

_WHERE = {
    "get_forms_string": "ragkit.textract.forms",
    "get_layout_csv": "ragkit.textract.layout_csv",
    "get_lines_string": "ragkit.textract.lines",
    "get_text_from_layout_json": "ragkit.textract.layout_json",
    "get_tables_string": "ragkit.textract.tables",
}
__getattr__, __dir__ = lazy_names(__name__, _WHERE)


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

    It takes no option of `load`, such as `features`, `upload_to` or `allow_missing`. With them,
    write ``LayoutLinearizer.textractor(…).to_text(load(source, …))``; for `to_markdown`,
    `to_html` and `get_text_and_words` the same with ``textractor_markdown``,
    ``textractor_html`` and ``to_text_and_words``.

    Args:
        source: As `load`.
        options: Of `LayoutLinearizer`.

    Raises:
        LoadError: If it can't be read, or is no response.
        UnknownOptionError: If there is no such option.
        InvalidInputError: If an option's value can't work.
    """
    return LayoutLinearizer.textractor(**options).to_text(load(source))


def to_markdown(source: Source, **options: Unpack[LinearizerOptions]) -> str:
    """The same as Markdown; options of `load` are taken as `get_text` says."""
    return LayoutLinearizer.textractor_markdown(**options).to_text(load(source))


def to_html(source: Source, **options: Unpack[LinearizerOptions]) -> str:
    """The same as a page of HTML; options of `load` are taken as `get_text` says."""
    return LayoutLinearizer.textractor_html(**options).to_text(load(source))


def get_text_and_words(
    source: Source, **options: Unpack[LinearizerOptions]
) -> tuple[str, list[Word]]:
    """The same as `get_text`, and the words in the order in which they are written."""
    return LayoutLinearizer.textractor(**options).to_text_and_words(load(source))
