"""Embedders: texts in, vectors out.

`OnnxEmbedder` runs locally and is the default; `OpenAIEmbedder`, `TEIEmbedder`, `OllamaEmbedder`,
`CohereEmbedder`, `SageMakerEmbedder` and `BedrockEmbedder` ask an endpoint;
`FunctionEmbedder` and `LangChainEmbedder` adapt what you have; `CachedEmbedder` keeps vectors.
The checks that any of your own has to pass are in `ragkit.embedding.conformance`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ragkit._lazy import lazy_names

if TYPE_CHECKING:
    from ragkit.embedding.adapt import as_embedder
    from ragkit.embedding.bedrock import BedrockEmbedder
    from ragkit.embedding.cache import CachedEmbedder
    from ragkit.embedding.cohere import CohereEmbedder
    from ragkit.embedding.function import FunctionEmbedder
    from ragkit.embedding.langchain import LangChainEmbedder
    from ragkit.embedding.ollama import OllamaEmbedder
    from ragkit.embedding.onnx import OnnxEmbedder
    from ragkit.embedding.openai import OpenAIEmbedder
    from ragkit.embedding.openvino import OpenVINOEmbedder
    from ragkit.embedding.sagemaker import SageMakerEmbedder
    from ragkit.embedding.sentence_transformer import SentenceTransformerEmbedder
    from ragkit.embedding.tei import TEIEmbedder

_WHERE = {
    "CachedEmbedder": "ragkit.embedding.cache",
    "BedrockEmbedder": "ragkit.embedding.bedrock",
    "CohereEmbedder": "ragkit.embedding.cohere",
    "OllamaEmbedder": "ragkit.embedding.ollama",
    "SageMakerEmbedder": "ragkit.embedding.sagemaker",
    "TEIEmbedder": "ragkit.embedding.tei",
    "FunctionEmbedder": "ragkit.embedding.function",
    "LangChainEmbedder": "ragkit.embedding.langchain",
    "OnnxEmbedder": "ragkit.embedding.onnx",
    "OpenAIEmbedder": "ragkit.embedding.openai",
    "OpenVINOEmbedder": "ragkit.embedding.openvino",
    "SentenceTransformerEmbedder": "ragkit.embedding.sentence_transformer",
    "as_embedder": "ragkit.embedding.adapt",
}

__all__ = [
    "BedrockEmbedder",
    "CachedEmbedder",
    "CohereEmbedder",
    "FunctionEmbedder",
    "LangChainEmbedder",
    "OllamaEmbedder",
    "OnnxEmbedder",
    "OpenAIEmbedder",
    "OpenVINOEmbedder",
    "SageMakerEmbedder",
    "SentenceTransformerEmbedder",
    "TEIEmbedder",
    "as_embedder",
]

__getattr__, __dir__ = lazy_names(__name__, _WHERE)
