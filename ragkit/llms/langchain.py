"""LangChain's chat models and LLMs as language models of ragkit's kind."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, Unpack

from ragkit.errors import InvalidInputError
from ragkit.llms.base import (
    SAMPLING,
    GenerateOptions,
    LocalLLM,
    Options,
    Prompt,
    check_prompt,
    make_options,
    refuse_sampling,
)
from ragkit.llms.langchain_replies import ReplyReader
from ragkit.llms.replying import model_errors
from ragkit.streaming import AsyncTextStream, aclosing_pieces, closing_pieces
from ragkit.types import Generation

__all__ = ["LangChainLLM"]


class LangChainLLM(LocalLLM):
    """A LangChain model, used by its methods ``invoke`` and ``stream``.

    Its own ``ainvoke`` and ``astream`` are used where it has them, so that many requests need no
    threads and a cancelled task cancels its request. Temperature, top_p, seed and the model's own
    limit are set where the LangChain object is made; here the first three are errors, stop strings
    are applied (and passed on to models, not to other runnables), and ``max_tokens`` counts words.
    Where the model raises, or gives no text or an empty one, a `GenerationError` says so, with the
    model's own error as the cause. Of content blocks, those that are text make the answer.

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

    async def agenerate(self, messages: Prompt, **options: Unpack[GenerateOptions]) -> Generation:
        """`generate` by the model's ``ainvoke``, or else in a worker thread."""
        if not self._has("ainvoke"):
            return await super().agenerate(messages, **options)
        prompt, chosen = check_prompt(messages), make_options(self, options)
        reader = ReplyReader(chosen, repr(self))
        with model_errors(repr(self)):
            reply = await self._model.ainvoke(_plain(prompt), **self._arguments(chosen))
        return reader.whole(reply)

    def astream(
        self, messages: Prompt, **options: Unpack[GenerateOptions]
    ) -> AsyncTextStream[Generation]:
        """`stream` by the model's ``astream``, or else in a worker thread."""
        if not self._has("astream"):
            return super().astream(messages, **options)
        prompt, chosen = check_prompt(messages), make_options(self, options)
        return AsyncTextStream(self._astreamed(prompt, chosen))

    def _generate(self, messages: Prompt, options: Options) -> Generation:
        reader = ReplyReader(options, repr(self))
        with model_errors(repr(self)):
            reply = self._model.invoke(_plain(messages), **self._arguments(options))
        return reader.whole(reply)

    def _stream(self, messages: Prompt, options: Options) -> Iterator[str | Generation]:
        if not self._has("stream"):
            yield from super()._stream(messages, options)
            return
        reader = ReplyReader(options, repr(self))
        with model_errors(repr(self)):
            stream = self._model.stream(_plain(messages), **self._arguments(options))
            with closing_pieces(stream) as chunks:
                for chunk in chunks:
                    yield from reader.feed(chunk)
                    if reader.over:
                        break
        yield from reader.finish()

    async def _astreamed(
        self, messages: Prompt, options: Options
    ) -> AsyncIterator[str | Generation]:
        reader = ReplyReader(options, repr(self))
        with model_errors(repr(self)):
            stream = self._model.astream(_plain(messages), **self._arguments(options))
            async with aclosing_pieces(stream) as chunks:
                async for chunk in chunks:
                    for piece in reader.feed(chunk):
                        yield piece
                    if reader.over:
                        break
        for last in reader.finish():
            yield last

    def _has(self, method: str) -> bool:
        return callable(getattr(self._model, method, None))

    def _arguments(self, options: Options) -> dict[str, Any]:
        """Stop strings, for a model; another runnable would hand them on to who knows whom."""
        why = "has its own, set where the LangChain object is made; leave it out here."
        refuse_sampling(options, SAMPLING, f"{self!r} {why}")
        is_model = hasattr(self._model, "_llm_type")
        return {"stop": list(options.stop)} if options.stop and is_model else {}


def _plain(messages: Prompt) -> Any:
    return messages if isinstance(messages, str) else [dict(message) for message in messages]
