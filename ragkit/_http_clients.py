"""Connections that are kept open: one pool for threads, one for each running event loop."""

from __future__ import annotations

import asyncio
import os
import threading
import weakref
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Any

import httpx

__all__ = ["Clients"]


class Clients:
    """The clients of one endpoint.

    A pool of asynchronous connections is bound to the event loop that opened it, so each loop
    gets its own; it is closed when the loop is shut down, as `asyncio.run` does at its end.

    Args:
        options: Keyword arguments of httpx's clients.
    """

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options
        self._lock = threading.Lock()
        self._shared: tuple[int, httpx.Client] | None = None
        self._of_loop: dict[asyncio.AbstractEventLoop, _Keeper] = {}
        weakref.finalize(self, _drop, self._of_loop)

    def client(self) -> httpx.Client:
        """The client for threads; a forked child gets its own, for sockets can't be shared."""
        with self._lock:
            if self._shared is None or self._shared[0] != os.getpid():
                client = httpx.Client(**self._options)
                weakref.finalize(self, client.close)
                self._shared = os.getpid(), client
            return self._shared[1]

    async def async_client(self) -> httpx.AsyncClient:
        """The client of the running event loop."""
        loop = asyncio.get_running_loop()
        with self._lock:
            for other in [known for known in self._of_loop if known.is_closed()]:
                _HELD.discard(self._of_loop.pop(other))
            keeper = self._of_loop.get(loop)
            if keeper is None or keeper.client.is_closed:
                keeper = self._of_loop[loop] = _Keeper(httpx.AsyncClient(**self._options))
        await keeper.begin()
        return keeper.client

    def close(self) -> None:
        """Hangs up; a client that is asked for later opens new connections."""
        with self._lock:
            shared, self._shared = self._shared, None
            _drop(self._of_loop)
        if shared is not None:
            shared[1].close()


class _Keeper:
    """Closes a client at the end of its event loop, or when it is dropped before.

    Event loops end the asynchronous generators that are still suspended before they close; no
    other hook of theirs lets one hang up in time.
    """

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self._closing = asyncio.Lock()
        self._waiting: Any = None  # AsyncGenerator, whose type lacks ag_running
        self._task: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Waits for the loop's end from now on."""
        if self._waiting is None:
            self._waiting = self._wait()
            _HELD.add(self)  # also when nobody needs it any more: the loop may be about to end
            await anext(self._waiting)

    async def _wait(self) -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            await self._close()

    async def _close(self) -> None:
        async with self._closing:
            await self.client.aclose()
        _HELD.discard(self)

    def drop(self) -> None:
        """Begins to close; to be called in the loop."""
        self._task = asyncio.ensure_future(self._end())

    async def _end(self) -> None:
        await self._close()
        if self._waiting is not None and not self._waiting.ag_running:
            await self._waiting.aclose()


_HELD: set[_Keeper] = set()


def _drop(of_loop: dict[asyncio.AbstractEventLoop, _Keeper]) -> None:
    """Closes what the loops that still run have open."""
    while of_loop:
        loop, keeper = of_loop.popitem()
        if loop.is_closed():
            _HELD.discard(keeper)
            continue
        with suppress(RuntimeError):  # closed by another thread just now
            loop.call_soon_threadsafe(keeper.drop)
