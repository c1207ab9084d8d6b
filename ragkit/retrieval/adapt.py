"""Anything that finds documents, as a ragkit retriever."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ragkit._documents import as_document
from ragkit._threads import to_thread
from ragkit.errors import InvalidInputError
from ragkit.protocols import Retriever, VectorStore
from ragkit.retrieval.retriever import StoreRetriever
from ragkit.types import Hit

__all__ = ["LangChainRetriever", "as_retriever"]


class LangChainRetriever:
    """A LangChain retriever as one of ragkit's.

    LangChain's retrievers give documents without scores, so that a hit's score is the
    reciprocal of its place: 1, 1/2, 1/3, …

    Args:
        retriever: An object whose ``invoke(question)``, or the older
            ``get_relevant_documents(question)``, gives documents, best first.

    Raises:
        InvalidInputError: If it has neither.
    """

    def __init__(self, retriever: Any) -> None:
        found = getattr(retriever, "invoke", None) or getattr(
            retriever, "get_relevant_documents", None
        )
        if not callable(found):
            raise InvalidInputError(f"{retriever!r} is no retriever: it has no invoke().")
        self.retriever = retriever
        self._invoke: Callable[[str], Iterable[Any]] = found

    def retrieve(self, question: str) -> list[Hit]:
        """Hits in the order that the retriever gave.

        Raises:
            InvalidInputError: If what it gave are not documents.
        """
        found = self._invoke(question)
        if isinstance(found, str | bytes) or not isinstance(found, Iterable):
            raise InvalidInputError(
                f"{type(self.retriever).__name__}.invoke() gave {type(found).__name__}, not a "
                f"list of documents."
            )
        return [
            Hit(as_document(item, f"Result {place} of the retriever"), 1.0 / (place + 1), place)
            for place, item in enumerate(found)
        ]

    async def aretrieve(self, question: str) -> list[Hit]:
        """`retrieve` in a worker thread."""
        return await to_thread(self.retrieve, question)


def as_retriever(obj: Any) -> Retriever:
    """`obj` as a retriever: a retriever itself, a store, or LangChain's retriever or store.

    A store is searched with the defaults of `StoreRetriever`; use ``store.as_retriever(…)``
    for others.

    Raises:
        InvalidInputError: If it is none of these.
    """
    if isinstance(obj, type):
        raise InvalidInputError(f"{obj.__name__} is a class; pass an instance of it.")
    if callable(getattr(obj, "retrieve", None)):
        return obj  # type: ignore[no-any-return]
    # Before the stores: LangChain's retrievers over a store have its add_documents().
    if callable(getattr(obj, "invoke", None)) or hasattr(obj, "get_relevant_documents"):
        return LangChainRetriever(obj)
    if hasattr(obj, "similarity_search_with_relevance_scores"):
        from ragkit.stores import as_store  # only here: stores are built on this package

        return StoreRetriever(as_store(obj))
    if isinstance(obj, VectorStore):
        return StoreRetriever(obj)
    raise InvalidInputError(
        f"{type(obj).__name__} {obj!r:.80} is no retriever; pass a store, store.as_retriever(…), "
        f"or an object with retrieve(question) or LangChain's invoke(question)."
    )
