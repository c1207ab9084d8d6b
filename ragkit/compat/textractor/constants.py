"""Textractor's enumerations, with its values."""

from __future__ import annotations

from enum import Enum

from ragkit.errors import InvalidInputError

__all__ = [
    "SelectionStatus",
    "SimilarityMetric",
    "TextTypes",
    "TextractAPI",
    "TextractFeatures",
    "check_metric",
]


class TextractFeatures(Enum):
    """What a document is analysed for."""

    FORMS = 0
    TABLES = 1
    QUERIES = 2
    SIGNATURES = 3
    LAYOUT = 4


class TextractAPI(Enum):
    """What a job does."""

    DETECT_TEXT = 0
    ANALYZE = 1
    EXPENSE = 2


class TextTypes(Enum):
    """How a word is written."""

    HANDWRITING = 0
    PRINTED = 1


class SelectionStatus(Enum):
    """Whether a box is ticked."""

    SELECTED = 0
    NOT_SELECTED = 1


class SimilarityMetric(Enum):
    """How alike texts are; ragkit has `LEVENSHTEIN`, the default, here."""

    COSINE = 0
    EUCLIDEAN = 1
    LEVENSHTEIN = 2


def check_metric(metric: object) -> None:
    """Nothing, if texts can be compared so.

    Raises:
        InvalidInputError: If not.
    """
    if metric is not SimilarityMetric.LEVENSHTEIN:
        raise InvalidInputError(
            f"similarity_metric is {metric!r:.80}; it has to be SimilarityMetric.LEVENSHTEIN. For "
            "meaning in place of spelling, use ragkit.similarity.nearest()."
        )
