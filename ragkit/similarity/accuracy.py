"""How often the right answer is among the nearest ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ragkit._checks import check_count
from ragkit.errors import InvalidInputError
from ragkit.similarity.inputs import check_same_length, embedded, embedded_queries
from ragkit.similarity.ranking import Vectors, best_rows

__all__ = ["TopKAccuracy", "top_k_accuracy"]

_QUESTIONS = 256
"""Ranked at a time; each needs 16 bytes for every answer."""


@dataclass(frozen=True, slots=True)
class TopKAccuracy:
    """How often a question's own answer is among its nearest `k`.

    Attributes:
        accuracy: The share of questions for which it is, in [0, 1].
        k: How many answers count as found.
        ranks: For each question the place of its own answer among all, from 1.
        misses: Places (from 0) of the questions whose own answer is further down.
    """

    accuracy: float
    k: int
    ranks: tuple[int, ...]
    misses: tuple[int, ...]

    def __str__(self) -> str:
        found, asked = len(self.ranks) - len(self.misses), len(self.ranks)
        return f"top-{self.k} accuracy {100 * self.accuracy:.1f} % ({found} of {asked})"


def top_k_accuracy(
    questions: Iterable[str] | Vectors,
    answers: Iterable[str] | Vectors,
    k: int = 3,
    *,
    embedder: Any = "minilm",
) -> TopKAccuracy:
    """How often the answer in a question's own place is among the `k` nearest of all answers.

    Args:
        questions: Texts, embedded as queries; or vectors.
        answers: Texts, embedded as documents; or vectors; as many as questions, in their order.
            A double of the own answer that stands before it is ranked before it.
        k: How many of the nearest answers count.
        embedder: What `ragkit.as_embedder` takes; not needed where both are vectors.

    Raises:
        InvalidInputError: If an argument can't work, or there is no question.
        EmbeddingError: If vectors are damaged.

    Example:
        >>> questions = ["When does the boat go?", "What does cycling cost?"]
        >>> answers = ["The ferry leaves at nine.", "Bicycles are free on Sundays."]
        >>> print(top_k_accuracy(questions, answers, 1))
        top-1 accuracy 100.0 % (2 of 2)
    """
    check_count(k, "k")
    asked = embedded_queries(questions, "questions", embedder)
    rows = embedded(answers, "answers", embedder)
    if len(asked) != len(rows) or not len(asked):
        raise InvalidInputError(
            f"There are {len(asked)} questions and {len(rows)} answers; each question needs its "
            f"own answer in the same place, and there has to be one at least."
        )
    check_same_length(asked, rows, ("questions", "answers"))
    ranks = _ranks(asked, rows)
    misses = tuple(place for place, rank in enumerate(ranks) if rank > k)
    return TopKAccuracy(1 - len(misses) / len(ranks), k, ranks, misses)


def _ranks(questions: Vectors, answers: Vectors) -> tuple[int, ...]:
    ranks: list[int] = []
    for start in range(0, len(questions), _QUESTIONS):
        places, _ = best_rows(questions[start : start + _QUESTIONS], answers, len(answers))
        own = start + np.arange(len(places))
        ranks += (np.argmax(places == own[:, np.newaxis], axis=1) + 1).tolist()
    return tuple(ranks)
