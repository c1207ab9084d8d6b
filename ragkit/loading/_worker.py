"""Worker processes that read files.

A worker is a fresh interpreter that takes requests on its standard input and writes results
to its standard output. It does not import the program that started it, as multiprocessing's
workers do, so that a script needs no ``if __name__ == "__main__"``; and a file on which the
reader crashes costs this one file.
"""

from __future__ import annotations

import copyreg
import gc
import io
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import IO, Any

from ragkit._processes import reap, receive, send, start
from ragkit.errors import CorruptFileError, LimitExceededError, LoadError, RagkitError
from ragkit.layout.model import LayoutDocument, Word
from ragkit.loading._watch import Watch
from ragkit.provenance import Box

__all__ = ["Worker"]

# Ctrl-C reaches the workers too; the process that started them ends them.
_START = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN); sys.path[:] = {path!r}; "
    "from ragkit.loading._worker import serve; serve()"
)


class _Pickler(pickle.Pickler):
    """Writes words and boxes as calls of their classes: a third of the time."""

    dispatch_table = copyreg.dispatch_table.copy()


_Pickler.dispatch_table[Box] = lambda b: (Box, (b.x0, b.y0, b.x1, b.y1))
_Pickler.dispatch_table[Word] = lambda w: (
    Word,
    (w.text, w.box, w.size, w.bold, w.italic, w.confidence, w.turned, w.color, w.link),
)


class Worker:
    """One process that reads one file at a time; started when it is first needed.

    Args:
        max_seconds: How long it may take for a file; None for no limit.
        max_page_seconds: How long it may take for the words of one page; None for no limit.
        max_memory: Bytes that it may have, where the system can limit them; None for no limit.
    """

    def __init__(
        self,
        max_seconds: float | None = None,
        max_page_seconds: float | None = None,
        max_memory: int | None = None,
    ) -> None:
        self._max_memory = max_memory
        self._max_seconds = max_seconds
        self._max_page_seconds = max_page_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._lock = threading.Lock()

    def read(self, path: str, options: dict[str, Any]) -> LayoutDocument:
        """What ``PDFLoader(path, **options)`` gives.

        A page that takes longer than `max_page_seconds` is given up, and has the reason as its
        ``error``; the file is read again without it.

        Raises:
            LimitExceededError: If it takes longer than `max_seconds`; its process is ended.
            LoadError: As the loader, or because the reader crashed on the file.
        """
        watch = Watch(self._max_seconds, self._max_page_seconds)
        given_up: dict[int, str] = {}
        while True:
            late = self._attempt(path, (path, options, given_up, self._max_memory), watch)
            if isinstance(late, LayoutDocument):
                return late
            given_up[late] = (
                f"page {late + 1} took longer than max_page_seconds={self._max_page_seconds:g} "
                "and was given up"
            )

    def _attempt(self, path: str, request: object, watch: Watch) -> LayoutDocument | int:
        """The document, or the number of the page that took too long."""
        process = self._running(path)
        try:
            with watch.over(process):
                _send(process.stdin, request)
                while isinstance(result := _receive(process.stdout), int):
                    watch.page_begins(result)
        except (OSError, EOFError, ValueError) as error:  # ValueError: `close` closed the pipe
            code = self._drop(process)
            if watch.late == "page" and watch.page is not None:
                return watch.page
            if watch.late:
                raise LimitExceededError(
                    f"Reading {path!r} took longer than max_seconds={self._max_seconds:g} and was "
                    "stopped. Pass a larger max_seconds if you trust the file, or None for no "
                    "limit."
                ) from error
            memory = (
                ""
                if self._max_memory is None
                else (f", or needs more than max_memory={self._max_memory:,} bytes")
            )
            raise CorruptFileError(
                f"{path!r} made the PDF reader crash (its process ended with code {code}): the "
                f"file is damaged{memory}. Fetch or export it again."
            ) from error
        if watch.late:  # it answered at the last moment
            self._drop(process)
        if isinstance(result, BaseException):
            raise result
        return LayoutDocument(*result)

    def close(self) -> None:
        """Ends the process at once, also while another thread waits for its answer."""
        with self._lock:
            self._closed = True
            process, self._process = self._process, None
        if process is not None:
            process.kill()
            reap(process)

    def _running(self, path: str) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._closed:
                raise LoadError(f"{path!r} was not read: its worker has been closed.")
            self._process = self._process or start(_START)
            return self._process

    def _drop(self, process: subprocess.Popen[bytes]) -> int:
        """Ends a process that is of no more use; the next file starts another."""
        with self._lock:
            if self._process is process:
                self._process = None
        return reap(process)


def _send(pipe: IO[bytes] | None, value: object) -> None:
    packed = io.BytesIO()
    _Pickler(packed, protocol=pickle.HIGHEST_PROTOCOL).dump(value)
    send(pipe, packed.getvalue())


def _receive(pipe: IO[bytes] | None) -> Any:
    data = receive(pipe)
    with _without_collection():
        return pickle.loads(data)  # noqa: S301 – from our own process, over a pipe of its own


@contextmanager
def _without_collection() -> Iterator[None]:
    """Many new objects, none of them garbage: looking for some takes five times as long."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def serve() -> None:
    """Answers requests until the input ends; runs in the worker."""
    requests, replies = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    gc.set_threshold(200_000)  # words and boxes are many, and hardly ever garbage
    os.dup2(2, 1)  # what a library prints must not get between the replies
    while True:
        try:
            path, options, given_up, max_memory = _receive(requests)
        except EOFError:
            return
        _limit_memory(max_memory)
        _send(replies, _reply(path, options, given_up, partial(_send, replies)))


def _limit_memory(most: int | None) -> None:
    """Limits what this process may have; a file that unpacks to more ends it, and no other."""
    try:
        import resource
    except ImportError:  # not on Windows
        return
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    wanted = resource.RLIM_INFINITY if most is None else most
    if hard != resource.RLIM_INFINITY:
        wanted = hard if wanted == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))


def _reply(
    path: str, options: dict[str, Any], given_up: dict[int, str], page_begins: Callable[[int], None]
) -> object:
    from ragkit.loading._files import load_errors
    from ragkit.loading.pdf import PDFLoader, read_one

    try:
        with load_errors(path):
            loader = PDFLoader(path, **options)
            layout = read_one(loader, path, given_up=given_up, page_begins=page_begins)
    except RagkitError as error:  # others than LoadErrors need not survive being sent
        return error if isinstance(error, LoadError) else LoadError(str(error))
    return layout.source, layout.pages, layout.metadata
