"""What all embedders have in common: checks of texts and vectors, async siblings."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ragkit._threads import to_thread
from ragkit.errors import EmbeddingError, InvalidInputError
from ragkit.types import EmbedderFingerprint

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["TextEmbedder", "as_vectors", "check_text", "check_texts", "first", "normalized"]


class TextEmbedder(ABC):
    """An embedder that has only `_vectors` to write; the rest follows from it.

    Attributes:
        query_prefix: Put before each query.
        document_prefix: Put before each document.
    """

    query_prefix: str = ""
    document_prefix: str = ""

    @property
    @abstractmethod
    def dimension(self) -> int:
        """Length of a vector."""

    @property
    @abstractmethod
    def fingerprint(self) -> EmbedderFingerprint:
        """What has to be equal for vectors to be comparable."""

    @abstractmethod
    def _vectors(self, texts: list[str]) -> NDArray[np.float32]:
        """Vectors of at least one text, prefixes included."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of documents, float32 ``(len(texts), dimension)``, in the order given.

        Raises:
            InvalidInputError: If `texts` is one str, or an entry is not a str.
        """
        documents = [self.document_prefix + text for text in check_texts(texts)]
        if not documents:
            return np.zeros((0, self.dimension), np.float32)
        return self._vectors(documents)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Vector of a query, float32 ``(dimension,)``.

        Raises:
            InvalidInputError: If `text` is not a str.
        """
        return first(self._vectors([self.query_prefix + check_text(text)]))

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of many queries, float32 ``(len(texts), dimension)``, each as `embed_query`'s.

        Raises:
            InvalidInputError: If `texts` is one str, or an entry is not a str.
        """
        queries = check_texts(texts, "embed_queries()")
        if not queries:
            return np.zeros((0, self.dimension), np.float32)
        if type(self).embed_query is not TextEmbedder.embed_query:  # it embeds queries otherwise
            return np.stack([self.embed_query(query) for query in queries])
        return self._vectors([self.query_prefix + query for query in queries])

    def embed_documents(self, texts: Sequence[str]) -> list[list[float]]:
        """The same as `embed`, as lists, for LangChain."""
        return _lists(self.embed(texts))

    async def aembed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """`embed` without blocking the event loop: local work runs in a worker thread."""
        return await to_thread(self.embed, texts)

    async def aembed_query(self, text: str) -> NDArray[np.float32]:
        """`embed_query` without blocking the event loop."""
        return await to_thread(self.embed_query, text)

    async def aembed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """`embed_queries` without blocking the event loop."""
        return await to_thread(self.embed_queries, texts)

    async def aembed_documents(self, texts: Sequence[str]) -> list[list[float]]:
        """`embed_documents` without blocking the event loop."""
        return _lists(await self.aembed(texts))

    def as_langchain(self) -> Any:
        """The same as a ``langchain_core.embeddings.Embeddings``, where one insists on it.

        Raises:
            MissingExtraError: If langchain-core is not installed.
        """
        from ragkit.embedding.langchain import langchain_embeddings

        return langchain_embeddings(self)


def check_text(text: object, name: str = "A text to embed") -> str:
    """`text`, if it is a str.

    Raises:
        InvalidInputError: If it is anything else; the message begins with `name`.
    """
    if not isinstance(text, str):
        raise InvalidInputError(f"{name} has to be a str, not {type(text).__name__}.")
    return text


def check_texts(texts: object, where: str = "embed()") -> list[str]:
    """`texts` as a list, if every entry is a str.

    Args:
        texts: What was given.
        where: The method it was given to, for the message.

    Raises:
        InvalidInputError: If it is one str, not iterable, or has another entry; the message
            names the first.
    """
    if isinstance(texts, (str, bytes)):
        raise InvalidInputError(
            f"{where} takes a list of texts but got one text, which would be read letter by "
            f"letter; write {where.removesuffix(')')}[text]), or embed_query(text) for a question."
        )
    try:
        every: list[str] = list(texts)  # type: ignore[call-overload]
    except TypeError:
        raise InvalidInputError(
            f"{where} takes a list of texts, not {type(texts).__name__}."
        ) from None
    for position, text in enumerate(every):
        if not isinstance(text, str):
            raise InvalidInputError(
                f"Text {position} of {len(every)} is a {type(text).__name__}, not a str."
            )
    return every


def as_vectors(values: object, count: int, dimension: int | None, who: str) -> NDArray[np.float32]:
    """`values` as float32 ``(count, dimension)``.

    Args:
        values: What a function or a service gave for `count` texts.
        count: How many vectors there have to be.
        dimension: How long each has to be; None if that is not known yet.
        who: Where they came from, for the message.

    Raises:
        EmbeddingError: If count, length or shape differ, or a number is not finite.
    """
    try:
        with np.errstate(over="ignore"):  # too large for float32 is found below
            vectors = np.asarray(values, dtype=np.float32)
    except (TypeError, ValueError, OverflowError) as error:
        raise EmbeddingError(f"{who} gave no vectors of equal length: {error}.") from None
    if vectors.ndim != 2 or len(vectors) != count or not vectors.shape[1]:
        raise EmbeddingError(
            f"{who} gave something of shape {vectors.shape} for {count} texts; "
            f"it has to be one vector of numbers for each."
        )
    if dimension is not None and vectors.shape[1] != dimension:
        raise EmbeddingError(
            f"{who} gave vectors of length {vectors.shape[1]}, not {dimension} as before."
        )
    if not np.isfinite(vectors).all():
        raise EmbeddingError(f"{who} gave vectors with numbers that are not finite.")
    return vectors


def first(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The first of `vectors`."""
    vector: NDArray[np.float32] = vectors[0]
    return vector


def normalized(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """`vectors` with length 1; one of length 0 stays as it is."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32, copy=False)


def _lists(vectors: NDArray[np.float32]) -> list[list[float]]:
    result: list[list[float]] = vectors.tolist()
    return result
