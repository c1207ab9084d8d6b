"""A store with its search settings: what answers one question after the other."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ragkit._checks import check_choice, check_count
from ragkit._options import names_options
from ragkit._threads import to_thread
from ragkit.errors import InvalidInputError
from ragkit.types import Document, Hit, SearchMode

if TYPE_CHECKING:
    from ragkit.protocols import Filter, VectorStore

__all__ = ["SEARCH_MODES", "StoreRetriever"]

SEARCH_MODES = ("dense", "lexical", "hybrid")
"""The values of ``mode=``."""


@names_options
class StoreRetriever:
    """The best chunks of a store for each question.

    Args:
        store: Any vector store.
        k: How many chunks at most.
        filter: Conditions on metadata, as in `ragkit.protocols.Filter`.
        mode: "dense" (cosine similarity of embeddings), "lexical" (BM25 over words) or
            "hybrid" (both fused).
        score_threshold: Hits below it are left out of the best `k`. It is compared with the
            cosine similarity in dense and hybrid mode (a fused score means nothing by itself),
            with the BM25 score in lexical mode.

    Raises:
        InvalidInputError: If an argument has a value that can't work.

    Example:
        >>> retriever = store.as_retriever(k=2)                     # doctest: +SKIP
        >>> retriever.retrieve("When can I visit?")[0].score        # doctest: +SKIP
    """

    def __init__(
        self,
        store: VectorStore,
        *,
        k: int = 4,
        filter: Filter | None = None,
        mode: SearchMode = "dense",
        score_threshold: float | None = None,
    ) -> None:
        self.store = store
        self.k = check_count(k, "k")
        self.filter = filter
        check_choice(mode, "mode", SEARCH_MODES)
        self.mode: SearchMode = mode
        self.score_threshold = _checked_threshold(score_threshold)

    def retrieve(self, question: str) -> list[Hit]:
        """Hits, best first; fewer than `k` where the store has no more or the threshold cuts."""
        hits = self.store.search(question, self.k, filter=self.filter, mode=self.mode)
        if self.score_threshold is None:
            return hits
        return [hit for hit in hits if self._compared(hit) >= self.score_threshold]

    def _compared(self, hit: Hit) -> float:
        return hit.parts.get("dense", hit.score) if self.mode == "hybrid" else hit.score

    async def aretrieve(self, question: str) -> list[Hit]:
        """`retrieve` in a worker thread."""
        return await to_thread(self.retrieve, question)

    def invoke(self, query: str) -> list[Document]:
        """The documents of `retrieve`, as LangChain's retrievers give them."""
        return [hit.document for hit in self.retrieve(query)]

    async def ainvoke(self, query: str) -> list[Document]:
        """`invoke` in a worker thread."""
        return await to_thread(self.invoke, query)

    def get_relevant_documents(self, query: str) -> list[Document]:
        """The same as `invoke`, under LangChain's older name."""
        return self.invoke(query)

    def __repr__(self) -> str:
        return (
            f"StoreRetriever({self.store!r}, k={self.k}, filter={self.filter!r}, "
            f"mode={self.mode!r}, score_threshold={self.score_threshold!r})"
        )


def _checked_threshold(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InvalidInputError(
            f"score_threshold is {value!r}; it has to be a finite number, or None for no limit."
        )
    return float(value)
