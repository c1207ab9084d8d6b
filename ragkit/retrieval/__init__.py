"""Finding what answers a question: analysis of words, fusion of rankings, retrievers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ragkit._lazy import lazy_names

if TYPE_CHECKING:
    from ragkit.retrieval.adapt import LangChainRetriever, as_retriever
    from ragkit.retrieval.analysis import ANALYZER_VERSION, FTS5_TOKENIZER, Analyzer
    from ragkit.retrieval.fusion import fused_scores, reciprocal_rank_fusion
    from ragkit.retrieval.retriever import SEARCH_MODES, StoreRetriever

_HOME = {
    "ragkit.retrieval.adapt": ("LangChainRetriever", "as_retriever"),
    "ragkit.retrieval.analysis": ("ANALYZER_VERSION", "FTS5_TOKENIZER", "Analyzer"),
    "ragkit.retrieval.fusion": ("fused_scores", "reciprocal_rank_fusion"),
    "ragkit.retrieval.retriever": ("SEARCH_MODES", "StoreRetriever"),
}
_WHERE = {name: module for module, names in _HOME.items() for name in names}

__all__ = [
    "ANALYZER_VERSION",
    "FTS5_TOKENIZER",
    "SEARCH_MODES",
    "Analyzer",
    "LangChainRetriever",
    "StoreRetriever",
    "as_retriever",
    "fused_scores",
    "reciprocal_rank_fusion",
]

__getattr__, __dir__ = lazy_names(__name__, _WHERE)
