"""A store with its search settings: what answers one question after the other."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from ragkit._checks import check_choice, check_count, reject_unknown
from ragkit.errors import InvalidInputError
from ragkit.types import Document, Hit, SearchMode

if TYPE_CHECKING:
    from ragkit.protocols import Filter, VectorStore

__all__ = ["SEARCH_MODES", "StoreRetriever", "merge_search_options"]

SEARCH_MODES = ("dense", "lexical", "hybrid")

UNSET: Final[Any] = object()
"""Stands for an option that was not given, where None is a value."""

DEFAULTS: dict[str, Any] = {"k": 4, "filter": None, "mode": "dense", "score_threshold": None}


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
        return await asyncio.to_thread(self.retrieve, question)

    def invoke(self, query: str) -> list[Document]:
        """The documents of `retrieve`, as LangChain's retrievers give them."""
        return [hit.document for hit in self.retrieve(query)]

    async def ainvoke(self, query: str) -> list[Document]:
        """`invoke` in a worker thread."""
        return await asyncio.to_thread(self.invoke, query)

    def get_relevant_documents(self, query: str) -> list[Document]:
        """The same as `invoke`, under LangChain's older name."""
        return self.invoke(query)

    def __repr__(self) -> str:
        return (
            f"StoreRetriever({self.store!r}, k={self.k}, filter={self.filter!r}, "
            f"mode={self.mode!r}, score_threshold={self.score_threshold!r})"
        )


def merge_search_options(
    where: str,
    given: Mapping[str, Any],
    search_kwargs: Mapping[str, Any] | None,
    unknown: Mapping[str, Any],
) -> dict[str, Any]:
    """Arguments for `StoreRetriever`, from keywords and LangChain's ``search_kwargs``.

    Args:
        where: The callable, as a user would write it, for the messages.
        given: The known options; `UNSET` where the caller did not give one.
        search_kwargs: The same options in a mapping.
        unknown: What else the caller gave; anything is an error.

    Raises:
        UnknownOptionError: If there is no such option; the message suggests the nearest.
        InvalidInputError: If an option is given twice, or `search_kwargs` is no mapping.
    """
    reject_unknown(where, unknown, [*DEFAULTS, "search_kwargs"])
    extra = {} if search_kwargs is None else search_kwargs
    if not isinstance(extra, Mapping):
        raise InvalidInputError(
            f"search_kwargs is {search_kwargs!r}; it has to be a mapping such as {{'k': 2}}."
        )
    reject_unknown(f"{where} search_kwargs", extra, DEFAULTS)
    named = {name: value for name, value in given.items() if value is not UNSET}
    if twice := sorted(named.keys() & extra.keys()):
        raise InvalidInputError(
            f"{where} got {twice[0]!r} twice: as an option and in search_kwargs; give it once."
        )
    return {**DEFAULTS, **named, **extra}


def _checked_threshold(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InvalidInputError(
            f"score_threshold is {value!r}; it has to be a finite number, or None for no limit."
        )
    return float(value)
