"""What of the retrieved text fits a window beside the template, the question and the answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from ragkit._checks import check_count
from ragkit._fitting import last_fitting
from ragkit._options import names_options
from ragkit.errors import InvalidInputError, TokenBudgetError
from ragkit.prompting.context import format_context
from ragkit.prompting.estimating import estimate_tokens
from ragkit.sentences import split_sentences
from ragkit.types import Hit, Message

__all__ = ["FittedHits", "TokenBudget"]

Prompt = Sequence[Message] | str

_PER_MESSAGE = 24
"""Tokens that a chat template may put around a message: Llama-3.1's, with its dates, has 21."""


@dataclass(frozen=True, slots=True)
class FittedHits:
    """What goes into a prompt, and what does not.

    Attributes:
        kept: What the prompt holds, best first; the last one may have lost its end.
        dropped: What was left out whole, best first.
        trimmed: Those of `kept` that lost their end, as they stand in the prompt. A trimmed hit has
            the rank and score of the one it was made of; its document is a slice of that one's, so
            that offsets and boxes are still those of the source.
    """

    kept: list[Hit] = field(default_factory=list)
    dropped: list[Hit] = field(default_factory=list)
    trimmed: list[Hit] = field(default_factory=list)


@names_options
class TokenBudget:
    """The tokens that a prompt may have, and what of the retrieved text fits into them.

    Room for the answer is reserved. Template and question are never cut. Passages are left out
    whole, the lowest-ranked first; the first one that does not fit whole keeps as many of its
    sentences as there is room for, if it is one at least.

    Args:
        window: Most tokens of prompt and answer together; None for no such limit.
        max_tokens: Most tokens of the answer.
        count_tokens: Tokens of a text, as the model counts them, without special tokens; by
            default `estimate_tokens`, which is never too low.
        count_prompt: Tokens of a whole prompt (messages, or raw text) in the model's own chat
            format; by default the texts' tokens and 24 for each message.
        max_context_tokens: Most tokens of the numbered passages together; None for no such limit.

    Raises:
        InvalidInputError: If an argument has a value that can't work.
        TokenBudgetError: If the answer alone fills the window.

    Example:
        >>> budget = TokenBudget(4096, max_tokens=512)
        >>> budget.room
        3584
    """

    def __init__(
        self,
        window: int | None,
        max_tokens: int = 512,
        count_tokens: Callable[[str], int] | None = None,
        *,
        count_prompt: Callable[[Any], int] | None = None,
        max_context_tokens: int | None = None,
    ) -> None:
        check_count(max_tokens, "max_tokens")
        if max_context_tokens is not None:
            check_count(max_context_tokens, "max_context_tokens")
        for function, name in ((count_tokens, "count_tokens"), (count_prompt, "count_prompt")):
            if function is not None and not callable(function):
                raise InvalidInputError(f"{name} is {function!r}; it has to be a function.")
        if window is not None and check_count(window, "window") <= max_tokens:
            raise TokenBudgetError(
                f"The window is {window} tokens and max_tokens reserves {max_tokens} of them for "
                f"the answer, so that none are left for a prompt; lower max_tokens."
            )
        self.window = window
        self.max_tokens = max_tokens
        self.max_context_tokens = max_context_tokens
        self._count_tokens = count_tokens or estimate_tokens
        self._count_prompt = count_prompt

    @classmethod
    def of_model(
        cls,
        llm: object,
        *,
        window: int | None = None,
        max_tokens: int = 512,
        max_context_tokens: int | None = None,
    ) -> Self:
        """The budget of a model: what it says of itself, where nothing else is given.

        Args:
            llm: Its ``window`` (a number, or None), ``count_tokens(text)`` and
                ``count_prompt(messages | text)`` are used if it has them.
            window: Instead of the model's.
            max_tokens: Most tokens of the answer.
            max_context_tokens: Most tokens of the numbered passages together.
        """
        if window is None:
            window = getattr(llm, "window", None)
            if window is not None and getattr(llm, "writes_apart", False):
                window += max_tokens  # an encoder-decoder's answer takes no room in it
        return cls(
            window,
            max_tokens,
            getattr(llm, "count_tokens", None),
            count_prompt=getattr(llm, "count_prompt", None),
            max_context_tokens=max_context_tokens,
        )

    @property
    def room(self) -> int | None:
        """Most tokens of the prompt; None if any number will do."""
        return None if self.window is None else self.window - self.max_tokens

    def count(self, prompt: Prompt) -> int:
        """Tokens of a prompt, with what a chat format puts around its messages.

        Raises:
            InvalidInputError: If the model's counter gives no whole number.
        """
        if self._count_prompt is not None:
            return _checked(self._count_prompt(prompt))
        if isinstance(prompt, str):
            return _checked(self._count_tokens(prompt)) + 1  # BOS
        return sum(_checked(self._count_tokens(m["content"])) + _PER_MESSAGE for m in prompt)

    def fit(self, hits: Sequence[Hit], render: Callable[[list[Hit]], Prompt]) -> FittedHits:
        """What of the hits the prompt can hold.

        Args:
            hits: Best first.
            render: The prompt with those hits; it is called with none for what template and
                question need.

        Raises:
            TokenBudgetError: If template and question do not fit, or not even the first sentence
                of the best passage; the message has the numbers.
        """
        if not hits or (self.window is None and self.max_context_tokens is None):
            return FittedHits(list(hits))

        def fits(some: list[Hit]) -> bool:
            return self._fits_context(some) and self._fits_window(render(some))

        whole = _most(len(hits), lambda number: fits(list(hits[:number])))
        kept, dropped = list(hits[:whole]), list(hits[whole:])
        trimmed = _trimmed(dropped[0], lambda part: fits([*kept, part])) if dropped else None
        if trimmed is not None:
            return FittedHits([*kept, trimmed], dropped[1:], [trimmed])
        if not kept:
            raise TokenBudgetError(self._too_much(hits[0], render))
        return FittedHits(kept, dropped)

    def _fits_context(self, hits: list[Hit]) -> bool:
        if self.max_context_tokens is None:
            return True
        return _checked(self._count_tokens(format_context(hits))) <= self.max_context_tokens

    def _fits_window(self, prompt: Prompt) -> bool:
        return self.room is None or self.count(prompt) <= self.room

    def _too_much(self, best: Hit, render: Callable[[list[Hit]], Prompt]) -> str:
        """Why nothing fits, with the numbers."""
        passage = f"the best passage alone has {self._count_tokens(format_context([best]))}"
        if not self._fits_context(_first_sentence(best)):
            return (
                f"max_context_tokens is {self.max_context_tokens}, but {passage} tokens and not "
                f"even its first sentence fits; raise it, or use smaller chunks."
            )
        fixed, room = self.count(render([])), self.room
        parts = (
            f"The window is {self.window} tokens and max_tokens reserves {self.max_tokens} of them "
            f"for the answer, which leaves {room} for the prompt. Template and question need "
            f"{fixed}"
        )
        if room is not None and fixed > room:
            return f"{parts}; shorten them, or lower max_tokens."
        return (
            f"{parts}, {passage} tokens, and not even its first sentence fits; lower max_tokens, "
            f"shorten the template, or use smaller chunks."
        )

    def __repr__(self) -> str:
        return f"TokenBudget({self.window!r}, max_tokens={self.max_tokens})"


def _most(number: int, fits: Callable[[int], bool]) -> int:
    """The largest number up to `number` that fits; more never fit where fewer do not."""
    if fits(number):  # as nearly always
        return number
    return last_fitting(fits, 0, number - 1)


def _trimmed(hit: Hit, fits: Callable[[Hit], bool]) -> Hit | None:
    """The hit up to the end of its last sentence that fits; None if not even the first does."""
    ends = [end for _, end in split_sentences(hit.document.page_content)][:-1]
    if not ends:
        return None
    number = _most(len(ends), lambda count: fits(_up_to(hit, ends[count - 1])))
    return _up_to(hit, ends[number - 1]) if number else None


def _first_sentence(hit: Hit) -> list[Hit]:
    ends = [end for _, end in split_sentences(hit.document.page_content)]
    return [_up_to(hit, ends[0])] if ends else [hit]


def _up_to(hit: Hit, end: int) -> Hit:
    """The hit with the start of its document, which keeps the id of the whole chunk."""
    part = hit.document.slice(0, end)
    part.id = hit.document.id
    return replace(hit, document=part)


def _checked(count: object) -> int:
    if isinstance(count, bool) or not isinstance(count, int) or count < 0:
        raise InvalidInputError(
            f"The model's token counter gave {count!r}; it has to give a whole number."
        )
    return count
