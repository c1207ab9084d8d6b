"""Responses of Amazon Textract, and documents that it analyses, as layout documents."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack

from ragkit._checks import check_count, check_flag
from ragkit._collecting import collector_paused
from ragkit._threads import map_in_threads, to_thread
from ragkit._warning import warn
from ragkit.errors import CorruptFileError, InvalidInputError
from ragkit.layout.model import LayoutDocument
from ragkit.loading._files import MAX_BYTES, check_limits
from ragkit.loading._linearized import linearized
from ragkit.loading._response_part import Place, Source
from ragkit.loading._response_reader import Reader
from ragkit.loading._responses import Part, check_whole, keeping
from ragkit.loading._textract_blocks import Blocks
from ragkit.loading._textract_pages import read_pages
from ragkit.types import Document

if TYPE_CHECKING:
    from ragkit.aws.textract_analysis import AnalysisOptions

    class LoaderOptions(AnalysisOptions, total=False):
        """The keyword arguments of `TextractLoader`."""

        name: str
        max_bytes: int | None
        document: str | os.PathLike[str] | None
        allow_missing: bool
        concurrency: int


__all__ = ["TextractLoader", "TextractSource"]

TextractSource = Source | Sequence[Place]
"""A response, its parts, a path, an address in S3, bytes, or several of these last three."""

_OWN = ("name", "document", "max_bytes", "allow_missing", "concurrency")


class TextractLoader:
    """Responses of Amazon Textract, and documents that it is to analyse.

    Elements come in the service's reading order. A table or a field of a form that the layout
    does not know goes where it stands on the page, and every word is in the document once.
    Responses without layout give their lines as TEXT.

    Args:
        source: A response; the parts of one, in any order, as GetDocumentAnalysis gives them; a
            JSON file of either, also gzipped; a folder of such files, which are the parts of one
            document; or a JPEG, PNG, TIFF or PDF to be analysed. Files and folders may be in S3:
            ``s3://bucket/scan.pdf``, ``s3://bucket/folder/``. Also the bytes of a file, or a list
            of paths, addresses and bytes, each of which is a document by itself.
        name: Of the document, where `source` is no path.
        document: The local image or PDF that a response is about: `page.image()` and `visualize()`
            draw on it. It is read when they are called, and not kept.
        max_bytes: Larger responses are refused, also when they unpack to more; None for no limit.
        allow_missing: Whether the rest is read where a part of a job's result is missing. By
            default that is an error, since words would be lost.
        concurrency: How many of several sources are read, or analysed, at once.
        analysis: How documents are analysed, and how Amazon's services are reached; see
            `ragkit.aws.AnalysisOptions`: `features`, `queries`, `mode`, `upload_to`,
            `keep_upload`, `timeout`, `client`, `session`, `profile`, `region`, `endpoint_url` …

    Raises:
        InvalidInputError: If an argument can't work.
        UnknownOptionError: If there is no such option.

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
        source: TextractSource,
        *,
        name: str = "textract",
        document: str | os.PathLike[str] | None = None,
        max_bytes: int | None = MAX_BYTES,
        allow_missing: bool = False,
        concurrency: int = 4,
        **analysis: Unpack[AnalysisOptions],
    ) -> None:
        check_limits(max_bytes=max_bytes, max_pages=None)
        self._sources = _sources(source)
        if not isinstance(name, str) or not name:
            raise InvalidInputError(f"name is {name!r}; it has to be a text.")
        self._name = name
        self._document = self._checked_document(document)
        self._allow_missing = check_flag(allow_missing, "allow_missing")
        self._concurrency = check_count(concurrency, "concurrency")
        options: dict[str, Any] = dict(analysis)
        if len(self._sources) > 1 and options.get("progress") is None:
            options["progress"] = False  # bars of several jobs would write over each other
        self._reader = Reader(options, max_bytes, _OWN)

    @property
    def count(self) -> int:
        """How many documents `load` gives."""
        return len(self._sources)

    def load(self) -> list[LayoutDocument]:
        """The document, as a list of one; as many as there are sources in a list of paths.

        Raises:
            MissingFileError: If there is no such file.
            CorruptFileError: If it is no response of Textract, or a part of one is missing.
            UnsupportedFileError: If it is a document that Textract does not read.
            LimitExceededError: If it is larger than `max_bytes`, or Textract, allow.
            LoadError: If it can't be read for another reason.
            InvalidInputError: If a document needs a job, and there is no `upload_to`.
            MissingExtraError: If boto3 is needed, and not installed.
            DeploymentError: If the job failed; ``reason`` is the service's.
            EndpointTimeoutError: If the job takes longer than `timeout`.
            EndpointError: If a service refuses, or can't be reached.

        Warns:
            PartialResultWarning: If the service could not analyse all of it, or a part is
                missing; the document has the same in ``metadata["warnings"]``.
        """
        return list(self.lazy_load())

    def lazy_load(self) -> Iterator[LayoutDocument]:
        """The same as an iterator: so many are read ahead as `concurrency` says."""
        try:
            for start in range(0, len(self._sources), self._concurrency):
                group = self._sources[start : start + self._concurrency]
                results = self._read(group)
                for number, (source, found) in enumerate(zip(group, results, strict=True)):
                    with keeping(_kept(results[number:])):
                        if isinstance(found, Exception):
                            raise found
                        layout = self._layout(found, self._name_of(source))
                    yield layout
        finally:
            self._reader.close()

    async def aload(self) -> list[LayoutDocument]:
        """`load` in a thread, without blocking the event loop."""
        return await to_thread(self.load)

    async def alazy_load(self) -> AsyncIterator[LayoutDocument]:
        """`lazy_load` in a thread, without blocking the event loop."""
        layouts = self.lazy_load()
        try:
            while (layout := await to_thread(next, layouts, None)) is not None:
                yield layout
        finally:
            layouts.close()  # type: ignore[attr-defined]  # it is a generator

    def load_documents(self) -> list[Document]:
        """One document a page, linearized with the defaults; raises as `load`."""
        return linearized(self.lazy_load())

    async def aload_documents(self) -> list[Document]:
        """`load_documents` in a thread, without blocking the event loop."""
        return await to_thread(self.load_documents)

    def _read(self, group: Sequence[Any]) -> list[list[Part] | Exception]:
        """The parts of each source, or why there are none."""
        if len(group) == 1:
            return [self._reader.parts(group[0], self._name_of(group[0]))]

        def parts(source: Any) -> list[Part] | Exception:
            try:
                return self._reader.parts(source, self._name_of(source))
            except Exception as error:  # so that those before it are not lost
                return error

        return map_in_threads(parts, group, self._concurrency)

    def _layout(self, parts: Sequence[Part], name: str) -> LayoutDocument:
        found = check_whole(parts, name, allow_missing=self._allow_missing)
        blocks = (block for part in parts for block in part.content["Blocks"])
        with collector_paused():
            pages = list(read_pages(Blocks(blocks, name)))
        if not pages:
            raise CorruptFileError(
                f"{name!r} has no PAGE block: it is no response of Amazon Textract."
            )
        for page in pages:
            page.source = self._document or name
        metadata: dict[str, Any] = {"source": name, "total_pages": len(pages)}
        if found:
            metadata["warnings"] = [one.to_dict() for one in found]
        for one in found:
            warn(one)
        return LayoutDocument(name, pages, metadata)

    def _checked_document(self, document: object) -> str | None:
        if document is None:
            return None
        if not isinstance(document, str | os.PathLike):
            raise InvalidInputError(f"document is {document!r}; it has to be a path.")
        if not os.fspath(document) or os.fspath(document).startswith("s3:"):
            raise InvalidInputError(
                f"document is {os.fspath(document)!r}; it has to be the path of a local file, "
                "since pages are drawn on it. Download it first."
            )
        if len(self._sources) > 1:
            raise InvalidInputError(
                f"document is one file, and source has {len(self._sources)}; load each by itself."
            )
        return os.fspath(document)

    def _name_of(self, source: Any) -> str:
        return os.fspath(source) if isinstance(source, str | os.PathLike) else self._name


def _kept(results: Iterable[Sequence[Part] | Exception]) -> str:
    """Where the results of jobs still are that are not given yet."""
    found = (parts[0].kept for parts in results if not isinstance(parts, Exception))
    return "\n".join(filter(None, found))


_CONTENT = bytes | bytearray | memoryview


def _solid(source: Any) -> Any:
    """The source, as bytes if it is a buffer, which may change."""
    return bytes(source) if isinstance(source, bytearray | memoryview) else source


def _sources(source: object) -> list[Any]:
    """What is a document by itself.

    Raises:
        InvalidInputError: If it can't be one.
    """
    if isinstance(source, _CONTENT | str | os.PathLike | Mapping):
        return [_solid(source)]
    if not isinstance(source, Sequence):
        raise InvalidInputError(
            f"source is a {type(source).__name__}; it has to be a response, a list of its "
            "parts, a path, an address in S3, or bytes."
        )
    places = [_solid(one) for one in source if isinstance(one, _CONTENT | str | os.PathLike)]
    if places and len(places) < len(source):
        raise InvalidInputError(
            "source has responses and paths; the parts of a response are a list of dictionaries, "
            "or a folder of files."
        )
    return places or [source]
