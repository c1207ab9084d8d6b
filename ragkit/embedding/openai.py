"""Embeddings from any endpoint that speaks OpenAI's format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ragkit._checks import check_count
from ragkit._http import Endpoint, read_api_key
from ragkit._options import names_options
from ragkit.embedding._base import (
    TextEmbedder,
    as_vectors,
    check_text,
    check_texts,
    first,
    normalized,
)
from ragkit.errors import EmbeddingError, EndpointReplyError, InvalidInputError
from ragkit.types import EmbedderFingerprint

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["OpenAIEmbedder"]

API_KEY_VARIABLE = "OPENAI_API_KEY"


@names_options
class OpenAIEmbedder(TextEmbedder):
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
        batch_size: The most texts of one request.
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
        batch_size: int = 64,
        timeout: float = 60.0,
        retries: int = 3,
        normalize: bool = True,
        query_prefix: str = "",
        document_prefix: str = "",
    ) -> None:
        if not isinstance(model, str) or not model:
            raise InvalidInputError(f"model is {model!r}; it has to be the service's name of one.")
        key = read_api_key(api_key, API_KEY_VARIABLE)
        self._endpoint = Endpoint(url, api_key=key, timeout=timeout, retries=retries)
        self._model = model
        self._asked = None if dimensions is None else check_count(dimensions, "dimensions")
        self._dimension = self._asked
        self._batch_size = check_count(batch_size, "batch_size")
        self._normalize = normalize
        self.query_prefix = check_text(query_prefix, "query_prefix")
        self.document_prefix = check_text(document_prefix, "document_prefix")

    @property
    def dimension(self) -> int:
        """Length of a vector; asks the service once where it is not known yet."""
        if self._dimension is None:
            self._vectors(["dimension"])
        assert self._dimension is not None
        return self._dimension

    @property
    def fingerprint(self) -> EmbedderFingerprint:
        """The model's name, its vectors' length and normalisation, and the prefixes.

        The URL is not part of it, so that a service may move; a service does not tell which
        weights it runs, so that `revision` is empty.
        """
        return EmbedderFingerprint(
            name=self._model,
            revision="",
            dimension=self.dimension,
            normalized=self._normalize,
            query_prefix=self.query_prefix,
            document_prefix=self.document_prefix,
        )

    async def aembed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """`embed` without blocking the event loop, by asynchronous requests."""
        documents = [self.document_prefix + text for text in check_texts(texts)]
        if not documents:
            if self._dimension is None:
                await self._avectors(["dimension"])
            return self.embed([])
        return await self._avectors(documents)

    async def aembed_query(self, text: str) -> NDArray[np.float32]:
        """`embed_query` without blocking the event loop, by an asynchronous request."""
        vectors = await self._avectors([self.query_prefix + check_text(text)])
        return first(vectors)

    def close(self) -> None:
        """Closes the connections; a later request opens new ones."""
        self._endpoint.close()

    def _vectors(self, texts: list[str]) -> NDArray[np.float32]:
        parts = []
        for batch in self._batches(texts):
            reply = self._endpoint.post_json("embeddings", self._body(batch))
            parts.append(self._checked(reply, len(batch)))
        return np.concatenate(parts)

    async def _avectors(self, texts: list[str]) -> NDArray[np.float32]:
        parts = []
        for batch in self._batches(texts):
            reply = await self._endpoint.apost_json("embeddings", self._body(batch))
            parts.append(self._checked(reply, len(batch)))
        return np.concatenate(parts)

    def _batches(self, texts: list[str]) -> Iterator[list[str]]:
        for start in range(0, len(texts), self._batch_size):
            yield texts[start : start + self._batch_size]

    def _body(self, texts: list[str]) -> dict[str, Any]:
        body: dict[str, Any] = {"model": self._model, "input": texts}
        if self._asked is not None:
            body["dimensions"] = self._asked
        return body

    def _checked(self, reply: object, count: int) -> NDArray[np.float32]:
        who = f"{self._endpoint.url} (model {self._model!r})"
        vectors = as_vectors(_ordered(reply, count, who), count, self._dimension, who)
        self._dimension = vectors.shape[1]
        return normalized(vectors) if self._normalize else vectors

    def __repr__(self) -> str:
        return f"OpenAIEmbedder({self._model!r}, url={self._endpoint.url!r})"


def _ordered(reply: object, count: int, who: str) -> list[object]:
    """The reply's vectors in the order of the texts.

    Raises:
        EndpointReplyError: If the reply has not the format of an embeddings reply.
        EmbeddingError: If vectors are missing or too many.
    """
    data = reply.get("data") if isinstance(reply, dict) else None
    if not isinstance(data, list) or not all(
        isinstance(item, dict) and "embedding" in item for item in data
    ):
        raise EndpointReplyError(
            f"{who} sent a reply that has not the form {{'data': [{{'embedding': […]}}, …]}}: "
            f"{str(reply)[:200]}",
            status=200,
        )
    if len(data) != count:
        raise EmbeddingError(f"{who} gave {len(data)} vectors for {count} texts.")
    places = [item.get("index", position) for position, item in enumerate(data)]
    if not all(type(place) is int for place in places) or sorted(places) != list(range(count)):
        raise EndpointReplyError(
            f"{who} numbered its {count} vectors {str(places)[:200]}; each number from 0 to "
            f"{count - 1} has to occur once.",
            status=200,
        )
    by_place = dict(zip(places, data, strict=True))
    return [by_place[place]["embedding"] for place in range(count)]
