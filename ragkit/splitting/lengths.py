"""Lengths of many spans of one text, asked as rarely as a length function allows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ragkit._spans import Span
from ragkit.errors import InvalidInputError

__all__ = ["SpanLengths"]

_REMEMBERED = 64
"""Characters up to which a text's length is remembered: words and lines recur, pages do not."""


class SpanLengths:
    """Lengths of spans of `text` by `function`.

    ``len`` needs no slices at all; an embedder's ``count_tokens`` is asked through its
    ``count_tokens_batch``; short texts are asked once.

    Args:
        text: What the spans are of.
        function: Length of a text.
    """

    def __init__(self, text: str, function: Callable[[str], int]) -> None:
        self._text = text
        self._function = function
        self._batch = _batch_of(function)
        self._known: dict[str, int] = {}

    def of(self, spans: Sequence[Span]) -> list[int]:
        """The length of each span."""
        if self._function is len:
            return [end - start for start, end in spans]
        texts = [self._text[start:end] for start, end in spans]
        if self._batch is not None:
            unknown = [t for t in dict.fromkeys(texts) if t not in self._known]
            if unknown:
                self._known.update(zip(unknown, self._batch(unknown), strict=True))
        return [self.of_text(text) for text in texts]

    def of_text(self, text: str) -> int:
        """The length of any text.

        Raises:
            InvalidInputError: If the function's result is no number, or negative.
        """
        if text in self._known:
            return self._known[text]
        length = self._function(text)
        if not isinstance(length, int | float) or not length >= 0:
            raise InvalidInputError(
                f"length_function gave {length!r} for a text; it has to be a number of at least 0."
            )
        if len(text) <= _REMEMBERED:
            self._known[text] = length
        return length


def _batch_of(function: Callable[[str], int]) -> Callable[[list[str]], Sequence[int]] | None:
    """The batch form of a bound ``count_tokens``, where its owner has one."""
    if getattr(function, "__name__", "") != "count_tokens":
        return None
    return getattr(getattr(function, "__self__", None), "count_tokens_batch", None)
