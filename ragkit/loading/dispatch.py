"""Which loader reads which file."""

from __future__ import annotations

import os
from pathlib import Path

from ragkit.errors import InvalidInputError, MissingFileError, UnsupportedFileError
from ragkit.loading._files import MAX_BYTES, MAX_PAGES, PathLike, listed, suffix_of
from ragkit.protocols import Loader

__all__ = ["SUFFIXES", "loader_for"]

SUFFIXES = (".pdf", ".txt", ".text", ".md", ".markdown")
"""The suffixes that `loader_for` knows."""


def loader_for(
    path: PathLike,
    *,
    password: str | None = None,
    encoding: str | None = None,
    max_bytes: int | None = MAX_BYTES,
    max_pages: int | None = MAX_PAGES,
) -> Loader:
    """The loader of a file, by its suffix.

    Args:
        path: The file; it is not opened yet.
        password: Of an encrypted PDF.
        encoding: Of a text or Markdown file; by default UTF-8, or what its byte order mark says.
        max_bytes: Larger files are refused; None for no limit.
        max_pages: PDFs with more pages are refused; None for no limit.

    Raises:
        UnsupportedFileError: If no loader reads such files, or it is a folder.
        MissingFileError: If there is nothing at a path without a known suffix.

    Example:
        >>> type(loader_for("notes.md")).__name__
        'MarkdownLoader'
    """
    if not isinstance(path, str | os.PathLike) or not os.fspath(path):
        raise InvalidInputError(f"path is {path!r}; it has to be the path of a file.")
    suffix = suffix_of(path)
    if suffix == ".pdf":
        from ragkit.loading.pdf import PDFLoader

        return PDFLoader(path, password=password, max_bytes=max_bytes, max_pages=max_pages)
    if suffix in (".txt", ".text"):
        from ragkit.loading.text import TextLoader

        return TextLoader(path, encoding=encoding, max_bytes=max_bytes)
    if suffix in (".md", ".markdown"):
        from ragkit.loading.markdown import MarkdownLoader

        return MarkdownLoader(path, encoding=encoding, max_bytes=max_bytes)
    if not suffix and not os.path.lexists(path):
        raise MissingFileError(f"There is no file {os.fspath(path)!r}. Check the path.")
    if Path(path).is_dir():
        raise UnsupportedFileError(
            f"{os.fspath(path)!r} is a folder. Read it with DirectoryLoader(path)."
        )
    raise UnsupportedFileError(
        f"There is no loader for {os.fspath(path)!r} (suffix {suffix!r}). "
        f"Supported suffixes: {listed(SUFFIXES)}."
    )
