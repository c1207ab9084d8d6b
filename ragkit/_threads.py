"""Functions in worker threads: for asynchronous callers, and several at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

__all__ = ["map_in_threads", "to_thread"]

T = TypeVar("T")
A = TypeVar("A")


async def to_thread(function: Callable[..., T], *arguments: Any, **options: Any) -> T:
    """What the function gives, without blocking the event loop.

    As `asyncio.to_thread`, in which a StopIteration leaves the caller waiting for ever on
    CPython 3.11: a future can't carry one.

    Raises:
        RuntimeError: If the function lets a StopIteration out.
    """
    import asyncio

    def run() -> T:
        try:
            return function(*arguments, **options)
        except StopIteration as error:
            raise RuntimeError(f"{function!r} raised StopIteration.") from error

    return await asyncio.to_thread(run)


def map_in_threads(
    function: Callable[[A], T], items: Sequence[A], most: int, name: str = "ragkit"
) -> list[T]:
    """What the function gives for each item, in their order.

    Unlike those of `concurrent.futures`, the threads don't keep Python from ending: after Ctrl-C
    nobody waits for what is under way.

    Args:
        function: Called in several threads together.
        items: One for each call.
        most: Threads at once.
        name: Of the threads.

    Raises:
        Exception: The function's own, that of the earliest item. What has not begun when it is
            raised never begins, as after an interrupt.
    """
    futures: list[Future[T]] = [Future() for _ in items]
    waiting: SimpleQueue[tuple[Future[T], A]] = SimpleQueue()
    for pair in zip(futures, items, strict=True):
        waiting.put(pair)
    threads = [
        threading.Thread(target=_work, args=(function, waiting), name=f"{name}-{n}", daemon=True)
        for n in range(min(most, len(items)))
    ]
    try:
        for thread in threads:
            thread.start()
        results = [future.result() for future in futures]
        for thread in threads:
            thread.join()
    except BaseException:
        for future in futures:
            future.cancel()
        raise
    return results


def _work(function: Callable[[A], T], waiting: SimpleQueue[tuple[Future[T], A]]) -> None:
    """Calls until nothing waits."""
    while True:
        try:
            future, item = waiting.get_nowait()
        except Empty:
            return
        if not future.set_running_or_notify_cancel():
            continue
        try:
            future.set_result(function(item))
        except BaseException as error:  # for whoever waits for the result
            future.set_exception(error)
