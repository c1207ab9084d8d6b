"""Chunks in a store's tables: written, removed and read, within the caller's transaction.

A chunk's text, vector, facts and lexical entry are always written and removed together. A chunk
that is replaced gets a new row, so that a row's content never changes and can be cached.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ragkit.errors import CorruptStoreError
from ragkit.retrieval import Analyzer
from ragkit.stores.documents import plain_json
from ragkit.stores.facts import facts_of
from ragkit.stores.schema import lexicon_name
from ragkit.types import Document

__all__ = [
    "VECTOR_TYPE",
    "chunk_ids",
    "delete_rows",
    "insert_chunks",
    "read_documents",
    "rows_of_ids",
    "rows_of_source",
]

VECTOR_TYPE = np.dtype("<f4")
_BATCH = 500
"""Values bound at once; SQLite's oldest limit is 999."""


def insert_chunks(
    connection: sqlite3.Connection,
    collection: int,
    documents: Sequence[Document],
    vectors: NDArray[np.float32],
    analyzer: Analyzer,
    *,
    source: int | None = None,
) -> None:
    """Writes the documents, in place of those with the same ids.

    Args:
        connection: With an open transaction.
        collection: Its number.
        documents: Checked, ids set and different.
        vectors: Of length 1, one row for each document.
        analyzer: Of the collection's language.
        source: Number of the source that they belong to.
    """
    ids = [str(document.id) for document in documents]
    delete_rows(connection, collection, rows_of_ids(connection, collection, ids).values())
    first = _last_row(connection) + 1
    rows = range(first, first + len(documents))
    numbered = list(zip(rows, documents, strict=True))
    connection.executemany(
        "INSERT INTO chunks (row, collection, id, source, content, metadata) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (
            (row, collection, doc.id, source, doc.page_content, plain_json(doc.metadata))
            for row, doc in numbered
        ),
    )
    connection.executemany(
        "INSERT INTO vectors (row, vector) VALUES (?, ?)",
        zip(rows, (vector.tobytes() for vector in vectors.astype(VECTOR_TYPE)), strict=True),
    )
    connection.executemany(
        "INSERT INTO facts (collection, key, kind, value, chunk) VALUES (?, ?, ?, ?, ?)",
        ((collection, *fact, row) for row, doc in numbered for fact in facts_of(doc.metadata)),
    )
    connection.executemany(
        f"INSERT INTO {lexicon_name(collection)} (rowid, tokens) VALUES (?, ?)",  # noqa: S608
        ((row, " ".join(analyzer.analyze(doc.page_content))) for row, doc in numbered),
    )


def _last_row(connection: sqlite3.Connection) -> int:
    """The highest row number that was ever used."""
    found = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'chunks'").fetchone()
    return int(found[0]) if found else 0


def delete_rows(connection: sqlite3.Connection, collection: int, rows: Iterable[int]) -> None:
    """Removes those chunks with all that belongs to them."""
    single = [(row,) for row in rows]
    for statement in (
        "DELETE FROM facts WHERE chunk = ?",
        "DELETE FROM vectors WHERE row = ?",
        f"DELETE FROM {lexicon_name(collection)} WHERE rowid = ?",  # noqa: S608
        "DELETE FROM chunks WHERE row = ?",
    ):
        connection.executemany(statement, single)


def rows_of_ids(
    connection: sqlite3.Connection, collection: int, ids: Sequence[str]
) -> dict[str, int]:
    """The row of each id that exists."""
    found: dict[str, int] = {}
    for batch in _batches(ids):
        marks = ", ".join("?" * len(batch))
        sql = f"SELECT id, row FROM chunks WHERE collection = ? AND id IN ({marks})"  # noqa: S608
        found.update(connection.execute(sql, (collection, *batch)).fetchall())
    return found


def rows_of_source(connection: sqlite3.Connection, source: int) -> list[int]:
    """Rows of the chunks of a source, in the order they were written."""
    sql = "SELECT row FROM chunks WHERE source = ? ORDER BY row"
    return [row for (row,) in connection.execute(sql, (source,))]


def chunk_ids(connection: sqlite3.Connection, collection: int) -> list[str]:
    """Every id, in the order the chunks were written."""
    sql = "SELECT id FROM chunks WHERE collection = ? ORDER BY row"
    return [name for (name,) in connection.execute(sql, (collection,))]


def read_documents(connection: sqlite3.Connection, rows: Sequence[int]) -> dict[int, Document]:
    """The documents of those rows that exist.

    Raises:
        CorruptStoreError: If metadata can't be read.
    """
    found: dict[int, Document] = {}
    for batch in _batches(rows):
        marks = ", ".join("?" * len(batch))
        sql = f"SELECT row, id, content, metadata FROM chunks WHERE row IN ({marks})"  # noqa: S608
        for row, name, content, metadata in connection.execute(sql, tuple(batch)):
            found[row] = Document(content, _metadata(metadata, name), name)
    return found


def _metadata(text: str, name: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise CorruptStoreError(f"The metadata of chunk {name!r} are damaged: {error}.") from error
    if not isinstance(value, dict):
        raise CorruptStoreError(f"The metadata of chunk {name!r} are no mapping.")
    return value


def _batches(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), _BATCH):
        yield values[start : start + _BATCH]
