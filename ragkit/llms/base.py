"""What all language models share: options, stop strings, and async siblings in worker threads."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict, Unpack

from ragkit._checks import check_count
from ragkit._threads import to_thread
from ragkit.errors import GenerationError, InvalidInputError
from ragkit.llms.workers import Worker
from ragkit.streaming import AsyncTextStream, TextStream, closing_pieces
from ragkit.types import Generation, Grounding, Message

__all__ = [
    "SAMPLING",
    "GenerateOptions",
    "LangChainable",
    "LocalLLM",
    "ModelOptions",
    "Options",
    "Prompt",
    "apply_stop",
    "check_batch",
    "check_prompt",
    "make_options",
    "refuse_sampling",
]

Prompt = Sequence[Message] | str
"""Chat messages, or the raw text to continue."""

SAMPLING = ("temperature", "top_p", "seed")
"""Options that only what draws the tokens can heed; the others can be applied to a text."""


class ModelOptions(TypedDict, total=False):
    """How a model is to write; what the options mean is at `Options`."""

    stop: Sequence[str]
    max_tokens: int
    temperature: float
    top_p: float
    seed: int | None


class GenerateOptions(ModelOptions, total=False):
    """The keyword arguments of `generate` and its siblings."""

    context: Grounding | None


@dataclass(frozen=True, slots=True)
class Options:
    """How to generate; checked when made.

    Attributes:
        stop: The text ends before the first of these.
        max_tokens: At least 1.
        temperature: At least 0; 0 takes the likeliest token each time.
        top_p: Above 0, at most 1.
        seed: For the same text again; None for another each time.
        context: The question and what was found.

    Raises:
        InvalidInputError: If one has a value that can't work.
    """

    stop: Sequence[str] = ()
    max_tokens: int = 512
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int | None = None
    context: Grounding | None = None

    def __post_init__(self) -> None:
        check_count(self.max_tokens, "max_tokens")
        if not _is_number(self.temperature) or not 0 <= self.temperature < float("inf"):
            raise InvalidInputError(
                f"temperature is {self.temperature!r}; it has to be a number of at least 0."
            )
        if not _is_number(self.top_p) or not 0 < self.top_p <= 1:
            raise InvalidInputError(f"top_p is {self.top_p!r}; it has to be above 0 and at most 1.")
        if self.seed is not None and (isinstance(self.seed, bool) or type(self.seed) is not int):
            raise InvalidInputError(f"seed is {self.seed!r}; it has to be a whole number or None.")
        wrong = isinstance(self.stop, str) or not isinstance(self.stop, Sequence)
        if wrong or not all(isinstance(text, str) and text for text in self.stop):
            raise InvalidInputError(
                f"stop is {self.stop!r}; it has to be a list of texts that are not empty, such as "
                f'["\\n"].'
            )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def check_prompt(messages: object) -> Prompt:
    """`messages`, if they are a raw text or at least one chat message.

    Raises:
        InvalidInputError: If they are anything else.
    """
    if isinstance(messages, str):
        if not messages:
            raise InvalidInputError("The prompt is empty; there is nothing to answer.")
        return messages
    if not isinstance(messages, Sequence) or not messages:
        raise InvalidInputError(
            f"messages is {messages!r}; it has to be a text, or a list of at least one "
            f"{{'role': …, 'content': …}}."
        )
    for message in messages:
        role = message.get("role") if isinstance(message, Mapping) else None
        if not isinstance(role, str) or not isinstance(message.get("content"), str):
            raise InvalidInputError(
                f"{message!r} is no message; a message is {{'role': str, 'content': str}}."
            )
    return messages


def apply_stop(text: str, stop: Sequence[str]) -> tuple[str, bool]:
    """The text up to the first stop string, and whether there was one.

    Example:
        >>> apply_stop("One. Two.", ["wo", " T"])
        ('One.', True)
    """
    found = [at for at in (text.find(mark) for mark in stop) if at >= 0]
    return (text[: min(found)], True) if found else (text, False)


class LangChainable:
    """What every language model of ragkit's has for LangChain."""

    def as_langchain(self, **options: Unpack[ModelOptions]) -> Any:
        """This model as a ``langchain_core.language_models.BaseChatModel``; see `ChatRagkit`.

        Args:
            **options: ``stop``, ``max_tokens``, ``temperature``, ``top_p`` and ``seed`` of every
                call that says nothing else.

        Raises:
            UnknownOptionError: If there is no such option.
            InvalidInputError: If one has a value that can't work.
            MissingExtraError: If langchain-core is not installed.
        """
        from ragkit._checks import reject_unknown
        from ragkit._extras import require

        require("langchain_core.language_models", extra="langchain", feature="as_langchain()")
        from ragkit.llms.as_langchain import ChatRagkit

        where = f"{type(self).__name__}.as_langchain()"
        reject_unknown(where, options, ModelOptions.__annotations__)
        return ChatRagkit(self, **options)


class LocalLLM(LangChainable, ABC):
    """A model that works in this process: its async methods run in worker threads.

    A subclass gives `_generate`, and `_stream` if it can write piece by piece. What a worker
    raises reaches the consumer; a consumer that goes away stops the worker at its next piece.
    """

    @abstractmethod
    def _generate(self, messages: Prompt, options: Options) -> Generation:
        """The answer; stop strings are to be left out."""

    def _stream(self, messages: Prompt, options: Options) -> Iterator[str | Generation]:
        """The answer's text in pieces; then, if there is more to say of it, the whole answer."""
        generation = self._generate(messages, options)
        if generation.text:
            yield generation.text
        yield generation

    def generate(self, messages: Prompt, **options: Unpack[GenerateOptions]) -> Generation:
        """The answer to chat messages, or the continuation of a raw prompt (a str).

        Args:
            messages: Chat messages, or raw text.
            **options: ``stop``, ``max_tokens``, ``temperature``, ``top_p``, ``seed`` and
                ``context``, as in the protocol `LLM`.

        Raises:
            InvalidInputError: If the messages or an option can't work.
            GenerationError: If the model gives no answer.
        """
        return self._generate(check_prompt(messages), make_options(self, options))

    def stream(
        self, messages: Prompt, **options: Unpack[GenerateOptions]
    ) -> TextStream[Generation]:
        """The same in pieces; joined, they are the text that `generate` gives.

        After the last piece, ``result`` of the stream is the `Generation`.
        """
        return TextStream(self._streamed(check_prompt(messages), make_options(self, options)))

    async def agenerate(self, messages: Prompt, **options: Unpack[GenerateOptions]) -> Generation:
        """`generate` in a worker thread, without blocking the event loop."""
        return await to_thread(self.generate, messages, **options)

    def astream(
        self, messages: Prompt, **options: Unpack[GenerateOptions]
    ) -> AsyncTextStream[Generation]:
        """`stream` in a worker thread, without blocking the event loop."""
        chosen = make_options(self, options)
        return AsyncTextStream(_in_thread(self._streamed(check_prompt(messages), chosen)))

    def _streamed(self, messages: Prompt, options: Options) -> Iterator[str | Generation]:
        """What `_stream` gives, with a result at its end in any case."""
        texts: list[str] = []
        with closing_pieces(self._stream(messages, options)) as pieces:
            for piece in pieces:
                if not isinstance(piece, str | Generation):
                    raise GenerationError(
                        f"{type(self).__name__} gave {type(piece).__name__} {piece!r:.80} as a "
                        f"piece of its text; it has to give a str, or the Generation at its end."
                    )
                yield piece
                if isinstance(piece, Generation):
                    return
                texts.append(piece)
        yield Generation("".join(texts), finish_reason=None)

    def batch(
        self, prompts: Iterable[Prompt], **options: Unpack[GenerateOptions]
    ) -> list[Generation]:
        """Answers in the order of the prompts, all with the same options."""
        return [self.generate(messages, **options) for messages in check_batch(prompts)]

    def invoke(self, messages: Prompt, **options: Unpack[GenerateOptions]) -> str:
        """The text alone."""
        return self.generate(messages, **options).text


def make_options(owner: object, options: Mapping[str, Any]) -> Options:
    """Checked options.

    Raises:
        UnknownOptionError: If there is one that no model has.
        InvalidInputError: If one has a value that can't work.
    """
    from ragkit._checks import reject_unknown

    reject_unknown(f"{type(owner).__name__}.generate()", options, Options.__dataclass_fields__)
    return Options(**options)


def refuse_sampling(options: Options, names: Iterable[str], why: str) -> None:
    """Nothing, if the options that a model can't heed have their defaults.

    Args:
        options: As the caller gave them.
        names: Of `SAMPLING`, those that the model can't heed.
        why: Its reason, and what to do.

    Raises:
        InvalidInputError: If others were asked for; the message names them.
    """
    default = Options()
    chosen = {name: getattr(options, name) for name in names}
    lost = [f"{n} is {v!r}" for n, v in chosen.items() if v != getattr(default, n)]
    if lost:
        raise InvalidInputError(f"{' and '.join(lost)}, but {why}")


def check_batch(prompts: Iterable[Prompt]) -> list[Prompt]:
    """The prompts as a list.

    Raises:
        InvalidInputError: If a single prompt was given.
    """
    every: list[Any] = [prompts] if isinstance(prompts, str) else list(prompts)
    if isinstance(prompts, str) or any(isinstance(prompt, Mapping) for prompt in every):
        raise InvalidInputError(
            "batch() takes a list of prompts (each a text or a list of messages), not one prompt."
        )
    return every


def _in_thread(pieces: Iterator[str | Generation]) -> AsyncIterator[str | Generation]:
    def run(put: Callable[[str | Generation], bool], _cancelled: threading.Event) -> None:
        with closing_pieces(pieces):
            for piece in pieces:
                if not put(piece):
                    break

    return aiter(Worker(run, ahead=1))
