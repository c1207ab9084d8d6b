"""Text files as layout documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ragkit._checks import check_count
from ragkit._options import names_options
from ragkit.errors import CorruptFileError
from ragkit.layout.model import Element, ElementKind, LayoutDocument, Line, Page
from ragkit.loading._decoding import check_encoding, decode
from ragkit.loading._files import MAX_BYTES, PathLike, as_paths, read_file
from ragkit.loading._linearized import linearized
from ragkit.types import Document

__all__ = ["TextLoader"]


@names_options
class TextLoader:
    """Text files, kept verbatim: the linearized text is the file's text.

    Args:
        path: A file, or several.
        encoding: By default UTF-8, or what a byte order mark says.
        max_bytes: Larger files are refused; None for no limit.

    Raises:
        InvalidInputError: If an argument can't work.

    Example:
        >>> TextLoader("data/notes.txt").load_documents()[0].page_content  # doctest: +SKIP
    """

    def __init__(
        self,
        path: PathLike | Iterable[PathLike],
        *,
        encoding: str | None = None,
        max_bytes: int | None = MAX_BYTES,
    ) -> None:
        self._paths = as_paths(path)
        self._encoding = check_encoding(encoding)
        if max_bytes is not None:
            check_count(max_bytes, "max_bytes")
        self._max_bytes = max_bytes

    def load(self) -> list[LayoutDocument]:
        """Every file, in the order given.

        Raises:
            MissingFileError: If there is no such file.
            UnsupportedFileError: If it is a folder, binary, or in another encoding.
            CorruptFileError: If it is empty.
            LimitExceededError: If it is larger than `max_bytes`.
        """
        return list(self.lazy_load())

    def lazy_load(self) -> Iterator[LayoutDocument]:
        """One file after the other, each read when it is asked for; raises as `load`."""
        for path in self._paths:
            text = decode(path, read_file(path, max_bytes=self._max_bytes), self._encoding)
            if not text.strip():
                raise CorruptFileError(f"{path!r} holds no text, only white space. Check the file.")
            yield self._layout(path, text)

    def load_documents(self) -> list[Document]:
        """One document a file, linearized with the defaults; raises as `load`."""
        return linearized(self.lazy_load())

    def _layout(self, path: str, text: str) -> LayoutDocument:
        elements = [Element(ElementKind.TEXT, [Line(raw=text)])]
        return LayoutDocument(path, [Page(0, elements=elements, verbatim=True)], {"source": path})
