"""Asking a service again: where that may help, and after which pause."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from ragkit._checks import check_count
from ragkit.errors import EndpointError

__all__ = ["Retries"]

FIRST_PAUSE = 0.5
"""Seconds before the first retry, where the service names none."""

LONGEST_PAUSE = 60.0
"""Seconds; the most that is waited before a retry, whatever ``Retry-After`` says."""

_T = TypeVar("_T")


class Retries:
    """Repeats what fails with an error that says it is temporary.

    The pause doubles each time, is jittered, and gives way to the service's ``Retry-After``, up
    to `LONGEST_PAUSE`.

    Args:
        count: How often at most.
        first_pause: Seconds; by default `FIRST_PAUSE`.

    Raises:
        InvalidInputError: If `count` is no whole number of at least 0.

    Example:
        >>> Retries(2).call(lambda: "well")
        'well'
    """

    def __init__(self, count: int, *, first_pause: float | None = None) -> None:
        self._count = check_count(count, "retries", least=0)
        self._first_pause = first_pause

    def call(self, action: Callable[[], _T]) -> _T:
        """What `action` gives in the end.

        Raises:
            EndpointError: The last one of `action`, if it is not temporary or came too often.
        """
        attempt = 0
        while True:
            try:
                return action()
            except EndpointError as error:
                time.sleep(self.pause(error, attempt))
                attempt += 1

    async def acall(self, action: Callable[[], Awaitable[_T]]) -> _T:
        """`call` without blocking the event loop."""
        attempt = 0
        while True:
            try:
                return await action()
            except EndpointError as error:
                await asyncio.sleep(self.pause(error, attempt))
                attempt += 1

    def pause(self, error: EndpointError, attempt: int) -> float:
        """Seconds to wait after an attempt, the first of which is 0, that ended in `error`.

        Raises:
            EndpointError: `error` itself, where another attempt makes no sense.
        """
        if attempt >= self._count or not error.temporary:
            raise error
        if error.retry_after is not None:
            return min(error.retry_after, LONGEST_PAUSE)
        first = FIRST_PAUSE if self._first_pause is None else self._first_pause
        longest = min(first * 2.0**attempt, LONGEST_PAUSE)
        return longest * (0.5 + 0.5 * random.random())  # noqa: S311 - no secret
