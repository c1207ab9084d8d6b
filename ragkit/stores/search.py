"""Rankings of a collection: dense, lexical and hybrid; filters come before the best are taken."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ragkit.retrieval import fused_scores
from ragkit.stores.facts import rows_sql
from ragkit.stores.filters import Condition
from ragkit.stores.matrix import VectorMatrix
from ragkit.stores.schema import lexicon_name
from ragkit.stores.vectors import top_k
from ragkit.types import SearchMode

__all__ = ["Query", "Ranked", "rank"]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A chunk's row with its score and the scores that it was made from."""

    row: int
    score: float
    parts: dict[str, float]


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for.

    Attributes:
        mode: "dense", "lexical" or "hybrid".
        vector: Of length 1; None in lexical mode.
        tokens: Analysed words; empty in dense mode.
        condition: On the metadata.
    """

    mode: SearchMode
    vector: NDArray[np.float32] | None
    tokens: tuple[str, ...]
    condition: Condition | None


def rank(
    connection: sqlite3.Connection, matrix: VectorMatrix, query: Query, k: int
) -> list[Ranked]:
    """The best `k` chunks, best first; equal scores in the order they were written."""
    if query.mode == "lexical":
        rows, scores = _lexical(connection, matrix.collection, query)
        return [
            Ranked(int(rows[i]), float(scores[i]), {"lexical": float(scores[i])})
            for i in top_k(scores, k)
        ]
    rows = matrix.allowed(connection, query.condition)
    assert query.vector is not None
    dense = matrix.cosine(query.vector)
    if rows is not matrix.rows:
        dense = dense[matrix.places(rows)]
    if query.mode == "dense":
        return [
            Ranked(int(rows[i]), float(dense[i]), {"dense": float(dense[i])})
            for i in top_k(dense, k)
        ]
    found, scores = _lexical(connection, matrix.collection, query)
    lexical = np.zeros(len(rows))
    lexical[np.searchsorted(rows, found)] = scores
    fused = fused_scores(dense, lexical)
    return [
        Ranked(
            int(rows[i]),
            float(fused[i]),
            {"dense": float(dense[i]), "lexical": float(lexical[i])},
        )
        for i in top_k(fused, k)
    ]


def _lexical(
    connection: sqlite3.Connection, collection: int, query: Query
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Rows that have at least one of the words, ascending, with their BM25 scores.

    FTS5's BM25 has k1 = 1.2 and b = 0.75, and counts down.
    """
    if not query.tokens:
        return np.zeros(0, np.int64), np.zeros(0)
    lexicon = lexicon_name(collection)
    # Tokens hold no quotation mark; in quotation marks they are no operators of FTS5.
    words = " OR ".join(f'"{token}"' for token in dict.fromkeys(query.tokens))
    sql = f"SELECT rowid, -bm25({lexicon}) FROM {lexicon} WHERE {lexicon} MATCH ?"  # noqa: S608
    bound: list[object] = [words]
    if query.condition is not None:
        # The plus keeps SQLite from asking the full-text index anew for each row.
        inner, values = rows_sql(query.condition, collection)
        sql, bound = f"{sql} AND +rowid IN ({inner})", [words, *values]
    found = connection.execute(f"{sql} ORDER BY rowid", bound).fetchall()
    rows = np.fromiter((row for row, _ in found), np.int64, len(found))
    return rows, np.fromiter((score for _, score in found), np.float64, len(found))
