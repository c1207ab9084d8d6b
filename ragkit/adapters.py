"""Everything that fits: LangChain's objects, plain functions and backend strings, adapted.

Every public entry of ragkit calls these, so that users rarely have to.
"""

from __future__ import annotations

from ragkit.embedding.adapt import as_embedder
from ragkit.llms.adapt import as_llm
from ragkit.retrieval.adapt import as_retriever
from ragkit.stores.adapt import as_store

__all__ = ["as_embedder", "as_llm", "as_retriever", "as_store"]
