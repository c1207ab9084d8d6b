"""OpenAI's replies and streams."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ragkit.llms.reading import Format, Reply, StreamReader, reason_of, reported_error, usage_of

__all__ = ["OpenAIStreamReader", "read_reply"]

FORMAT = Format("OpenAI's format", "Is url= the base of an OpenAI-compatible service?")


def read_reply(data: Any, hide: Callable[[str], str], form: Format = FORMAT) -> Reply:
    """The text of a reply that was not streamed.

    Raises:
        EndpointReplyError: If it is not in the format, or has no text.
        EndpointError: If it says that there was an error.
    """
    choice = _choice(data, hide, form)
    if choice is None:
        raise form.error(data, "has no choices", hide)
    message = choice.get("message")
    text = message.get("content") if isinstance(message, Mapping) else choice.get("text")
    if not isinstance(text, str):
        raise form.error(data, "has no text in its first choice", hide)
    usage = usage_of(data.get("usage"), "prompt_tokens", "completion_tokens")
    return Reply(text, reason_of(choice.get("finish_reason")), usage)


def _choice(data: Any, hide: Callable[[str], str], form: Format) -> Mapping[str, Any] | None:
    """The first choice; None where there is none."""
    if not isinstance(data, Mapping):
        raise form.error(data, "is no object", hide)
    error = reported_error(data, hide)
    if error is not None:
        raise error
    choices = data.get("choices")
    if not isinstance(choices, list) or not choices:
        return None
    if not isinstance(choices[0], Mapping):
        raise form.error(data, "has a choice that is no object", hide)
    return choices[0]


class OpenAIStreamReader(StreamReader):
    """Chunks of chat or text completions."""

    format = FORMAT

    def _is_complete(self) -> bool:
        # Not [DONE]: llama-cpp-python sends it, without a reason, where it breaks an answer off
        # for the sake of another request.
        return self.finish_reason is not None

    def _read(self, data: Any) -> str:
        choice = _choice(data, self._hide, self.format)
        if data.get("usage"):
            self.usage = usage_of(data["usage"], "prompt_tokens", "completion_tokens")
        if choice is None:  # usage at the end, or a sign of life
            return ""
        self.finish_reason = reason_of(choice.get("finish_reason")) or self.finish_reason
        delta = choice.get("delta", choice.get("message"))  # a message: not streamed after all
        text = delta.get("content") if isinstance(delta, Mapping) else choice.get("text")
        if text is None:
            return ""
        if not isinstance(text, str):
            raise self.format.error(data, "has a piece that is no text", self._hide)
        return text
