"""Work in a thread of its own, whose text is taken piece by piece."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import suppress

from ragkit.types import Generation

__all__ = ["Worker"]

_Piece = str | Generation
_Item = _Piece | BaseException | None

_WAIT = 0.05
"""Seconds after which a full queue's worker looks again whether anybody still wants its pieces."""


class Worker:
    """Runs a function that passes pieces on; what it raises reaches the consumer.

    The thread starts when the first piece is asked for. Iterate over it once, with ``for`` or
    ``async for``; leaving the loop asks the work to end at its next piece.

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
        self._queue: queue.Queue[_Item] = queue.Queue(ahead)
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._work, name="ragkit-generate", daemon=True)

    def __iter__(self) -> Iterator[_Piece]:
        """The pieces; when the loop is left, the thread has ended."""
        self._thread.start()
        try:
            while (piece := self._next()) is not None:
                yield piece
        finally:
            self._cancel()
            self._thread.join()

    async def __aiter__(self) -> AsyncGenerator[_Piece, None]:
        """The same without blocking the event loop; the thread ends soon after."""
        self._thread.start()
        try:
            while (piece := await asyncio.to_thread(self._next)) is not None:
                yield piece
        finally:
            self._cancel()

    def _next(self) -> _Piece | None:
        """The next piece; None at the end. Raises what the work raised."""
        item = self._queue.get()
        if isinstance(item, BaseException):
            raise item
        return item

    def _cancel(self) -> None:
        self._cancelled.set()
        # A thread that still waits for a piece, since its task was cancelled, gets an end; where
        # the queue is full, nobody waits.
        with suppress(queue.Full):
            self._queue.put_nowait(None)

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
        """Whether the consumer took it, or is still there to."""
        while not self._cancelled.is_set():
            try:
                self._queue.put(item, timeout=_WAIT)
            except queue.Full:
                continue
            return True
        return False
