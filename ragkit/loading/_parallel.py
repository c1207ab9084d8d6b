"""Reading many files: one after the other, or PDFs in several processes."""

from __future__ import annotations

import queue
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from ragkit._cores import usable_processors
from ragkit.layout.model import LayoutDocument
from ragkit.loading._files import load_errors
from ragkit.loading._worker import Worker

__all__ = ["Reading", "process_count", "read_all"]

_PAYS_BYTES = 4_000_000
"""Below this, starting a process (0.3 s) takes longer than what it saves."""

Reading = Callable[[], list[LayoutDocument]]
"""Reads one file; raises LoadError."""


def process_count(processes: int | None, pdfs: Sequence[str]) -> int:
    """How many other processes read the PDFs; 0 where this one does.

    None takes as many as there are processors, where there are files enough for it to pay.
    """
    if not _can_start_python():
        return 0
    if processes is not None:
        return min(processes, len(pdfs)) if processes > 1 else 0
    count = min(usable_processors(), len(pdfs))
    if count < 2:
        return 0
    sizes = (Path(p).stat().st_size for p in pdfs if Path(p).is_file())
    return count if sum(sizes) >= _PAYS_BYTES else 0


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
    idle: queue.SimpleQueue[Worker] = queue.SimpleQueue()
    for worker in workers:
        idle.put(worker)

    def job(path: str, options: dict[str, Any]) -> LayoutDocument:
        worker = idle.get()
        try:
            return worker.read(path, options)
        finally:
            idle.put(worker)

    threads = ThreadPoolExecutor(len(workers), thread_name_prefix="ragkit-loading")
    try:
        yield lambda path, options: threads.submit(job, path, options)
    finally:
        # The workers first: a thread waits for as long as its worker takes for a file.
        threads.shutdown(wait=False, cancel_futures=True)
        for worker in workers:
            worker.close()
        threads.shutdown(wait=True)
