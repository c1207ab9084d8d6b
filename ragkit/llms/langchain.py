"""LangChain's chat models and LLMs as language models of ragkit's kind."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ragkit.errors import GenerationError, InvalidInputError
from ragkit.llms.base import LocalLLM, Options, Prompt
from ragkit.llms.cutting import Cutter
from ragkit.llms.replying import model_errors, not_empty
from ragkit.types import Generation, Usage

__all__ = ["LangChainLLM"]


class LangChainLLM(LocalLLM):
    """A LangChain model, used by its methods ``invoke`` and ``stream``.

    Temperature, top_p, seed and the model's own limit are set where the LangChain object is made;
    here stop strings are applied (and passed on to models, not to other
    runnables), and ``max_tokens`` counts words. Where the model raises, or gives no text or an
    empty one, a `GenerationError` says so, with the model's own error as the cause.

    Args:
        model: A chat model, an LLM, or any runnable that takes messages and gives a message or
            a text.

    Raises:
        InvalidInputError: If it has no ``invoke``.
    """

    def __init__(self, model: Any) -> None:
        if not callable(getattr(model, "invoke", None)):
            raise InvalidInputError(
                f"{type(model).__name__} has no invoke(); LangChainLLM takes LangChain's models."
            )
        self._model = model

    def __repr__(self) -> str:
        return f"LangChainLLM({type(self._model).__name__})"

    def _generate(self, messages: Prompt, options: Options) -> Generation:
        began = time.perf_counter()
        with model_errors(repr(self)):
            reply = self._model.invoke(_plain(messages), **self._arguments(options))
        cutter = Cutter(options)
        text = "".join(cutter.cut(not_empty([_text(reply)], repr(self))))
        reason = _reason(reply) if cutter.finish_reason == "stop" else "length"
        total = time.perf_counter() - began
        return Generation(text, reason, _usage(reply), {"total": total})

    def _stream(self, messages: Prompt, options: Options) -> Iterator[str | Generation]:
        if not callable(getattr(self._model, "stream", None)):
            yield from super()._stream(messages, options)
            return
        said = _Said()
        with model_errors(repr(self)):
            pieces = self._model.stream(_plain(messages), **self._arguments(options))
            texts = (_text(said.note(piece)) for piece in pieces)
            for piece in Cutter(options).stream(not_empty(texts, repr(self))):
                yield piece if isinstance(piece, str) else said.of(piece)

    def _arguments(self, options: Options) -> dict[str, Any]:
        """Stop strings, for a model; another runnable would hand them on to who knows whom."""
        is_model = hasattr(self._model, "_llm_type")
        return {"stop": list(options.stop)} if options.stop and is_model else {}


class _Said:
    """What the chunks of a stream say beside their text."""

    def __init__(self) -> None:
        self._usage = Usage()
        self._reason: str | None = None

    def note(self, chunk: Any) -> Any:
        """The chunk."""
        usage = _usage(chunk)
        self._usage = self._usage if usage == Usage() else usage
        self._reason = _said_reason(chunk) or self._reason
        return chunk

    def of(self, whole: Generation) -> Generation:
        """The answer with its usage, and the model's reason unless it was cut here."""
        reason = whole.finish_reason
        if reason == "stop" and self._reason:
            reason = self._reason
        return replace(whole, finish_reason=reason, usage=self._usage)


def _plain(messages: Prompt) -> Any:
    return messages if isinstance(messages, str) else [dict(message) for message in messages]


def _text(reply: Any) -> str:
    """The text of a message, or of a plain str; of several parts those that are text."""
    content = reply if isinstance(reply, str) else getattr(reply, "content", None)
    if isinstance(content, list):
        parts = [part.get("text", "") if isinstance(part, Mapping) else part for part in content]
        content = "".join(part for part in parts if isinstance(part, str))
    if not isinstance(content, str):
        raise GenerationError(
            f"The LangChain model gave {type(reply).__name__} {reply!r:.80}; it has to give a "
            f"message or a str."
        )
    return content


def _usage(reply: Any) -> Usage:
    counts = getattr(reply, "usage_metadata", None)
    if not isinstance(counts, Mapping):
        return Usage()
    return Usage(counts.get("input_tokens"), counts.get("output_tokens"))


def _reason(reply: Any) -> str:
    return _said_reason(reply) or "stop"


def _said_reason(reply: Any) -> str | None:
    metadata = getattr(reply, "response_metadata", None)
    said = metadata.get("finish_reason") if isinstance(metadata, Mapping) else None
    return str(said) if said else None
