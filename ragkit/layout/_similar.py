"""How alike two short texts are, where case, punctuation and a slip do not matter."""

from __future__ import annotations

import re

from ragkit.errors import InvalidInputError

__all__ = ["check_cutoff", "check_name", "name_score", "plain", "text_score"]

_BETWEEN = re.compile(r"[\W_]+")
_PART = 0.8
"""Of a name that is a part of another …"""
_COVERED = 0.15
"""… and what is added where it is nearly all of it."""


def check_cutoff(cutoff: object) -> float:
    """`cutoff`, if it is a score.

    Raises:
        InvalidInputError: If not.
    """
    if isinstance(cutoff, bool) or not isinstance(cutoff, int | float) or not 0 <= cutoff <= 1:
        raise InvalidInputError(f"cutoff is {cutoff!r}; it has to be a number from 0 to 1.")
    return float(cutoff)


def check_name(text: object, name: str) -> str:
    """`text` as it is compared, if there is something in it.

    Raises:
        InvalidInputError: If it is no text, or nothing but blanks.
    """
    if not isinstance(text, str) or not text.strip():
        raise InvalidInputError(f"{name} is {text!r:.80}; it has to be a text.")
    return plain(text)


def plain(text: str) -> str:
    """Without case and punctuation; what is nothing else stays as it is."""
    return _BETWEEN.sub(" ", text.casefold()).strip() or " ".join(text.split())


def text_score(wanted: str, found: str, cutoff: float = 0.0) -> float:
    """The share of characters that two plain texts have in common, in order: 0 to 1.

    Args:
        wanted: A text.
        found: Another.
        cutoff: Lower scores are 0.
    """
    from rapidfuzz import fuzz

    return fuzz.ratio(wanted, found, score_cutoff=100 * cutoff) / 100


def name_score(wanted: str, found: str) -> float:
    """The same for names; also high where all words of `wanted` are among those of `found`.

    "name" is 1 for "Name:", 0.87 for "First name", and low for "Date".
    """
    words = found.split()
    whole = text_score(wanted, found)
    parts = [max((text_score(word, one) for one in words), default=0) for word in wanted.split()]
    if not parts or not found:
        return whole
    covered = min(1.0, len(wanted) / len(found))
    return max(whole, sum(parts) / len(parts) * (_PART + _COVERED * covered))
