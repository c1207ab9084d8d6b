"""What the containers behind SageMaker endpoints take and give."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ragkit.errors import InvalidInputError
from ragkit.llms import openai_format
from ragkit.llms.base import Options, Prompt
from ragkit.llms.generated_format import (
    GeneratedStreamReader,
    generation_parameters,
    read_generated,
)
from ragkit.llms.openai_format import OpenAIStreamReader
from ragkit.llms.reading import Format, Reply, StreamReader
from ragkit.llms.templates import Template, render_prompt, without_bos

__all__ = ["BODIES", "Body", "check_functions", "decoded", "encoded"]

_HINT = "Does body= name what the endpoint's container speaks?"
_JUMPSTART = Format("JumpStart's chat format", _HINT)
_GENERATED = Format("the format of TGI and LMI containers", _HINT)
_OPENAI = Format("OpenAI's format", _HINT)
_ANY = Format("JSON", _HINT)

_Hide = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Body:
    """One form: its request, its reply, and its stream where it has one."""

    request: Callable[[Prompt, Options, Template], dict[str, Any]]
    read: Callable[[Any, _Hide], Reply]
    reader: type[StreamReader] | None = None
    streaming: Mapping[str, Any] = field(default_factory=lambda: {"stream": True})
    """Fields that ask for a stream."""


class _GeneratedReader(GeneratedStreamReader):
    format = _GENERATED


class _OpenAIReader(OpenAIStreamReader):
    format = _OPENAI


def _chat(messages: Prompt) -> list[dict[str, Any]]:
    if isinstance(messages, str):
        return [{"role": "user", "content": without_bos(messages)}]
    return [dict(message) for message in messages]


def _jumpstart(messages: Prompt, options: Options, _: Template) -> dict[str, Any]:
    if options.seed is not None and options.temperature > 0:
        raise InvalidInputError(
            f"seed is {options.seed!r}, but body='jumpstart-chat' has none; leave it out, or use "
            f"temperature=0."
        )
    parameters = {
        "max_new_tokens": options.max_tokens,
        "temperature": options.temperature,
        "top_p": options.top_p,
    }
    return {"inputs": [_chat(messages)], "parameters": parameters}


def _text(messages: Prompt, options: Options, template: Template) -> dict[str, Any]:
    inputs = render_prompt(messages, template)
    return {"inputs": inputs, "parameters": generation_parameters(options)}


def _openai(messages: Prompt, options: Options, _: Template) -> dict[str, Any]:
    body: dict[str, Any] = {
        "max_tokens": options.max_tokens,
        "temperature": options.temperature,
        "top_p": options.top_p,
        "stop": list(options.stop) or None,
        "seed": options.seed,
    }
    if isinstance(messages, str):
        body["prompt"] = without_bos(messages)
    else:
        body["messages"] = _chat(messages)
    return {name: value for name, value in body.items() if value is not None}


BODIES: Mapping[str, Body] = {
    "jumpstart-chat": Body(_jumpstart, lambda data, hide: read_generated(data, hide, _JUMPSTART)),
    "string": Body(
        _text, lambda data, hide: read_generated(data, hide, _GENERATED), _GeneratedReader
    ),
    "lmi": Body(_text, lambda data, hide: read_generated(data, hide, _GENERATED), _GeneratedReader),
    "openai": Body(
        _openai,
        lambda data, hide: openai_format.read_reply(data, hide, _OPENAI),
        _OpenAIReader,
        {"stream": True, "stream_options": {"include_usage": True}},
    ),
}


def check_functions(**functions: Any) -> None:
    """Nothing, if each is a function or None.

    Raises:
        InvalidInputError: If one is anything else.
    """
    for name, function in functions.items():
        if function is not None and not callable(function):
            raise InvalidInputError(f"{name} is {function!r:.80}; it has to be a function.")


def encoded(body: Any) -> bytes:
    """Bytes of a body: as they are, or of its JSON."""
    if isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return body.encode("utf-8", "replace")
    return json.dumps(body, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")


def decoded(data: bytes, hide: _Hide) -> Any:
    """The value of a reply's JSON.

    Raises:
        EndpointReplyError: If it is none.
    """
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise _ANY.error(data.decode("utf-8", "replace"), "is not JSON", hide) from None
