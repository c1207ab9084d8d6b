"""The prompt format of the Llama-2 chat models, exact to Meta's reference implementation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from ragkit._checks import check_choice
from ragkit.errors import PromptError
from ragkit.prompting.safety import neutralise
from ragkit.prompting.template import PromptTemplate
from ragkit.prompting.turns import check_turns, split_system
from ragkit.types import Message

__all__ = ["Llama2Prompt", "render_llama2"]

_BOS, _EOS = "<s>", "</s>"
_TAGS = ("[INST]", "[/INST]", "<<SYS>>", "<</SYS>>", _BOS, _EOS)


def render_llama2(
    messages: Sequence[Message],
    bos: bool = True,  # noqa: FBT001, FBT002 – the signature that was asked for
    *,
    on_tags: Literal["raise", "neutralise"] = "raise",
) -> str:
    """The one string that a Llama-2 chat model was trained to continue.

    Tags of the format inside a message would end the user's turn or begin a system text, so
    that whoever wrote the message could speak for the system. Meta's code refuses such a dialog;
    so does this by default, because the caller wrote the messages and should know. Text that
    others wrote is to be put in by a `PromptTemplate`, which makes its tags harmless; with
    ``on_tags="neutralise"`` that is done here, for every message.

    Args:
        messages: An optional system message, then user and assistant in turns, user last.
        bos: Whether the string begins with ``<s>``. Leave it out for tokenizers and servers
            that add BOS themselves; a doubled BOS makes answers worse.
        on_tags: What is done about tags in a message.

    Raises:
        PromptError: If the roles are not in that order, or a message has tags.

    Example:
        >>> render_llama2([{"role": "user", "content": " Hello "}])
        '<s>[INST] Hello [/INST]'
    """
    check_choice(on_tags, "on_tags", ["raise", "neutralise"])
    system, turns = split_system(messages)
    check_turns(turns, "Llama-2")
    texts = [_safe(turn["content"], on_tags) for turn in turns]
    if system is not None:
        texts[0] = f"<<SYS>>\n{_safe(system, on_tags)}\n<</SYS>>\n\n{texts[0]}"
    prompt = ""
    for user, assistant in zip(texts[::2], texts[1::2], strict=False):
        prompt += f"{_BOS}[INST] {user.strip()} [/INST] {assistant.strip()} {_EOS}"
    prompt += f"{_BOS}[INST] {texts[-1].strip()} [/INST]"
    return prompt if bos else prompt.removeprefix(_BOS)


def _safe(content: str, on_tags: str) -> str:
    if on_tags == "neutralise":
        return neutralise(content)
    tag = next((tag for tag in _TAGS if tag in content), None)
    if tag is not None:
        raise PromptError(
            f"A message has the tag {tag!r}, which would act as a part of Llama-2's format. If "
            f"the text is meant as it stands, render with on_tags='neutralise'."
        )
    return content


class Llama2Prompt(PromptTemplate):
    r"""A `PromptTemplate` that also renders its messages as one Llama-2 string.

    A chat endpoint takes the messages; a raw completion endpoint or a base checkpoint takes
    what `render` gives.

    Example:
        >>> prompt = Llama2Prompt(system="Be brief.", user="{context} {question}")
        >>> prompt.render(context="It is 12.", question="What is it?", bos=False)
        '[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nIt is 12. What is it? [/INST]'
    """

    def render(
        self, messages: Sequence[Message] | None = None, *, bos: bool = True, **values: Any
    ) -> str:
        """The string for messages that are given, or for the template filled with values.

        Args:
            messages: If given, these are rendered, and no values may be.
            bos: Whether the string begins with ``<s>``.
            **values: Of the template's placeholders.

        Raises:
            PromptError: If a value is missing or unknown, or the messages can't be rendered.
        """
        if messages is not None and values:
            raise PromptError("render() takes messages or values for the template, not both.")
        return render_llama2(
            self.format_messages(**values) if messages is None else messages, bos=bos
        )

    def format(self, **values: Any) -> str:
        """The string for a raw endpoint that adds BOS itself, as most do.

        Raises:
            PromptError: If a value is missing or unknown, or a text has tags.
        """
        return self.render(bos=False, **values)
