"""Waiting for an endpoint, with its status shown."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ragkit.errors import EndpointConnectionError, EndpointTimeoutError, InvalidInputError

__all__ = ["Progress", "Wait", "check_seconds"]

Progress = bool | Callable[[str, float], object] | None
"""True or False; a function of (status, seconds waited); None to show it to a person looking."""
_LOST = 5
"""Looks in a row that may fail for want of a connection; a wait is long, and networks are not."""


class Wait:
    """Looks at something again and again until it is as wanted.

    Args:
        what: What is waited for, such as "endpoint 'llama'".
        timeout: Seconds after which `until` gives up.
        interval: Seconds between two looks.
        progress: How the status is shown.
    """

    def __init__(self, what: str, timeout: float, interval: float, progress: Progress) -> None:
        self.what = what
        self.timeout = check_seconds(timeout, "timeout")
        self.interval = check_seconds(interval, "interval")
        self.progress = progress

    def until(self, look: Callable[[], str | None]) -> None:
        """Calls `look` until it gives None; it gives a status as long as there is to wait.

        Raises:
            EndpointTimeoutError: If that takes longer than the timeout.
        """
        began, lost, status = time.monotonic(), 0, ""
        with _shown(self.progress, self.what) as show:
            while True:
                try:
                    now = look()
                except (EndpointConnectionError, EndpointTimeoutError):
                    lost += 1
                    if lost == _LOST:
                        raise
                else:
                    lost = 0
                    if now is None:
                        return
                    status = now
                waited = time.monotonic() - began
                show(status, waited)
                if waited >= self.timeout:
                    raise EndpointTimeoutError(
                        f"The {self.what} is still {status or 'unknown'} after {waited:,.0f} "
                        f"seconds. Raise timeout= if it needs longer."
                    )
                time.sleep(min(self.interval, self.timeout - waited))


def check_seconds(value: object, name: str) -> float:
    """`value`, if it is a number above 0.

    Raises:
        InvalidInputError: If it is anything else.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
        raise InvalidInputError(f"{name} is {value!r}; it has to be seconds above 0.")
    return float(value)


@contextmanager
def _shown(progress: Progress, what: str) -> Iterator[Callable[[str, float], object]]:
    """A function of (status, seconds waited)."""
    if callable(progress):
        yield progress
        return
    looked_at = sys.stderr is not None and sys.stderr.isatty()
    if not (looked_at if progress is None else progress):
        yield lambda status, waited: None  # noqa: ARG005
        return
    from tqdm.auto import tqdm

    with tqdm(bar_format="{desc} [{elapsed}]", file=sys.stderr) as bar:
        yield lambda status, waited: bar.set_description_str(f"{what}: {status}")  # noqa: ARG005
