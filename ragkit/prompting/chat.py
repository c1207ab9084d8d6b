"""Messages as the one string that a chat model was trained on, in the formats in use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

from ragkit._checks import check_choice
from ragkit.errors import PromptError
from ragkit.prompting.llama2 import render_llama2
from ragkit.prompting.safety import neutralise
from ragkit.prompting.turns import check_turns, split_system, with_system
from ragkit.types import Message

__all__ = ["render_chat"]


def render_chat(
    messages: Sequence[Message],
    template: str,
    *,
    bos_token: str = "",
    eos_token: str = "",
    add_generation_prompt: bool = True,
    on_tags: Literal["raise", "neutralise"] = "raise",
) -> str:
    """The string for a raw completion endpoint that serves a chat model.

    Where the format has no place for a system message (Gemma, Mistral, and templates that refuse
    or leave out one), its text is put before the first user's, with a blank line in between.

    Args:
        messages: An optional system message, then user and assistant in turns, user last.
        template: ``"chatml"``, ``"llama2"``, ``"llama3"``, ``"mistral"`` or ``"gemma"``; or the
            Jinja text of a model's own (``chat_template`` in its tokenizer_config.json), which is
            run in a sandbox and needs the extra ``templates``.
        bos_token: What the string begins with. Leave it empty for tokenizers and servers that
            add BOS themselves; a doubled BOS makes answers worse.
        eos_token: After an assistant's turn, for templates that use it; for ``"mistral"`` it is
            ``</s>`` by default.
        add_generation_prompt: Whether the string ends where the assistant's answer begins.
        on_tags: What is done about tags of chat formats in a message, as in `render_llama2`.

    Raises:
        PromptError: If the roles are not in that order, a message has tags, or the template is
            unknown or fails.
        MissingExtraError: If a Jinja text is given and jinja2 is not installed.

    Example:
        >>> render_chat([{"role": "user", "content": "Hi"}], "mistral", bos_token="<s>")
        '<s>[INST] Hi [/INST]'
    """
    check_choice(on_tags, "on_tags", ["raise", "neutralise"])
    system, turns = split_system(messages)
    check_turns(turns, "A chat")
    turns = [{"role": turn["role"], "content": _safe(turn["content"], on_tags)} for turn in turns]
    system = None if system is None else _safe(system, on_tags)
    if template == "llama2":
        return bos_token + _llama2(system, turns)
    if template in _FORMATS:
        text = _FORMATS[template](system, turns, eos_token)
        return bos_token + text + (_ANSWER[template] if add_generation_prompt else "")
    _check_jinja(template)
    from ragkit.prompting.jinja import render_jinja

    values: dict[str, Any] = {"bos_token": bos_token, "eos_token": eos_token}
    values["add_generation_prompt"] = add_generation_prompt
    return render_jinja(template, system, turns, values)


def _llama2(system: str | None, turns: Sequence[Message]) -> str:
    head: list[Message] = [] if system is None else [{"role": "system", "content": system}]
    return render_llama2([*head, *turns], bos=False)


def _check_jinja(template: object) -> None:
    if not isinstance(template, str) or "{" not in template:
        names = ", ".join(map(repr, ["llama2", *_FORMATS]))
        raise PromptError(
            f"template is {template!r:.80}; it has to be one of {names}, or the text of a Jinja "
            f"template."
        )


def _safe(content: str, on_tags: str) -> str:
    clean = neutralise(content)
    if on_tags == "raise" and clean != content:
        at = next(i for i, (a, b) in enumerate(zip(content, clean, strict=True)) if a != b)
        raise PromptError(
            f"A message has {content[at : at + 20]!r}, which may act as a part of a chat format. "
            f"If the text is meant as it stands, render with on_tags='neutralise'."
        )
    return clean


def _chatml(system: str | None, turns: list[Message], _eos: str) -> str:
    head: list[Message] = [] if system is None else [{"role": "system", "content": system}]
    return "".join(
        f"<|im_start|>{turn['role']}\n{turn['content']}<|im_end|>\n" for turn in [*head, *turns]
    )


def _llama3(system: str | None, turns: list[Message], _eos: str) -> str:
    head: list[Message] = [] if system is None else [{"role": "system", "content": system}]
    return "".join(
        f"<|start_header_id|>{turn['role']}<|end_header_id|>\n\n{turn['content'].strip()}<|eot_id|>"
        for turn in [*head, *turns]
    )


def _mistral(system: str | None, turns: list[Message], eos: str) -> str:
    return "".join(
        f"[INST] {turn['content']} [/INST]"
        if turn["role"] == "user"
        else f" {turn['content']}{eos or '</s>'}"
        for turn in with_system(system, turns)
    )


def _gemma(system: str | None, turns: list[Message], _eos: str) -> str:
    roles = {"user": "user", "assistant": "model"}
    return "".join(
        f"<start_of_turn>{roles[turn['role']]}\n{turn['content'].strip()}<end_of_turn>\n"
        for turn in with_system(system, turns)
    )


_FORMATS: dict[str, Callable[[str | None, list[Message], str], str]] = {
    "chatml": _chatml,
    "llama3": _llama3,
    "mistral": _mistral,
    "gemma": _gemma,
}
_ANSWER = {
    "chatml": "<|im_start|>assistant\n",
    "llama3": "<|start_header_id|>assistant<|end_header_id|>\n\n",
    "mistral": "",
    "gemma": "<start_of_turn>model\n",
}
