"""LangChain's embeddings as ours, and ours as LangChain's."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ragkit._checks import check_flag
from ragkit._extras import require
from ragkit.embedding._base import (
    TextEmbedder,
    as_vectors,
    check_text,
    check_texts,
    first,
    normalized,
)
from ragkit.errors import InvalidInputError
from ragkit.types import EmbedderFingerprint

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LangChainEmbedder", "langchain_embeddings"]

_NAMES = ("model_name", "model", "model_id", "deployment")
"""Attributes by which LangChain's classes tell their model."""


class LangChainEmbedder(TextEmbedder):
    """An object with LangChain's ``embed_documents`` and ``embed_query`` as an embedder.

    Its asynchronous methods are used where it has them.

    Args:
        embeddings: The object; its class does not matter.
        name: Stands in the fingerprint; by default the class and the model that it names.
        normalize: Whether vectors get length 1.

    Raises:
        InvalidInputError: If the object lacks one of the two methods.
    """

    def __init__(self, embeddings: Any, *, name: str | None = None, normalize: bool = True) -> None:
        for method in ("embed_documents", "embed_query"):
            if not callable(getattr(embeddings, method, None)):
                raise InvalidInputError(
                    f"{type(embeddings).__name__} has no method {method}(); an object of "
                    f"LangChain's kind needs embed_documents() and embed_query()."
                )
        self._embeddings = embeddings
        self._normalize = check_flag(normalize, "normalize")
        self._name = _name_of(embeddings) if name is None else name
        self._dimension: int | None = None
        self._lock = threading.Lock()

    @property
    def dimension(self) -> int:
        """Length of a vector; asks for one where it is not known yet."""
        if self._dimension is None:
            self.embed_query("dimension")
        assert self._dimension is not None
        return self._dimension

    @property
    def fingerprint(self) -> EmbedderFingerprint:
        """Name of class and model, the vectors' length and normalisation."""
        return EmbedderFingerprint(
            name=self._name, revision="", dimension=self.dimension, normalized=self._normalize
        )

    def _vectors(self, texts: list[str]) -> NDArray[np.float32]:
        return self._checked(self._embeddings.embed_documents(texts), len(texts))

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Vector of a query, as the object's ``embed_query`` gives it.

        Raises:
            InvalidInputError: If `text` is not a str.
            EmbeddingError: If what came is no vector of the length that the others have.
        """
        return first(self._checked([self._embeddings.embed_query(check_text(text))], 1))

    async def aembed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """`embed` by the object's ``aembed_documents``, or else in a worker thread."""
        documents = check_texts(texts)
        if not documents or not hasattr(self._embeddings, "aembed_documents"):
            return await super().aembed(documents)
        return self._checked(await self._embeddings.aembed_documents(documents), len(documents))

    async def aembed_query(self, text: str) -> NDArray[np.float32]:
        """`embed_query` by the object's ``aembed_query``, or else in a worker thread."""
        if not hasattr(self._embeddings, "aembed_query"):
            return await super().aembed_query(text)
        return first(self._checked([await self._embeddings.aembed_query(check_text(text))], 1))

    def _checked(self, values: object, count: int) -> NDArray[np.float32]:
        with self._lock:
            vectors = as_vectors(values, count, self._dimension, self._name)
            self._dimension = vectors.shape[1]
        return normalized(vectors) if self._normalize else vectors

    def __repr__(self) -> str:
        return f"LangChainEmbedder({self._name!r})"


def langchain_embeddings(embedder: TextEmbedder) -> Any:
    """A ``langchain_core.embeddings.Embeddings`` that asks `embedder`.

    Raises:
        MissingExtraError: If langchain-core is not installed.
    """
    module = require("langchain_core.embeddings", extra="langchain", feature="as_langchain()")

    class RagkitEmbeddings(module.Embeddings):  # type: ignore[name-defined, misc]
        """Embeddings of a ragkit embedder, which is its attribute ``embedder``."""

        def __init__(self) -> None:
            self.embedder = embedder

        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return embedder.embed_documents(texts)

        def embed_query(self, text: str) -> list[float]:
            vector: list[float] = embedder.embed_query(text).tolist()
            return vector

        async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
            return await embedder.aembed_documents(texts)

        async def aembed_query(self, text: str) -> list[float]:
            vector: list[float] = (await embedder.aembed_query(text)).tolist()
            return vector

    return RagkitEmbeddings()


def _name_of(embeddings: object) -> str:
    """Class and model, and no other attribute: they may hold keys."""
    kind = type(embeddings).__qualname__
    found = (getattr(embeddings, name, None) for name in _NAMES)
    model = next((value for value in found if isinstance(value, str)), None)
    return kind if model is None else f"{kind}:{model}"
