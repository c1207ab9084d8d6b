"""Progress of long work: a bar, a function, or nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal, Protocol

__all__ = ["Progress", "progress_of"]

Progress = bool | Callable[[int, int, str], object] | None
"""True or False; a function of (done, total, path); None to show it when a person is looking."""


class Advance(Protocol):
    """Notes that some of the work on a path is done."""

    def __call__(self, path: str, amount: int = 1) -> None: ...


@contextmanager
def progress_of(
    progress: Progress, total: int, *, unit: Literal["file", "B"] = "file"
) -> Iterator[Advance]:
    """A function to call with each path that is done, or with bytes of it that are.

    Args:
        progress: What the caller asked for.
        total: Files or bytes.
        unit: Which of the two.
    """
    if callable(progress):
        call, done = progress, [0]

        def advance(path: str, amount: int = 1) -> None:
            done[0] += amount
            call(done[0], total, path)

        yield advance
        return
    shown = sys.stderr is not None and sys.stderr.isatty() if progress is None else progress
    if not shown:
        yield lambda path, amount=1: None  # noqa: ARG005
        return
    from tqdm.auto import tqdm

    # With None, work that is done within a second shows nothing.
    delay = 1.0 if progress is None else 0.0
    scaled = unit == "B"
    with tqdm(total=total, unit=unit, unit_scale=scaled, delay=delay, file=sys.stderr) as bar:

        def step(path: str, amount: int = 1) -> None:  # noqa: ARG001
            bar.update(amount)

        yield step
