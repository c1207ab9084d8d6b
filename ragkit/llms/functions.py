"""A plain function as a language model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal

from ragkit._checks import check_choice
from ragkit._options import names_options
from ragkit.errors import GenerationError, InvalidInputError
from ragkit.llms.base import LocalLLM, Options, Prompt
from ragkit.llms.cutting import Cutter
from ragkit.llms.replying import model_errors, not_empty
from ragkit.types import Generation

__all__ = ["FunctionLLM"]


@names_options
class FunctionLLM(LocalLLM):
    """A function from a prompt to the answer's text.

    The function knows no options: stop strings are applied to its text, ``max_tokens`` counts
    words, and it has to see to temperature, top_p and seed itself. Where it raises, or returns
    no text or an empty one, a `GenerationError` says so, with its own error as the cause.

    Args:
        function: Returns the text, or its pieces one after the other.
        takes: "text" to be given one str (the messages' contents with blank lines between), or
            "messages" to be given the list of messages.

    Raises:
        InvalidInputError: If `function` can't be called, or `takes` is neither.

    Example:
        >>> FunctionLLM(str.upper).generate([{"role": "user", "content": "Hello"}]).text
        'HELLO'
    """

    def __init__(
        self,
        function: Callable[..., str | Iterable[str]],
        *,
        takes: Literal["text", "messages"] = "text",
    ) -> None:
        if not callable(function):
            raise InvalidInputError(f"function is {function!r}; it has to be a function.")
        self._function = function
        self.takes = check_choice(takes, "takes", ["text", "messages"])

    def __repr__(self) -> str:
        name = getattr(self._function, "__qualname__", type(self._function).__name__)
        return f"FunctionLLM({name}, takes={self.takes!r})"

    def _generate(self, messages: Prompt, options: Options) -> Generation:
        return Cutter(options).generation(self._said(messages))

    def _stream(self, messages: Prompt, options: Options) -> Iterator[str | Generation]:
        return Cutter(options).stream(self._said(messages))

    def _said(self, messages: Prompt) -> Iterator[str]:
        with model_errors(repr(self)):
            yield from not_empty(self._texts(self._function(self._prompt(messages))), repr(self))

    def _texts(self, result: Any) -> Iterator[str]:
        """What the function returned, as pieces."""
        if isinstance(result, str):
            result = [result]
        # Bytes, mappings and messages can be iterated too, but their parts are not the answer's.
        other = isinstance(result, bytes | bytearray | Mapping) or hasattr(result, "content")
        if other or not isinstance(result, Iterable):
            raise GenerationError(
                f"{self!r} returned {type(result).__name__} {result!r:.80}; it has to return a "
                f"str, or the pieces of one."
            )
        for piece in result:
            if not isinstance(piece, str):
                raise GenerationError(
                    f"{self!r} gave {type(piece).__name__} {piece!r:.80} as a piece of its text; "
                    f"it has to return a str, or the pieces of one."
                )
            yield piece

    def _prompt(self, messages: Prompt) -> Any:
        if self.takes == "messages":
            if isinstance(messages, str):
                return [{"role": "user", "content": messages}]
            return list(messages)
        if isinstance(messages, str):
            return messages
        return "\n\n".join(message["content"] for message in messages)
