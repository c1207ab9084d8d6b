"""What endpoints answer, read with distrust: the part that does not depend on the format."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ragkit.errors import EndpointError, EndpointReplyError
from ragkit.types import Usage

__all__ = ["Format", "Reply", "StreamReader", "reason_of", "reported_error", "usage_of"]

SHOWN = 300
"""Characters of a reply that an error shows."""

_REASONS = {
    "eos_token": "stop",
    "eos": "stop",
    "stop_sequence": "stop",
    "end_turn": "stop",
    "max_tokens": "length",
    "max_output_tokens": "length",
    "content_filtered": "content_filter",
}
_DONE = "[DONE]"


@dataclass(frozen=True, slots=True)
class Reply:
    """What one reply holds."""

    text: str
    finish_reason: str | None
    usage: Usage


@dataclass(frozen=True, slots=True)
class Format:
    """How a format is called in errors, and what may be wrong where a reply is not in it."""

    name: str
    hint: str

    def error(self, data: Any, what: str, hide: Callable[[str], str]) -> EndpointReplyError:
        """The error for a reply that is not in the format."""
        text = data if isinstance(data, str) else json.dumps(data, default=str)
        shown = hide(text)[:SHOWN]
        return EndpointReplyError(
            f"The service's reply {what}, as {self.name} has it: {shown!r}. {self.hint}",
            status=200,
            body=shown,
        )


def reported_error(data: Mapping[str, Any], hide: Callable[[str], str]) -> EndpointError | None:
    """The error that a reply with status 200, or an event of a stream, tells of."""
    error = data.get("error")
    if not error:
        return None
    said = error.get("message", error) if isinstance(error, Mapping) else error
    shown = hide(str(said))[:SHOWN]
    return EndpointError(f"The service reported an error: {shown}", body=shown)


def reason_of(value: object) -> str | None:
    """A finish reason in OpenAI's words ("stop", "length"), where it has one."""
    return _REASONS.get(value, value) if isinstance(value, str) else None


def usage_of(counts: object, prompt: str, completion: str) -> Usage:
    """Usage from a reply's counts, under the names that the format has for them."""
    found = counts if isinstance(counts, Mapping) else {}
    return Usage(_count(found.get(prompt)), _count(found.get(completion)))


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


class StreamReader(ABC):
    """Text out of the events of one stream, and whether it came to its end.

    Args:
        hide: Blacks out the key.

    Attributes:
        format: Of the events.
        done: Whether the end mark has come.
        finish_reason: Why the text ends, once the service has said so.
        usage: Tokens, as far as the service has counted them.
    """

    format: Format

    def __init__(self, hide: Callable[[str], str]) -> None:
        self._hide = hide
        self._first_line = ""
        self._events = 0
        self._text: list[str] = []
        self.finish_reason: str | None = None
        self.usage = Usage()
        self.done = False

    @abstractmethod
    def _read(self, data: Any) -> str:
        """The text of one event."""

    def _is_complete(self) -> bool:
        """Whether the text has come to its end."""
        return self.done or self.finish_reason is not None

    def watch(self, line: str) -> str:
        """`line`; the first one is remembered, to be shown where no event comes."""
        self._first_line = self._first_line or line.strip()[:SHOWN]
        return line

    def feed(self, event: str) -> str:
        """The text that an event adds.

        Raises:
            EndpointReplyError: If the event is not in the format.
            EndpointError: If it says that there was an error.
        """
        if event.strip() == _DONE:
            self._events += 1
            self.done = True
            return ""
        try:
            data = json.loads(event)
        except (ValueError, RecursionError):
            raise self.format.error(event, "has an event that is not JSON", self._hide) from None
        return self.take(data)

    def take(self, data: Any) -> str:
        """`feed` for an event that is decoded already."""
        self._events += 1
        text = self._read(data)
        self._text.append(text)
        return text

    @contextmanager
    def telling(self) -> Iterator[None]:
        """An endpoint's error inside carries the text so far, in message and ``body``."""
        try:
            yield
        except EndpointError as error:
            so_far = self._hide("".join(self._text))
            if so_far:
                error.args = (f"{error} {_shown_end(so_far)}",)
                error.body = so_far
            raise

    def check_end(self, *, accept_cut: bool = False) -> None:
        """Nothing, if the stream said that it is complete.

        Args:
            accept_cut: Whether a stream that broke off will do.

        Raises:
            EndpointReplyError: If it broke off, or was no stream at all.
        """
        if self._is_complete() or (accept_cut and self._events):
            return
        so_far = self._hide("".join(self._text))
        if not self._events:
            shown = self._hide(self._first_line)
            raise EndpointReplyError(
                f"The service sent no stream of events but: {shown!r}. {self.format.hint}",
                status=200,
                body=shown,
            )
        raise EndpointReplyError(
            f"The stream broke off without its end mark after {len(so_far)} characters; ask "
            f"again. {_shown_end(so_far)}",
            body=so_far,
        )


def _shown_end(text: str) -> str:
    return f"The text so far: {text[-SHOWN:]!r}"
