"""Python's garbage collector, out of the way while a large document is made."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["collector_paused"]


class _Pause:
    """How many want the collector to pause, in all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self._was_on = False

    def begin(self) -> None:
        with self._lock:
            if self._count == 0:
                self._was_on = gc.isenabled()
                gc.disable()
            self._count += 1

    def end(self) -> None:
        with self._lock:
            self._count -= 1
            if self._count == 0 and self._was_on:
                gc.enable()


_pause = _Pause()


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keeps the collector from going over objects that are made to stay.

    A document is a tree of many small objects, and none of them is garbage; with the collector
    on, the time grows faster than the pages, for it looks at all of them again and again
    (measured: 40 % of the time of 500 pages). Reference counts free what is dropped meanwhile.
    """
    _pause.begin()
    try:
        yield
    finally:
        _pause.end()
