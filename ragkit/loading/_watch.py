"""Time limits for a process that reads a file: for all of it, and for each page."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

__all__ = ["NO_PAGE", "Watch"]

NO_PAGE = -1
"""Told in place of a page's number when all are read, and the file is analysed."""


class Watch:
    """Kills the process that it looks after when a limit is passed.

    Args:
        max_seconds: For the file, over all attempts; None for no limit.
        max_page_seconds: For a page; None for no limit.

    Attributes:
        page: The page that is being read.
        late: Which limit was passed, if any.
    """

    def __init__(self, max_seconds: float | None, max_page_seconds: float | None) -> None:
        self._end = None if max_seconds is None else time.monotonic() + max_seconds
        self._page_seconds = max_page_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._timers: dict[str, threading.Timer] = {}
        self.page: int | None = None
        self.late: Literal["", "file", "page"] = ""

    @contextmanager
    def over(self, process: subprocess.Popen[bytes]) -> Iterator[None]:
        """Inside, the process is killed when it is late."""
        self._process, self.page, self.late = process, None, ""
        if self._end is not None:
            self._start("file", max(0.0, self._end - time.monotonic()))
        try:
            yield
        finally:
            for name in list(self._timers):
                self._stop(
                    name
                )  # so that it does not kill the process while it reads the next file

    def page_begins(self, number: int) -> None:
        """From now on, the time of this page counts; with `NO_PAGE`, that of the file alone."""
        self._stop("page")
        self.page = None if number == NO_PAGE else number
        if self._page_seconds is not None and self.page is not None:
            self._start("page", self._page_seconds)

    def _start(self, name: Literal["file", "page"], seconds: float) -> None:
        process = self._process

        def kill() -> None:
            if process is not None and not self.late:
                self.late = name
                process.kill()

        timer = self._timers[name] = threading.Timer(seconds, kill)
        timer.daemon = True
        timer.start()

    def _stop(self, name: str) -> None:
        timer = self._timers.pop(name, None)
        if timer is not None:
            timer.cancel()
            timer.join()
