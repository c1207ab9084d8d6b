"""Requests to a JSON service: time-outs, retries with back-off, errors of our own, streams.

Used by every backend behind an endpoint. Redirects are not followed, keys never show up in
messages, replies are bounded in size.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, closing, contextmanager, suppress
from typing import Any

import httpx

from ragkit._checks import check_seconds
from ragkit._http_clients import Clients
from ragkit._http_values import check_url, checked_headers, read_api_key, retry_after, secrets_of
from ragkit._retrying import Retries
from ragkit._sse import LineDecoder
from ragkit.errors import (
    EndpointConnectionError,
    EndpointError,
    EndpointReplyError,
    EndpointTimeoutError,
)

__all__ = ["Endpoint", "read_api_key"]

MAX_REPLY_BYTES = 256 * 2**20
"""A longer reply is refused."""

BODY_SHOWN = 500
"""Characters of a failed reply that go into the error."""

_LOOPBACK = ("localhost", "127.", "::1")
_HINTS = {
    401: " Check api_key=.",
    403: " Check api_key= and what it may do.",
    404: " Check url= (it ends before the path, usually in /v1) and the model's name.",
}
_Body = Mapping[str, Any] | None
"""What is posted; None gets."""


class Endpoint:
    """One HTTP service that takes and gives JSON.

    Synchronous requests share a pool of connections and may come from several threads;
    asynchronous ones share a pool with those of the same event loop.

    Args:
        url: Base of the service, such as ``http://host:8000/v1``.
        api_key: Sent as ``Authorization: Bearer …``.
        timeout: Seconds for a whole reply; in a stream, seconds between two pieces.
        retries: How often a request is repeated after a time-out, a lost connection or a
            status that says "later" (`TEMPORARY_STATUSES`).
        backoff: Seconds of the first pause, if not those of `Retries`.
        headers: More headers.

    Raises:
        InvalidInputError: If an argument can't work.
    """

    def __init__(
        self,
        url: str,
        *,
        api_key: str | None = None,
        timeout: float = 60.0,
        retries: int = 3,
        backoff: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.url = check_url(url)
        self.timeout = check_seconds(timeout, "timeout")
        self._retries = Retries(retries, first_pause=backoff)
        self._headers = checked_headers(headers)
        self._secrets = secrets_of(api_key, self._headers)
        if api_key is not None:
            self._headers["Authorization"] = f"Bearer {api_key}"
        self._clients = Clients(self._options())

    def __repr__(self) -> str:
        return f"Endpoint({self.url!r})"

    def post_json(self, path: str, body: Mapping[str, Any]) -> Any:
        """The decoded reply to ``POST {url}/{path}``.

        Raises:
            EndpointTimeoutError: If it did not come in time, retries included.
            EndpointConnectionError: If the service could not be reached, or hung up.
            EndpointReplyError: If the reply is not JSON, or too long.
            EndpointError: If the status is not 2xx; it carries status and start of the body.
        """
        return self._retries.call(lambda: self._fetch(path, body))

    async def apost_json(self, path: str, body: Mapping[str, Any]) -> Any:
        """`post_json` without blocking the event loop."""
        return await self._retries.acall(lambda: self._afetch(path, body))

    def get_json(self, path: str) -> Any:
        """The decoded reply to ``GET {url}/{path}``; errors as `post_json`."""
        return self._retries.call(lambda: self._fetch(path, None))

    @contextmanager
    def stream_lines(self, path: str, body: Mapping[str, Any]) -> Iterator[Iterator[str]]:
        """Decoded lines of the reply as they come; for server-sent events see `sse_data`.

        Only the opening is retried. Leaving the block hangs up.

        Raises:
            EndpointError: As `post_json`; also while the lines are read.
        """
        response = self._retries.call(lambda: self._open(path, body))
        try:
            yield self._lines(response)
        finally:
            response.close()

    @asynccontextmanager
    async def astream_lines(
        self, path: str, body: Mapping[str, Any]
    ) -> AsyncIterator[AsyncIterator[str]]:
        """`stream_lines` without blocking the event loop."""
        response = await self._retries.acall(lambda: self._aopen(path, body))
        try:
            yield self._alines(response)
        finally:
            await response.aclose()

    def close(self) -> None:
        """Hangs up; a later request opens new connections."""
        self._clients.close()

    def hide_key(self, text: str) -> str:
        """`text` without the key and the headers' secrets, since services echo them."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, "***")
        return text

    # One request, without retries.

    def _fetch(self, path: str, body: _Body) -> Any:
        deadline = time.monotonic() + self.timeout
        response = self._open(path, body)
        data = _Bounded(self, deadline)
        with closing(response), self._own_errors():
            for part in response.iter_bytes():
                data.feed(part)
        return self._parsed(bytes(data.collected))

    async def _afetch(self, path: str, body: _Body) -> Any:
        deadline = time.monotonic() + self.timeout
        response = await self._aopen(path, body)
        data = _Bounded(self, deadline)
        async with aclosing(response):
            with self._own_errors():
                async for part in response.aiter_bytes():
                    data.feed(part)
        return self._parsed(bytes(data.collected))

    def _open(self, path: str, body: _Body) -> httpx.Response:
        """The reply's head; the body is still to be read, and the reply to be closed."""
        with self._own_errors():
            client = self._clients.client()
            response = client.send(self._request(client, path, body), stream=True)
            if response.is_success:
                return response
            shown = _Shown(self.timeout)
            with closing(response), suppress(httpx.TimeoutException):
                for part in response.iter_bytes():
                    if shown.feed(part):
                        break
        raise self._refusal(response, shown.data)

    async def _aopen(self, path: str, body: _Body) -> httpx.Response:
        with self._own_errors():
            client = await self._clients.async_client()
            response = await client.send(self._request(client, path, body), stream=True)
            if response.is_success:
                return response
            shown = _Shown(self.timeout)
            async with aclosing(response):
                with suppress(httpx.TimeoutException):
                    async for part in response.aiter_bytes():
                        if shown.feed(part):
                            break
        raise self._refusal(response, shown.data)

    def _request(
        self, client: httpx.Client | httpx.AsyncClient, path: str, body: _Body
    ) -> httpx.Request:
        if body is None:
            return client.build_request("GET", f"{self.url}/{path}")
        return client.build_request("POST", f"{self.url}/{path}", content=_encoded(body))

    def _lines(self, response: httpx.Response) -> Iterator[str]:
        decoder, count = LineDecoder(), 0
        with self._own_errors():
            for part in response.iter_bytes():
                count += len(part)
                self._check_length(count)
                yield from decoder.feed(part)
        yield from decoder.finish()

    async def _alines(self, response: httpx.Response) -> AsyncIterator[str]:
        decoder, count = LineDecoder(), 0
        with self._own_errors():
            async for part in response.aiter_bytes():
                count += len(part)
                self._check_length(count)
                for line in decoder.feed(part):
                    yield line
        for line in decoder.finish():
            yield line

    def _check_length(self, count: int) -> None:
        if count > MAX_REPLY_BYTES:
            raise EndpointReplyError(
                f"{self.url} sent more than {MAX_REPLY_BYTES:,} bytes; no reply is that long."
            )

    # Settings and errors.

    def _options(self) -> dict[str, Any]:
        # A proxy from the environment is for what is outside, not for this machine.
        outside = not httpx.URL(self.url).host.startswith(_LOOPBACK)
        return {
            "headers": {"Content-Type": "application/json", **self._headers},
            "timeout": self.timeout,
            "follow_redirects": False,
            "trust_env": outside,
            "verify": outside or self.url.startswith("https:"),
        }

    @contextmanager
    def _own_errors(self) -> Iterator[None]:
        try:
            yield
        except httpx.TimeoutException as error:
            raise EndpointTimeoutError(
                f"{self.url} did not answer within {self.timeout:g} s ({type(error).__name__}); "
                f"raise timeout= if it needs longer."
            ) from None
        except httpx.DecodingError as error:
            raise EndpointReplyError(f"{self.url} sent a damaged reply: {error}.") from None
        except httpx.RequestError as error:
            reason = self.hide_key(str(error)) or type(error).__name__
            raise EndpointConnectionError(
                f"{self.url} can't be reached, or hung up: {reason}. Is the service running there?"
            ) from None

    def _refusal(self, response: httpx.Response, data: bytes) -> EndpointError:
        shown = self.hide_key(data.decode("utf-8", "replace"))[:BODY_SHOWN]
        status = response.status_code
        hint = _HINTS.get(status, "")
        if response.is_redirect:
            hint = " Redirects are not followed; give the final URL."
        message = f"{self.url} answered with status {status}: {shown.strip() or '(no text)'}.{hint}"
        pause = retry_after(response.headers.get("retry-after"))
        return EndpointError(message, status=status, body=shown, retry_after=pause)

    def _parsed(self, data: bytes) -> Any:
        for secret in self._secrets:
            if secret.encode() in data:  # a service that repeats it must not bring it into an error
                data = data.replace(secret.encode(), b"***")
        try:
            return json.loads(data)
        except (ValueError, RecursionError) as error:
            shown = self.hide_key(data[: 4 * BODY_SHOWN].decode("utf-8", "replace"))[:BODY_SHOWN]
            raise EndpointReplyError(
                f"{self.url} sent a reply that is not JSON ({error}): {shown!r}.",
                status=200,
                body=shown,
            ) from None


class _Bounded:
    """Bytes of a reply, refused where they get too many or come too slowly."""

    def __init__(self, endpoint: Endpoint, deadline: float) -> None:
        self.collected = bytearray()
        self._endpoint = endpoint
        self._deadline = deadline

    def feed(self, data: bytes) -> None:
        self.collected += data
        if len(self.collected) > MAX_REPLY_BYTES:
            raise EndpointReplyError(
                f"{self._endpoint.url} sent more than {MAX_REPLY_BYTES:,} bytes; "
                f"no reply is that long."
            )
        if time.monotonic() > self._deadline:
            raise EndpointTimeoutError(
                f"{self._endpoint.url} had not finished its reply after "
                f"{self._endpoint.timeout:g} s; raise timeout= if it needs longer."
            )


def _encoded(body: Mapping[str, Any]) -> bytes:
    """JSON; half a surrogate pair, which is no character and has no bytes, becomes "?"."""
    return json.dumps(body, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")


class _Shown:
    """The start of a refusal's body: enough of it to show, and no waiting for one that drips."""

    def __init__(self, timeout: float) -> None:
        self.data = b""
        self._deadline = time.monotonic() + timeout

    def feed(self, part: bytes) -> bool:
        """Whether that was enough."""
        self.data += part
        return len(self.data) >= 4 * BODY_SHOWN or time.monotonic() > self._deadline
