"""The sentences of the hits, and how well each answers the question.

A linear score over a few features. Its weights began as a logistic regression over the sentences
of 896 SQuAD questions and were then set by hand on the same questions, so that figures on them
are on the high side.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ragkit._spans import Span, trimmed
from ragkit.llms.questions import Cues
from ragkit.sentences import ends_with_mark, split_sentences
from ragkit.types import Hit

__all__ = ["Candidate", "Query", "lexical_scores", "read_candidates", "score"]

_LONGEST = 600
"""Characters; a longer run without a sentence's end (a table, a list) is cut at white space."""

_SIMILARITY = 7.0
_SHARED = 2.0  # of the question's terms, in the sentence
_SHARED_NEAR = 3.0  # in it or the sentence before, which its pronouns point at
_SHARED_CHUNK = 2.0  # in the whole passage
_PAIRS = 1.1  # of neighbouring terms
_FIRST_HIT = 0.9
_NEWS = 2.0  # says something that the question does not
# By judgement, since the fitted texts have none of these:
_HEADING = -3.0  # names a subject, or asks, as in questions and answers; says nothing itself
_ROW = -1.0  # of a table: hard to read alone, so that a sentence that says nearly as much is taken
_UNDER_HEADING = 0.85  # of its heading's similarity is a sentence's own
_SENTENCE_MARKS = ".!?…。！？:;,"


@dataclass(frozen=True, slots=True)
class Query:
    """A question, analysed once.

    Attributes:
        terms: Stems in order, each once.
        pairs: Neighbouring stems.
        cues: What could answer it.
    """

    terms: tuple[str, ...]
    pairs: frozenset[tuple[str, str]]
    cues: Cues

    @classmethod
    def of(cls, question: str, analyze: Callable[[str], list[str]]) -> Query:
        """The question's terms and cues."""
        stems = analyze(question)
        pairs = frozenset(pairwise(stems))
        return cls(tuple(dict.fromkeys(stems)), pairs, Cues(question))


@dataclass(slots=True)
class Candidate:
    """One sentence of one hit.

    Attributes:
        number: The hit's, from 1, as cited.
        text: Verbatim from the passage.
        stems: Its terms in order.
        before: Index of the sentence before it in the same passage, if any.
    """

    number: int
    text: str
    stems: list[str]
    before: int | None
    terms: frozenset[str] = field(default_factory=frozenset)

    @property
    def is_heading(self) -> bool:
        """Whether it has no sentence's end, or is a question."""
        return self.text.endswith("?") or not ends_with_mark(self.text, _SENTENCE_MARKS)

    @property
    def is_row(self) -> bool:
        """Whether it is a row of a Markdown table."""
        return self.text.startswith("|") and self.text.count("|") > 1


def read_candidates(hits: Sequence[Hit], analyze: Callable[[str], list[str]]) -> list[Candidate]:
    """The sentences of all hits, best hit first; one that repeats is taken once.

    What has no letter or digit, such as a table's rule ``|---|---|``, is none.
    """
    candidates: list[Candidate] = []
    seen: set[str] = set()
    for number, hit in enumerate(hits, start=1):
        before: int | None = None
        for text in _sentences(hit.document.page_content):
            if text in seen:
                before = None
                continue
            seen.add(text)
            stems = analyze(text)
            candidates.append(Candidate(number, text, stems, before, frozenset(stems)))
            before = len(candidates) - 1
    return candidates


def _sentences(text: str) -> list[str]:
    spans = [part for span in split_sentences(text) for part in _shortened(text, *span)]
    parts = (text[start:end] for start, end in spans)
    return [part for part in parts if any(map(str.isalnum, part))]


def _shortened(text: str, start: int, end: int) -> Iterator[Span]:
    """The span in parts of at most `_LONGEST` characters, without white space at their ends."""
    at = start
    while end - at > _LONGEST:
        cuts = (text.rfind(mark, at + _LONGEST // 2, at + _LONGEST) for mark in "\n ")
        cut = next((cut for cut in cuts if cut > 0), at + _LONGEST)
        yield trimmed(text, at, cut)
        at = cut
    yield trimmed(text, at, end)


def lexical_scores(query: Query, candidates: Sequence[Candidate]) -> list[tuple[float, float]]:
    """For each candidate what its words say: all of the score but similarity; and coverage.

    Coverage is the share of the question's terms, weighted by rarity, that the sentence or the
    one before it has; terms that are nowhere count as the rarest.
    """
    weights = _weights(query, candidates)
    present = sum(w for term, (w, df) in weights.items() if df) or 1.0
    every = sum(w for w, _ in weights.values()) or 1.0
    passages: dict[int, set[str]] = {}
    for candidate in candidates:
        passages.setdefault(candidate.number, set()).update(candidate.terms)

    def shared(terms: frozenset[str] | set[str]) -> float:
        return sum(w for term, (w, _) in weights.items() if term in terms)

    scores = []
    for candidate in candidates:
        before = candidates[candidate.before].terms if candidate.before is not None else frozenset()
        near = shared(candidate.terms | before)
        value = (
            _SHARED * shared(candidate.terms) / present
            + _SHARED_NEAR * near / present
            + _SHARED_CHUNK * shared(passages[candidate.number]) / present
            + _own_worth(query, candidate)
        )
        scores.append((value, near / every))
    return scores


def _own_worth(query: Query, candidate: Candidate) -> float:
    """What a sentence has besides the question's terms."""
    stems = candidate.stems
    pairs = len(query.pairs & set(pairwise(stems))) / (len(query.pairs) or 1)
    news = len(candidate.terms.difference(query.terms))
    value = _PAIRS * pairs + _NEWS * min(news, 3) / 3 + _FIRST_HIT * (candidate.number == 1)
    answer = query.cues.value(candidate.text)
    heading = candidate.is_heading and (not answer or candidate.text.endswith("?"))
    return value + answer + _HEADING * heading + _ROW * candidate.is_row


def _weights(query: Query, candidates: Sequence[Candidate]) -> dict[str, tuple[float, int]]:
    """Rarity of each of the question's terms, and how many sentences have it."""
    weights = {}
    for term in query.terms:
        df = sum(term in candidate.terms for candidate in candidates)
        weights[term] = math.log(1 + len(candidates) / (0.5 + df)), df
    return weights


def score(
    candidates: Sequence[Candidate],
    kept: Sequence[int],
    lexical: Sequence[tuple[float, float]],
    similarity: Sequence[float],
) -> list[float]:
    """The whole score of each kept candidate: higher is better, within one question.

    Args:
        candidates: All.
        kept: Which of them count.
        lexical: Of all, by `lexical_scores`.
        similarity: Of the kept ones: cosine with the question.
    """
    cosine = dict(zip(kept, similarity, strict=True))
    scores = []
    for i in kept:
        above = candidates[i].before
        value = cosine[i]
        if above is not None and candidates[above].is_heading and not candidates[i].is_heading:
            value = max(value, _UNDER_HEADING * cosine.get(above, 0.0))
        scores.append(lexical[i][0] + _SIMILARITY * value)
    return scores
