"""Embeddings from Cohere."""

from __future__ import annotations

from typing import Any

from ragkit._checks import check_count
from ragkit._http import Endpoint, read_api_key
from ragkit._options import names_options
from ragkit.embedding._remote import HTTPEmbedder, Purpose, check_model, entry
from ragkit.embedding._requests import Limits
from ragkit.errors import InvalidInputError

__all__ = ["COHERE_TEXTS", "INPUT_TYPES", "CohereEmbedder"]

API_KEY_VARIABLE = "CO_API_KEY"
COHERE_TEXTS = 96
"""The most texts of one request that Cohere takes."""
INPUT_TYPES: dict[Purpose, str] = {"document": "search_document", "query": "search_query"}
"""Cohere's words for what a text is embedded as."""


@names_options
class CohereEmbedder(HTTPEmbedder):
    """Vectors from ``POST {url}/v2/embed`` of Cohere.

    Documents and queries are embedded as such (``input_type``), so no prefixes are needed. A text
    that is longer than the model reads is an error, unless `truncate` says which end to cut.

    Args:
        model: Such as "embed-v4.0".
        url: Base of the service, without the version.
        api_key: By default that of the environment variable ``CO_API_KEY``, read now. It is sent
            as a header and shows up nowhere else.
        dimensions: Length of the vectors to ask for, where the model has several.
        truncate: "NONE", "START" or "END"; the service does not say which texts it cut.
        batch_size: The most texts of one request, 96 at most.
        concurrency: Requests under way together.
        timeout: Seconds for one reply.
        retries: How often a request is repeated.
        normalize: Whether vectors get length 1.

    Raises:
        InvalidInputError: If an argument can't work.

    Example:
        >>> CohereEmbedder("embed-v4.0", api_key="…")
        CohereEmbedder('embed-v4.0', url='https://api.cohere.com')
    """

    def __init__(  # noqa: PLR0913 - keywords, each of which some account needs
        self,
        model: str,
        *,
        url: str = "https://api.cohere.com",
        api_key: str | None = None,
        dimensions: int | None = None,
        truncate: str = "NONE",
        batch_size: int = COHERE_TEXTS,
        concurrency: int = 8,
        timeout: float = 60.0,
        retries: int = 3,
        normalize: bool = True,
    ) -> None:
        from ragkit._checks import check_choice

        if check_count(batch_size, "batch_size") > COHERE_TEXTS:
            raise InvalidInputError(f"batch_size is {batch_size}; Cohere takes {COHERE_TEXTS}.")
        key = read_api_key(api_key, API_KEY_VARIABLE)
        self._endpoint = Endpoint(url, api_key=key, timeout=timeout, retries=retries)
        self._more: dict[str, Any] = {
            "truncate": check_choice(truncate, "truncate", ("NONE", "START", "END"))
        }
        if dimensions is not None:
            self._more["output_dimension"] = dimensions
        super().__init__(
            check_model(model),
            Limits(batch_size),
            concurrency=concurrency,
            normalize=normalize,
            dimension=dimensions,
        )

    def _request(self, texts: list[str], purpose: Purpose) -> tuple[str, dict[str, Any]]:
        body = {"model": self._name, "texts": texts, "input_type": INPUT_TYPES[purpose]}
        return "v2/embed", {**body, "embedding_types": ["float"], **self._more}

    def _read(self, reply: object, count: int) -> object:  # noqa: ARG002
        return entry(entry(reply, "embeddings", self._sender), "float", self._sender)
