"""``PyPDFLoader`` and ``PyPDFDirectoryLoader``: one document a page, read by ragkit."""

from __future__ import annotations

import os
from collections.abc import Iterator

from ragkit.layout import LayoutLinearizer
from ragkit.loading import DirectoryLoader, PDFLoader
from ragkit.types import Document

__all__ = ["PyPDFDirectoryLoader", "PyPDFLoader"]


class PyPDFLoader:
    """The pages of one PDF as documents, in reading order.

    Args:
        file_path: The PDF.
        password: Of an encrypted one.
    """

    def __init__(self, file_path: str | os.PathLike[str], password: str | None = None) -> None:
        self._loader = PDFLoader(file_path, password=password)

    def load(self) -> list[Document]:
        """One document a page.

        Raises:
            LoadError: If the file can't be read.
        """
        return list(self.lazy_load())

    def lazy_load(self) -> Iterator[Document]:
        """The same, one after the other."""
        yield from LayoutLinearizer().transform(self._loader.lazy_load())


class PyPDFDirectoryLoader:
    """The pages of every PDF in a folder as documents.

    Args:
        path: The folder.
        glob: Which files in it.
        silent_errors: Whether to go on when a file can't be read (it is logged).
        recursive: Whether to look into subfolders.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        glob: str = "*.pdf",
        silent_errors: bool = False,  # noqa: FBT001, FBT002 – LangChain's order
        *,
        recursive: bool = False,
    ) -> None:
        self._loader = DirectoryLoader(
            path,
            glob=f"**/{glob}" if recursive else glob,
            recursive=recursive,
            on_error="skip" if silent_errors else "raise",
        )

    def load(self) -> list[Document]:
        """One document a page.

        Raises:
            LoadError: If a file can't be read and `silent_errors` is off.
        """
        return LayoutLinearizer().transform(self._loader.lazy_load())
