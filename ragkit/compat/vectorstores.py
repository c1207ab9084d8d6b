"""``Chroma`` and ``Pinecone`` of the tutorials, on ragkit's local store.

`pinecone` stands in for the module that the tutorials import for creating an index: names and
dimensions are remembered in this process and checked, vectors are kept by `Pinecone`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ragkit.errors import IndexMismatchError, InvalidInputError
from ragkit.stores import LocalStore
from ragkit.types import Document

__all__ = ["Chroma", "Pinecone", "pinecone"]


class Chroma:
    """``Chroma.from_documents(docs, embedding, …)`` on a local store.

    ``Chroma(persist_directory=…, embedding_function=…)`` opens one that is there; what both give
    is a `ragkit.LocalStore`.
    """

    def __new__(  # type: ignore[misc]  # the tutorials call the class for what is a store here
        cls,
        collection_name: str = "langchain",
        embedding_function: Any = "minilm",
        persist_directory: str | os.PathLike[str] | None = None,
    ) -> LocalStore:
        """The store, opened."""
        return cls.from_documents(
            [],
            embedding_function,
            collection_name=collection_name,
            persist_directory=persist_directory,
        )

    @staticmethod
    def from_documents(
        documents: Iterable[Document],
        embedding: Any,
        *,
        collection_name: str = "langchain",
        persist_directory: str | os.PathLike[str] | None = None,
    ) -> LocalStore:
        """A store that holds the documents.

        Args:
            documents: ragkit's or LangChain's.
            embedding: An embedder, a LangChain one, or a function ``str -> list[float]``.
            collection_name: Several can stand in one folder.
            persist_directory: A folder; None keeps everything in memory.
        """
        path: Path | str = ":memory:"
        if persist_directory is not None:
            path = Path(persist_directory) / "ragkit.sqlite"
        return LocalStore.from_documents(
            documents, embedding, path=path, collection=collection_name
        )


class _PineconeIndexes:
    """The module ``pinecone`` as the tutorials use it: names of indexes, kept in this process."""

    def __init__(self) -> None:
        self._dimensions: dict[str, int] = {}

    def init(self, **credentials: str) -> None:
        """Nothing: there is no service to log in to. The credentials are not kept."""

    def list_indexes(self) -> list[str]:
        """The names that were created."""
        return sorted(self._dimensions)

    def create_index(self, name: str, dimension: int, metric: str = "cosine") -> None:
        """Remembers the name and the dimension, which `Pinecone` then checks.

        Raises:
            InvalidInputError: If the name exists, or the metric is not cosine.
        """
        if name in self._dimensions:
            raise InvalidInputError(f"There is an index {name!r} already; delete_index it first.")
        if metric != "cosine":
            raise InvalidInputError(f"metric is {metric!r}; only 'cosine' is supported.")
        self._dimensions[name] = dimension

    def delete_index(self, name: str) -> None:
        """Forgets the name.

        Raises:
            InvalidInputError: If there is no such index.
        """
        if name not in self._dimensions:
            raise InvalidInputError(
                f"There is no index {name!r}; there are: {self.list_indexes() or 'none'}."
            )
        del self._dimensions[name]

    def dimension(self, name: str) -> int | None:
        """What `create_index` was told; None for a name it was not."""
        return self._dimensions.get(name)


pinecone = _PineconeIndexes()


class Pinecone:
    """``Pinecone.from_documents(docs, embedding, index_name=…)`` on a local store in memory."""

    @staticmethod
    def from_documents(
        documents: Iterable[Document], embedding: Any, *, index_name: str
    ) -> LocalStore:
        """A store that holds the documents.

        Args:
            documents: ragkit's or LangChain's.
            embedding: An embedder, a LangChain one, or a function ``str -> list[float]``.
            index_name: Of the index; one made by `pinecone.create_index` has its dimension
                checked.

        Raises:
            IndexMismatchError: If the embedding's dimension is not the index's.
        """
        from ragkit.adapters import as_embedder

        embedder = as_embedder(embedding)
        wanted = pinecone.dimension(index_name)
        if wanted is not None and embedder.dimension != wanted:
            raise IndexMismatchError(
                f"The index {index_name!r} was created with dimension {wanted}, but the embedding "
                f"gives {embedder.dimension}; create it with dimension={embedder.dimension}."
            )
        return LocalStore.from_documents(documents, embedder, collection=index_name)
