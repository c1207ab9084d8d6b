"""The text of one endpoint's stream: up to its end mark or a stop string, and then its result."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, Literal

from ragkit._checks import check_choice
from ragkit.llms.base import Options
from ragkit.llms.cutting import StopFilter
from ragkit.llms.reading import StreamReader
from ragkit.types import Generation

__all__ = ["Incomplete", "StreamedText", "check_incomplete"]

Incomplete = Literal["raise", "accept"]
"""What is done about a stream that ends without its end mark: an error, or its text as it is, with
the finish_reason None."""


def check_incomplete(value: Any) -> Incomplete:
    """`value`, if it is a way to take incomplete streams.

    Raises:
        InvalidInputError: If it is not.
    """
    check_choice(value, "incomplete", ["raise", "accept"])
    known: Incomplete = value
    return known


class StreamedText:
    """What is passed on of a stream, and what there is to say of it at its end.

    Args:
        reader: Of the stream's format.
        options: How it was asked for.
        incomplete: What is done where the end mark is missing.
    """

    def __init__(self, reader: StreamReader, options: Options, incomplete: Incomplete) -> None:
        self._reader = reader
        self._stop = StopFilter(options.stop)
        self._incomplete = incomplete
        self._passed: list[str] = []
        self._began = time.perf_counter()
        self._first: float | None = None

    @property
    def over(self) -> bool:
        """Whether nothing that may still come belongs to the text."""
        return self._reader.done or self._stop.done

    def feed(self, text: str) -> Iterator[str]:
        """What can be passed on now: one piece, or none."""
        return self._pass(self._stop.feed(text))

    def finish(self) -> Iterator[str | Generation]:
        """What was held back, and the result.

        Raises:
            EndpointReplyError: If the stream broke off, or was no stream at all.
        """
        yield from self._pass(self._stop.finish())
        if not self._stop.done:
            self._reader.check_end(accept_cut=self._incomplete == "accept")
        ended = time.perf_counter()
        timings = {"total": ended - self._began}
        timings["first_token"] = (self._first or ended) - self._began
        reason = "stop" if self._stop.done else self._reader.finish_reason
        yield Generation("".join(self._passed), reason, self._reader.usage, timings)

    def _pass(self, text: str) -> Iterator[str]:
        if text:
            self._first = self._first or time.perf_counter()
            self._passed.append(text)
            yield text
