"""Embeddings from Ollama, by its own API."""

from __future__ import annotations

from typing import Any

from ragkit._checks import check_count
from ragkit._http import Endpoint
from ragkit._options import names_options
from ragkit.embedding._remote import HTTPEmbedder, Purpose, check_model, entry
from ragkit.embedding._requests import Limits

__all__ = ["OllamaEmbedder"]


@names_options
class OllamaEmbedder(HTTPEmbedder):
    """Vectors from ``POST {url}/api/embed`` of an Ollama server.

    A text that is longer than the model reads is an error: Ollama would cut it without a word.

    Args:
        model: Such as "nomic-embed-text"; it has to be pulled already.
        url: Base of the service.
        api_key: Sent as a header, for a server behind a proxy; it shows up nowhere else.
        dimensions: Length of the vectors to ask for, where the model has several.
        batch_size: The most texts of one request.
        concurrency: Requests under way together.
        timeout: Seconds for one reply; the first one waits for the model to load.
        retries: How often a request is repeated.
        normalize: Whether vectors get length 1.
        query_prefix: Put before each query; Ollama adds none of its own.
        document_prefix: Put before each document.

    Raises:
        InvalidInputError: If an argument can't work.

    Example:
        >>> OllamaEmbedder("nomic-embed-text", query_prefix="search_query: ")
        OllamaEmbedder('nomic-embed-text', url='http://localhost:11434')
    """

    def __init__(  # noqa: PLR0913 - keywords, each of which some service needs
        self,
        model: str,
        *,
        url: str = "http://localhost:11434",
        api_key: str | None = None,
        dimensions: int | None = None,
        batch_size: int = 64,
        concurrency: int = 8,
        timeout: float = 120.0,
        retries: int = 3,
        normalize: bool = True,
        query_prefix: str = "",
        document_prefix: str = "",
    ) -> None:
        self._endpoint = Endpoint(url, api_key=api_key, timeout=timeout, retries=retries)
        self._more = {} if dimensions is None else {"dimensions": dimensions}
        super().__init__(
            check_model(model),
            Limits(check_count(batch_size, "batch_size")),
            concurrency=concurrency,
            normalize=normalize,
            dimension=dimensions,
            query_prefix=query_prefix,
            document_prefix=document_prefix,
        )

    def _request(self, texts: list[str], purpose: Purpose) -> tuple[str, dict[str, Any]]:  # noqa: ARG002
        return "api/embed", {"model": self._name, "input": texts, "truncate": False, **self._more}

    def _read(self, reply: object, count: int) -> object:  # noqa: ARG002
        return entry(reply, "embeddings", self._sender)
