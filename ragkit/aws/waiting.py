"""Waiting for an endpoint, with its status shown."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from ragkit._checks import check_seconds
from ragkit.errors import EndpointError, EndpointTimeoutError, InvalidInputError

__all__ = ["Progress", "Wait"]

Progress = bool | Callable[[str, float], object] | None
"""True or False; a function of (status, seconds waited); None to show it to a person looking."""
_NO_STDERR = (OSError, ValueError)
"""What a closed stderr, or a pipe that nobody reads, raises; it must not stop a deletion."""
SILENCE = 300.0
"""Seconds without one answer, after which a wait ends: it is long, and networks are not."""


class Wait:
    """Looks at something again and again until it is as wanted.

    Args:
        what: What is waited for, such as "endpoint 'llama'".
        timeout: Seconds after which `until` gives up.
        interval: Seconds between two looks.
        progress: How the status is shown.
        longest: Seconds up to which the interval grows, by half of it each time; by default it
            does not grow.

    Raises:
        InvalidInputError: If an argument can't work.
    """

    def __init__(
        self,
        what: str,
        timeout: float,
        interval: float,
        progress: Progress,
        *,
        longest: float | None = None,
    ) -> None:
        self.what = what
        self.timeout = check_seconds(timeout, "timeout")
        self.interval = check_seconds(interval, "interval")
        self.longest = self.interval if longest is None else max(longest, self.interval)
        if not (progress is None or isinstance(progress, bool) or callable(progress)):
            raise InvalidInputError(
                f"progress is {progress!r:.100}; it has to be True, False, None or a function of "
                f"(status, seconds)."
            )
        self.progress = progress

    def changed(self, what: str, timeout: float) -> Wait:
        """The same for something else, and with another timeout."""
        return Wait(what, timeout, self.interval, self.progress, longest=self.longest)

    def unbroken(self) -> Wait:
        """The same, but an error of the progress function waits for `raise_progress_error`."""
        if not callable(self.progress) or isinstance(self.progress, _Unbroken):
            return self
        return Wait(
            self.what, self.timeout, self.interval, _Unbroken(self.progress), longest=self.longest
        )

    def raise_progress_error(self) -> None:
        """Raises what an `unbroken` progress function raised, if it did."""
        if isinstance(self.progress, _Unbroken) and self.progress.error is not None:
            raise self.progress.error

    def until(self, look: Callable[[], str | None]) -> None:
        """Calls `look` until it gives None; it gives a status as long as there is to wait.

        A look that fails with a temporary error is one that saw nothing.

        Raises:
            EndpointTimeoutError: If that takes longer than the timeout.
            EndpointError: If no look succeeded for `SILENCE` or the timeout: the last one's.
        """
        began = answered = time.monotonic()
        status, interval = "", self.interval
        with _shown(self.progress, self.what) as show:
            while True:
                try:
                    now = look()
                except EndpointError as error:
                    if not error.temporary or time.monotonic() - answered >= self._silence:
                        raise
                else:
                    if now is None:
                        return
                    status, answered = now, time.monotonic()
                waited = time.monotonic() - began
                show(status, waited)
                if waited >= self.timeout:
                    raise EndpointTimeoutError(
                        f"The {self.what} is still {status or 'unknown'} after {waited:,.0f} "
                        f"seconds. Raise timeout= if it needs longer."
                    )
                time.sleep(min(interval, self.timeout - waited))
                interval = min(interval * 1.5, self.longest)

    @property
    def _silence(self) -> float:
        return min(SILENCE, self.timeout)


class _Unbroken:
    """A progress function that is not called again after it raised, and keeps the error."""

    def __init__(self, progress: Callable[[str, float], object]) -> None:
        self._progress = progress
        self.error: Exception | None = None

    def __call__(self, status: str, seconds: float) -> None:
        if self.error is not None:
            return
        try:
            self._progress(status, seconds)
        except Exception as error:  # a function of the user's may raise anything
            self.error = error


@contextmanager
def _shown(progress: Progress, what: str) -> Iterator[Callable[[str, float], object]]:
    """A function of (status, seconds waited)."""
    if callable(progress):
        yield progress
        return
    bar = _bar(progress)

    def show(status: str, waited: float) -> None:  # noqa: ARG001 - the bar has its own clock
        if bar is not None:
            with suppress(*_NO_STDERR):
                bar.set_description_str(f"{what}: {status}")

    try:
        yield show
    finally:
        if bar is not None:
            with suppress(*_NO_STDERR):
                bar.close()


def _bar(progress: bool | None) -> Any:  # noqa: FBT001 - True, False or None
    """A line on stderr, or None where nobody looks, or nothing is there to write to."""
    with suppress(*_NO_STDERR):
        looked_at = sys.stderr is not None and sys.stderr.isatty()
        if looked_at if progress is None else progress:
            from tqdm.auto import tqdm

            return tqdm(bar_format="{desc} [{elapsed}]", file=sys.stderr)
    return None
