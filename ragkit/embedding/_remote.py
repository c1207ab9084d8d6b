"""What embedders behind endpoints have in common."""

from __future__ import annotations

import json
import threading
from abc import abstractmethod
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ragkit._checks import check_count, check_flag
from ragkit._threads import to_thread
from ragkit.embedding._base import (
    TextEmbedder,
    as_vectors,
    check_text,
    check_texts,
    first,
    normalized,
)
from ragkit.embedding._requests import Limits, aembed_all, embed_all
from ragkit.errors import EndpointReplyError, InvalidInputError
from ragkit.types import EmbedderFingerprint

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ragkit._http import Endpoint
    from ragkit.aws import AWSService

    Vectors = NDArray[np.float32]

__all__ = [
    "AWSEmbedder",
    "HTTPEmbedder",
    "Purpose",
    "RemoteEmbedder",
    "Sender",
    "check_model",
    "decoded",
    "encoded",
    "entry",
    "read_whole",
]

_MOST_BYTES = 64 * 2**20
"""A longer reply of boto3's is refused; the services' own limits are below."""
_SHOWN = 200
"""Characters of a reply in an error."""
Purpose = Literal["document", "query"]
"""What a text is embedded as; some models tell the two apart."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent a reply, for errors.

    Attributes:
        name: As it is called in them.
        hide: Blacks out the keys of ours that a reply may repeat.
    """

    name: str
    hide: Callable[[str], str]

    def __str__(self) -> str:
        return self.name

    def shown(self, reply: object) -> str:
        """The beginning of a reply."""
        # Hidden before it is cut: half a key would not be found.
        return self.hide(str(reply)[: 10 * _SHOWN])[:_SHOWN]


class RemoteEmbedder(TextEmbedder):
    """An embedder that has only one request to write: limits, order and errors are seen to.

    Args:
        name: Of the model, for the fingerprint and errors.
        limits: Of a request.
        concurrency: Requests under way together.
        normalize: Whether vectors get length 1.
        dimension: Length of the vectors, where it is known.
        query_prefix: Put before each query.
        document_prefix: Put before each document.
    """

    def __init__(
        self,
        name: str,
        limits: Limits,
        *,
        concurrency: int,
        normalize: bool,
        dimension: int | None = None,
        query_prefix: str = "",
        document_prefix: str = "",
    ) -> None:
        self._name, self._limits = name, limits
        self._at_once = check_count(concurrency, "concurrency")
        self._normalize = check_flag(normalize, "normalize")
        self._dimension = None if dimension is None else check_count(dimension, "dimensions")
        self.query_prefix = check_text(query_prefix, "query_prefix")
        self.document_prefix = check_text(document_prefix, "document_prefix")
        self._lock = threading.Lock()

    @abstractmethod
    def _ask(self, texts: list[str], purpose: Purpose) -> object:
        """What the service gives as the vectors of `texts`, by one request."""

    async def _aask(self, texts: list[str], purpose: Purpose) -> object:
        """`_ask` without blocking the event loop."""
        return await to_thread(self._ask, texts, purpose)

    def _prepare(self) -> None:
        """Asks the service once for what has to be known before the first request."""

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

        The URL is not part of it, so that a service may move; `revision` is empty where the
        service does not tell which weights it runs.
        """
        self._prepare()
        return EmbedderFingerprint(
            name=self._name,
            revision=self._revision(),
            dimension=self.dimension,
            normalized=self._normalize,
            query_prefix=self.query_prefix,
            document_prefix=self.document_prefix,
        )

    def embed_query(self, text: str) -> Vectors:
        """Vector of a query, float32 ``(dimension,)``.

        Raises:
            InvalidInputError: If `text` is not a str.
            EndpointError: If the service refuses, or can't be asked.
        """
        return first(self._all([self.query_prefix + check_text(text)], "query"))

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of many queries, float32 ``(len(texts), dimension)``, each as `embed_query`'s.

        Raises:
            InvalidInputError: If `texts` is one str, or an entry is not a str.
            PartialEmbeddingError: If some have no vector; it holds those of the others.
            EndpointError: If none has.
        """
        queries = [self.query_prefix + text for text in check_texts(texts, "embed_queries()")]
        return self._all(queries, "query") if queries else self.embed([])

    async def aembed(self, texts: Sequence[str]) -> Vectors:
        """`embed` without blocking the event loop, by asynchronous requests."""
        documents = [self.document_prefix + text for text in check_texts(texts)]
        return await self._aall(documents, "document")

    async def aembed_query(self, text: str) -> Vectors:
        """`embed_query` without blocking the event loop, by an asynchronous request."""
        return first(await self._aall([self.query_prefix + check_text(text)], "query"))

    async def aembed_queries(self, texts: Sequence[str]) -> Vectors:
        """`embed_queries` without blocking the event loop, by asynchronous requests."""
        queries = [self.query_prefix + text for text in check_texts(texts, "embed_queries()")]
        return await self._aall(queries, "query")

    def _vectors(self, texts: list[str]) -> Vectors:
        return self._all(texts, "document")

    def _all(self, texts: list[str], purpose: Purpose) -> Vectors:
        self._prepare()

        def ask(part: list[str]) -> Vectors:
            return self._checked(self._ask(part, purpose), len(part))

        return embed_all(texts, self._limits, ask, self._at_once)

    async def _aall(self, texts: list[str], purpose: Purpose) -> Vectors:
        if not texts:
            if self._dimension is None:
                await self._aall(["dimension"], purpose)
            return np.zeros((0, self.dimension), np.float32)
        await to_thread(self._prepare)

        async def ask(part: list[str]) -> Vectors:
            return self._checked(await self._aask(part, purpose), len(part))

        return await aembed_all(texts, self._limits, ask, self._at_once)

    def _checked(self, values: object, count: int) -> Vectors:
        with self._lock:
            vectors = as_vectors(values, count, self._dimension, str(self._sender))
            self._dimension = vectors.shape[1]
        return normalized(vectors) if self._normalize else vectors

    def _revision(self) -> str:
        return ""

    @property
    @abstractmethod
    def _sender(self) -> Sender:
        """The service in errors."""


class HTTPEmbedder(RemoteEmbedder):
    """One whose service takes and gives JSON over HTTP."""

    _endpoint: Endpoint

    @abstractmethod
    def _request(self, texts: list[str], purpose: Purpose) -> tuple[str, dict[str, Any]]:
        """Path and body."""

    @abstractmethod
    def _read(self, reply: object, count: int) -> object:
        """The vectors in a reply, in the order of the texts."""

    def close(self) -> None:
        """Closes the connections; a later request opens new ones."""
        self._endpoint.close()

    def _ask(self, texts: list[str], purpose: Purpose) -> object:
        return self._read(self._endpoint.post_json(*self._request(texts, purpose)), len(texts))

    async def _aask(self, texts: list[str], purpose: Purpose) -> object:
        reply = await self._endpoint.apost_json(*self._request(texts, purpose))
        return self._read(reply, len(texts))

    @property
    def _sender(self) -> Sender:
        return Sender(f"{self._endpoint.url} (model {self._name!r})", self._endpoint.hide_key)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._name!r}, url={self._endpoint.url!r})"


class AWSEmbedder(RemoteEmbedder):
    """One that boto3 asks; boto3 has no async, so the async methods use worker threads."""

    _service: AWSService

    def close(self) -> None:
        """Closes the connections; a later request opens new ones."""
        self._service.close()

    @property
    def _sender(self) -> Sender:
        return Sender(f"{type(self).__name__} {self._name!r}", self._service.hide)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._name!r}, region={self._service.region!r})"


def entry(reply: object, key: str, sender: Sender) -> object:
    """What an object has under `key`.

    Raises:
        EndpointReplyError: If it is no object, or has no such key.
    """
    if not isinstance(reply, dict) or key not in reply:
        raise EndpointReplyError(
            f"{sender} sent a reply that is no object with {key!r}: {sender.shown(reply)}",
            status=200,
        )
    return reply[key]


def decoded(data: bytes, sender: Sender, hint: str = "") -> Any:
    """What the JSON of a reply holds.

    Raises:
        EndpointReplyError: If it is none; the message ends with `hint`.
    """
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        shown = sender.shown(data[: 20 * _SHOWN].decode("utf-8", "replace"))
        raise EndpointReplyError(
            f"{sender} sent a reply that is not JSON: {shown!r}.{hint}", status=200
        ) from None


def read_whole(stream: Any) -> bytes:
    """What a reply of boto3's streams, to its end; it is closed then.

    Raises:
        EndpointReplyError: If it is longer than any reply is.
    """
    with closing(stream) as body:
        data: bytes = body.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise EndpointReplyError(f"The reply has more than {_MOST_BYTES:,} bytes; it is refused.")
    return data


def encoded(value: object) -> bytes:
    """JSON; half a surrogate pair, which is no character and has no bytes, becomes "?"."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")


def check_model(model: object, name: str = "model") -> str:
    """`model`, if it can be the name of one.

    Raises:
        InvalidInputError: If it is no text, or empty.
    """
    if not isinstance(model, str) or not model:
        raise InvalidInputError(f"{name} is {model!r}; it has to be the service's name of one.")
    return model
