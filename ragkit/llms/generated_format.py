"""The format of Hugging Face's containers: ``generated_text``, ``token``, ``details``.

TGI's own, that of DJL-LMI, and that of SageMaker JumpStart, which says ``generation``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ragkit.errors import EndpointError
from ragkit.llms.base import Options
from ragkit.llms.reading import Format, Reply, StreamReader, reason_of, reported_error, usage_of
from ragkit.types import Usage

__all__ = ["GeneratedStreamReader", "generation_parameters", "read_generated"]

FORMAT = Format("TGI's format", "Is url= the base of TGI's own API (not /v1)?")

_MOST_STOPS = 4
"""TGI refuses more by default; the others are applied to the text when it comes."""


def generation_parameters(options: Options) -> dict[str, Any]:
    """The field ``parameters`` of a request; what stands for "greedy" is left out."""
    sampled = options.temperature > 0
    parameters = {
        "max_new_tokens": options.max_tokens,
        "do_sample": sampled,
        "temperature": options.temperature if sampled else None,
        "top_p": options.top_p if sampled and options.top_p < 1 else None,
        "seed": options.seed,
        "stop": list(options.stop)[:_MOST_STOPS] or None,
        "return_full_text": False,
        "details": True,
    }
    return {name: value for name, value in parameters.items() if value is not None}


def read_generated(data: Any, hide: Callable[[str], str], form: Format = FORMAT) -> Reply:
    """The text of a reply that was not streamed.

    Raises:
        EndpointReplyError: If it is not in the format.
        EndpointError: If it says that there was an error.
    """
    whole = data[0] if isinstance(data, list) and len(data) == 1 else data
    if not isinstance(whole, Mapping):
        raise form.error(data, "is no object", hide)
    error = reported_error(whole, hide)
    if error is not None:
        raise error
    text = whole.get("generated_text", whole.get("generation"))
    if isinstance(text, Mapping):  # JumpStart's chat form: a message
        text = text.get("content")
    if not isinstance(text, str):
        raise form.error(data, "has no generated text", hide)
    details = whole.get("details")
    found = details if isinstance(details, Mapping) else {}
    return Reply(text, reason_of(found.get("finish_reason")), _usage_of(found))


def _usage_of(details: Mapping[str, Any]) -> Usage:
    return usage_of(details, "prompt_tokens", "generated_tokens")


class GeneratedStreamReader(StreamReader):
    """One token an event; the last one has the whole text and details as well."""

    format = FORMAT

    def _read(self, data: Any) -> str:
        data = data[0] if isinstance(data, list) and len(data) == 1 else data  # not streamed
        if not isinstance(data, Mapping):
            raise self.format.error(data, "has an event that is no object", self._hide)
        error = reported_error(data, self._hide)
        if error is not None:
            raise error
        token, whole, details = (data.get(key) for key in ("token", "generated_text", "details"))
        if token is None and whole is None and details is None:
            raise self.format.error(data, "has an event without a token", self._hide)
        text = self._token(data, token)
        if isinstance(details, Mapping):
            self._finish(details)
        if isinstance(whole, str):
            self.done = True
            return self._missing(whole, text)
        return text

    def _token(self, data: Any, token: Any) -> str:
        if token is None:
            return ""
        text = token.get("text") if isinstance(token, Mapping) else None
        if not isinstance(text, str):
            raise self.format.error(data, "has a token without text", self._hide)
        return "" if token.get("special") is True else text  # </s> is no part of the answer

    def _finish(self, details: Mapping[str, Any]) -> None:
        reason = reason_of(details.get("finish_reason"))
        if reason == "error":  # DJL-LMI's way to say that generation failed midway
            raise EndpointError("The service reported that generation failed (its log says why).")
        self.finish_reason = reason or self.finish_reason
        self.usage = _usage_of(details)

    def _missing(self, whole: str, text: str) -> str:
        """The last piece, and what the tokens so far lacked of the whole text."""
        so_far = "".join(self._text)
        if whole.startswith(so_far + text):
            return whole[len(so_far) :]
        return text
