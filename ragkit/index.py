"""A folder of documents kept ready to be asked: the short form over all the stages."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ragkit.errors import InvalidInputError

if TYPE_CHECKING:
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
        truncated: Passages longer than the embedder reads, whose end it did not see. With the
            default splitter there are none.
        embedder: Name of the model.
        dimension: Length of its vectors.
        splitter: The splitter and its settings.
    """

    path: str
    sources: int
    chunks: int
    truncated: int
    embedder: str
    dimension: int
    splitter: str


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
        from ragkit.adapters import as_embedder
        from ragkit.splitting import TokenSplitter
        from ragkit.stores import LocalStore

        self.path = Path(path)
        if self.path.exists() and not self.path.is_dir():
            raise InvalidInputError(f"An index is a folder, but {str(path)!r} is a file.")
        self.embedder = as_embedder(embedder)
        self.splitter: Splitter = splitter or TokenSplitter(embedder=self.embedder)
        self.path.mkdir(parents=True, exist_ok=True)
        self.store = LocalStore(self.path / _FILE, embedder=self.embedder, language=language)
        self._llm, self._prompt = llm, prompt

    def sync(
        self,
        source: str | os.PathLike[str],
        *,
        glob: str = "**/*",
        on_error: Literal["skip", "raise"] = "skip",
        progress: bool | Callable[[int, int, str], None] | None = None,
        password: str | None = None,
    ) -> SyncReport:
        """Brings the index in line with a folder: adds, updates, deletes, leaves alone.

        A file is one transaction: whatever happens, each is in the index as it was or as it is.
        What was synced from other folders stays.

        Args:
            source: The folder.
            glob: Which files in it.
            on_error: "skip" goes on and reports the file as failed; "raise" stops there.
            progress: True or False for a progress bar, or ``callback(done, total, path)``;
                by default a bar when it takes over a second and a person is looking.
            password: Of encrypted files.

        Raises:
            MissingFileError: If there is no such folder.
            LoadError: If a file can't be read and `on_error` is "raise".
        """
        from ragkit.loading import DirectoryLoader
        from ragkit.syncing import sync_folder

        # Absolute, so that citations can be drawn whatever the working directory is by then.
        loader = DirectoryLoader(
            Path(source).absolute(),
            glob=glob,
            on_error=on_error,
            progress=progress,
            password=password,
        )
        return sync_folder(self.store, loader, self.splitter, Path(source).absolute())

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
        from ragkit.adapters import as_llm
        from ragkit.qa import RetrievalQA

        self._llm = as_llm(self._llm)  # loaded at the first question, kept for the next
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
