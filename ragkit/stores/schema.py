"""The tables of a store's file, and how a file is recognised as one.

The format is documented in ``docs/reference/stores.md``. `SCHEMA_VERSION` is SQLite's
``user_version``, `APPLICATION_ID` its ``application_id``.
"""

from __future__ import annotations

import sqlite3

from ragkit.errors import CorruptStoreError, StoreError
from ragkit.retrieval import FTS5_TOKENIZER
from ragkit.stores.facts import FACTS_TABLE

__all__ = [
    "APPLICATION_ID",
    "SCHEMA_VERSION",
    "check_schema",
    "create_lexicon",
    "create_schema",
    "lexicon_name",
]

SCHEMA_VERSION = 1
APPLICATION_ID = 0x72616731  # "rag1"

_TABLES = f"""
CREATE TABLE collections (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    embedder TEXT NOT NULL,            -- its fingerprint, JSON
    language TEXT NOT NULL,            -- of the lexical index
    analyzer INTEGER NOT NULL          -- version of the analysis that made the index
);
CREATE TABLE chunks (
    row INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used twice: a row's content never changes
    collection INTEGER NOT NULL REFERENCES collections (number),
    id TEXT NOT NULL,
    source INTEGER REFERENCES sources (number),
    content TEXT NOT NULL,
    metadata TEXT NOT NULL,            -- JSON
    UNIQUE (collection, id)
);
CREATE INDEX chunks_of_source ON chunks (source) WHERE source IS NOT NULL;
CREATE TABLE vectors (
    row INTEGER PRIMARY KEY REFERENCES chunks (row),
    vector BLOB NOT NULL               -- float32, little-endian, length 1
);
{FACTS_TABLE}
CREATE TABLE sources (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    collection INTEGER NOT NULL REFERENCES collections (number),
    id TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    config_hash TEXT NOT NULL,
    extra TEXT NOT NULL,               -- JSON
    UNIQUE (collection, id)
);
CREATE TABLE manifest (
    collection TEXT NOT NULL,          -- its name: a manifest can be there before the chunks
    key TEXT NOT NULL,
    value TEXT NOT NULL,               -- JSON
    PRIMARY KEY (collection, key)
) WITHOUT ROWID;
"""


def check_schema(connection: sqlite3.Connection, path: str) -> bool:
    """Whether the file has our tables; False if it has none at all.

    Raises:
        CorruptStoreError: If it is a database of something else.
        StoreError: If a newer ragkit wrote it.
    """
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if (application, version, tables) == (0, 0, 0):
        return False
    if application != APPLICATION_ID or version < 1:
        raise CorruptStoreError(f"{path} is a SQLite database, but no ragkit store.")
    if version > SCHEMA_VERSION:
        raise StoreError(
            f"{path} has schema version {version}, this ragkit reads up to {SCHEMA_VERSION}; "
            f"upgrade ragkit to open it."
        )
    return True


def create_schema(connection: sqlite3.Connection) -> None:
    """Makes the tables, within the transaction that is open."""
    for statement in _TABLES.split(";\n"):
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def lexicon_name(collection: int) -> str:
    """The full-text table of a collection; one each, so that word statistics are its own."""
    return f"lexicon_{int(collection)}"


def create_lexicon(connection: sqlite3.Connection, collection: int) -> None:
    """Makes the full-text table of a collection; it holds analysed tokens, not text."""
    tokenizer = FTS5_TOKENIZER.replace("'", "''")
    connection.execute(
        f"CREATE VIRTUAL TABLE {lexicon_name(collection)} "
        f"USING fts5(tokens, tokenize = '{tokenizer}')"
    )
