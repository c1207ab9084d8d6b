"""The smallest parts that a text is put together from again: words, with their tokens."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate

from ragkit._spans import Span
from ragkit.errors import InvalidInputError
from ragkit.sentences import split_sentences
from ragkit.splitting.counting import TokenCounter

__all__ = ["Atoms"]

# Scripts without spaces: a character is a word. All else: what stands between white space.
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\s{_UNSPACED}]+")
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")

_MOST_TOKENS = 16
"""A longer word is cut, so that chunks can be filled with its parts."""


@dataclass(slots=True)
class Atoms:
    """Words of a text, or parts of words that have too many tokens.

    Attributes:
        spans: Where they stand; only white space lies between.
        sums: Tokens before each; one longer than `spans`.
        sentences: Numbers of atoms before which a sentence or line begins, in order.
        paragraphs: The same for paragraphs.
        words: The same for words.
    """

    spans: list[Span]
    sums: list[int]
    sentences: list[int]
    paragraphs: list[int]
    words: list[int]

    @classmethod
    def of(cls, text: str, counter: TokenCounter, limit: int) -> Atoms:
        """The atoms of `text`, of a few tokens each.

        Raises:
            InvalidInputError: If a single character has more than `limit` tokens.
        """
        most = max(1, min(_MOST_TOKENS, limit // 2))
        whole = [match.span() for match in _WORD.finditer(text)]
        counts = counter.of_words([text[a:b] for a, b in whole])
        spans: list[Span] = []
        tokens: list[int] = []
        words: list[int] = []
        for span, count in zip(whole, counts, strict=True):
            parts = (
                [(span, count)] if count <= most else _halved(text, span, counter, (most, limit))
            )
            words.append(len(spans))
            spans += [part for part, _ in parts]
            tokens += [number for _, number in parts]
        sentences, paragraphs = _beginnings(text, spans)
        return cls(spans, [0, *accumulate(tokens)], sentences, paragraphs, words)


def _halved(
    text: str, span: Span, counter: TokenCounter, limits: tuple[int, int]
) -> list[tuple[Span, int]]:
    """A word cut in halves until each part has few enough tokens."""
    most, limit = limits
    done: list[tuple[Span, int]] = []
    open_ = [span]
    while open_:
        parts = [half for a, b in open_ for half in ((a, (a + b) // 2), ((a + b) // 2, b))]
        counts = counter.of_texts([text[a:b] for a, b in parts])
        open_ = []
        for (a, b), count in zip(parts, counts, strict=True):
            if a < b and (count <= most or (b - a == 1 and count <= limit)):
                done.append(((a, b), count))
            elif b - a > 1:
                open_.append((a, b))
            elif a < b:
                raise InvalidInputError(
                    f"chunk_size is too small: the character {text[a:b]!r} alone has {count} "
                    f"tokens."
                )
    return sorted(done)


def _beginnings(text: str, spans: list[Span]) -> tuple[list[int], list[int]]:
    """Numbers of the atoms that begin a sentence, and of those that begin a paragraph."""
    at = {start: number for number, (start, _) in enumerate(spans)}
    sentences = [at[start] for start, _ in split_sentences(text) if start in at]
    blanks = (match.end() for match in _BLANK_LINE.finditer(text))
    return sentences, [at[start] for start in blanks if start in at]
