"""The best rows of a matrix for each query: exact cosines, in blocks, so that memory is bounded."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Vectors", "best_rows", "unit"]

Vectors = NDArray[np.float32]
_Places = NDArray[np.int64]
_Scores = NDArray[np.float64]

_QUERIES = 256
_ROWS = 16_384
_PAIRS = 1 << 18
"""Candidates that are compared at a time, if many rows are as near as the nearest: 20 MB."""
_NUMBERS = 1 << 22
"""The most numbers in double precision at a time, where candidates are compared: 32 MB."""

_TINY = np.float32(1e-20)
"""Squared lengths below this have lost digits to underflow."""


def unit(vectors: Vectors) -> Vectors:
    """`vectors` with length 1; one of length 0 stays as it is."""
    squares = np.einsum("ij,ij->i", vectors, vectors)
    if not np.isfinite(squares).all() or (squares < _TINY).any():
        # Squares overflow, or underflow, in single precision: the largest number becomes 1 first.
        largest = np.abs(vectors).max(axis=1, keepdims=True, initial=0)
        vectors = (vectors / np.where(largest > 0, largest, 1)).astype(np.float32, copy=False)
        squares = np.einsum("ij,ij->i", vectors, vectors)
    lengths = np.sqrt(np.where(squares > 0, squares, 1))
    return (vectors / lengths[:, np.newaxis]).astype(np.float32, copy=False)


def best_rows(
    queries: Vectors, corpus: Vectors, k: int, *, normalized: bool = False
) -> tuple[_Places, _Scores]:
    """Places in `corpus` of the `k` rows with the highest cosine to each query, and the cosines.

    Both are ``(len(queries), min(k, len(corpus)))``, best first; of equal ones the earlier row
    first. Candidates come from products in single precision, with as much to spare as those can
    be wrong by; their cosines are computed in double precision, one by one, so that equal rows
    score equally wherever they stand.

    Args:
        queries: Of any length, ``(n, dimension)``.
        corpus: Of any length, ``(m, dimension)``; may be mapped from a file, is read once for
            each 256 queries.
        k: At least 1.
        normalized: Whether the vectors of the corpus have length 1 already.
    """
    k = min(k, len(corpus))
    places = np.zeros((len(queries), k), np.int64)
    scores = np.zeros((len(queries), k))
    if not k:
        return places, scores
    prepared = np.asarray if normalized else unit
    for start in range(0, len(queries), _QUERIES):
        block = slice(start, start + _QUERIES)
        places[block], scores[block] = _best_of_block(unit(queries[block]), corpus, k, prepared)
    return places, scores


def _best_of_block(
    queries: Vectors, corpus: Vectors, k: int, prepared: Callable[[Vectors], Vectors]
) -> tuple[_Places, _Scores]:
    slack = np.float32(queries.shape[1] * 2.0**-22)  # twice the bound on a product's rounding
    places = np.zeros((len(queries), 0), np.int64)
    scores = np.zeros((len(queries), 0))
    for start in range(0, len(corpus), _ROWS):
        rows = prepared(corpus[start : start + _ROWS])
        rough = queries @ rows.T
        floor = _kth(rough, k)
        if scores.shape[1] == k:
            floor = np.maximum(floor, scores[:, -1].astype(np.float32))
        near = rough >= (floor - slack)[:, np.newaxis]
        merged = []
        for part in _parts(near):
            of_query, of_row = np.nonzero(near[part])
            exact = _cosines(queries[part], rows, of_query, of_row)
            found = of_query, of_row + start, exact
            merged.append(_merged(places[part], scores[part], found, k))
        places, scores = (np.concatenate(arrays) for arrays in zip(*merged, strict=True))
    return places, scores


def _parts(near: NDArray[np.bool_]) -> list[slice]:
    """Queries whose candidates are compared together; a query's stay together."""
    counts = near.sum(axis=1).cumsum()
    ends: list[int] = []
    while not ends or ends[-1] < len(counts):
        before = counts[ends[-1] - 1] if ends else 0
        end = int(np.searchsorted(counts, before + _PAIRS, "right"))
        ends.append(max(end, ends[-1] + 1 if ends else 1))
    return [slice(begin, end) for begin, end in pairwise([0, *ends])]


def _kth(rough: Vectors, k: int) -> Vectors:
    """The k-th highest of each row, or the lowest where a row has fewer."""
    width = rough.shape[1]
    if k >= width:
        lowest: Vectors = rough.min(axis=1)
        return lowest
    kth: Vectors = np.partition(rough, width - k, axis=1)[:, width - k]
    return kth


def _cosines(queries: Vectors, rows: Vectors, of_query: _Places, of_row: _Places) -> _Scores:
    """The cosine of each pair, in double precision."""
    exact = np.empty(len(of_query))
    step = max(1, _NUMBERS // queries.shape[1])
    for start in range(0, len(of_query), step):
        part = slice(start, start + step)
        left = queries[of_query[part]].astype(np.float64)
        exact[part] = np.einsum("ij,ij->i", left, rows[of_row[part]].astype(np.float64))
    return np.clip(exact, -1.0, 1.0, out=exact)


def _merged(
    places: _Places, scores: _Scores, found: tuple[_Places, _Places, _Scores], k: int
) -> tuple[_Places, _Scores]:
    """The best `k` for each query of those that were there and those found."""
    count, kept = places.shape
    of_query = np.concatenate([np.repeat(np.arange(count), kept), found[0]])
    place = np.concatenate([places.ravel(), found[1]])
    score = np.concatenate([scores.ravel(), found[2]])
    order = np.lexsort((place, -score, of_query))
    # Each query has at least as many as before, all queries the same number of the best ones.
    begins = np.searchsorted(of_query[order], np.arange(count))
    width = int(min(k, np.diff(begins, append=len(order)).min(initial=k)))
    chosen: NDArray[Any] = order[begins[:, np.newaxis] + np.arange(width)]
    return place[chosen], score[chosen]
