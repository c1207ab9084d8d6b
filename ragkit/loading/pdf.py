"""PDF files as layout documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Literal

from ragkit._checks import check_choice
from ragkit._collecting import collector_paused
from ragkit._options import names_options
from ragkit.errors import CorruptFileError, NoTextError
from ragkit.layout.model import LayoutDocument
from ragkit.loading._files import (
    MAX_BYTES,
    MAX_PAGES,
    PathLike,
    as_paths,
    check_file,
    check_limits,
    check_password,
    load_errors,
)
from ragkit.loading._linearized import linearized
from ragkit.types import Document

__all__ = ["PDFLoader"]


@names_options
class PDFLoader:
    """Pages, elements, lines and words of PDF files, with their boxes.

    Args:
        path: A file, or several.
        engine: ``"pdfium"`` gives words with boxes and fonts, and the layout analysis.
            ``"pypdf"`` is pure Python and gives the plain text of each page, without boxes.
        password: Of encrypted files.
        max_pages: Files with more pages are refused; None for no limit.
        max_bytes: Larger files are refused; None for no limit.

    Raises:
        InvalidInputError: If an argument can't work.

    Example:
        >>> for layout in PDFLoader("data/report.pdf").lazy_load():  # doctest: +SKIP
        ...     print(layout.metadata["title"], len(layout.pages))
    """

    def __init__(
        self,
        path: PathLike | Iterable[PathLike],
        *,
        engine: Literal["pdfium", "pypdf"] = "pdfium",
        password: str | None = None,
        max_pages: int | None = MAX_PAGES,
        max_bytes: int | None = MAX_BYTES,
    ) -> None:
        self._paths = as_paths(path)
        self._engine = check_choice(engine, "engine", ("pdfium", "pypdf"))
        self._password = check_password(password)
        check_limits(max_bytes=max_bytes, max_pages=max_pages)
        self._max_pages = max_pages
        self._max_bytes = max_bytes

    def load(self) -> list[LayoutDocument]:
        """Every file, in the order given.

        Raises:
            MissingFileError: If there is no such file.
            UnsupportedFileError: If a path is a folder.
            CorruptFileError: If a file is empty, truncated or no PDF.
            EncryptedFileError: If it needs a password, or another one.
            NoTextError: If no page has text: a scan, which needs OCR.
            LimitExceededError: If it is larger than `max_pages` or `max_bytes` allow.
            LoadError: If it can't be read for another reason.
        """
        return list(self.lazy_load())

    def lazy_load(self) -> Iterator[LayoutDocument]:
        """One file after the other, each read when it is asked for; raises as `load`.

        A page that can't be read has its reason in ``page.error``; the others survive.
        """
        for path in self._paths:
            yield self._read(path)

    def load_documents(self) -> list[Document]:
        """One document a page, linearized with the defaults; raises as `load`."""
        return linearized(self.lazy_load())

    def _read(
        self,
        path: str,
        given_up: Mapping[int, str] = MappingProxyType({}),
        page_begins: Callable[[int], object] | None = None,
    ) -> LayoutDocument:
        check_file(path, max_bytes=self._max_bytes)
        limits: dict[str, Any] = {"password": self._password, "max_pages": self._max_pages}
        with load_errors(path), collector_paused():
            if self._engine == "pypdf":
                from ragkit.loading._pypdf import read_pdf as read_with_pypdf

                layout = read_with_pypdf(path, **limits)
            else:
                from ragkit.loading._pdfium import read_pdf

                layout = read_pdf(path, **limits, given_up=given_up, page_begins=page_begins)
        _check_text(path, layout)
        return layout


def read_one(
    loader: PDFLoader,
    path: str,
    *,
    given_up: Mapping[int, str],
    page_begins: Callable[[int], object],
) -> LayoutDocument:
    """One file as the loader reads it, for a process whose time somebody watches.

    Args:
        loader: How.
        path: Of the file.
        given_up: Numbers of pages that are not read, and why.
        page_begins: Is told each page's number before it is read.

    Raises:
        LoadError: As the loader.
    """
    return loader._read(path, given_up, page_begins)


def _check_text(path: str, layout: LayoutDocument) -> None:
    """Nothing, if there is a word on some page."""
    if any(line.text for page in layout.pages for line in page.iter_lines()):
        return
    failed = [page.error for page in layout.pages if page.error]
    if failed:
        raise CorruptFileError(
            f"None of the {len(layout.pages)} page(s) of {path!r} could be read: {failed[0]}. "
            "Fetch or export it again."
        )
    raise NoTextError(
        f"{path!r} has {len(layout.pages)} page(s) but no text on any of them: it is a scan or "
        "holds only pictures. It needs OCR first, for instance with ocrmypdf."
    )
