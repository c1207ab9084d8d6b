"""Responses of Amazon Textract as layout documents."""

from __future__ import annotations

import gzip
import json
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ragkit._options import names_options
from ragkit.errors import CorruptFileError, InvalidInputError, LimitExceededError
from ragkit.layout.model import LayoutDocument
from ragkit.loading._files import MAX_BYTES, check_file, check_limits, load_errors
from ragkit.loading._linearized import linearized
from ragkit.loading._textract_blocks import Blocks
from ragkit.loading._textract_pages import read_pages
from ragkit.types import Document

__all__ = ["TextractLoader"]

_GZIP = b"\x1f\x8b"
_SUFFIXES = (".json", ".json.gz")

Response = Mapping[str, Any]
"""One part of what the service answered: a dictionary with "Blocks"."""


@names_options
class TextractLoader:
    """Responses of Amazon Textract: DetectDocumentText, AnalyzeDocument, GetDocumentAnalysis.

    Elements come in the service's reading order. A table or a field of a form that the layout
    does not know goes where it stands on the page, and every word is in the document once.
    Responses without layout give their lines as TEXT.

    Args:
        source: A response; the parts of one, in any order, as GetDocumentAnalysis gives them; a
            JSON file of either, also gzipped; or a folder of such files, which are the parts of
            one document.
        name: Of the document, where `source` is no path.
        max_bytes: Larger files are refused, also when they unpack to more; None for no limit.

    Raises:
        InvalidInputError: If an argument can't work.

    Example:
        >>> page = {"BlockType": "PAGE", "Id": "p", "Relationships": [
        ...     {"Type": "CHILD", "Ids": ["l"]}]}
        >>> line = {"BlockType": "LINE", "Id": "l", "Relationships": [
        ...     {"Type": "CHILD", "Ids": ["w"]}]}
        >>> word = {"BlockType": "WORD", "Id": "w", "Text": "Hello"}
        >>> TextractLoader({"Blocks": [page, line, word]}).load()[0].text
        'Hello'
    """

    def __init__(
        self,
        source: Response | Sequence[Response] | str | os.PathLike[str],
        *,
        name: str = "textract",
        max_bytes: int | None = MAX_BYTES,
    ) -> None:
        check_limits(max_bytes=max_bytes, max_pages=None)
        if not isinstance(source, Mapping | Sequence | os.PathLike):
            raise InvalidInputError(
                f"source is a {type(source).__name__}; it has to be a response, a list of its "
                "parts, or a path."
            )
        if not isinstance(name, str) or not name:
            raise InvalidInputError(f"name is {name!r}; it has to be a text.")
        self._source, self._max_bytes = source, max_bytes
        is_path = isinstance(source, str | os.PathLike)
        self._name = os.fspath(source) if isinstance(source, str | os.PathLike) else name
        self._is_path = is_path

    def load(self) -> list[LayoutDocument]:
        """The document, as a list of one.

        Raises:
            MissingFileError: If there is no such file.
            CorruptFileError: If it is no response of Textract.
            LimitExceededError: If it is larger than `max_bytes` allows.
            LoadError: If it can't be read for another reason.
        """
        return list(self.lazy_load())

    def lazy_load(self) -> Iterator[LayoutDocument]:
        """The same as an iterator."""
        responses = self._responses()
        blocks = (block for response in responses for block in response["Blocks"])
        pages = list(read_pages(Blocks(blocks, self._name)))
        if not pages:
            raise CorruptFileError(
                f"{self._name!r} has no PAGE block: it is no response of Amazon Textract."
            )
        for page in pages:
            page.source = self._name
        metadata = {"source": self._name, "total_pages": len(pages)}
        yield LayoutDocument(self._name, pages, metadata)

    def load_documents(self) -> list[Document]:
        """One document a page, linearized with the defaults; raises as `load`."""
        return linearized(self.lazy_load())

    def _responses(self) -> list[Response]:
        if not self._is_path:
            return _checked(self._source, self._name)
        path = Path(self._name)
        files = sorted(p for p in path.iterdir() if _is_json(p)) if path.is_dir() else [path]
        if not files:
            raise CorruptFileError(f"{self._name!r} is a folder without JSON files.")
        return [one for file in files for one in self._read(file)]

    def _read(self, path: Path) -> list[Response]:
        check_file(str(path), max_bytes=self._max_bytes)
        with load_errors(str(path)):
            data = self._unpacked(path, path.read_bytes())
            try:
                return _checked(json.loads(data), str(path))
            except (ValueError, RecursionError) as error:
                raise CorruptFileError(f"{str(path)!r} is no JSON: {error}.") from error

    def _unpacked(self, path: Path, data: bytes) -> bytes:
        if not data.startswith(_GZIP):
            return data
        most = -1 if self._max_bytes is None else self._max_bytes + 1
        try:
            with gzip.open(path) as file:
                unpacked = file.read(most)
        except (OSError, EOFError, zlib.error) as error:
            raise CorruptFileError(f"{str(path)!r} can't be unpacked: {error}.") from error
        if self._max_bytes is not None and len(unpacked) > self._max_bytes:
            raise LimitExceededError(
                f"{str(path)!r} unpacks to more than max_bytes={self._max_bytes:,}. Pass a larger "
                "max_bytes if you trust it, or None for no limit."
            )
        return unpacked


def _is_json(path: Path) -> bool:
    return path.name.lower().endswith(_SUFFIXES)


def _checked(found: object, name: str) -> list[Response]:
    """The parts of a response.

    Raises:
        CorruptFileError: If it is something else.
    """
    parts = [found] if isinstance(found, Mapping) else found
    if not isinstance(parts, list | tuple) or not parts:
        raise CorruptFileError(
            f"{name!r} is no response of Amazon Textract, nor a list of its parts."
        )
    for part in parts:
        blocks = part.get("Blocks") if isinstance(part, Mapping) else None
        if not isinstance(blocks, list):
            raise CorruptFileError(
                f"{name!r} has no list of Blocks: {str(part)[:100]!r}. Is it a response of Amazon "
                "Textract?"
            )
    return list(parts)
