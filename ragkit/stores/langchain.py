"""A ragkit store as LangChain's; importing this needs ``ragkit[langchain]``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from langchain_core.documents import Document as LangChainDocument
from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import VectorStore

from ragkit._checks import reject_unknown
from ragkit.errors import InvalidInputError
from ragkit.types import Document

__all__ = ["RagkitVectorStore"]


class RagkitVectorStore(VectorStore):
    """LangChain's interface over a store of ragkit's.

    Scores are cosine similarities in [-1, 1], higher is better, also under LangChain's name
    "relevance scores".

    Args:
        store: A `LocalStore`, a `ChromaStore`, or any of the same methods.
    """

    def __init__(self, store: Any) -> None:
        self.store = store

    @property
    def embeddings(self) -> Embeddings | None:
        """The store's embedder, which has LangChain's methods."""
        return getattr(self.store, "embedder", None)

    def add_documents(self, documents: list[LangChainDocument], **kwargs: Any) -> list[str]:
        """Adds the documents, in place of those with the same ids; the ids."""
        reject_unknown("add_documents()", kwargs, {"ids"})
        ids = _ids_for(kwargs.get("ids"), len(documents))
        given = [
            Document(document.page_content, dict(document.metadata), name or document.id)
            for document, name in zip(documents, ids, strict=True)
        ]
        return list(self.store.add_documents(given))

    def add_texts(
        self,
        texts: Iterable[str],
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        **kwargs: Any,
    ) -> list[str]:
        """Adds the texts; their ids."""
        reject_unknown("add_texts()", kwargs, {"metadatas", "ids"})
        listed = list(texts)
        metadata = [{} for _ in listed] if metadatas is None else metadatas
        if len(metadata) != len(listed):
            raise InvalidInputError(f"{len(listed)} texts have {len(metadata)} metadatas.")
        names = _ids_for(ids, len(listed))
        return list(self.store.add_documents(map(Document, listed, metadata, names)))

    def delete(self, ids: list[str] | None = None, **kwargs: Any) -> bool:
        """Removes those ids; whether there was one."""
        reject_unknown("delete()", kwargs, {"ids"})
        if ids is None:
            raise InvalidInputError("delete() needs the ids of what to remove.")
        return bool(self.store.delete(ids))

    def get_by_ids(self, ids: Sequence[str], /) -> list[LangChainDocument]:
        """The documents that exist, in the order asked."""
        return [document.as_langchain() for document in self.store.get_by_ids(ids)]

    def similarity_search(self, query: str, k: int = 4, **kwargs: Any) -> list[LangChainDocument]:
        """The documents most similar to the query, best first."""
        return [document for document, _ in self.similarity_search_with_score(query, k, **kwargs)]

    def similarity_search_with_score(
        self, query: str, k: int = 4, **kwargs: Any
    ) -> list[tuple[LangChainDocument, float]]:
        """The same with their scores; ``filter`` and ``mode`` are ragkit's."""
        reject_unknown("similarity_search()", kwargs, {"filter", "mode", "k"})
        return self._found(query, k, **kwargs)

    def similarity_search_with_relevance_scores(
        self, query: str, k: int = 4, **kwargs: Any
    ) -> list[tuple[LangChainDocument, float]]:
        """The same, without those below ``score_threshold`` if it is given."""
        reject_unknown(
            "similarity_search_with_relevance_scores()",
            kwargs,
            {"filter", "mode", "k", "score_threshold"},
        )
        least = kwargs.pop("score_threshold", None)
        found = self._found(query, k, **kwargs)
        return [pair for pair in found if least is None or pair[1] >= least]

    def similarity_search_by_vector(
        self, embedding: list[float], k: int = 4, **kwargs: Any
    ) -> list[LangChainDocument]:
        """The documents most similar to the vector, best first."""
        reject_unknown("similarity_search_by_vector()", kwargs, {"filter", "k"})
        return [document for document, _ in self._found(embedding, k, **kwargs)]

    def _found(self, query: Any, k: int, **options: Any) -> list[tuple[LangChainDocument, float]]:
        hits = self.store.search(query, k, **options)
        return [(hit.document.as_langchain(), hit.score) for hit in hits]

    @classmethod
    def from_texts(
        cls,
        texts: list[str],
        embedding: Embeddings,
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        **kwargs: Any,
    ) -> RagkitVectorStore:
        """A new `LocalStore` with these texts; `kwargs` are its options, with ``path``."""
        from ragkit.stores.local import LocalStore

        names = ("path", "collection", "language", "timeout")
        reject_unknown("from_texts()", kwargs, {"metadatas", "ids", *names})
        options = {"path": ":memory:", **kwargs}
        adapter = cls(LocalStore(embedder=embedding, **options))
        adapter.add_texts(texts, metadatas, ids=ids)
        return adapter


def _ids_for(ids: list[str] | None, count: int) -> list[str] | list[None]:
    if ids is None:
        return [None] * count
    if len(ids) != count:
        raise InvalidInputError(f"{count} documents have {len(ids)} ids.")
    return ids
