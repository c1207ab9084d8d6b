"""Reading many files: one after the other, or PDFs in several processes."""

from __future__ import annotations

import atexit
import queue
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from threading import Thread
from typing import Any

from ragkit._cores import usable_processors
from ragkit.layout.model import LayoutDocument
from ragkit.loading._files import load_errors
from ragkit.loading._worker import Worker

__all__ = ["Reading", "process_count", "read_all"]

_PAYS_BYTES = 4_000_000
"""Below this, starting a process (0.3 s) takes longer than what it saves."""

_Job = tuple[Future[LayoutDocument], str, dict[str, Any]]

Reading = Callable[[], list[LayoutDocument]]
"""Reads one file; raises LoadError."""


def process_count(processes: int | None, pdfs: Sequence[str]) -> int:
    """How many other processes read the PDFs; 0 where this one does.

    None takes as many as there are processors, where there are files enough for it to pay, and
    one elsewhere: a file that crashes the reader must not take this process with it.
    """
    if not _can_start_python():
        return 0
    if processes is not None:
        return min(processes, len(pdfs)) if processes > 1 else 0
    count = min(usable_processors(), len(pdfs))
    if count < 2:
        return count
    sizes = (Path(p).stat().st_size for p in pdfs if Path(p).is_file())
    return count if sum(sizes) >= _PAYS_BYTES else 1


def _can_start_python() -> bool:
    """Whether `sys.executable` is Python.

    An embedded interpreter has no program to start, and a frozen program (PyInstaller) would
    start itself again.
    """
    return bool(sys.executable) and not getattr(sys, "frozen", False)


def read_all(
    paths: Sequence[str],
    read: Callable[[str], list[LayoutDocument]],
    pdfs: Sequence[str],
    options: dict[str, Any],
    workers: Sequence[Worker],
) -> Generator[tuple[str, Reading], None, None]:
    """Each path with a function that gives what it holds or raises, in the order of `paths`.

    Args:
        paths: Every file.
        read: Reads a file in this process.
        pdfs: Those that a worker may read.
        options: Of `PDFLoader`, for the workers.
        workers: Who reads the PDFs; where there is none, `read` does.
    """
    if not workers:
        for path in paths:
            yield path, partial(read, path)
        return
    remote = set(pdfs)
    with _pool(workers) as submit:
        waiting: deque[tuple[str, Future[LayoutDocument] | None]] = deque()
        todo = iter(paths)
        while True:
            # Enough ahead to keep the workers busy, and no more, so that memory stays flat.
            for ahead in islice(todo, 3 * len(workers) - len(waiting)):
                waiting.append((ahead, submit(ahead, options) if ahead in remote else None))
            if not waiting:
                return
            path, future = waiting.popleft()
            if future is None:
                yield path, partial(read, path)
            else:
                yield path, partial(_result, path, future)


def _result(path: str, future: Future[LayoutDocument]) -> list[LayoutDocument]:
    with load_errors(path):
        return [future.result()]


@contextmanager
def _pool(
    workers: Sequence[Worker],
) -> Iterator[Callable[[str, dict[str, Any]], Future[LayoutDocument]]]:
    """A function that has a file read by one of the workers; they are closed at the end."""
    jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
    # Daemons, since a program that ends waits for other threads before it calls `end`.
    threads = [Thread(target=_serve, args=(worker, jobs), daemon=True) for worker in workers]
    for thread in threads:
        thread.start()

    def end() -> None:
        # The workers first: a thread waits for as long as its worker takes for a file.
        for worker in workers:
            worker.close()
        while threads:
            jobs.put(None)
            threads.pop()

    def submit(path: str, options: dict[str, Any]) -> Future[LayoutDocument]:
        future: Future[LayoutDocument] = Future()
        jobs.put((future, path, options))
        return future

    atexit.register(end)
    try:
        yield submit
    finally:
        atexit.unregister(end)
        end()


def _serve(worker: Worker, jobs: queue.SimpleQueue[_Job | None]) -> None:
    """Has the worker read file after file, until there is a None."""
    while (job := jobs.get()) is not None:
        future, path, options = job
        try:
            future.set_result(worker.read(path, options))
        except BaseException as error:
            future.set_exception(error)
