"""Vectors of unit length, and the best of them: exact cosine similarity with numpy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ragkit.errors import EmbeddingError, InvalidInputError

__all__ = ["top_k", "unit_matrix", "unit_vector"]

Matrix = NDArray[np.float32]


def unit_matrix(vectors: Any, count: int, dimension: int) -> Matrix:
    """The vectors as float32 ``(count, dimension)``, each of length 1; zeros stay zero.

    Raises:
        EmbeddingError: If the shape is another, or a number is not finite.
    """
    matrix = _as_floats(vectors)
    if count == 0 and matrix.size == 0:
        return np.zeros((0, dimension), np.float32)
    if matrix.shape != (count, dimension):
        raise EmbeddingError(
            f"The vectors have the shape {matrix.shape}; {count} documents and an embedder of "
            f"dimension {dimension} need {(count, dimension)}."
        )
    return _normalized(matrix)


def unit_vector(vector: Any, dimension: int) -> Matrix:
    """One query vector as float32 ``(dimension,)`` of length 1.

    Raises:
        InvalidInputError: If it is no vector, or the shape is another.
        EmbeddingError: If a number is not finite.
    """
    if vector is None or isinstance(vector, bytes | Mapping):
        raise InvalidInputError(
            f"query is {vector!r:.80}; it has to be a text, or in dense mode a vector."
        )
    array = _as_floats(vector)
    if array.shape != (dimension,):
        raise InvalidInputError(
            f"The query vector has the shape {array.shape}; the store's vectors have "
            f"{dimension} numbers."
        )
    row: Matrix = _normalized(array[np.newaxis])[0]
    return row


def _as_floats(values: Any) -> NDArray[np.float64]:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise EmbeddingError(f"The vectors are not rows of numbers: {error}.") from error


def _normalized(matrix: NDArray[np.float64]) -> Matrix:
    # The largest first, in double precision: squares of single ones overflow.
    largest = np.abs(matrix).max(axis=1, keepdims=True, initial=0.0)
    if not np.isfinite(largest).all():
        place = int(np.flatnonzero(~np.isfinite(largest[:, 0]))[0])
        raise EmbeddingError(f"Vector {place} has numbers that are not finite (NaN or infinity).")
    scaled = matrix / np.where(largest > 0, largest, 1.0)
    length = np.linalg.norm(scaled, axis=1, keepdims=True)
    return (scaled / np.where(length > 0, length, 1.0)).astype(np.float32)


def top_k(scores: NDArray[np.floating[Any]], k: int) -> Sequence[int]:
    """Places of the `k` highest scores, best first; of equal ones, the earlier first."""
    if k < len(scores):
        kth = np.partition(scores, len(scores) - k)[len(scores) - k]
        places = np.flatnonzero(scores >= kth)
    else:
        places = np.arange(len(scores))
    order = np.lexsort((places, -scores[places]))[:k]
    chosen: list[int] = places[order].tolist()
    return chosen
