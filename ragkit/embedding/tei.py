"""Embeddings from Text Embeddings Inference, by its own API."""

from __future__ import annotations

import threading
from typing import Any

from ragkit._checks import check_count, check_flag
from ragkit._http import Endpoint
from ragkit._options import names_options
from ragkit.embedding._remote import HTTPEmbedder, Purpose, Sender, entry
from ragkit.embedding._requests import TOO_LARGE, Limits
from ragkit.errors import EndpointError, EndpointReplyError

__all__ = ["TEIEmbedder"]

_FEWEST = 32
"""Texts of one request, where the service tells no limit; TEI's own default."""


@names_options
class TEIEmbedder(HTTPEmbedder):
    """Vectors from ``POST {url}/embed`` of Hugging Face's Text Embeddings Inference.

    The first request is ``GET {url}/info``: it tells the model, its revision (which become the
    fingerprint) and how many texts a request may have.

    Args:
        url: Base of the service, such as ``http://host:8080``.
        api_key: Sent as a header; it shows up nowhere else.
        truncate: Whether texts that are longer than the model reads lose their end, which
            `truncated` counts: the service is asked to cut only what it refused alone, since it
            does not say what it cuts. False makes such a text an error.
        batch_size: The most texts of one request; by default what the service allows.
        concurrency: Requests under way together.
        timeout: Seconds for one reply.
        retries: How often a request is repeated.
        normalize: Whether vectors get length 1.
        query_prefix: Put before each query.
        document_prefix: Put before each document.

    Raises:
        InvalidInputError: If an argument can't work.

    Example:
        >>> TEIEmbedder("http://localhost:8080")
        TEIEmbedder(url='http://localhost:8080')
    """

    def __init__(  # noqa: PLR0913 - keywords, each of which some service needs
        self,
        url: str,
        *,
        api_key: str | None = None,
        truncate: bool = False,
        batch_size: int | None = None,
        concurrency: int = 8,
        timeout: float = 60.0,
        retries: int = 3,
        normalize: bool = True,
        query_prefix: str = "",
        document_prefix: str = "",
    ) -> None:
        self._endpoint = Endpoint(url, api_key=api_key, timeout=timeout, retries=retries)
        self._truncate = check_flag(truncate, "truncate")
        self._wanted = None if batch_size is None else check_count(batch_size, "batch_size")
        self._info: dict[str, Any] | None = None
        self._asking = threading.Lock()
        self._truncated = 0
        super().__init__(
            "",
            Limits(_FEWEST),
            concurrency=concurrency,
            normalize=normalize,
            query_prefix=query_prefix,
            document_prefix=document_prefix,
        )

    @property
    def max_tokens(self) -> int:
        """The most tokens of a text that are read, as the service says; it is asked once.

        Raises:
            EndpointReplyError: If it does not say.
        """
        self._prepare()
        assert self._info is not None
        return _number(self._info, "max_input_length", self._endpoint.url)

    @property
    def truncated(self) -> int:
        """How many texts were cut to the model's limit since the embedder was made."""
        return self._truncated

    def _prepare(self) -> None:
        with self._asking:
            if self._info is not None:
                return
            url = self._endpoint.url
            info = self._endpoint.get_json("info")
            name = entry(info, "model_id", Sender(url, self._endpoint.hide_key))
            if not isinstance(name, str) or not name:
                raise EndpointReplyError(f"{url}/info has model_id {name!r}; is it TEI?")
            most = _number({"max_client_batch_size": _FEWEST, **info}, "max_client_batch_size", url)
            self._limits = Limits(most if self._wanted is None else min(most, self._wanted))
            self._name, self._info = name, info

    def _revision(self) -> str:
        assert self._info is not None
        return str(self._info.get("model_sha") or "")

    def _ask(self, texts: list[str], purpose: Purpose) -> object:
        try:
            return super()._ask(texts, purpose)
        except EndpointError as error:
            if not self._may_cut(texts, error):
                raise
        reply = self._endpoint.post_json("embed", _body(texts, truncate=True))
        self._count_cut()
        return reply

    async def _aask(self, texts: list[str], purpose: Purpose) -> object:
        try:
            return await super()._aask(texts, purpose)
        except EndpointError as error:
            if not self._may_cut(texts, error):
                raise
        reply = await self._endpoint.apost_json("embed", _body(texts, truncate=True))
        self._count_cut()
        return reply

    def _may_cut(self, texts: list[str], error: EndpointError) -> bool:
        """Whether one text was refused as too long, and may lose its end."""
        return self._truncate and len(texts) == 1 and error.status == TOO_LARGE

    def _count_cut(self) -> None:
        with self._lock:
            self._truncated += 1

    def _request(self, texts: list[str], purpose: Purpose) -> tuple[str, dict[str, Any]]:  # noqa: ARG002
        return "embed", _body(texts)

    def _read(self, reply: object, count: int) -> object:  # noqa: ARG002
        return reply

    def __repr__(self) -> str:
        return f"TEIEmbedder(url={self._endpoint.url!r})"


def _body(texts: list[str], *, truncate: bool = False) -> dict[str, Any]:
    return {"inputs": texts, "normalize": False, "truncate": truncate}


def _number(info: dict[str, Any], key: str, url: str) -> int:
    value = info.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise EndpointReplyError(f"{url}/info has {key} {value!r}; is it TEI?", status=200)
    return value
