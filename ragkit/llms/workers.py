"""Work in a thread of its own, whose text is taken piece by piece."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import AsyncGenerator, Callable, Iterator

from ragkit.types import Generation

__all__ = ["Worker"]

_Piece = str | Generation
_Item = _Piece | BaseException | None

_WAIT = 0.05
"""Seconds after which a worker ahead of its consumer looks again whether that is still there."""


class Worker:
    """Runs a function that passes pieces on; what it raises reaches the consumer.

    The thread starts when the first piece is asked for. Iterate over it once, with ``for`` or
    ``async for``; leaving the loop asks the work to end at its next piece. Nobody waits in a
    thread of the event loop's pool: it has few, and streams that wait for each other would fill it.

    Args:
        run: Gets a function to pass pieces to, which says whether they are still wanted, and the
            event that is set once they are not.
        ahead: Most pieces that wait to be taken before the work waits itself; 0 for no limit.
    """

    def __init__(
        self,
        run: Callable[[Callable[[_Piece], bool], threading.Event], None],
        *,
        ahead: int = 0,
    ) -> None:
        self._run = run
        self._room = threading.Semaphore(ahead) if ahead else None
        self._cancelled = threading.Event()
        self._deliver: Callable[[_Item], object]
        self._thread = threading.Thread(target=self._work, name="ragkit-generate", daemon=True)

    def __iter__(self) -> Iterator[_Piece]:
        """The pieces; when the loop is left, the thread has ended."""
        items: queue.SimpleQueue[_Item] = queue.SimpleQueue()
        self._deliver = items.put
        self._thread.start()
        try:
            while (piece := self._taken(items.get())) is not None:
                yield piece
        finally:
            self._cancelled.set()
            self._thread.join()

    async def __aiter__(self) -> AsyncGenerator[_Piece, None]:
        """The same without blocking the event loop; the thread ends soon after."""
        items: asyncio.Queue[_Item] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        self._deliver = lambda item: loop.call_soon_threadsafe(items.put_nowait, item)
        self._thread.start()
        try:
            while (piece := self._taken(await items.get())) is not None:
                yield piece
        finally:
            self._cancelled.set()

    def _taken(self, item: _Item) -> _Piece | None:
        """A piece that came; None at the end. Raises what the work raised."""
        if self._room is not None:
            self._room.release()
        if isinstance(item, BaseException):
            raise item
        return item

    def _work(self) -> None:
        # Whatever ends it, SystemExit included: without an end the consumer would wait for ever.
        end: BaseException | None = None
        try:
            self._run(self._put, self._cancelled)
        except BaseException as error:
            end = error
        finally:
            self._put(end)

    def _put(self, item: _Item) -> bool:
        """Whether the consumer is still there to take it."""
        while self._room is not None and not self._room.acquire(timeout=_WAIT):
            if self._cancelled.is_set():
                break
        if self._cancelled.is_set():
            return False
        try:
            self._deliver(item)
        except RuntimeError:  # the event loop was closed
            self._cancelled.set()
            return False
        return True
