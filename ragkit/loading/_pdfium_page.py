"""One page of a PDF: its size, its words, and what is drawn on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pypdfium2 as pdfium
import pypdfium2_raw as raw

from ragkit.layout.analysis import PageContent
from ragkit.layout.analysis.faults import FAULTS
from ragkit.loading._pdfium_drawn import read_drawn
from ragkit.loading._pdfium_fields import read_fields
from ragkit.loading._pdfium_frame import Frame
from ragkit.loading._pdfium_links import mark_links
from ragkit.loading._pdfium_words import read_words

__all__ = ["read_page"]


def read_page(document: Any, number: int, label: str) -> PageContent:
    """What is on one page, upright; its words alone, and an error, where the rest is damaged.

    Raises:
        PdfiumError: If the page is damaged.
        ValueError: If it has too many characters.
    """
    with _loaded(document, number) as (page, text_page):
        frame = Frame.of_page(page)
        turned = frame.rotation * 90
        words = read_words(text_page, frame)
        content = PageContent(number, label, frame.width, frame.height, turned, words)
        try:
            mark_links(document, page, frame, words)
            content.drawn = read_drawn(page, frame)
            content.fields = read_fields(page, document.formenv, frame) if document.formenv else []
        except (pdfium.PdfiumError, *FAULTS) as error:
            content.error = (
                f"the links, drawings and fields of page {number + 1} can't be read: {error}"
            )
        return content


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
