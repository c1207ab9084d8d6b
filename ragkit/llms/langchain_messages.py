"""LangChain's messages as ragkit's, by their attributes: nothing of LangChain is imported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ragkit.errors import PromptError
from ragkit.types import Message

__all__ = ["as_message"]

_ROLES = {"human": "user", "ai": "assistant", "system": "system"}


def as_message(message: Any) -> Message:
    """A message of LangChain's kind (``type`` and ``content``) with its role and text alone.

    Args:
        message: Of a human, an AI, the system, or one with a role of its own. The text of several
            content blocks is joined; the speaker's ``name`` is left out, since no model of ragkit's
            takes it.

    Raises:
        PromptError: If it is of another kind, calls tools, or has content that is no text.

    Example:
        >>> from types import SimpleNamespace
        >>> as_message(SimpleNamespace(type="human", content=[{"type": "text", "text": "When?"}]))
        {'role': 'user', 'content': 'When?'}
    """
    # The pieces of a stream call themselves "AIMessageChunk".
    kind = str(getattr(message, "type", "")).removesuffix("MessageChunk").lower()
    role = getattr(message, "role", None) if kind == "chat" else _ROLES.get(kind)
    if not isinstance(role, str):
        raise PromptError(
            f"{type(message).__name__} can't be put to a language model of ragkit's; it takes the "
            f"messages of humans, AIs and the system. (Tools are not supported.)"
        )
    if getattr(message, "tool_calls", None) or getattr(message, "invalid_tool_calls", None):
        raise PromptError(
            f"{type(message).__name__} calls tools; ragkit's language models take text alone. "
            f"Leave such messages out, or give their results as text."
        )
    return {"role": role, "content": _text(getattr(message, "content", None))}


def _text(content: object) -> str:
    """The content, or the texts of its blocks."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        raise PromptError(f"The content of a message is {content!r:.80}; it has to be text.")
    return "".join(map(_block_text, content))


def _block_text(block: object) -> str:
    if isinstance(block, str):
        return block
    kind = block.get("type", "text") if isinstance(block, Mapping) else type(block).__name__
    text = block.get("text") if isinstance(block, Mapping) else None
    if kind != "text" or not isinstance(text, str):
        # The block itself is not shown: an image is megabytes.
        raise PromptError(
            f"A message has a content block of the type {kind!r}; ragkit's language models take "
            f"text alone."
        )
    return text
