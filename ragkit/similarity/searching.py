"""Nearest neighbours in a corpus at hand, and the similarity of all with all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypedDict

import numpy as np

from ragkit._checks import check_count
from ragkit.similarity.inputs import check_same_length, embedded, embedded_queries
from ragkit.similarity.ranking import Vectors, best_rows, unit

__all__ = ["Neighbor", "nearest", "similarity_matrix"]


class Neighbor(TypedDict):
    """What `nearest` finds, in the form of SageMaker JumpStart's replies.

    Attributes:
        corpus_id: Its place in the corpus, from 0.
        score: Its cosine with the query.
    """

    corpus_id: int
    score: float


def nearest(
    queries: Iterable[str] | Vectors,
    corpus: Iterable[str] | Vectors,
    top_k: int = 3,
    *,
    embedder: Any = "minilm",
) -> list[list[Neighbor]]:
    """For each query the `top_k` entries of the corpus that are most like it, best first.

    Exact: every pair is compared, in blocks, so that beside the vectors memory stays within a
    few dozen MB. Of equal scores the earlier entry comes first; a vector of zeros has the cosine
    0 with everything.

    Args:
        queries: Texts, embedded as queries; or vectors, ``(n, dimension)``, of any length.
        corpus: Texts, embedded as documents; or vectors.
        top_k: How many for each query; where the corpus has fewer, all of it.
        embedder: What `ragkit.as_embedder` takes; not needed where both are vectors.

    Raises:
        InvalidInputError: If an argument can't work.
        EmbeddingError: If vectors are damaged.

    Example:
        >>> corpus = ["The ferry leaves at nine.", "Cycling is free on Sundays."]
        >>> nearest(["When does the boat go?"], corpus, 1)[0][0]["corpus_id"]
        0
    """
    check_count(top_k, "top_k")
    rows = embedded(corpus, "corpus", embedder)
    asked = embedded_queries(queries, "queries", embedder)
    check_same_length(asked, rows, ("queries", "corpus"))
    places, scores = best_rows(asked, rows, top_k)
    return [
        [{"corpus_id": place, "score": score} for place, score in zip(*found, strict=True)]
        for found in zip(places.tolist(), scores.tolist(), strict=True)
    ]


def similarity_matrix(sentences: Iterable[str] | Vectors, *, embedder: Any = "minilm") -> Vectors:
    """Cosines of all with all, float32 ``(n, n)``, symmetric.

    Args:
        sentences: Texts, embedded as documents; or vectors, ``(n, dimension)``.
        embedder: What `ragkit.as_embedder` takes; not needed for vectors.

    Raises:
        InvalidInputError: If an argument can't work.
        EmbeddingError: If vectors are damaged.

    Example:
        >>> similarity_matrix(["a dog", "a puppy", "tax law"]).shape
        (3, 3)
    """
    vectors = unit(embedded(sentences, "sentences", embedder))
    cosines: Vectors = np.clip(vectors @ vectors.T, -1, 1)
    return cosines
