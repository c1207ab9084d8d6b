"""One page of a PDF: its size, its words, and what is drawn on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pypdfium2 as pdfium
import pypdfium2_raw as raw

from ragkit.layout.analysis import PageContent
from ragkit.loading._pdfium_drawn import read_drawn
from ragkit.loading._pdfium_fields import read_fields
from ragkit.loading._pdfium_frame import Frame
from ragkit.loading._pdfium_links import mark_links
from ragkit.loading._pdfium_words import read_words

__all__ = ["read_page"]


def read_page(document: Any, number: int, label: str) -> PageContent:
    """What is on one page, upright.

    Raises:
        PdfiumError: If the page is damaged.
        ValueError: If it has too many characters.
    """
    with _loaded(document, number) as (page, text_page):
        frame = Frame.of_page(page)
        form = document.formenv
        words = read_words(text_page, frame)
        mark_links(document, page, frame, words)
        return PageContent(
            number,
            label,
            frame.width,
            frame.height,
            frame.rotation * 90,
            words,
            read_drawn(page, frame),
            read_fields(page, form, frame) if form else [],
        )


@contextmanager
def _loaded(document: Any, number: int) -> Iterator[tuple[Any, Any]]:
    page = raw.FPDF_LoadPage(document, number)
    if not page:
        raise pdfium.PdfiumError("PDFium can't load it")
    try:
        text_page = raw.FPDFText_LoadPage(page)
        if not text_page:
            raise pdfium.PdfiumError("PDFium can't read its text")
        try:
            yield page, text_page
        finally:
            raw.FPDFText_ClosePage(text_page)
    finally:
        raw.FPDF_ClosePage(page)
