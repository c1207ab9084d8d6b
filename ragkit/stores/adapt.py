"""Other people's stores as ragkit's."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ragkit._checks import check_count
from ragkit._documents import as_document
from ragkit.errors import InvalidInputError, StoreError
from ragkit.protocols import VectorStore
from ragkit.stores.documents import checked_ids
from ragkit.stores.methods import StoreMethods
from ragkit.types import Document, Hit, SearchMode

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ragkit.protocols import Filter

__all__ = ["LangChainStore", "as_store"]

_FOUND = "What the store found"


class LangChainStore(StoreMethods):
    """A LangChain vector store behind ragkit's contract.

    The store embeds by itself. Scores are its ``similarity_search_with_relevance_scores``, which
    LangChain defines as higher is better, in [0, 1]; how a store makes them is its own matter.
    For a store that has none (LangChain's InMemoryVectorStore), they are the cosine similarities
    of its embeddings of the question and of the texts found, or, where it does not tell its
    embeddings either, 1, 1/2, 1/3, … by place.

    Args:
        store: An object with LangChain's ``add_documents`` and
            ``similarity_search_with_relevance_scores``.

    Raises:
        InvalidInputError: If it has not.
    """

    def __init__(self, store: Any) -> None:
        for name in ("add_documents", "similarity_search_with_relevance_scores"):
            if not callable(getattr(store, name, None)):
                raise InvalidInputError(f"{store!r:.80} is no LangChain store: it has no {name}().")
        self.store = store

    def add_documents(self, documents: Iterable[Document]) -> list[str]:
        """Adds the documents; the ids that the store gave them.

        Raises:
            MissingExtraError: If langchain-core is not installed.
        """
        converted = [
            document.as_langchain() if isinstance(document, Document) else document
            for document in documents
        ]
        return [str(name) for name in self.store.add_documents(converted)] if converted else []

    def search(
        self,
        query: str | NDArray[np.float32],
        k: int = 4,
        *,
        filter: Filter | None = None,
        mode: SearchMode = "dense",
    ) -> list[Hit]:
        """The best `k`, best first.

        Args:
            query: A text.
            k: How many at most.
            filter: Handed to the store as it is, in the store's own language.
            mode: Only "dense".

        Raises:
            InvalidInputError: If the query is a vector, or the mode is another.
        """
        check_count(k, "k")
        if mode != "dense" or not isinstance(query, str):
            raise InvalidInputError(
                f"A LangChain store is searched with a text in mode 'dense', not with "
                f"{type(query).__name__} in mode {mode!r}."
            )
        options = {} if filter is None else {"filter": filter}
        hits = [_hit(document, score) for document, score in self._scored(query, k, options)]
        hits.sort(key=lambda hit: -hit.score)
        for place, hit in enumerate(hits):
            hit.rank = place
        return hits

    def _scored(self, query: str, k: int, options: dict[str, Any]) -> Iterable[tuple[Any, Any]]:
        try:
            found = self.store.similarity_search_with_relevance_scores(query, k=k, **options)
        except NotImplementedError:
            documents = self.store.similarity_search(query, k=k, **options)
            return zip(documents, self._scores(query, documents), strict=True)
        return list(found)

    def _scores(self, query: str, documents: list[Any]) -> list[float]:
        """Scores of documents that came without."""
        from ragkit.stores.vectors import unit_matrix, unit_vector

        embeddings = getattr(self.store, "embeddings", None)
        if embeddings is None or not documents:
            return [1.0 / (place + 1) for place in range(len(documents))]
        vector = embeddings.embed_query(query)
        texts = [document.page_content for document in documents]
        matrix = unit_matrix(embeddings.embed_documents(texts), len(texts), len(vector))
        return [float(score) for score in matrix @ unit_vector(vector, len(vector))]

    def delete(self, ids: Iterable[str]) -> int:
        """Removes those ids; how many there were, found by asking before."""
        listed = checked_ids(ids)
        count = len({document.id for document in self.get_by_ids(listed)})
        if count:
            self.store.delete(listed)
        return count

    def get_by_ids(self, ids: Iterable[str]) -> list[Document]:
        """The documents that exist, in the order asked.

        Raises:
            StoreError: If the store can't be asked for ids.
        """
        listed = checked_ids(ids)
        try:
            found = self.store.get_by_ids(listed)
        except (AttributeError, NotImplementedError) as error:
            raise StoreError(f"{type(self.store).__name__} can't be asked for ids.") from error
        documents = {document.id: as_document(document, _FOUND) for document in found}
        return [documents[name] for name in listed if name in documents]

    def close(self) -> None:
        """Does nothing: the store is its owner's."""

    def as_langchain(self) -> Any:
        """The store that was adapted."""
        return self.store

    def __repr__(self) -> str:
        return f"LangChainStore({type(self.store).__name__})"


def as_store(obj: Any) -> VectorStore:
    """`obj` as a vector store: one that fits the protocol as it is, LangChain's adapted.

    Raises:
        InvalidInputError: If it is neither.
    """
    if isinstance(obj, str | os.PathLike):
        raise InvalidInputError(
            f"{obj!r} is a path, not a store; open it with LocalStore({os.fspath(obj)!r}, "
            f"embedder=…) or ChromaStore(…)."
        )
    if isinstance(obj, type):
        raise InvalidInputError(f"{obj.__name__} is a class; pass an instance of it.")
    if hasattr(obj, "similarity_search_with_relevance_scores"):
        return LangChainStore(obj)
    if isinstance(obj, VectorStore):
        return obj
    raise InvalidInputError(
        f"{type(obj).__name__} {obj!r:.80} is no store; it needs add_documents, search, delete "
        f"and get_by_ids, or LangChain's similarity_search_with_relevance_scores."
    )


def _hit(document: Any, score: Any) -> Hit:
    value = float(score)
    if not math.isfinite(value):
        raise StoreError(f"The store gave the score {score!r}.")
    return Hit(as_document(document, _FOUND), value, 0, {"dense": value})
