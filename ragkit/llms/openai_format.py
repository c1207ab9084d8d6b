"""OpenAI's replies and streams."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ragkit.llms.reading import Format, Reply, StreamReader, reason_of, reported_error, usage_of

__all__ = ["OpenAIStreamReader", "read_reply"]

FORMAT = Format("OpenAI's format", "Is url= the base of an OpenAI-compatible service?")

REFUSAL = "refusal"
"""The finish reason of a refusal; the service itself says "stop"."""


def read_reply(data: Any, hide: Callable[[str], str], form: Format = FORMAT) -> Reply:
    """The text of a reply that was not streamed.

    A reply without text that says why it ended is an empty text: so answers a model that spent all
    its tokens on reasoning. A refusal is the text, with the finish reason "refusal".

    Raises:
        EndpointReplyError: If it is not in the format, or has neither text nor finish reason.
        EndpointError: If it says that there was an error.
    """
    choice = _choice(data, hide, form)
    if choice is None:
        raise form.error(data, "has no choices", hide)
    text, refusal = _said(choice, choice.get("message"), lambda what: form.error(data, what, hide))
    reason = reason_of(choice.get("finish_reason"))
    is_message = isinstance(choice.get("message"), Mapping) or "text" in choice
    if not is_message or (text is None and not refusal and reason is None):
        raise form.error(data, "has no text in its first choice", hide)
    usage = usage_of(data.get("usage"), "prompt_tokens", "completion_tokens")
    return Reply((text or "") + refusal, REFUSAL if refusal else reason, usage)


def _said(
    choice: Mapping[str, Any], message: object, error: Callable[[str], Exception]
) -> tuple[str | None, str]:
    """Text and refusal of a choice; the refusal is empty where there is none."""
    if isinstance(message, Mapping):
        text, refusal = message.get("content"), message.get("refusal") or ""
    else:
        text, refusal = choice.get("text"), ""
    if not isinstance(text, str | None) or not isinstance(refusal, str):
        raise error("has something else than text in its first choice")
    return text, refusal


def _choice(data: Any, hide: Callable[[str], str], form: Format) -> Mapping[str, Any] | None:
    """The first choice; None where there is none, or this chunk is about another one."""
    if not isinstance(data, Mapping):
        raise form.error(data, "is no object", hide)
    error = reported_error(data, hide)
    if error is not None:
        raise error
    choices = data.get("choices")
    if not isinstance(choices, list) or not choices:
        return None
    for choice in choices:
        if not isinstance(choice, Mapping):
            raise form.error(data, "has a choice that is no object", hide)
        if not choice.get("index"):
            return choice
    return None


class OpenAIStreamReader(StreamReader):
    """Chunks of chat or text completions."""

    format = FORMAT
    _refused = False

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
        message = choice.get("delta", choice.get("message"))  # a message: not streamed after all
        text, refusal = _said(
            choice, message, lambda what: self.format.error(data, what, self._hide)
        )
        self._refused = self._refused or bool(refusal)
        reason = reason_of(choice.get("finish_reason")) or self.finish_reason
        self.finish_reason = REFUSAL if reason and self._refused else reason
        return (text or "") + refusal
