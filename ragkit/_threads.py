"""Functions in worker threads, for asynchronous callers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["to_thread"]

T = TypeVar("T")


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
