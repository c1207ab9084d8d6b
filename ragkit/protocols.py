"""What each stage has to offer: structural types, so that nobody has to inherit.

LangChain's objects and plain functions are adapted by `as_embedder`, `as_store` and `as_llm`.
Conformance suites for your own: `ragkit.embedding.conformance`, `ragkit.stores.conformance`,
`ragkit.llms.conformance`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ragkit.layout.model import LayoutDocument
    from ragkit.types import (
        Document,
        EmbedderFingerprint,
        Generation,
        Grounding,
        Hit,
        Message,
        SearchMode,
    )

__all__ = [
    "LLM",
    "Embedder",
    "Filter",
    "Loader",
    "Reranker",
    "Retriever",
    "Splitter",
    "VectorStore",
]

Filter = Mapping[str, Any]
"""Conditions on metadata, as in Chroma and Pinecone: ``{"page": 3}``,
``{"year": {"$gte": 2020}}``, ``{"$or": [{…}, {…}]}``; operators ``$eq $ne $gt $gte $lt $lte $in
$nin $exists $and $or $not``."""


@runtime_checkable
class Loader(Protocol):
    """Turns files into layout documents."""

    def load(self) -> list[LayoutDocument]:
        """Every document."""
        ...

    def lazy_load(self) -> Iterator[LayoutDocument]:
        """One document after the other, each read when it is asked for."""
        ...


@runtime_checkable
class Splitter(Protocol):
    """Cuts documents into chunks."""

    def split_documents(self, documents: Iterable[Document | LayoutDocument]) -> list[Document]:
        """Chunks in order; each is ``document.page_content[chunk.start:chunk.end]``."""
        ...


@runtime_checkable
class Embedder(Protocol):
    """Turns texts into vectors."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    @property
    def fingerprint(self) -> EmbedderFingerprint:
        """What has to be equal for vectors to be comparable."""
        ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of documents, shape ``(len(texts), dimension)``, in the order given."""
        ...

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Vector of a query, shape ``(dimension,)``."""
        ...

    def embed_documents(self, texts: Sequence[str]) -> list[list[float]]:
        """The same as `embed`, as lists, for LangChain."""
        ...


@runtime_checkable
class VectorStore(Protocol):
    """Keeps chunks and finds them again."""

    def add_documents(self, documents: Iterable[Document]) -> list[str]:
        """Adds, or replaces those of the same id; the ids, in the order given."""
        ...

    def search(
        self,
        query: str | NDArray[np.float32],
        k: int = 4,
        *,
        filter: Filter | None = None,
        mode: SearchMode = "dense",
    ) -> list[Hit]:
        """The best `k`, best first. Scores: higher is better."""
        ...

    def delete(self, ids: Iterable[str]) -> int:
        """Removes those ids; how many there were."""
        ...

    def get_by_ids(self, ids: Iterable[str]) -> list[Document]:
        """Those that exist, in the order asked."""
        ...


@runtime_checkable
class Retriever(Protocol):
    """Finds what answers a question."""

    def retrieve(self, question: str) -> list[Hit]:
        """Hits, best first."""
        ...


@runtime_checkable
class Reranker(Protocol):
    """Orders hits anew."""

    def rerank(self, question: str, hits: Sequence[Hit], k: int | None = None) -> list[Hit]:
        """The best `k` (all, by default), best first, ranks and scores renewed."""
        ...


@runtime_checkable
class LLM(Protocol):
    """A language model, local or behind an endpoint."""

    def generate(
        self,
        messages: Sequence[Message] | str,
        *,
        stop: Sequence[str] = (),
        max_tokens: int = 512,
        temperature: float = 0.0,
        top_p: float = 1.0,
        seed: int | None = None,
        context: Grounding | None = None,
    ) -> Generation:
        """The answer to chat messages, or the continuation of a raw prompt (a str)."""
        ...

    def stream(
        self,
        messages: Sequence[Message] | str,
        *,
        stop: Sequence[str] = (),
        max_tokens: int = 512,
        temperature: float = 0.0,
        top_p: float = 1.0,
        seed: int | None = None,
        context: Grounding | None = None,
    ) -> Iterator[str]:
        """The same in pieces; joined, they are the text that `generate` gives."""
        ...

    async def agenerate(
        self,
        messages: Sequence[Message] | str,
        *,
        stop: Sequence[str] = (),
        max_tokens: int = 512,
        temperature: float = 0.0,
        top_p: float = 1.0,
        seed: int | None = None,
        context: Grounding | None = None,
    ) -> Generation:
        """`generate` without blocking the event loop."""
        ...

    def astream(
        self,
        messages: Sequence[Message] | str,
        *,
        stop: Sequence[str] = (),
        max_tokens: int = 512,
        temperature: float = 0.0,
        top_p: float = 1.0,
        seed: int | None = None,
        context: Grounding | None = None,
    ) -> AsyncIterator[str]:
        """`stream` without blocking the event loop."""
        ...
