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
from ragkit.loading._worker import Worker

__all__ = ["Reading", "process_count", "read_all"]

_PAYS_BYTES = 4_000_000
"""Below this, starting a process (0.3 s) takes longer than what it saves."""

Reading = Callable[[], list[LayoutDocument]]
"""Reads one file; raises LoadError."""


def process_count(processes: int | None, pdfs: Sequence[str]) -> int:
    """How many processes read the PDFs; 1 means this one.

    None takes as many as there are processors, where there are files enough for it to pay.
    """
    if not _can_start_python() or len(pdfs) < 2:
        return 1
    if processes is not None:
        return min(processes, len(pdfs))
    sizes = (Path(p).stat().st_size for p in pdfs if Path(p).is_file())
    if sum(sizes) < _PAYS_BYTES:
        return 1
    return min(usable_processors(), len(pdfs))


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
    processes: int,
) -> Generator[tuple[str, Reading], None, None]:
    """Each path with a function that gives what it holds or raises, in the order of `paths`.

    Args:
        paths: Every file.
        read: Reads a file in this process.
        pdfs: Those that a worker may read.
        options: Of `PDFLoader`, for the workers.
        processes: How many workers; 1 for none.
    """
    if processes < 2:
        for path in paths:
            yield path, partial(read, path)
        return
    remote = set(pdfs)
    with _pool(processes) as submit:
        waiting: deque[tuple[str, Future[LayoutDocument] | None]] = deque()
        todo = iter(paths)
        while True:
            # Enough ahead to keep the workers busy, and no more, so that memory stays flat.
            for ahead in islice(todo, 3 * processes - len(waiting)):
                waiting.append((ahead, submit(ahead, options) if ahead in remote else None))
            if not waiting:
                return
            path, future = waiting.popleft()
            if future is None:
                yield path, partial(read, path)
            else:
                yield path, partial(_result, future)


def _result(future: Future[LayoutDocument]) -> list[LayoutDocument]:
    return [future.result()]


@contextmanager
def _pool(processes: int) -> Iterator[Callable[[str, dict[str, Any]], Future[LayoutDocument]]]:
    """A function that has a file read by one of the workers."""
    idle: queue.SimpleQueue[Worker] = queue.SimpleQueue()
    workers = [Worker() for _ in range(processes)]
    for worker in workers:
        idle.put(worker)

    def job(path: str, options: dict[str, Any]) -> LayoutDocument:
        worker = idle.get()
        try:
            return worker.read(path, options)
        finally:
            idle.put(worker)

    threads = ThreadPoolExecutor(processes, thread_name_prefix="ragkit-loading")
    try:
        yield lambda path, options: threads.submit(job, path, options)
    finally:
        threads.shutdown(wait=True, cancel_futures=True)
        for worker in workers:
            worker.close()
