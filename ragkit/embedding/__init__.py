"""Embedders: texts in, vectors out.

`OnnxEmbedder` runs locally and is the default; `OpenAIEmbedder` asks an endpoint;
`FunctionEmbedder` and `LangChainEmbedder` adapt what you have. The checks that any of your own
has to pass are in `ragkit.embedding.conformance`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ragkit._lazy import lazy_names

if TYPE_CHECKING:
    from ragkit.embedding.adapt import as_embedder
    from ragkit.embedding.function import FunctionEmbedder
    from ragkit.embedding.langchain import LangChainEmbedder
    from ragkit.embedding.onnx import OnnxEmbedder
    from ragkit.embedding.openai import OpenAIEmbedder
    from ragkit.embedding.openvino import OpenVINOEmbedder
    from ragkit.embedding.sentence_transformer import SentenceTransformerEmbedder

_WHERE = {
    "FunctionEmbedder": "ragkit.embedding.function",
    "LangChainEmbedder": "ragkit.embedding.langchain",
    "OnnxEmbedder": "ragkit.embedding.onnx",
    "OpenAIEmbedder": "ragkit.embedding.openai",
    "OpenVINOEmbedder": "ragkit.embedding.openvino",
    "SentenceTransformerEmbedder": "ragkit.embedding.sentence_transformer",
    "as_embedder": "ragkit.embedding.adapt",
}

__all__ = [
    "FunctionEmbedder",
    "LangChainEmbedder",
    "OnnxEmbedder",
    "OpenAIEmbedder",
    "OpenVINOEmbedder",
    "SentenceTransformerEmbedder",
    "as_embedder",
]

__getattr__, __dir__ = lazy_names(__name__, _WHERE)
