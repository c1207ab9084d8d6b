"""Ask your documents and get answers that point at the page, the box and the characters.

>>> import ragkit
>>> index = ragkit.Index("index/")            # doctest: +SKIP
>>> index.sync("data/")                       # doctest: +SKIP
>>> print(index.ask("When can I visit?"))     # doctest: +SKIP

Names are imported when they are first used, so that ``import ragkit`` costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ragkit._lazy import lazy_names
from ragkit._version import __version__

if TYPE_CHECKING:
    from ragkit.adapters import as_embedder, as_llm, as_retriever, as_store
    from ragkit.backends import load_embedder, load_llm
    from ragkit.embedding import (
        BedrockEmbedder,
        CohereEmbedder,
        FunctionEmbedder,
        OllamaEmbedder,
        OnnxEmbedder,
        OpenAIEmbedder,
        OpenVINOEmbedder,
        SageMakerEmbedder,
        SentenceTransformerEmbedder,
        TEIEmbedder,
    )
    from ragkit.errors import RagkitError
    from ragkit.index import Index, IndexInfo
    from ragkit.layout import (
        Cell,
        Element,
        ElementKind,
        KeyValue,
        LayoutDocument,
        LayoutLinearizer,
        Line,
        Page,
        Table,
        Word,
        to_markdown,
    )
    from ragkit.llms import (
        TGILLM,
        BedrockLLM,
        ExtractiveLLM,
        OpenAILLM,
        SageMakerLLM,
        TransformersLLM,
    )
    from ragkit.loading import (
        DirectoryLoader,
        MarkdownLoader,
        PDFLoader,
        TextLoader,
    )
    from ragkit.prompting import Llama2Prompt, PromptTemplate, render_llama2
    from ragkit.protocols import LLM, Embedder, Loader, Reranker, Retriever, Splitter, VectorStore
    from ragkit.qa import RetrievalQA
    from ragkit.retrieval import StoreRetriever
    from ragkit.splitting import LayoutSplitter, RecursiveSplitter, TokenSplitter
    from ragkit.stores import ChromaStore, LocalStore
    from ragkit.syncing import SyncReport
    from ragkit.types import (
        Answer,
        Box,
        Citation,
        Document,
        EmbedderFingerprint,
        Generation,
        Grounding,
        Hit,
        Message,
        Region,
        Usage,
    )

_HOME = {
    "ragkit.adapters": ("as_embedder", "as_llm", "as_retriever", "as_store"),
    "ragkit.backends": ("load_embedder", "load_llm"),
    "ragkit.embedding": (
        "BedrockEmbedder",
        "CohereEmbedder",
        "FunctionEmbedder",
        "OllamaEmbedder",
        "OnnxEmbedder",
        "OpenAIEmbedder",
        "OpenVINOEmbedder",
        "SageMakerEmbedder",
        "SentenceTransformerEmbedder",
        "TEIEmbedder",
    ),
    "ragkit.errors": ("RagkitError",),
    "ragkit.index": ("Index", "IndexInfo"),
    "ragkit.layout": (
        "Cell",
        "Element",
        "ElementKind",
        "KeyValue",
        "LayoutDocument",
        "LayoutLinearizer",
        "LayoutSplitter",
        "Line",
        "Page",
        "Table",
        "Word",
        "to_markdown",
    ),
    "ragkit.llms": (
        "TGILLM",
        "BedrockLLM",
        "ExtractiveLLM",
        "OpenAILLM",
        "SageMakerLLM",
        "TransformersLLM",
    ),
    "ragkit.loading": ("DirectoryLoader", "MarkdownLoader", "PDFLoader", "TextLoader"),
    "ragkit.prompting": ("Llama2Prompt", "PromptTemplate", "render_llama2"),
    "ragkit.protocols": (
        "LLM",
        "Embedder",
        "Loader",
        "Reranker",
        "Retriever",
        "Splitter",
        "VectorStore",
    ),
    "ragkit.qa": ("RetrievalQA",),
    "ragkit.retrieval": ("StoreRetriever",),
    "ragkit.splitting": ("LayoutSplitter", "RecursiveSplitter", "TokenSplitter"),
    "ragkit.stores": ("ChromaStore", "LocalStore"),
    "ragkit.syncing": ("SyncReport",),
    "ragkit.types": (
        "Answer",
        "Box",
        "Citation",
        "Document",
        "EmbedderFingerprint",
        "Generation",
        "Grounding",
        "Hit",
        "Message",
        "Region",
        "Usage",
    ),
}
_WHERE = {name: module for module, names in _HOME.items() for name in names}

__all__ = ["__version__", *_WHERE]

__getattr__, __dir__ = lazy_names(__name__, _WHERE)
