"""A ragkit language model as LangChain's chat model; importing this needs ``ragkit[langchain]``."""

from __future__ import annotations

import logging
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict
from typing import Any, ClassVar, NoReturn
from weakref import WeakKeyDictionary

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LangSmithParams
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import Field

from ragkit._checks import reject_unknown
from ragkit.llms.adapt import as_llm
from ragkit.llms.base import Options
from ragkit.llms.langchain_messages import as_message
from ragkit.streaming import aclosing_pieces, closing_pieces
from ragkit.types import Generation, Usage

__all__ = ["ChatRagkit"]

_LOGGER = logging.getLogger(__name__)

_OPTIONS = ("stop", "max_tokens", "temperature", "top_p", "seed")
_ELSEWHERE = frozenset({"api_key", "max_retries", "timeout"})
"""Parameters that LangChain gives to every chat model, and that are the ragkit model's own."""
_NAMES = ("model", "model_id", "endpoint_name", "name")
"""Attributes by which ragkit's classes tell their model."""
_IDENTITIES: WeakKeyDictionary[Any, str] = WeakKeyDictionary()


class _NoTools:
    """``bind_tools`` of a model that calls none.

    LangChain asks the class whether it has a ``bind_tools`` of its own, and takes that for a yes;
    so the class has none, and its objects say what is wrong.
    """

    def __get__(self, model: object | None, owner: type) -> Any:
        return BaseChatModel.bind_tools if model is None else _refuse_tools


def _refuse_tools(*_tools: object, **_options: object) -> NoReturn:
    raise NotImplementedError(
        "ragkit's language models answer in text: they call no tools, and give no structured "
        "output by them. Ask for the form in the prompt, and parse the text."
    )


class ChatRagkit(BaseChatModel):
    """LangChain's interface over a language model of ragkit's; `as_langchain` makes one.

    Text is what the ragkit model gives, streamed as it streams, asynchronous by its own
    asynchronous methods. The last message of a stream, and that of `invoke`, has ``finish_reason``
    in its ``response_metadata``, and ``usage_metadata`` where the model counts what it reads and
    writes (what counts one side alone is in ``response_metadata["token_usage"]``). Only text goes
    in: images and tool messages are errors. The options can be set here, by ``bind()``,
    or for one call; those that are not set are the model's own defaults. For one call there is
    also ``context``, which an `ExtractiveLLM` answers from.

    LangChain's caches keep the answers of different model objects apart, so one that is on disk
    is of no use to the next process.

    Args:
        llm: Whatever `as_llm` takes.
        stop: The text ends before the first of these.
        max_tokens: At least 1.
        temperature: At least 0.
        top_p: Above 0, at most 1.
        seed: For the same text again.
        streaming: Whether `invoke` streams too, for callbacks that want each token.
        **options: Fields of every LangChain model, such as ``callbacks``, ``tags`` and
            ``rate_limiter``. ``timeout``, ``max_retries`` and ``api_key``, which LangChain gives
            to any chat model, are logged as a warning and not used: they are set where the ragkit
            model is made.

    Raises:
        UnknownOptionError: If there is no such option.
        InvalidInputError: If one has a value that can't work.

    Example:
        >>> from ragkit.llms import FunctionLLM
        >>> chat = FunctionLLM(str.upper).as_langchain(max_tokens=1)
        >>> chat.invoke("hello there").content
        'HELLO'
    """

    # Left out of dumps, which go to tracers: nobody knows what the object holds.
    llm: Any = Field(exclude=True)
    stop: list[str] | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    streaming: bool | None = None

    bind_tools: ClassVar[Any] = _NoTools()

    def __init__(self, llm: Any, **options: Any) -> None:
        where = f"{type(self).__name__}()"
        unused = sorted(_ELSEWHERE & options.keys())
        if unused:
            _LOGGER.warning(
                "%s makes no use of %s: set that where the ragkit model is made.",
                where,
                ", ".join(unused),
            )
        given = {name: value for name, value in options.items() if name not in _ELSEWHERE}
        reject_unknown(where, given, type(self).model_fields)
        Options(**{name: given[name] for name in _OPTIONS if given.get(name) is not None})
        super().__init__(**{"llm": as_llm(llm), **given})

    @property
    def model_name(self) -> str:
        """The ragkit model's name for its model; the name of its class where it has none."""
        found = (getattr(self.llm, name, None) for name in _NAMES)
        names = (value for value in found if isinstance(value, str) and value)
        return next(names, type(self.llm).__name__)

    @property
    def options(self) -> dict[str, Any]:
        """The options that are set here, by name."""
        every = {name: getattr(self, name) for name in _OPTIONS}
        return {name: value for name, value in every.items() if value is not None}

    @property
    def adds(self) -> bool:
        """Whether it does anything that the ragkit model alone would not do."""
        return any((self.options, self.callbacks, self.cache, self.rate_limiter))

    @property
    def _llm_type(self) -> str:
        return "ragkit"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {
            "model_name": self.model_name,
            "llm": type(self.llm).__name__,
            "llm_id": _identity(self.llm),
            **self.options,
        }

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        return super()._get_ls_params(stop=self.stop if stop is None else stop, **kwargs)

    def get_num_tokens(self, text: str) -> int:
        """How many tokens a text has: the model's count, or an estimate that is never too low."""
        from ragkit.prompting import estimate_tokens

        return int(getattr(self.llm, "count_tokens", estimate_tokens)(text))

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,
    ) -> ChatResult:
        prompt = [as_message(message) for message in messages]
        return self._result(self.llm.generate(prompt, **self._asked(stop, kwargs)))

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,
    ) -> ChatResult:
        prompt = [as_message(message) for message in messages]
        return self._result(await self.llm.agenerate(prompt, **self._asked(stop, kwargs)))

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        prompt = [as_message(message) for message in messages]
        stream = self.llm.stream(prompt, **self._asked(stop, kwargs))
        with closing_pieces(stream) as pieces:
            for piece in pieces:
                chunk = _chunk(piece)
                if run_manager:
                    run_manager.on_llm_new_token(piece, chunk=chunk)
                yield chunk
        yield self._last_chunk(stream)

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        prompt = [as_message(message) for message in messages]
        stream = self.llm.astream(prompt, **self._asked(stop, kwargs))
        async with aclosing_pieces(stream) as pieces:
            async for piece in pieces:
                chunk = _chunk(piece)
                if run_manager:
                    await run_manager.on_llm_new_token(piece, chunk=chunk)
                yield chunk
        yield self._last_chunk(stream)

    def _asked(self, stop: list[str] | None, given: dict[str, Any]) -> dict[str, Any]:
        """The options of one call: those given with it before those that are set here."""
        options = {**self.options, **given}
        options.pop("stream", None)  # LangChain's own, which has done what it says
        if stop is not None:
            options["stop"] = stop
        reject_unknown(f"{type(self).__name__}.invoke()", options, Options.__dataclass_fields__)
        return options

    def _result(self, generation: Generation) -> ChatResult:
        message = AIMessage(content=generation.text, **self._said(generation))
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _last_chunk(self, stream: object) -> ChatGenerationChunk:
        """What there is to say at a stream's end; of other people's streams, that it is there."""
        result = getattr(stream, "result", None)
        whole = result if isinstance(result, Generation) else Generation("", finish_reason=None)
        message = AIMessageChunk(content="", chunk_position="last", **self._said(whole))
        return ChatGenerationChunk(message=message)

    def _said(self, generation: Generation) -> dict[str, Any]:
        """Fields of the message that has a model's last word."""
        metadata: dict[str, Any] = {"model_name": self.model_name}
        if generation.finish_reason is not None:
            metadata["finish_reason"] = generation.finish_reason
        usage = _usage(generation.usage)
        counted = {name: n for name, n in asdict(generation.usage).items() if n is not None}
        if usage is None and counted:
            metadata["token_usage"] = counted
        return {"response_metadata": metadata, "usage_metadata": usage}


def _chunk(text: str) -> ChatGenerationChunk:
    return ChatGenerationChunk(message=AIMessageChunk(content=text))


def _usage(usage: Usage) -> UsageMetadata | None:
    """LangChain's form, which has both counts or none."""
    read, written = usage.prompt_tokens, usage.completion_tokens
    if read is None or written is None:
        return None
    return UsageMetadata(input_tokens=read, output_tokens=written, total_tokens=read + written)


def _identity(llm: Any) -> str:
    """Tells models apart in caches, since not all that they do can be told by a text."""
    try:
        return _IDENTITIES.setdefault(llm, uuid.uuid4().hex)
    except TypeError:  # it can't be a key; then nothing of it is found again
        return uuid.uuid4().hex
