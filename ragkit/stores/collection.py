"""A named collection in a store's file: its number, its embedder, its language."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict, dataclass

from ragkit.errors import CorruptStoreError, IndexMismatchError, InvalidInputError
from ragkit.retrieval import ANALYZER_VERSION, Analyzer
from ragkit.stores.schema import create_lexicon, lexicon_name
from ragkit.types import EmbedderFingerprint

__all__ = [
    "CollectionRow",
    "check_collection_name",
    "check_same_embedder",
    "collection_names",
    "create_collection",
    "drop_collection",
    "find_collection",
    "fingerprint_from_json",
    "fingerprint_to_json",
    "index_anew",
]


@dataclass(frozen=True, slots=True)
class CollectionRow:
    """What the file says about a collection."""

    number: int
    embedder: EmbedderFingerprint
    language: str
    analyzer: int


def find_collection(connection: sqlite3.Connection, name: str) -> CollectionRow | None:
    """The collection of that name, or None."""
    sql = "SELECT number, embedder, language, analyzer FROM collections WHERE name = ?"
    row = connection.execute(sql, (name,)).fetchone()
    if row is None:
        return None
    return CollectionRow(row[0], fingerprint_from_json(row[1], name), row[2], row[3])


def create_collection(
    connection: sqlite3.Connection, name: str, embedder: EmbedderFingerprint, language: str
) -> CollectionRow:
    """Makes the collection and its lexical index."""
    number = connection.execute(
        "INSERT INTO collections (name, embedder, language, analyzer) VALUES (?, ?, ?, ?)",
        (name, fingerprint_to_json(embedder), language, ANALYZER_VERSION),
    ).lastrowid
    assert number is not None
    create_lexicon(connection, number)
    return CollectionRow(number, embedder, language, ANALYZER_VERSION)


def drop_collection(connection: sqlite3.Connection, number: int) -> None:
    """Removes the collection with all that belongs to it."""
    connection.execute(
        "DELETE FROM vectors WHERE row IN (SELECT row FROM chunks WHERE collection = ?)", (number,)
    )
    for table in ("facts", "chunks", "sources"):
        connection.execute(f"DELETE FROM {table} WHERE collection = ?", (number,))  # noqa: S608
    connection.execute(f"DROP TABLE {lexicon_name(number)}")
    connection.execute("DELETE FROM collections WHERE number = ?", (number,))


def collection_names(connection: sqlite3.Connection) -> list[str]:
    """Names in alphabetical order."""
    return [name for (name,) in connection.execute("SELECT name FROM collections ORDER BY name")]


def index_anew(connection: sqlite3.Connection, number: int, analyzer: Analyzer) -> None:
    """Makes the lexical index again, after the analysis has changed."""
    lexicon = lexicon_name(number)
    connection.execute(f"DROP TABLE {lexicon}")
    create_lexicon(connection, number)
    texts = connection.execute("SELECT row, content FROM chunks WHERE collection = ?", (number,))
    connection.executemany(
        f"INSERT INTO {lexicon} (rowid, tokens) VALUES (?, ?)",  # noqa: S608
        ((row, " ".join(analyzer.analyze(text))) for row, text in texts),
    )
    connection.execute(
        "UPDATE collections SET analyzer = ? WHERE number = ?", (ANALYZER_VERSION, number)
    )


def check_collection_name(name: object) -> str:
    """The name, if it is one.

    Raises:
        InvalidInputError: If it is no string, or empty.
    """
    if not isinstance(name, str) or not name.strip():
        raise InvalidInputError(f"collection is {name!r}; it has to be a string that is not empty.")
    try:
        name.encode()
    except UnicodeEncodeError:
        raise InvalidInputError(
            f"collection is {name!r:.80}, which is no valid text (a lone surrogate)."
        ) from None
    return name


def fingerprint_to_json(fingerprint: EmbedderFingerprint) -> str:
    """One JSON text, as stores keep it."""
    return json.dumps(asdict(fingerprint), sort_keys=True, ensure_ascii=False)


def fingerprint_from_json(text: str, where: str) -> EmbedderFingerprint:
    """What `fingerprint_to_json` wrote.

    Raises:
        CorruptStoreError: If it is not of that form.
    """
    try:
        return EmbedderFingerprint(**json.loads(text))
    except (ValueError, TypeError) as error:
        raise CorruptStoreError(
            f"The collection {where!r} has a damaged record of its embedder: {text!r:.80}."
        ) from error


def check_same_embedder(
    where: str, stored: EmbedderFingerprint, given: EmbedderFingerprint
) -> None:
    """Nothing, if vectors of both can be compared.

    Raises:
        IndexMismatchError: If they can't; the message names both.
    """
    if stored != given:
        raise IndexMismatchError(
            f"{where} was made with the embedder {_described(stored)}, but is opened with "
            f"{_described(given)}. Open it with the first, or index into another collection."
        )


def _described(fingerprint: EmbedderFingerprint) -> str:
    parts = [f"revision {fingerprint.revision or 'unknown'}", f"dimension {fingerprint.dimension}"]
    if fingerprint.query_prefix or fingerprint.document_prefix:
        parts.append(f"prefixes {fingerprint.query_prefix!r}, {fingerprint.document_prefix!r}")
    if not fingerprint.normalized:
        parts.append("not normalized")
    return f"{fingerprint.name!r} ({', '.join(parts)})"
