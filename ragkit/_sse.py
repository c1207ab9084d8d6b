"""Lines and server-sent events out of a stream of bytes that may be cut anywhere."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator

from ragkit.errors import EndpointReplyError

MAX_LINE_BYTES = 4 * 2**20
"""A longer line without an end is refused, so that a broken service can't fill the memory."""

_LINE_END = re.compile(rb"\r\n|\n|\r(?!\Z)")
"""A ``\\r`` at the very end waits for the next bytes: it may be the first half of ``\\r\\n``."""


class LineDecoder:
    r"""Bytes in, whole decoded lines out.

    Splitting happens on bytes, so that a character cut in two by the network is put together
    again; bytes that are no UTF-8 become U+FFFD.

    Example:
        >>> decoder = LineDecoder()
        >>> decoder.feed(b"caf\xc3"), decoder.feed(b"\xa9\r"), decoder.feed(b"\nend")
        ([], [], ['café'])
        >>> decoder.finish()
        ['end']
    """

    def __init__(self) -> None:
        self._parts: list[bytes] = []  # of a line that has no end yet
        self._length = 0

    def feed(self, data: bytes) -> list[str]:
        """The lines that `data` completes, without their ends.

        Raises:
            EndpointReplyError: If a line gets longer than `MAX_LINE_BYTES`.
        """
        if self._parts and self._parts[-1].endswith(b"\r"):
            last = self._parts.pop()  # its end depends on what comes now
            self._length -= len(last)
            data = last + data
        first, *others = _LINE_END.split(data)  # only what is new is searched
        self._keep(first)
        lines = []
        for part in others:
            lines.append(self._taken())
            self._keep(part)
        return [line.decode("utf-8", "replace") for line in lines]

    def _keep(self, part: bytes) -> None:
        self._length += len(part)
        if self._length > MAX_LINE_BYTES:
            raise EndpointReplyError(
                f"The service sent a line of more than {MAX_LINE_BYTES:,} bytes; "
                f"that is no stream of answers."
            )
        if part:
            self._parts.append(part)

    def _taken(self) -> bytes:
        line = b"".join(self._parts)
        self._parts, self._length = [], 0
        return line

    def finish(self) -> list[str]:
        """The last line, where it has no end of its own."""
        rest = self._taken().removesuffix(b"\r")
        return [rest.decode("utf-8", "replace")] if rest else []


class _Event:
    """Collects the ``data:`` lines of one event; other fields and comments are not needed."""

    def __init__(self) -> None:
        self._data: list[str] = []

    def feed(self, line: str) -> str | None:
        """The data of the event that `line` ends, if it ends one that has data."""
        if not line:
            return self.finish()
        name, _, value = line.partition(":")
        if name == "data":
            self._data.append(value.removeprefix(" "))
        return None

    def finish(self) -> str | None:
        """What was collected."""
        data, self._data = self._data, []
        return "\n".join(data) if data else None


def sse_data(lines: Iterator[str]) -> Iterator[str]:
    """The data of each server-sent event in `lines`; the last one needs no blank line.

    Example:
        >>> list(sse_data(iter([": ping", "data: {}", "", "data: [DONE]"])))
        ['{}', '[DONE]']
    """
    event = _Event()
    for line in lines:
        data = event.feed(line)
        if data is not None:
            yield data
    data = event.finish()
    if data is not None:
        yield data


async def asse_data(lines: AsyncIterator[str]) -> AsyncIterator[str]:
    """`sse_data` for asynchronous lines."""
    event = _Event()
    async for line in lines:
        data = event.feed(line)
        if data is not None:
            yield data
    data = event.finish()
    if data is not None:
        yield data
