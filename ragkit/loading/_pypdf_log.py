"""pypdf's log, kept quiet while we read with it: our errors report damage."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["quiet_pypdf"]


class _OtherThreads(logging.Filter):
    """Lets errors pass, and everything that another thread logs."""

    def __init__(self) -> None:
        super().__init__()
        self._thread = threading.get_ident()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is to be logged."""
        return record.levelno >= logging.ERROR or threading.get_ident() != self._thread


@contextmanager
def quiet_pypdf() -> Iterator[None]:
    """While it is open, no warning of pypdf about what this thread reads.

    The levels of its loggers are the program's own affair and stay as they are.
    """
    # A filter holds for its logger alone, not for those below; pypdf has one for each module.
    names = [name for name in list(sys.modules) if name.partition(".")[0] == "pypdf"]
    loggers = [logging.getLogger(name) for name in names]
    ours = _OtherThreads()
    for logger in loggers:
        logger.addFilter(ours)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(ours)
