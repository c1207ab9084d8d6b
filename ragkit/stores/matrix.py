"""A collection's vectors in memory, kept in step with its file."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ragkit.errors import CorruptStoreError
from ragkit.stores.chunks import VECTOR_TYPE
from ragkit.stores.facts import rows_sql
from ragkit.stores.filters import Condition

__all__ = ["VectorMatrix"]

_REMEMBERED = 16
"""Filters whose rows are kept: who asks with a filter mostly asks again with the same."""


class VectorMatrix:
    """The vectors of one collection as one matrix, and the row that each belongs to.

    Rows of the file never change and are never used twice, so that a refresh only reads those
    that are new. Whoever undoes a transaction has to forget the matrix, since its row numbers
    are given again.

    Args:
        collection: Its number.
        dimension: Length of a vector.
    """

    def __init__(self, collection: int, dimension: int) -> None:
        self.collection = collection
        self.rows: NDArray[np.int64] = np.zeros(0, np.int64)
        self.vectors: NDArray[np.float32] = np.zeros((0, dimension), np.float32)
        self._allowed: dict[str, NDArray[np.int64]] = {}

    def refresh(self, connection: sqlite3.Connection) -> None:
        """Takes in what was added and removed since the last time.

        Raises:
            CorruptStoreError: If a vector has another length than the others, or is not there.
        """
        sql = "SELECT row FROM chunks WHERE collection = ? ORDER BY row"
        current = np.fromiter(
            (row for (row,) in connection.execute(sql, (self.collection,))), np.int64
        )
        kept = np.isin(self.rows, current, assume_unique=True)
        new = np.setdiff1d(current, self.rows, assume_unique=True)
        if len(new) == 0 and kept.all():
            return
        self._allowed.clear()
        added = self._read(connection, new)
        # New rows have higher numbers than all before, so that the order stays.
        self.vectors = np.concatenate([self.vectors[kept], added]) if len(self.rows) else added
        self.rows = current

    def _read(self, connection: sqlite3.Connection, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """The vectors of these rows; they are the last ones of the collection."""
        first = int(rows[0]) if len(rows) else 0
        sql = (
            "SELECT vector FROM vectors WHERE row IN "
            "(SELECT row FROM chunks WHERE collection = ? AND row >= ?) ORDER BY row"
        )
        blobs = [b for (b,) in connection.execute(sql, (self.collection, first))] if first else []
        dimension = self.vectors.shape[1]
        if len(blobs) != len(rows) or any(len(b) != dimension * 4 for b in blobs):
            raise CorruptStoreError(
                f"Vectors of the collection are missing or of another length than {dimension}. "
                f"Restore a copy of the file, or index anew."
            )
        flat = np.frombuffer(b"".join(blobs), VECTOR_TYPE).astype(np.float32, copy=False)
        return flat.reshape(len(rows), dimension)

    def allowed(
        self, connection: sqlite3.Connection, condition: Condition | None
    ) -> NDArray[np.int64]:
        """Rows that fulfil the condition, ascending; the last few conditions are remembered."""
        if condition is None:
            return self.rows
        key = repr(condition)  # as keys, the conditions "equals 1" and "equals True" are the same
        if key not in self._allowed:
            sql, bound = rows_sql(condition, self.collection)
            found = connection.execute(sql, bound)
            while len(self._allowed) >= _REMEMBERED:
                del self._allowed[next(iter(self._allowed))]
            self._allowed[key] = np.sort(np.fromiter((row for (row,) in found), np.int64))
        return self._allowed[key]

    def places(self, rows: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
        """Where in the matrix these rows are; all of them have to be in it."""
        found: NDArray[np.int64] = np.searchsorted(self.rows, np.asarray(rows, np.int64))
        return found

    def cosine(self, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """Similarity of each vector with the query, in [-1, 1]; all have length 1.

        Not ``@``: its threads wait for each other, which takes ten times as long on a machine
        that has other work, and it gives equal vectors scores that differ in the last bit.
        """
        scores = np.einsum("ij,j->i", self.vectors, query)
        clipped: NDArray[np.float32] = np.clip(scores, -1.0, 1.0)
        return clipped
