"""Chat messages as the one text that an endpoint without a chat API takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

from ragkit._checks import check_choice
from ragkit.errors import PromptError
from ragkit.llms.base import Prompt, check_prompt
from ragkit.types import Message

__all__ = ["Template", "check_template", "render_prompt", "without_bos"]

Template = Literal["llama2"] | Callable[[Sequence[Message]], str]
"""A format by its name, or a function from messages to text."""

_BOS = "<s>"


def check_template(template: Any) -> Template:
    """`template`, if it is one.

    Raises:
        InvalidInputError: If it is not.
    """
    if not callable(template):
        check_choice(template, "template (a function from messages to text, or a name)", ["llama2"])
    known: Template = template
    return known


def without_bos(text: str) -> str:
    """`text` without a leading ``<s>``: services add BOS themselves, and two change answers.

    Example:
        >>> without_bos("<s>[INST] When? [/INST]")
        '[INST] When? [/INST]'
    """
    return text.removeprefix(_BOS)


def render_prompt(messages: Prompt, template: Template) -> str:
    """The text, without a leading ``<s>``.

    A raw prompt (a str) stays as it is otherwise.

    Raises:
        InvalidInputError: If the messages are none.
        PromptError: If the template can't render them, or gives no text.
    """
    prompt = check_prompt(messages)
    if isinstance(prompt, str):
        return without_bos(prompt)
    if callable(template):
        text: Any = template(prompt)
        if not isinstance(text, str) or not text:
            raise PromptError(f"The template gave {text!r:.80}; it has to give a text.")
        return without_bos(text)
    from ragkit.prompting import render_llama2

    return render_llama2(prompt, bos=False)
