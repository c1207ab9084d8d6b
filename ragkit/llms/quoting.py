"""The part of a long sentence that is most likely to hold the answer."""

from __future__ import annotations

import re
from collections.abc import Callable

from ragkit.llms.candidates import Query

__all__ = ["best_part"]

_CLAUSE = re.compile(
    r"(?:[,;:]|\s[–—-])\s+|\s+(?=(?:and|or|but|which|who|that|where|when|while|because|with|by|in"
    r"|from|for|to|as|at|on|after|before|during|between|of|than|if|until|through|including)\b)"
)
_CUE = 0.5
_FROM_START = 0.1
_FULL = 0.3
_ROOM = 0.3
_ROOM_CHARACTERS = 60
"""An answer often follows the question's own words, so that a part should not end with them."""


def best_part(text: str, query: Query, analyze: Callable[[str], list[str]], max_chars: int) -> str:
    """`text`, or at most `max_chars` characters of it, cut between clauses.

    The part with most of the question's terms and most possible answers is taken, if they do not
    stand at its very end.
    """
    if len(text) <= max_chars:
        return text
    hits = _places(text, query, analyze)
    parts = _parts(text, max_chars)
    best = max(parts, key=lambda part: _worth(len(text), part, query, hits, max_chars))
    return best[2]


def _parts(text: str, max_chars: int) -> list[tuple[int, int, str]]:
    """Parts that begin and, where it can be, end with clauses."""
    cuts = list(_CLAUSE.finditer(text))
    ends = [match.start() for match in cuts] + [len(text)]
    parts = []
    for start in [0, *(match.end() for match in cuts)]:
        fitting = [end for end in ends if start + max_chars // 2 < end <= start + max_chars]
        if not fitting:
            blank = text.rfind(" ", start + 1, start + max_chars)
            fitting = [blank if blank > 0 else min(len(text), start + max_chars)]
        parts += [(start, end, text[start:end].strip()) for end in fitting]
    return [part for part in parts if part[2]]


def _places(
    text: str, query: Query, analyze: Callable[[str], list[str]]
) -> list[tuple[int, int, str]]:
    """Where the question's terms stand: start, end, term."""
    found = []
    for word in re.finditer(r"\S+", text):
        found += [(*word.span(), term) for term in analyze(word.group()) if term in query.terms]
    return found


def _worth(
    length: int,
    part: tuple[int, int, str],
    query: Query,
    hits: list[tuple[int, int, str]],
    max_chars: int,
) -> float:
    start, end, words = part
    inside = [hit for hit in hits if start <= hit[0] and hit[1] <= end + 1]
    terms = len({term for *_, term in inside}) / (len(query.terms) or 1)
    last = max((hit[1] for hit in inside), default=end)
    room = 1.0 if end == length else min(_ROOM_CHARACTERS, end - last) / _ROOM_CHARACTERS
    return (
        terms
        + _CUE * min(3, query.cues.count(words))
        + _FULL * len(words) / max_chars
        + _ROOM * room
        + _FROM_START * (start == 0)
    )
