"""Chat templates that models bring: Jinja texts, run in a sandbox."""

from __future__ import annotations

import datetime
import functools
import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from ragkit._extras import require
from ragkit.errors import PromptError
from ragkit.prompting.turns import with_system
from ragkit.types import Message

__all__ = ["render_jinja"]


def render_jinja(
    template: str, system: str | None, turns: Sequence[Message], values: Mapping[str, Any]
) -> str:
    """The template's text for these messages.

    Args:
        template: Jinja, as models publish it; it can't change or call anything of ours.
        system: Its text goes into the first user's turn where the template refuses or leaves out
            a system message.
        turns: User and assistant.
        values: Other variables of the template.

    Raises:
        PromptError: If the template is not well formed, refuses the messages or fails.
        MissingExtraError: If jinja2 is not installed.
    """
    compiled = _compiled(template)
    if system is not None:
        # Whether it is left out is seen by a mark in its place: its own words may stand elsewhere.
        mark = f"q{secrets.token_hex(8)}n" if system.strip() else ""
        try:
            marked = _rendered(compiled, [{"role": "system", "content": mark}, *turns], values)
            text = _rendered(compiled, [{"role": "system", "content": system}, *turns], values)
        except PromptError:
            pass  # nothing is hidden: what fails without a system message too is raised below
        else:
            if mark in marked:
                return text
    return _rendered(compiled, with_system(system, turns), values)


def _rendered(compiled: Any, messages: Sequence[Message], values: Mapping[str, Any]) -> str:
    try:
        return str(compiled.render(messages=[dict(message) for message in messages], **values))
    except PromptError:
        raise
    except Exception as error:  # whatever a text that others wrote may run into
        raise PromptError(f"The chat template failed: {error}") from error


@functools.lru_cache(maxsize=16)
def _compiled(template: str) -> Any:
    jinja2 = require("jinja2", extra="templates", feature="A model's own chat template")
    sandbox = require("jinja2.sandbox", extra="templates", feature="A model's own chat template")
    environment = sandbox.ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    environment.filters["tojson"] = _as_json
    environment.globals["raise_exception"] = _refuse
    environment.globals["strftime_now"] = _now
    try:
        return environment.from_string(template)
    except (jinja2.TemplateError, RecursionError) as error:
        raise PromptError(f"The chat template is not well formed: {error}") from error


def _as_json(value: object, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _refuse(message: object) -> None:
    raise PromptError(f"The chat template refuses the messages: {message}")


def _now(form: str) -> str:
    return datetime.datetime.now().astimezone().strftime(form)
