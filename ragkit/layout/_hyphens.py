"""Words that were broken at the end of a line.

Whether a hyphen belongs to the word ("well-known") or only to the break ("exam-ple") is told
by how the same document writes the word elsewhere; where it does not, the hyphen goes, which
is right for most of the breaks that typesetting programs make.
"""

from __future__ import annotations

from collections.abc import Iterable

from ragkit.layout.model import Line

__all__ = ["Vocabulary", "break_of"]

_HYPHENS = "-\u2010\u00ad"
_SOFT = "\u00ad"
# First parts that hardly ever are a syllable of a longer word.
_COMPOUNDING = frozenset(
    {"all", "best", "better", "cross", "ever", "five", "full", "half", "hard", "high", "large"}
    | {"left", "long", "low", "non", "open", "real", "right", "second", "self", "short", "six"}
    | {"soft", "state", "ten", "third", "three", "two", "four", "well"}
)
# "pre- and post-processing": the hyphen stands for the word that follows later.
_CONJUNCTIONS = frozenset({"and", "or", "nor", "to", "und", "oder", "bis", "et", "ou", "y", "o"})
_PUNCTUATION = ".,;:!?()[]{}\"'“”‘’«»„"


class Vocabulary:
    """The words that a document writes without a break."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._lines = lines
        self._words: set[str] | None = None

    def __contains__(self, word: str) -> bool:
        if self._words is None:  # most documents have no broken word, and never get here
            self._words = {text.strip(_PUNCTUATION) for text in _whole_words(self._lines)}
        return word.strip(_PUNCTUATION).casefold() in self._words


def _whole_words(lines: Iterable[Line]) -> list[str]:
    """Case-folded, those of each line but the last where it is broken."""
    hyphens = tuple(_HYPHENS)
    found: list[str] = []
    for line in lines:
        found += [word.text for word in line.words]
        if line.words and found[-1].endswith(hyphens):
            found.pop()
    return "\n".join(found).casefold().split("\n")


def break_of(last: str, following: str, words: Vocabulary) -> str | None:
    """What stays of a line's last word when the next line goes on with it.

    Returns:
        The word without its hyphen, or with it where it belongs to the word; None where the
        two are separate words.
    """
    if len(last) < 2 or last[-1] not in _HYPHENS or not following:
        return None
    stem = last[:-1]
    if last[-1] == _SOFT:
        return stem
    if not stem[-1].isalnum() or not following[0].isalnum():
        return None
    if following.strip(_PUNCTUATION).casefold() in _CONJUNCTIONS:
        return None
    if not (stem[-1].isalpha() and following[0].islower()):
        return last  # "COVID-" "19", "Anglo-" "Saxon"
    return last if _keeps(stem, following, words) else stem


def _keeps(stem: str, following: str, words: Vocabulary) -> bool:
    """Whether the hyphen belongs to the word."""
    if stem + following in words:
        return False
    if f"{stem}-{following}" in words:
        return True
    first = stem.strip(_PUNCTUATION).casefold()
    is_address = "/" in stem or "@" in stem or "_" in stem
    return is_address or "-" in first or first in _COMPOUNDING
