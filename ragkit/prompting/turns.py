"""The turns of a chat: the system's text apart, the others in order, histories as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ragkit._checks import check_many
from ragkit.errors import PromptError
from ragkit.types import Message

__all__ = ["as_history", "check_turns", "checked_message", "split_system", "told", "with_system"]

_SPEAKERS = {"user": "User", "assistant": "Assistant"}


def split_system(messages: Sequence[Message]) -> tuple[str | None, list[Message]]:
    """The system's text, if there is one in front, and the other messages.

    Raises:
        PromptError: If one is no message.
    """
    many = check_many(messages, "messages", "chat messages")
    every = [checked_message(message, number) for number, message in enumerate(many, start=1)]
    if every and every[0]["role"] == "system":
        return every[0]["content"], every[1:]
    return None, every


def checked_message(message: object, number: int) -> Message:
    """The message with its role and content alone.

    Raises:
        PromptError: If it is no message; `number` says which.
    """
    if isinstance(message, Mapping):
        role, content = message.get("role"), message.get("content")
        if isinstance(role, str) and isinstance(content, str):
            return {"role": role, "content": content}
    raise PromptError(
        f"Message {number} is {message!r}; a message is {{'role': str, 'content': str}}."
    )


def check_turns(turns: Sequence[Message], chat: str) -> None:
    """Nothing, if user and assistant speak in turns and the user has the last word.

    Raises:
        PromptError: If they do not; it names the chat format.
    """
    roles = [turn["role"] for turn in turns]
    wanted = ["user", "assistant"] * len(roles)
    if roles != wanted[: len(roles)] or len(roles) % 2 == 0:
        raise PromptError(
            f"{chat} takes an optional system message, then user and assistant in turns with "
            f"user last; after the system message the roles are {roles or 'none'}."
        )


def with_system(system: str | None, turns: Sequence[Message]) -> list[Message]:
    """The turns with the system's text in front of the first user's."""
    if not system:
        return list(turns)
    first: Message = {"role": "user", "content": f"{system}\n\n{turns[0]['content']}"}
    return [first, *turns[1:]]


def as_history(history: object) -> list[Message]:
    """Earlier turns, as messages.

    Raises:
        PromptError: If it is something else than messages of user and assistant.
    """
    if isinstance(history, str | bytes | Mapping) or not isinstance(history, Sequence):
        raise PromptError(
            f"history is {history!r:.80}; without a placeholder {{history}} in the template it has "
            f"to be a list of messages, which are put between system and user."
        )
    turns = [checked_message(message, number) for number, message in enumerate(history, start=1)]
    for turn in turns:
        if turn["role"] not in _SPEAKERS:
            raise PromptError(
                f"history has a message of {turn['role']!r}; it has to be of 'user' or 'assistant'."
            )
    return turns


def told(history: object) -> str:
    """Earlier turns as text, a line for each; a text stays as it is.

    Raises:
        PromptError: If it is neither text nor messages of user and assistant.
    """
    if isinstance(history, str):
        return history
    turns = as_history(history)
    return "\n".join(f"{_SPEAKERS[turn['role']]}: {turn['content']}" for turn in turns)
