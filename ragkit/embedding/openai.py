"""Embeddings from any endpoint that speaks OpenAI's format."""

from __future__ import annotations

from typing import Any, Literal

from ragkit._checks import check_choice, check_count
from ragkit._http import Endpoint, read_api_key
from ragkit._options import names_options
from ragkit.embedding._remote import HTTPEmbedder, Purpose, check_model
from ragkit.embedding._requests import Limits
from ragkit.embedding.openai_format import vectors_of
from ragkit.errors import InvalidInputError

__all__ = ["OpenAIEmbedder"]

API_KEY_VARIABLE = "OPENAI_API_KEY"
_MOST_TEXTS = 2048
_MOST_TOKENS = 300_000
"""OpenAI's own limits of one request."""


@names_options
class OpenAIEmbedder(HTTPEmbedder):
    """Vectors from ``POST {url}/embeddings`` of vLLM, TEI, llama.cpp, Ollama, OpenAI and others.

    Replies are put in the order of the texts and checked: as many vectors as texts, all of one
    length, all numbers finite. What `EndpointError.temporary` names (time-outs, lost connections,
    statuses that say "later") is tried again with growing, jittered pauses, or as ``Retry-After``
    says.

    Args:
        model: The model's name at the service.
        url: Base of the service, such as ``http://host:8000/v1``.
        api_key: By default that of the environment variable ``OPENAI_API_KEY``, read now. It is
            sent as a header and shows up nowhere else.
        dimensions: Length of the vectors to ask for, where the model has several.
        encoding: How vectors are asked for: "base64" is the shorter, "float" is for services that
            refuse that. Both are read.
        batch_size: The most texts of one request, 2,048 at most.
        concurrency: Requests under way together.
        timeout: Seconds for one reply.
        retries: How often a request is repeated.
        normalize: Whether vectors get length 1.
        query_prefix: Put before each query.
        document_prefix: Put before each document.

    Raises:
        InvalidInputError: If an argument can't work.

    Example:
        >>> OpenAIEmbedder("bge-small-en-v1.5", url="http://localhost:8000/v1")
        OpenAIEmbedder('bge-small-en-v1.5', url='http://localhost:8000/v1')
    """

    def __init__(  # noqa: PLR0913 - keywords, each of which some service needs
        self,
        model: str,
        *,
        url: str = "https://api.openai.com/v1",
        api_key: str | None = None,
        dimensions: int | None = None,
        encoding: Literal["base64", "float"] = "base64",
        batch_size: int = 64,
        concurrency: int = 8,
        timeout: float = 60.0,
        retries: int = 3,
        normalize: bool = True,
        query_prefix: str = "",
        document_prefix: str = "",
    ) -> None:
        if check_count(batch_size, "batch_size") > _MOST_TEXTS:
            raise InvalidInputError(f"batch_size is {batch_size}; {_MOST_TEXTS} is the most.")
        key = read_api_key(api_key, API_KEY_VARIABLE)
        self._endpoint = Endpoint(url, api_key=key, timeout=timeout, retries=retries)
        check_choice(encoding, "encoding", ("base64", "float"))
        self._more: dict[str, Any] = {"encoding_format": encoding}
        if dimensions is not None:
            self._more["dimensions"] = dimensions
        super().__init__(
            check_model(model),
            Limits(batch_size, tokens=_MOST_TOKENS),
            concurrency=concurrency,
            normalize=normalize,
            dimension=dimensions,
            query_prefix=query_prefix,
            document_prefix=document_prefix,
        )

    def _request(self, texts: list[str], purpose: Purpose) -> tuple[str, dict[str, Any]]:  # noqa: ARG002
        return "embeddings", {"model": self._name, "input": texts, **self._more}

    def _read(self, reply: object, count: int) -> object:
        return vectors_of(reply, count, self._sender)
