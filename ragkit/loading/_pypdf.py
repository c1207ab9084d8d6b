"""PDF files read with pypdf: pure Python, plain text of each page, no boxes."""

from __future__ import annotations

from typing import Any

import pypdf
from pypdf.errors import DependencyError, PyPdfError

from ragkit._extras import require
from ragkit.errors import CorruptFileError, EncryptedFileError, LimitExceededError
from ragkit.layout.model import Element, ElementKind, LayoutDocument, Line, Page
from ragkit.loading._pdf_dates import iso_date
from ragkit.loading._pypdf_log import quiet_pypdf

__all__ = ["read_pdf"]

# What pypdf raises on damaged files, besides its own errors.
_DAMAGE = (
    PyPdfError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,
    NotImplementedError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)


def read_pdf(path: str, *, password: str | None, max_pages: int | None) -> LayoutDocument:
    """The plain text of each page and the metadata of one file.

    Raises:
        LoadError: If it can't be opened or has more than `max_pages` pages.
        MissingExtraError: If it is encrypted with AES and cryptography is not installed.
    """
    try:
        with quiet_pypdf(), pypdf.PdfReader(path) as reader:
            return _read(path, reader, password, max_pages)
    except (LimitExceededError, EncryptedFileError, CorruptFileError):
        raise
    except DependencyError:
        require("cryptography", extra="crypto", feature="Reading PDFs encrypted with AES (pypdf)")
        raise
    except _DAMAGE as error:
        raise CorruptFileError(
            f"{path!r} is not a readable PDF: it is damaged, truncated or another kind of file "
            f"({error}). Fetch or export it again."
        ) from error


def _read(path: str, reader: Any, password: str | None, max_pages: int | None) -> LayoutDocument:
    _decrypt(path, reader, password)
    count = len(reader.pages)
    if max_pages is not None and count > max_pages:
        raise LimitExceededError(
            f"{path!r} has {count:,} pages, more than max_pages={max_pages:,}. "
            "Pass a larger max_pages, or None for no limit."
        )
    if count == 0:
        raise CorruptFileError(f"{path!r} has no pages. Fetch or export it again.")
    labels = _labels(reader, count)
    pages = [_page(reader, number, labels[number]) for number in range(count)]
    metadata = {"source": path, "total_pages": count, **_metadata(reader)}
    return LayoutDocument(path, pages, metadata)


def _decrypt(path: str, reader: Any, password: str | None) -> None:
    if not reader.is_encrypted:
        return
    if reader.decrypt(password or ""):
        return
    if password is None:
        raise EncryptedFileError(f"{path!r} is encrypted. Pass its password: password='…'.")
    raise EncryptedFileError(
        f"{path!r} is encrypted with another password than the one given. "
        "Check the value of password=."
    )


def _labels(reader: Any, count: int) -> list[str]:
    try:
        labels = [str(label) for label in reader.page_labels]
    except _DAMAGE:
        labels = []
    return labels if len(labels) == count else [str(number + 1) for number in range(count)]


def _page(reader: Any, number: int, label: str) -> Page:
    try:
        page = reader.pages[number]
        text = page.extract_text().strip()
        width, height = float(page.mediabox.width), float(page.mediabox.height)
    except _DAMAGE as error:
        reason = f"page {number + 1} can't be read: {error}"
        return Page(number, label, error=reason)
    elements = [Element(ElementKind.TEXT, [Line(raw=text)])] if text else []
    return Page(number, label, width, height, elements)


def _metadata(reader: Any) -> dict[str, str]:
    try:
        info = dict(reader.metadata or {})
    except _DAMAGE:
        return {}
    found = {}
    for key, name in (("/Title", "title"), ("/Author", "author")):
        value = " ".join(str(info.get(key) or "").replace("\0", "").split())
        if value:
            found[name] = value
    for key, name in (("/CreationDate", "creation_date"), ("/ModDate", "mod_date")):
        date = iso_date(str(info.get(key) or ""))
        if date:
            found[name] = date
    return found
