"""A folder of documents kept ready to be asked: the short form over all the stages."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from ragkit._options import names_options
from ragkit.errors import InvalidInputError, StoreError

if TYPE_CHECKING:
    from ragkit.loading.directory import DirectoryOptions
    from ragkit.protocols import LLM, Embedder, Filter, Splitter
    from ragkit.qa import RetrievalQA
    from ragkit.syncing import SyncReport
    from ragkit.types import Answer, Hit, SearchMode

__all__ = ["DEFAULT_K", "DEFAULT_MODE", "Index", "IndexInfo"]

DEFAULT_K = 5
"""Passages that an answer is made from."""
DEFAULT_MODE: SearchMode = "hybrid"
"""Meaning and words together."""

_FILE = "index.sqlite"


@dataclass(frozen=True, slots=True)
class IndexInfo:
    """What an index holds, and with what it was made.

    Attributes:
        path: The index's folder.
        sources: Number of files.
        chunks: Number of passages.
        unreadable_pages: Pages that could not be read; their files are in all the same.
        truncated: Passages longer than the embedder reads, whose end it did not see. With the
            default splitter there are none.
        embedder: Name of the model.
        dimension: Length of its vectors.
        splitter: The splitter and its settings.
    """

    path: str
    sources: int
    chunks: int
    unreadable_pages: int
    truncated: int
    embedder: str
    dimension: int
    splitter: str


@names_options
class Index:
    """A folder's documents, indexed on disk, searched and asked.

    Args:
        path: The index's own folder; made if it does not exist.
        embedder: An embedder, a string for `load_embedder`, a LangChain one, or a function.
        splitter: By default a `TokenSplitter` over the embedder's tokens: 220 a chunk, overlap 20.
        llm: What answers; a string for `load_llm`, a model, a function.
        prompt: A `PromptTemplate`; by default ragkit's own.
        language: Of the documents, for stemming and stop words in lexical search.

    Raises:
        IndexMismatchError: If the index was made with another embedder.
        StoreError: If the folder can't be used.

    Example:
        >>> import ragkit
        >>> with ragkit.Index("index/") as index:
        ...     index.sync("data/").failed
        ...     answer = index.ask("Until when is the library open on Saturdays?")
        {}
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        embedder: Embedder | str | Callable[..., Any] = "minilm",
        splitter: Splitter | None = None,
        llm: LLM | str | Callable[..., Any] = "extractive",
        prompt: Any = None,
        language: str = "english",
    ) -> None:
        from ragkit.adapters import as_embedder, as_llm
        from ragkit.splitting import TokenSplitter
        from ragkit.stores import LocalStore

        self.path = _checked_folder(path, "path")
        self.embedder = as_embedder(embedder)
        self.splitter: Splitter = (
            TokenSplitter(embedder=self.embedder) if splitter is None else splitter
        )
        if not hasattr(self.splitter, "split_documents"):
            raise InvalidInputError(
                f"splitter is {splitter!r}; it has to have split_documents(), as TokenSplitter has."
            )
        self._prompt = prompt
        self._llm = self._extractive(language) if llm == "extractive" else as_llm(llm)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"The folder {str(path)!r} can't be made: {error}.") from error
        self.store = LocalStore(self.path / _FILE, embedder=self.embedder, language=language)

    def _extractive(self, language: str) -> LLM:
        """The model that quotes, with the index's own embedder and language."""
        from ragkit.llms import ExtractiveLLM

        return ExtractiveLLM(embedder=self.embedder, language=language)

    def sync(
        self,
        source: str | os.PathLike[str],
        *,
        allow_empty: bool = False,
        **options: Unpack[DirectoryOptions],
    ) -> SyncReport:
        """Brings the index in line with a folder: adds, updates, deletes, leaves alone.

        A file is one transaction: whatever happens, each is in the index as it was or as it is.
        A file is deleted from the index when it is gone from the folder; files that this run
        does not look at (another `glob`, a folder without permission) and those synced from
        other folders stay.

        Args:
            source: The folder.
            allow_empty: Whether a folder in which nothing is left may empty the index; without,
                it is an error, since its disk may only not be there.
            **options: Those of `DirectoryLoader`: ``glob``, ``exclude``, ``progress``,
                ``password``, ``encoding`` … ``on_error`` is "skip" here: a file that can't be
                read is reported as failed, and what the index held of it stays.

        Raises:
            MissingFileError: If there is no such folder.
            UnsupportedFileError: If there is nothing to read in it.
            UnknownOptionError: If there is no such option.
            InvalidInputError: If the folder lies within another one of the index, or around it.
            LoadError: If a file can't be read and `on_error` is "raise".
        """
        from ragkit.loading import DirectoryLoader
        from ragkit.syncing import sync_folder

        options.setdefault("on_error", "skip")
        # Resolved, so that a folder has one name, and that citations can be drawn whatever the
        # working directory is by then.
        root = _checked_folder(source, "source").resolve()
        return sync_folder(
            self.store,
            DirectoryLoader(root, **options),
            self.splitter,
            root,
            settings=str(options.get("encoding")),
            stop_at_errors=options["on_error"] == "raise",
            allow_empty=allow_empty,
        )

    def search(
        self,
        query: str,
        k: int = DEFAULT_K,
        *,
        filter: Filter | None = None,
        mode: SearchMode = DEFAULT_MODE,
    ) -> list[Hit]:
        """The best `k` passages, best first; `filter` as in `ragkit.protocols.Filter`."""
        return self.store.search(query, k, filter=filter, mode=mode)

    def ask(
        self,
        question: str,
        *,
        k: int = DEFAULT_K,
        filter: Filter | None = None,
        mode: SearchMode = DEFAULT_MODE,
    ) -> Answer:
        """The answer, with citations that point at page, box and characters.

        Raises:
            InvalidInputError: If the question is empty, or `k` is not a positive number.
            EndpointError: If a remote model fails.
        """
        return self.as_qa(k=k, filter=filter, mode=mode).ask(question)

    async def aask(
        self,
        question: str,
        *,
        k: int = DEFAULT_K,
        filter: Filter | None = None,
        mode: SearchMode = DEFAULT_MODE,
    ) -> Answer:
        """`ask` without blocking the event loop."""
        return await self.as_qa(k=k, filter=filter, mode=mode).aask(question)

    def as_qa(
        self,
        *,
        k: int = DEFAULT_K,
        filter: Filter | None = None,
        mode: SearchMode = DEFAULT_MODE,
    ) -> RetrievalQA:
        """The chain behind `ask`, for streaming and batches."""
        from ragkit.qa import RetrievalQA

        retriever = self.store.as_retriever(k=k, filter=filter, mode=mode)
        return RetrievalQA(self._llm, retriever, self._prompt)

    def info(self) -> IndexInfo:
        """What the index holds, and with what it was made."""
        rows = self.store.sources.all().values()
        fingerprint = self.embedder.fingerprint
        return IndexInfo(
            path=str(self.path),
            sources=len(rows),
            chunks=len(self.store),
            unreadable_pages=sum(len(row.extra.get("page_errors", ())) for row in rows),
            truncated=sum(int(row.extra.get("truncated", 0)) for row in rows),
            embedder=fingerprint.name,
            dimension=fingerprint.dimension,
            splitter=repr(self.splitter),
        )

    def close(self) -> None:
        """Closes the file; the index can't be used after."""
        self.store.close()

    def __enter__(self) -> Index:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Index({str(self.path)!r}, embedder={self.embedder.fingerprint.name!r})"


def _checked_folder(path: object, name: str) -> Path:
    """The path of a folder, which may not be there yet.

    Raises:
        InvalidInputError: If it is no path, or the path of a file.
    """
    if not isinstance(path, str | os.PathLike) or not str(path) or "\0" in str(path):
        raise InvalidInputError(f"{name} is {path!r}; it has to be the path of a folder.")
    folder = Path(path)
    if folder.is_file():
        raise InvalidInputError(f"{name} is a folder, but {str(path)!r} is a file.")
    return folder
