"""Tokens of words and chunks, as an embedder counts them or as a careful estimate."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from ragkit.errors import InvalidInputError

__all__ = ["TokenCounter", "estimate_tokens"]

_ESTIMATED = re.compile(r"[A-Za-z]+|[^\sA-Za-z]")
_LETTERS_PER_TOKEN = 3
_CHARACTERS_PER_TOKEN = 16
"""A text never counts for less: some tokenizers make one token of a word of any length."""


def estimate_tokens(text: str) -> int:
    """Tokens of a text if nothing is known of the tokenizer: rather too many than too few.

    A token for every three letters of a word, every digit, every mark, and every byte of what is
    not ASCII. English prose has about two thirds of that.

    Example:
        >>> estimate_tokens("In 1998, 漢")
        9
    """
    count = 0
    for match in _ESTIMATED.finditer(text):
        part = match[0]
        letters = part.isascii() and part.isalpha()
        size = len(part.encode("utf-8", "surrogatepass"))
        count += -(-len(part) // _LETTERS_PER_TOKEN) if letters else size
    return count


class TokenCounter:
    """Content tokens of texts: without the special tokens that stand around every text.

    Args:
        count: Tokens of a text, special ones included.
        batch: The same for many texts at once.
    """

    def __init__(
        self,
        count: Callable[[str], int],
        batch: Callable[[list[str]], Sequence[int]] | None = None,
    ) -> None:
        self._count = count
        self._batch = batch
        self.special = self._checked(count(""))
        self._known: dict[str, int] = {}

    @classmethod
    def of_embedder(cls, embedder: Any) -> TokenCounter:
        """The embedder's own count, or the estimate where it has none."""
        count = getattr(embedder, "count_tokens", None)
        if count is None:
            return cls(estimate_tokens)
        return cls(count, getattr(embedder, "count_tokens_batch", None))

    def of_words(self, words: Sequence[str]) -> list[int]:
        """Tokens of each word; a word is asked once for the counter's life."""
        if len(self._known) > 500_000:
            self._known.clear()
        unknown = [word for word in dict.fromkeys(words) if word not in self._known]
        self._known.update(zip(unknown, self.of_texts(unknown), strict=True))
        return [self._known[word] for word in words]

    def of_texts(self, texts: list[str]) -> list[int]:
        """Tokens of each text."""
        if not texts:
            return []
        counts = self._batch(texts) if self._batch else [self._count(text) for text in texts]
        return [
            max(self._checked(count) - self.special, len(text) // _CHARACTERS_PER_TOKEN)
            for count, text in zip(counts, texts, strict=True)
        ]

    @staticmethod
    def _checked(count: object) -> int:
        if isinstance(count, bool) or not isinstance(count, int):
            raise InvalidInputError(
                f"count_tokens gave {count!r} for a text; it has to give a whole number."
            )
        return count
