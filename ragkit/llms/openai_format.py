"""OpenAI's replies and streams, read with distrust."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ragkit.errors import EndpointError, EndpointReplyError
from ragkit.types import Usage

__all__ = ["Reply", "StreamReader", "read_reply"]

_SHOWN = 300
"""Characters of a reply that an error shows."""
_REASONS = {"eos_token": "stop", "stop_sequence": "stop", "end_turn": "stop", "eos": "stop"}
_DONE = "[DONE]"


@dataclass(frozen=True, slots=True)
class Reply:
    """What one reply holds."""

    text: str
    finish_reason: str | None
    usage: Usage


def read_reply(data: Any, hide: Callable[[str], str]) -> Reply:
    """The text of a reply that was not streamed.

    Raises:
        EndpointReplyError: If it is not in the format, or has no text.
        EndpointError: If it says that there was an error.
    """
    choice = _choice(data, hide)
    if choice is None:
        raise _no_format(data, "has no choices", hide)
    message = choice.get("message")
    text = message.get("content") if isinstance(message, Mapping) else choice.get("text")
    if not isinstance(text, str):
        raise _no_format(data, "has no text in its first choice", hide)
    return Reply(text, _reason(choice), _usage(data))


def _choice(data: Any, hide: Callable[[str], str]) -> Mapping[str, Any] | None:
    """The first choice; None where there is none."""
    if not isinstance(data, Mapping):
        raise _no_format(data, "is no object", hide)
    error = data.get("error")
    if error:
        said = error.get("message", error) if isinstance(error, Mapping) else error
        shown = hide(str(said))[:_SHOWN]
        raise EndpointError(f"The service reported an error: {shown}", body=shown)
    choices = data.get("choices")
    if not isinstance(choices, list) or not choices:
        return None
    if not isinstance(choices[0], Mapping):
        raise _no_format(data, "has a choice that is no object", hide)
    return choices[0]


def _reason(choice: Mapping[str, Any]) -> str | None:
    reason = choice.get("finish_reason")
    return _REASONS.get(reason, reason) if isinstance(reason, str) else None


def _usage(data: Mapping[str, Any]) -> Usage:
    usage = data.get("usage")
    counts = usage if isinstance(usage, Mapping) else {}
    read, written = counts.get("prompt_tokens"), counts.get("completion_tokens")
    return Usage(
        read if isinstance(read, int) else None, written if isinstance(written, int) else None
    )


def _no_format(data: Any, what: str, hide: Callable[[str], str]) -> EndpointReplyError:
    shown = hide(data if isinstance(data, str) else json.dumps(data, default=str))[:_SHOWN]
    return EndpointReplyError(
        f"The service's reply {what}, as OpenAI's format has it: {shown!r}. Is url= the base of "
        f"an OpenAI-compatible service?",
        status=200,
        body=shown,
    )


class StreamReader:
    """Text out of the events of one stream, and whether it came to its end.

    Args:
        hide: Blacks out the key.
    """

    def __init__(self, hide: Callable[[str], str]) -> None:
        self._hide = hide
        self._first_line = ""
        self._events = 0
        self._text: list[str] = []
        self._finish_reason: str | None = None
        self.done = False

    def watch(self, line: str) -> str:
        """`line`; the first one is remembered, to be shown where no event comes."""
        self._first_line = self._first_line or line.strip()[:_SHOWN]
        return line

    def feed(self, event: str) -> str:
        """The text that an event adds.

        Raises:
            EndpointReplyError: If the event is not in the format.
            EndpointError: If it says that there was an error.
        """
        self._events += 1
        if event.strip() == _DONE:
            self.done = True
            return ""
        try:
            data = json.loads(event)
        except (ValueError, RecursionError):
            raise _no_format(event, "has an event that is not JSON", self._hide) from None
        choice = _choice(data, self._hide)
        if choice is None:  # usage at the end, or a sign of life
            return ""
        self._finish_reason = _reason(choice) or self._finish_reason
        delta = choice.get("delta")
        text = delta.get("content") if isinstance(delta, Mapping) else choice.get("text")
        if text is None:
            return ""
        if not isinstance(text, str):
            raise _no_format(data, "has a piece that is no text", self._hide)
        self._text.append(text)
        return text

    def check_end(self) -> None:
        """Nothing, if the stream said that it is complete.

        Raises:
            EndpointReplyError: If it broke off, or was no stream at all.
        """
        if self.done or self._finish_reason is not None:
            return
        so_far = self._hide("".join(self._text))
        if not self._events:
            shown = self._hide(self._first_line)
            raise EndpointReplyError(
                f"The service sent no stream of events but: {shown!r}. Is url= the base of an "
                f"OpenAI-compatible service?",
                status=200,
                body=shown,
            )
        raise EndpointReplyError(
            f"The stream broke off without its end mark after {len(so_far)} characters; ask "
            f"again. The text so far: {so_far[-_SHOWN:]!r}",
            body=so_far,
        )
