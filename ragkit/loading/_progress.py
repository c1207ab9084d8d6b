"""Progress of long work: a bar, a function, or nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["Progress", "progress_of"]

Progress = bool | Callable[[int, int, str], object] | None
"""True or False; a function of (done, total, path); None to show it when a person is looking."""


@contextmanager
def progress_of(progress: Progress, total: int) -> Iterator[Callable[[str], None]]:
    """A function to call with each path that is done."""
    if callable(progress):
        call, done = progress, [0]

        def advance(path: str) -> None:
            done[0] += 1
            call(done[0], total, path)

        yield advance
        return
    shown = sys.stderr is not None and sys.stderr.isatty() if progress is None else progress
    if not shown:
        yield lambda path: None  # noqa: ARG005
        return
    from tqdm.auto import tqdm

    # With None, work that is done within a second shows nothing.
    delay = 1.0 if progress is None else 0.0
    with tqdm(total=total, unit="file", delay=delay, file=sys.stderr) as bar:

        def step(path: str) -> None:  # noqa: ARG001
            bar.update()

        yield step
