"""Vectors by key in one SQLite file, of bounded size, shared by threads and processes."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
import weakref
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ragkit.errors import (
    CorruptStoreError,
    InvalidInputError,
    RagkitError,
    StoreError,
    StoreLockedError,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CacheFile"]

_APPLICATION = 0x52474B43
"""SQLite's application_id of such a file: "RGKC"."""
_FORMAT = 1
_PAGE = 8192
_LOOKED_UP = 500
"""Keys of one query; SQLite allows 999 in its older versions."""
_DELETED = 256
"""Rows that are deleted at a time at most, until there is room."""
_FILLED = 0.9
"""What is left of `max_bytes` after deleting, so that not every write has to delete."""
_VECTOR = np.dtype("<f4")

_SCHEMA = """
CREATE TABLE vectors (
    row INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, used INTEGER NOT NULL,
    checksum INTEGER NOT NULL, vector BLOB NOT NULL
);
CREATE INDEX vectors_used ON vectors (used);
"""

_log = logging.getLogger("ragkit.embedding")


class CacheFile:
    """A file of vectors; the least recently used ones go first.

    The bound is on SQLite's pages in use, with keys and indexes, and so on the file. While it is
    open, a log of usually less than 5 MB stands beside it. Transactions are kept or not kept as a
    whole when a process is killed. Each vector has a checksum; one that is damaged counts as
    absent.

    Args:
        path: The file, made with its folders if it is absent.
        max_bytes: The most bytes of the file.
        timeout: Seconds to wait for another process that writes.

    Raises:
        StoreError: If the path can't be used.
        CorruptStoreError: If the file is damaged, or is something else.
    """

    def __init__(self, path: str | os.PathLike[str], max_bytes: int, timeout: float) -> None:
        if not isinstance(path, str | os.PathLike) or not os.fspath(path):
            raise InvalidInputError(f"path is {path!r:.100}; it has to be the path of a file.")
        self.path = Path(path)
        self.max_bytes = max_bytes
        self.timeout = timeout
        self._lock = threading.RLock()
        self._open()

    def _open(self) -> None:
        if self.path.is_dir():
            raise StoreError(f"{self.path} is a folder; the cache is one file in it: name that.")
        with self._errors():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # Transactions are opened by hand (isolation_level None): all of them are explicit.
            self._connection = sqlite3.connect(
                self.path, timeout=self.timeout, isolation_level=None, check_same_thread=False
            )
        self._process = os.getpid()
        self._finalizer = weakref.finalize(self, self._connection.close)
        try:
            with self._errors():
                self._prepare()
        except BaseException:
            self.close()
            raise

    def _prepare(self) -> None:
        execute = self._connection.execute
        self._check_kind()
        execute(f"PRAGMA page_size = {_PAGE}")
        execute("PRAGMA auto_vacuum = INCREMENTAL")
        self._use_wal()
        execute("PRAGMA synchronous = NORMAL")  # a power failure may cost the last writes only
        execute("PRAGMA wal_autocheckpoint = 256")
        execute("PRAGMA journal_size_limit = 4000000")
        with self._writing():
            if self._check_kind():
                for statement in _SCHEMA.split(";")[:-1]:
                    execute(statement)
                execute(f"PRAGMA application_id = {_APPLICATION}")
                execute(f"PRAGMA user_version = {_FORMAT}")
            self._make_room(0)
        self._shrink()

    def _check_kind(self) -> bool:
        """Whether the file is new; a file of another kind is never written to."""
        execute = self._connection.execute
        if execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
            return True
        kind = execute("PRAGMA application_id").fetchone()[0]
        if kind != _APPLICATION:
            raise CorruptStoreError(
                f"{self.path} is another SQLite file, and no cache of vectors. Name another path."
            )
        number = execute("PRAGMA user_version").fetchone()[0]
        if number != _FORMAT:
            raise StoreError(
                f"{self.path} has the format {number}; this ragkit knows {_FORMAT}. Delete it, or "
                f"name another path."
            )
        return False

    def _use_wal(self) -> None:
        """Readers then don't wait for the writer. SQLite does not wait here by itself."""
        end = time.monotonic() + self.timeout
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > end:
                    raise
                time.sleep(0.01)
            else:
                return

    def get(self, keys: Sequence[bytes], dimension: int) -> dict[bytes, NDArray[np.float32]]:
        """The vectors of those keys that are there, which are now used most recently."""
        found: dict[bytes, NDArray[np.float32]] = {}
        rows: list[int] = []
        with self._turn() as connection:
            for start in range(0, len(keys), _LOOKED_UP):
                some = keys[start : start + _LOOKED_UP]
                marks = ",".join("?" * len(some))
                sql = f"SELECT row, key, checksum, vector FROM vectors WHERE key IN ({marks})"  # noqa: S608
                for row, key, checksum, vector in connection.execute(sql, some):
                    if len(vector) == 4 * dimension and zlib.crc32(vector) == checksum:
                        found[key] = np.frombuffer(vector, _VECTOR).astype(np.float32, copy=False)
                        rows.append(row)
            if rows:
                self._touch(rows)
        return found

    def _touch(self, rows: list[int]) -> None:
        with self._best_effort("noted as used"), self._writing() as connection:
            now = time.time_ns()
            sql = "UPDATE vectors SET used = ? WHERE row = ?"
            connection.executemany(sql, [(now + place, row) for place, row in enumerate(rows)])

    def put(self, vectors: Mapping[bytes, NDArray[np.float32]]) -> None:
        """Keeps the vectors; where the file can't be written now, that is logged."""
        items = [(key, vector.astype(_VECTOR).tobytes()) for key, vector in vectors.items()]
        with self._turn(), self._best_effort("kept"):
            for part in _parts(items):
                self._write(part)
            self._shrink()

    def _write(self, items: list[tuple[bytes, bytes]]) -> None:
        sql = (
            "INSERT INTO vectors (key, used, checksum, vector) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (key) DO UPDATE SET used = excluded.used, "
            "checksum = excluded.checksum, vector = excluded.vector"
        )
        now = time.time_ns()
        with self._writing() as connection:
            self._make_room(sum(len(vector) + 200 for _, vector in items))
            connection.executemany(
                sql,
                [
                    (key, now + place, zlib.crc32(vector), vector)
                    for place, (key, vector) in enumerate(items)
                ],
            )
            self._make_room(0)

    def _make_room(self, needed: int) -> None:
        """Deletes the least recently used until as many bytes are free, if they are not."""
        if self._used() + needed <= self.max_bytes:
            return
        target = max(0, int(_FILLED * self.max_bytes) - needed)
        oldest = "SELECT row FROM vectors ORDER BY used LIMIT ?"
        sql = f"DELETE FROM vectors WHERE row IN ({oldest})"  # noqa: S608 - no text of others
        (rows,) = self._connection.execute("SELECT count(*) FROM vectors").fetchone()
        while (more := self._used() - target) > 0:
            # Half of what would be enough if all took equal room: pages are freed late, if at all.
            enough = more * rows // (2 * self._used())
            deleted = self._connection.execute(sql, (max(1, min(enough, _DELETED)),)).rowcount
            if deleted <= 0:
                return
            rows -= deleted

    def _used(self) -> int:
        pages, free = (
            self._connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count")
        )
        return int(pages - free) * _PAGE

    def _shrink(self) -> None:
        """Gives pages back to the disk where the file is longer than it may be."""
        pages = self._connection.execute("PRAGMA page_count").fetchone()[0]
        if pages * _PAGE > self.max_bytes:
            self._vacuum()
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def _vacuum(self) -> None:
        """`execute` would take one step of it only, which is one page."""
        self._connection.executescript("PRAGMA incremental_vacuum")

    def __len__(self) -> int:
        with self._turn() as connection:
            count: int = connection.execute("SELECT count(*) FROM vectors").fetchone()[0]
        return count

    def clear(self) -> None:
        """Deletes all vectors."""
        with self._turn():
            with self._writing() as connection:
                connection.execute("DELETE FROM vectors")
            self._vacuum()

    def close(self) -> None:
        """Closes the file; it is opened again when it is needed."""
        with self._lock:  # another thread may be reading
            self._finalizer()

    @contextmanager
    def _turn(self) -> Iterator[sqlite3.Connection]:
        """The connection, for one thread at a time; a forked process opens its own."""
        if self._process != os.getpid():
            # SQLite's connections must not cross a fork, not even to be closed.
            self._finalizer.detach()
            self._inherited, self._lock = self._connection, threading.RLock()
            self._open()
        with self._lock, self._errors():
            if not self._finalizer.alive:
                self._open()
            yield self._connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """All that is written inside is kept, or, after an exception, nothing."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
            self._connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):  # SQLite has undone it by itself
                self._connection.execute("ROLLBACK")
            raise

    @contextmanager
    def _best_effort(self, done: str) -> Iterator[None]:
        """A file that is locked, full or read-only costs the caching, and not what was embedded."""
        try:
            yield
        except sqlite3.OperationalError as error:
            _log.warning("%s: vectors could not be %s: %s.", self.path, done, error)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except RagkitError:  # of ours; one is an OSError too
            raise
        except OSError as error:
            raise StoreError(f"{self.path} can't be used: {error}.") from error
        except sqlite3.Error as error:
            raise self._translated(error) from error

    def _translated(self, error: sqlite3.Error) -> StoreError:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # without the extended part
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return StoreLockedError(
                f"{self.path} is locked: another process has been writing for {self.timeout:g} s."
            )
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or "no such" in str(error):
            return CorruptStoreError(
                f"{self.path} is damaged, or is no cache of vectors ({error}). If it is a cache, "
                f"delete it with the files {self.path.name}-wal and -shm beside it: it is filled "
                f"again as texts are embedded."
            )
        return StoreError(f"{self.path}: SQLite says {str(error)!r}.")


def _parts(items: list[tuple[bytes, bytes]]) -> Iterator[list[tuple[bytes, bytes]]]:
    """About a megabyte at a time, so that the log beside the file stays small."""
    if items:
        count = max(1, 1_000_000 // (len(items[0][1]) + 200))
        for start in range(0, len(items), count):
            yield items[start : start + count]
