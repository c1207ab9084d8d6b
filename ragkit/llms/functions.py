"""A plain function as a language model."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal

from ragkit._checks import check_choice
from ragkit._options import names_options
from ragkit.errors import GenerationError, InvalidInputError
from ragkit.llms.base import SAMPLING, LocalLLM, Options, Prompt, refuse_sampling
from ragkit.llms.cutting import Cutter
from ragkit.llms.replying import model_errors, not_empty
from ragkit.types import Generation

__all__ = ["FunctionLLM"]


@names_options
class FunctionLLM(LocalLLM):
    """A function from a prompt to the answer's text.

    Stop strings are applied to its text, and ``max_tokens`` counts words. A function with keywords
    called temperature, top_p or seed, or with ``**`` for any, is given these each time (by default
    0, 1 and None); another refuses them. Where it raises, or returns no text or an empty one, a
    `GenerationError` says so, with its own error as the cause.

    Args:
        function: Returns the text, or its pieces one after the other; its first argument is the
            prompt.
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
        self._taken = _sampling_of(function)
        self.takes = check_choice(takes, "takes", ["text", "messages"])

    def __repr__(self) -> str:
        name = getattr(self._function, "__qualname__", type(self._function).__name__)
        return f"FunctionLLM({name}, takes={self.takes!r})"

    def _generate(self, messages: Prompt, options: Options) -> Generation:
        return Cutter(options).generation(self._said(messages, options))

    def _stream(self, messages: Prompt, options: Options) -> Iterator[str | Generation]:
        return Cutter(options).stream(self._said(messages, options))

    def _said(self, messages: Prompt, options: Options) -> Iterator[str]:
        why = "does not take it as a keyword; leave it out, or let the function take it."
        refuse_sampling(options, [n for n in SAMPLING if n not in self._taken], f"{self!r} {why}")
        given = {name: getattr(options, name) for name in self._taken}
        with model_errors(repr(self)):
            result = self._function(self._prompt(messages), **given)
            yield from not_empty(self._texts(result), repr(self))

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


def _sampling_of(function: Callable[..., Any]) -> list[str]:
    """Which of `SAMPLING` a function takes as keywords, besides the prompt."""
    inner = _taken(function, follow_wrapped=True)
    # A wrapper (functools.wraps) may take less than what it shows; one in C tells nothing itself.
    outer = _taken(function, follow_wrapped=False) if hasattr(function, "__wrapped__") else None
    return [name for name in inner or () if outer is None or name in outer]


def _taken(function: Callable[..., Any], *, follow_wrapped: bool) -> list[str] | None:
    """The same by one signature; None if it has none, as some builtins."""
    try:
        signature = inspect.signature(function, follow_wrapped=follow_wrapped)
    except (TypeError, ValueError):
        return None
    parameters = list(signature.parameters.values())
    positional = [p.name for p in parameters if p.kind <= p.POSITIONAL_OR_KEYWORD]
    bound = function.keywords if isinstance(function, functools.partial) else ()
    own = {*positional[:1], *bound}  # the prompt; what the user has settled
    keywords = {p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    every = any(p.kind is p.VAR_KEYWORD for p in parameters)
    return [name for name in SAMPLING if (every or name in keywords) and name not in own]
