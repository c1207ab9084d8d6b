"""A generation in a thread of its own, whose text is taken piece by piece."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import AsyncGenerator, Callable, Iterator

from ragkit.types import Generation

__all__ = ["Job"]

_Item = str | Generation | BaseException | None


class Job:
    """Runs a function that passes pieces of text on; what it raises reaches the consumer.

    Args:
        run: Gets a function to pass pieces to, and the event that asks it to end; gives the whole.
    """

    def __init__(self, run: Callable[[Callable[[str], None], threading.Event], Generation]) -> None:
        self._run = run
        self._queue: queue.SimpleQueue[_Item] = queue.SimpleQueue()
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._work, name="ragkit-generate", daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[str | Generation]:
        """The pieces, then the whole; leaving the loop ends the work."""
        try:
            while (piece := self.next()) is not None:
                yield piece
        finally:
            self.cancel()
            self._thread.join()

    async def __aiter__(self) -> AsyncGenerator[str | Generation, None]:
        """The same without blocking the event loop."""
        try:
            while (piece := await asyncio.to_thread(self.next)) is not None:
                yield piece
        finally:
            self.cancel()

    def next(self) -> str | Generation | None:
        """The next piece; None at the end. Raises what the work raised."""
        item = self._queue.get()
        if isinstance(item, BaseException):
            raise item
        return item

    def cancel(self) -> None:
        """Asks the work to end at its next step; whoever waits for a piece gets None."""
        self._cancelled.set()
        self._queue.put(None)

    def _work(self) -> None:
        # Whatever ends it, SystemExit included: without an end the consumer would wait for ever.
        end: BaseException | None = None
        try:
            self._queue.put(self._run(self._queue.put, self._cancelled))
        except BaseException as error:
            end = error
        finally:
            self._queue.put(end)
