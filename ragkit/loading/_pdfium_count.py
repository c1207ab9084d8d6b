"""How many pages a PDF has."""

from __future__ import annotations

import pypdfium2 as pdfium

from ragkit.loading._pdfium import LOCK, open_error, open_pdf

__all__ = ["count_pages"]


def count_pages(pdf: str | bytes, name: str) -> int:
    """The pages of a PDF.

    Args:
        pdf: Its path, or what is in it.
        name: Of it, for errors.

    Raises:
        EncryptedFileError: If it needs a password.
        CorruptFileError: If it is damaged, or no PDF.
    """
    if isinstance(pdf, str):
        with open_pdf(pdf) as document, LOCK:
            return len(document)
    with LOCK:
        try:
            document = pdfium.PdfDocument(pdf)
        except pdfium.PdfiumError as error:
            raise open_error(name, None, error) from error
        try:
            return len(document)
        finally:
            document.close()
