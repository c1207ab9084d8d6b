"""PDF files read with PDFium."""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

import pypdfium2 as pdfium
import pypdfium2_raw as raw

from ragkit.errors import CorruptFileError, EncryptedFileError, LimitExceededError, LoadError
from ragkit.layout.analysis import PageContent, analyze_pages
from ragkit.layout.analysis.faults import FAULTS
from ragkit.layout.model import LayoutDocument
from ragkit.loading._pdf_dates import iso_date
from ragkit.loading._pdfium_outline import read_outline
from ragkit.loading._pdfium_page import read_page
from ragkit.loading._watch import NO_PAGE

__all__ = ["LOCK", "open_error", "open_form", "open_pdf", "read_pdf"]

LOCK = threading.RLock()
"""PDFium is not safe to call from two threads: everything that calls it holds this lock."""

_log = logging.getLogger("ragkit.loading")
_TEXT_KEYS = {"Title": "title", "Author": "author"}
_DATE_KEYS = {"CreationDate": "creation_date", "ModDate": "mod_date"}


@contextmanager
def open_pdf(path: str, password: str | None = None) -> Iterator[Any]:
    """The open document; hold `LOCK` around every call on it.

    Raises:
        EncryptedFileError: If it needs a password, or another one.
        CorruptFileError: If it is damaged, or no PDF.
    """
    with LOCK:
        document = _open(path, password)
    try:
        yield document
    finally:
        with LOCK:
            document.close()


def _open(path: str, password: str | None) -> Any:
    try:
        return pdfium.PdfDocument(path, password=password)
    except pdfium.PdfiumError as error:
        raise open_error(path, password, error) from error
    except OSError as error:
        raise LoadError(f"{path!r} can't be read: {error}. Check its permissions.") from error


def open_error(path: str, password: str | None, error: Any) -> LoadError:
    """What PDFium's error means for whoever wanted to open the file."""
    code = getattr(error, "err_code", None)
    if code == raw.FPDF_ERR_PASSWORD and password is None:
        return EncryptedFileError(f"{path!r} is encrypted. Pass its password: password='…'.")
    if code == raw.FPDF_ERR_PASSWORD:
        return EncryptedFileError(
            f"{path!r} is encrypted with another password than the one given. "
            "Check the value of password=."
        )
    if code == raw.FPDF_ERR_SECURITY:
        return EncryptedFileError(
            f"{path!r} is encrypted in a way that PDFium does not support. "
            "Save it without encryption first."
        )
    return CorruptFileError(
        f"{path!r} is not a readable PDF: it is damaged, truncated or another kind of file "
        f"({error}). Fetch or export it again."
    )


def read_pdf(
    path: str,
    *,
    password: str | None,
    max_pages: int | None,
    given_up: Mapping[int, str] = MappingProxyType({}),
    page_begins: Callable[[int], object] | None = None,
) -> LayoutDocument:
    """The analysed pages and the metadata of one file.

    Args:
        path: Of the file.
        password: Where it is encrypted.
        max_pages: At most.
        given_up: Numbers of pages that are not read, and why.
        page_begins: Is told each page's number before it is read, and `NO_PAGE` after the last.

    Raises:
        LoadError: If it can't be opened or has more than `max_pages` pages.
    """
    with open_pdf(path, password) as document:
        with LOCK:
            open_form(document)
            count = len(document)
        if max_pages is not None and count > max_pages:
            raise LimitExceededError(
                f"{path!r} has {count:,} pages, more than max_pages={max_pages:,}. "
                "Pass a larger max_pages, or None for no limit."
            )
        pages = []
        for number in range(count):
            if page_begins is not None and number not in given_up:
                page_begins(number)
            pages.append(_read_one(document, number, given_up.get(number)))
            pages[-1].source = path
        if page_begins is not None:
            page_begins(NO_PAGE)
        with LOCK:
            metadata = {"source": path, "total_pages": count, **_metadata(document)}
            outline = read_outline(document)
    return LayoutDocument(path, analyze_pages(pages, outline), metadata)


def open_form(document: Any) -> None:
    """Makes the document's form readable, if it has one that can be read; hold `LOCK`.

    Pages that are loaded afterwards can be drawn with the form's values.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # XFA forms, which have a form of the usual kind too
            document.init_forms()
    except pdfium.PdfiumError as error:
        _log.warning("%s: its form can't be read: %s", document, error)


def _read_one(document: Any, number: int, given_up: str | None) -> PageContent:
    """The words of a page; its reason where it can't be read."""
    with LOCK:  # once a page, so that threads that read other files get their turn
        label = _label(document, number)
        if given_up is not None:
            return PageContent(number, label, error=given_up)
        try:
            return read_page(document, number, label)
        except (pdfium.PdfiumError, OSError, MemoryError, *FAULTS) as error:
            return PageContent(number, label, error=f"page {number + 1} can't be read: {error}")


def _label(document: Any, number: int) -> str:
    """What is printed on the page; the number counted from 1 where the file does not say."""
    try:
        label = str(document.get_page_label(number)).strip()
    except (pdfium.PdfiumError, ValueError):
        label = ""
    return label or str(number + 1)


def _metadata(document: Any) -> dict[str, str]:
    """Title, author and dates, where they are known."""
    found = {}
    for key, name in _TEXT_KEYS.items():
        value = " ".join(_value(document, key).split())
        if value:
            found[name] = value
    for key, name in _DATE_KEYS.items():
        date = iso_date(_value(document, key))
        if date:
            found[name] = date
    return found


def _value(document: Any, key: str) -> str:
    try:
        return str(document.get_metadata_value(key)).replace("\0", "")
    except (pdfium.PdfiumError, ValueError):
        return ""
