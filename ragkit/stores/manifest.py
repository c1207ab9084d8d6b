"""What an index remembers beside its chunks: settings by key, and sources with their chunks.

Both are tables of the store's file, so that they change in the same transaction as the chunks.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ragkit.errors import InvalidInputError
from ragkit.stores.chunks import delete_rows, rows_of_source
from ragkit.stores.documents import metadata_json
from ragkit.types import Document

if TYPE_CHECKING:
    from ragkit.stores.local import LocalStore

__all__ = ["Manifest", "SourceRecord", "Sources"]


class Manifest:
    """Values by key, kept in the store's file for its collection: ``store.manifest``.

    Values are anything that JSON holds. Inside ``with store.transaction():`` changes are kept
    or undone together with those of chunks and sources.
    """

    def __init__(self, store: LocalStore) -> None:
        self._store = store

    def get(self, key: str, default: Any = None) -> Any:
        """The value, or `default` where there is none."""
        return self.items().get(key, default)

    def items(self) -> dict[str, Any]:
        """Every value by its key, in alphabetical order."""
        sql = "SELECT key, value FROM manifest WHERE collection = ? ORDER BY key"
        with self._store.database.reading() as connection:
            rows = connection.execute(sql, (self._store.collection,)).fetchall()
        return {key: json.loads(value) for key, value in rows}

    def set(self, key: str, value: Any) -> None:
        """Keeps the value, in place of the one before.

        Raises:
            InvalidInputError: If JSON can't hold it.
        """
        _check_key(key)
        metadata_json({key: value})  # for its checks, whose messages name the key
        text = json.dumps(value, ensure_ascii=False)
        with self._store.database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO manifest (collection, key, value) VALUES (?, ?, ?)",
                (self._store.collection, key, text),
            )

    def delete(self, key: str) -> bool:
        """Removes the value; whether there was one."""
        with self._store.database.transaction() as connection:
            deleted = connection.execute(
                "DELETE FROM manifest WHERE collection = ? AND key = ?",
                (self._store.collection, key),
            )
            return deleted.rowcount > 0


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """A source (a file, a page on the web) that was indexed.

    Attributes:
        id: Its name within the index.
        content_hash: Of its bytes, when it was indexed.
        config_hash: Of the settings it was indexed with.
        chunk_ids: Ids of its chunks, in order.
        extra: Whatever else the index keeps.
    """

    id: str
    content_hash: str
    config_hash: str = ""
    chunk_ids: tuple[str, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)


_SOURCES = """
SELECT s.id, s.content_hash, s.config_hash, s.extra, h.id
FROM sources s JOIN collections c ON s.collection = c.number
LEFT JOIN chunks h ON h.source = s.number
WHERE c.name = ? {clause} ORDER BY s.id, h.row
"""


class Sources:
    """Which chunks come from which source: ``store.sources``.

    Each call is atomic; inside ``with store.transaction():`` several of them are. A chunk that
    is added again under its id by someone else belongs to its source no longer.
    """

    def __init__(self, store: LocalStore) -> None:
        self._store = store

    def get(self, source_id: str) -> SourceRecord | None:
        """The source, or None."""
        return self._read("AND s.id = ?", (source_id,)).get(source_id)

    def all(self) -> dict[str, SourceRecord]:
        """Every source by its id, in alphabetical order."""
        return self._read("", ())

    def replace(
        self,
        source_id: str,
        content_hash: str,
        documents: Iterable[Document],
        vectors: Any = None,
        *,
        config_hash: str = "",
        extra: Mapping[str, Any] | None = None,
    ) -> list[str]:
        """Puts these chunks in place of those that the source has, and keeps its record.

        Args:
            source_id: Any name; it goes into the ids of the chunks that have none.
            content_hash: Of the source's bytes.
            documents: The chunks; may be empty.
            vectors: Their embeddings, ``(len(documents), dimension)``; without, the store's
                embedder is called before the file is locked.
            config_hash: Of the settings.
            extra: A mapping that JSON can hold.

        Returns:
            Ids of the chunks, in the order given.

        Raises:
            InvalidInputError: If something can't be stored; nothing is changed then.
            EmbeddingError: If the vectors are not what they should be.
        """
        _check_key(source_id)
        kept = metadata_json(extra or {})
        batch = self._store.prepare(documents, vectors, scope=source_id)
        with self._store.database.transaction() as connection:
            self._delete(connection, source_id)
            collection = self._store.ensure_collection(connection)
            number = connection.execute(
                "INSERT INTO sources (collection, id, content_hash, config_hash, extra) "
                "VALUES (?, ?, ?, ?, ?)",
                (collection, source_id, content_hash, config_hash, kept),
            ).lastrowid
            self._store.write(connection, batch, source=number)
        return batch.ids

    def remove(self, source_id: str) -> int:
        """Removes the source and its chunks; how many chunks there were."""
        with self._store.database.transaction() as connection:
            return self._delete(connection, source_id)

    def _delete(self, connection: sqlite3.Connection, source_id: str) -> int:
        found = connection.execute(
            "SELECT s.number, c.number FROM sources s JOIN collections c "
            "ON s.collection = c.number WHERE c.name = ? AND s.id = ?",
            (self._store.collection, source_id),
        ).fetchone()
        if found is None:
            return 0
        rows = rows_of_source(connection, found[0])
        delete_rows(connection, found[1], rows)
        connection.execute("DELETE FROM sources WHERE number = ?", (found[0],))
        return len(rows)

    def _read(self, clause: str, bound: tuple[str, ...]) -> dict[str, SourceRecord]:
        sql = _SOURCES.replace("{clause}", clause)
        with self._store.database.reading() as connection:
            rows = connection.execute(sql, (self._store.collection, *bound)).fetchall()
        chunk_ids: dict[str, list[str]] = {}
        for row in rows:
            chunk_ids.setdefault(row[0], []).extend([] if row[4] is None else [row[4]])
        records = {row[0]: row for row in rows}
        return {
            name: SourceRecord(name, row[1], row[2], tuple(chunk_ids[name]), json.loads(row[3]))
            for name, row in records.items()
        }


def _check_key(key: object) -> None:
    if not isinstance(key, str) or not key:
        raise InvalidInputError(f"A key is {key!r}; it has to be a string that is not empty.")
