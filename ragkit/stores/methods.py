"""What follows from a store's `search`: LangChain's method names, retrievers, adapters."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

from ragkit._checks import check_choice
from ragkit.retrieval import StoreRetriever
from ragkit.stores.search_options import UNSET, merge_search_options
from ragkit.types import Document, Hit, SearchMode

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ragkit.protocols import Filter

__all__ = ["StoreMethods"]


class StoreMethods:
    """Methods that each of ragkit's stores has, made of `search` and `close`."""

    def search(
        self,
        query: str | NDArray[np.float32],
        k: int = 4,
        *,
        filter: Filter | None = None,
        mode: SearchMode = "dense",
    ) -> list[Hit]:
        """The best `k`, best first."""
        raise NotImplementedError

    def close(self) -> None:
        """Lets go of the files."""
        raise NotImplementedError

    def similarity_search(
        self, query: str, k: int = 4, filter: Filter | None = None
    ) -> list[Document]:
        """The documents most similar to the query, best first."""
        return [hit.document for hit in self.search(query, k, filter=filter)]

    def similarity_search_with_score(
        self, query: str, k: int = 4, filter: Filter | None = None
    ) -> list[tuple[Document, float]]:
        """The same with their cosine similarity in [-1, 1]; higher is better."""
        return [(hit.document, hit.score) for hit in self.search(query, k, filter=filter)]

    def as_retriever(
        self,
        *,
        k: int = UNSET,
        filter: Filter | None = UNSET,
        mode: SearchMode = UNSET,
        score_threshold: float | None = UNSET,
        search_kwargs: Mapping[str, Any] | None = None,
        search_type: Literal["similarity"] = "similarity",
        **unknown: Any,
    ) -> StoreRetriever:
        """A retriever over this store.

        Args:
            k: How many chunks at most; 4 by default.
            filter: Conditions on metadata; none by default.
            mode: "dense" (the default), "lexical" or "hybrid".
            score_threshold: Hits below it are left out; see `StoreRetriever`.
            search_kwargs: The same options in a mapping, as LangChain takes them.
            search_type: LangChain's name for dense search, the only one of its kinds there is.
            **unknown: An error.

        Raises:
            UnknownOptionError: If there is no such option; the message suggests the nearest.
            InvalidInputError: If a value can't work, or an option is given twice.
        """
        check_choice(search_type, "search_type", ["similarity"])
        given = {"k": k, "filter": filter, "mode": mode, "score_threshold": score_threshold}
        where = f"{type(self).__name__}.as_retriever()"
        options = merge_search_options(where, given, search_kwargs, unknown)
        return StoreRetriever(self, **options)  # type: ignore[arg-type]

    def as_langchain(self) -> Any:
        """This store as a ``langchain_core.vectorstores.VectorStore``.

        Raises:
            MissingExtraError: If langchain-core is not installed.
        """
        from ragkit._extras import require

        require("langchain_core.vectorstores", extra="langchain", feature="as_langchain()")
        from ragkit.stores.langchain import RagkitVectorStore

        return RagkitVectorStore(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
