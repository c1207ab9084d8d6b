"""Texts or ready vectors, as vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ragkit.embedding import as_embedder
from ragkit.errors import EmbeddingError, InvalidInputError
from ragkit.similarity.ranking import Vectors

if TYPE_CHECKING:
    from ragkit.protocols import Embedder

__all__ = ["check_same_length", "checked", "embedded", "embedded_queries", "is_texts"]


def is_texts(values: object, name: str) -> bool:
    """Whether these are texts; otherwise they are an array, or rows of numbers.

    Raises:
        InvalidInputError: If it is one text, or nothing of the kind.
    """
    if isinstance(values, np.ndarray):
        return values.dtype.kind in "OUT" or (values.ndim == 1 and not values.size)
    if isinstance(values, str | bytes | dict) or not hasattr(values, "__iter__"):
        raise InvalidInputError(
            f"{name} is {values!r:.80}; it has to be a list of texts, or an array of vectors."
        )
    first = next(iter(values), None) if hasattr(values, "__len__") else None
    return not isinstance(first, np.ndarray | list | tuple)


def embedded(values: Any, name: str, embedder: Any) -> Vectors:
    """Vectors of texts as documents, or the vectors that `values` are.

    Args:
        values: Texts, or vectors.
        name: Of the argument, for messages.
        embedder: Whatever `as_embedder` takes; not touched where `values` are vectors.

    Raises:
        InvalidInputError: If `values` are neither.
        EmbeddingError: If vectors have no one length, or numbers that are not finite.
    """
    if not is_texts(values, name):
        return _as_vectors(values, name)
    chosen, texts = as_embedder(embedder), _listed(values, name)
    return checked(chosen, chosen.embed(texts), len(texts))


def embedded_queries(values: Any, name: str, embedder: Any) -> Vectors:
    """The same as `embedded`, but of texts as queries."""
    if not is_texts(values, name):
        return _as_vectors(values, name)
    return _query_vectors(as_embedder(embedder), _listed(values, name))


def check_same_length(left: Vectors, right: Vectors, names: tuple[str, str]) -> None:
    """Nothing, if a vector of one can be compared with one of the other.

    Raises:
        InvalidInputError: If their lengths differ.
    """
    if left.shape[1] != right.shape[1]:
        raise InvalidInputError(
            f"{names[0]} has vectors of length {left.shape[1]}, {names[1]} of {right.shape[1]}; "
            f"both have to come from one embedder."
        )


def _query_vectors(embedder: Embedder, texts: list[str]) -> Vectors:
    """By `embed_queries` where there is one: users' own embedders need not have it."""
    many = getattr(embedder, "embed_queries", None)
    if many is not None:
        return checked(embedder, many(texts), len(texts))
    if not texts:
        return np.zeros((0, embedder.dimension), np.float32)
    return checked(embedder, [embedder.embed_query(text) for text in texts], len(texts))


def checked(embedder: Embedder, values: object, count: int) -> Vectors:
    """What an embedder gave for `count` texts: it may be of the user's own making.

    Raises:
        EmbeddingError: If it is not one finite vector of the embedder's dimension for each.
    """
    if not count:
        return np.zeros((0, embedder.dimension), np.float32)
    vectors = _as_vectors(values, f"What {type(embedder).__name__} gave")
    if vectors.shape != (count, embedder.dimension):
        raise EmbeddingError(
            f"{type(embedder).__name__} gave vectors of the shape {vectors.shape} for {count} "
            f"texts; its dimension is {embedder.dimension}."
        )
    return vectors


def _listed(values: Any, name: str) -> list[str]:
    texts = list(values)
    for place, text in enumerate(texts):
        if not isinstance(text, str):
            raise InvalidInputError(
                f"{name}[{place}] is {text!r:.80}, a {type(text).__name__}; it has to be a text."
            )
    return texts


def _as_vectors(values: Any, name: str) -> Vectors:
    try:
        numbers = np.asarray(values)
    except (TypeError, ValueError) as error:
        raise EmbeddingError(f"{name} has no rows of numbers of one length: {error}.") from None
    if numbers.dtype.kind not in "fiub":
        raise EmbeddingError(f"{name} has no rows of real numbers, but of {numbers.dtype}.")
    with np.errstate(over="ignore"):  # too large for single precision is found below
        vectors = numbers.astype(np.float32, copy=False)
    if vectors.ndim != 2 or not vectors.shape[1]:
        raise InvalidInputError(
            f"{name} is an array of the shape {vectors.shape}; it has to be (rows, dimension)."
        )
    finite = np.isfinite(vectors).all(axis=1)
    if not finite.all():
        place = int(np.flatnonzero(~finite)[0])
        raise EmbeddingError(f"{name}[{place}] has numbers that are not finite.")
    return vectors
