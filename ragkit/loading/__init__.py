"""From files to layout documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ragkit._lazy import lazy_names

if TYPE_CHECKING:
    from ragkit.loading._pdfium_count import count_pages
    from ragkit.loading._pdfium_image import render_page
    from ragkit.loading._walk import SkippedFile
    from ragkit.loading.directory import DirectoryLoader
    from ragkit.loading.dispatch import loader_for
    from ragkit.loading.markdown import MarkdownLoader
    from ragkit.loading.pdf import PDFLoader
    from ragkit.loading.text import TextLoader
    from ragkit.loading.textract import TextractLoader

_WHERE = {
    "DirectoryLoader": "ragkit.loading.directory",
    "MarkdownLoader": "ragkit.loading.markdown",
    "PDFLoader": "ragkit.loading.pdf",
    "SkippedFile": "ragkit.loading._walk",
    "TextLoader": "ragkit.loading.text",
    "TextractLoader": "ragkit.loading.textract",
    "count_pages": "ragkit.loading._pdfium_count",
    "loader_for": "ragkit.loading.dispatch",
    "render_page": "ragkit.loading._pdfium_image",
}

__all__ = [
    "DirectoryLoader",
    "MarkdownLoader",
    "PDFLoader",
    "SkippedFile",
    "TextLoader",
    "TextractLoader",
    "count_pages",
    "loader_for",
    "render_page",
]

__getattr__, __dir__ = lazy_names(__name__, _WHERE)
