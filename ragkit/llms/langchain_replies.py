"""What LangChain's models give: messages, their chunks, or plain texts."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from ragkit.errors import GenerationError
from ragkit.llms.base import Options
from ragkit.llms.cutting import Cutter
from ragkit.llms.reading import reason_of, usage_of
from ragkit.llms.replying import empty_text
from ragkit.types import Generation, Usage

__all__ = ["ReplyReader"]

_REASONS = ("finish_reason", "stop_reason", "stopReason", "done_reason")
"""Names that services have for it, which LangChain hands on as they are."""


class ReplyReader:
    """Reads one answer, whole or in chunks: its text, cut, and what else there is to say of it.

    Args:
        options: How it was asked for.
        who: The model, as a user would name it.
    """

    def __init__(self, options: Options, who: str) -> None:
        self._cutter = Cutter(options)
        self._who = who
        self._empty = True
        self._passed: list[str] = []
        self._usage = Usage()
        self._reason: str | None = None
        self._began = time.perf_counter()

    @property
    def over(self) -> bool:
        """Whether nothing that may still come belongs to the text."""
        return self._cutter.over

    def feed(self, reply: Any) -> Iterator[str]:
        """What can be passed on now: one piece, or none.

        Raises:
            GenerationError: If it is neither a message nor a text.
        """
        text = _text(reply, self._who)
        self._empty = self._empty and not text.strip()
        self._usage = _sum(self._usage, _usage(reply))
        self._reason = _reason(reply) or self._reason
        yield from self._pass(self._cutter.feed(text))

    def finish(self) -> Iterator[str | Generation]:
        """What was held back, and the whole answer.

        Raises:
            GenerationError: If nothing but white space came.
        """
        if self._empty and not self.over:
            raise empty_text(self._who)
        yield from self._pass(self._cutter.finish())
        reason = None if self.over else self._reason
        timings = {"total": time.perf_counter() - self._began}
        text = "".join(self._passed)
        yield Generation(text, reason or self._cutter.finish_reason, self._usage, timings)

    def whole(self, reply: Any) -> Generation:
        """The answer of a reply that was not streamed."""
        pieces: list[str | Generation] = [*self.feed(reply), *self.finish()]
        generation = pieces[-1]
        assert isinstance(generation, Generation)
        return generation

    def _pass(self, text: str) -> Iterator[str]:
        if text:
            self._passed.append(text)
            yield text


def _text(reply: Any, who: str) -> str:
    """The text of a message, or of a plain str; of several blocks those that are text."""
    content = reply if isinstance(reply, str) else getattr(reply, "content", None)
    if isinstance(content, list):
        content = "".join(map(_block_text, content))
    if not isinstance(content, str):
        raise GenerationError(
            f"{who} gave {type(reply).__name__} {reply!r:.80}; it has to give a message or a str."
        )
    return content


def _block_text(block: Any) -> str:
    """Of a block that is no part of the answer, such as the model's reasoning, nothing."""
    if isinstance(block, Mapping) and block.get("type", "text") == "text":
        block = block.get("text")
    return block if isinstance(block, str) else ""


def _usage(reply: Any) -> Usage:
    return usage_of(getattr(reply, "usage_metadata", None), "input_tokens", "output_tokens")


def _sum(first: Usage, second: Usage) -> Usage:
    """Chunks say what they add, so that LangChain's merged message has the sums."""
    return Usage(
        _added(first.prompt_tokens, second.prompt_tokens),
        _added(first.completion_tokens, second.completion_tokens),
    )


def _added(first: int | None, second: int | None) -> int | None:
    return second if first is None else first + (second or 0)


def _reason(reply: Any) -> str | None:
    """Why it ended, in ragkit's words where it has one."""
    metadata = getattr(reply, "response_metadata", None)
    if not isinstance(metadata, Mapping):
        return None
    said = [metadata.get(name) for name in _REASONS]
    cut = metadata.get("incomplete_details")  # of OpenAI's responses
    said.append(cut.get("reason") if isinstance(cut, Mapping) else None)
    reason = next((value for value in said if isinstance(value, str) and value), None)
    return None if reason is None else reason_of(reason.lower())
