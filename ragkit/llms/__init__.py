"""Language models: local, behind an endpoint, and one that answers by quoting, without a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ragkit._lazy import lazy_names

if TYPE_CHECKING:
    from ragkit.llms.adapt import as_llm
    from ragkit.llms.bedrock import BedrockLLM
    from ragkit.llms.extractive import ExtractiveLLM
    from ragkit.llms.functions import FunctionLLM
    from ragkit.llms.langchain import LangChainLLM
    from ragkit.llms.openai import OpenAILLM
    from ragkit.llms.sagemaker import SageMakerLLM
    from ragkit.llms.tgi import TGILLM
    from ragkit.llms.transformers import TransformersLLM

__all__ = [
    "TGILLM",
    "BedrockLLM",
    "ExtractiveLLM",
    "FunctionLLM",
    "LangChainLLM",
    "OpenAILLM",
    "SageMakerLLM",
    "TransformersLLM",
    "as_llm",
]

_WHERE = {
    "BedrockLLM": "ragkit.llms.bedrock",
    "ExtractiveLLM": "ragkit.llms.extractive",
    "FunctionLLM": "ragkit.llms.functions",
    "LangChainLLM": "ragkit.llms.langchain",
    "OpenAILLM": "ragkit.llms.openai",
    "TransformersLLM": "ragkit.llms.transformers",
    "SageMakerLLM": "ragkit.llms.sagemaker",
    "TGILLM": "ragkit.llms.tgi",
    "as_llm": "ragkit.llms.adapt",
}

__getattr__, __dir__ = lazy_names(__name__, _WHERE)
