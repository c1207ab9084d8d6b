"""One SQLite file: opened, locked, read and written in transactions, errors in our own words."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ragkit.errors import CorruptStoreError, InvalidInputError, StoreError, StoreLockedError
from ragkit.stores.schema import check_schema, create_schema

__all__ = ["MEMORY", "Database", "check_timeout"]

MEMORY = ":memory:"


class Database:
    """A connection that threads share by turns, and that processes share through the file.

    Args:
        path: The file, made with its folders if it is absent; ":memory:" for none.
        timeout: Seconds to wait for another process that writes.

    Raises:
        StoreError: If the path is a folder, can't be written, or is of a newer ragkit.
        CorruptStoreError: If the file is damaged or no store.
        StoreLockedError: If another process holds the file for longer than `timeout`.
    """

    def __init__(self, path: str | os.PathLike[str], timeout: float = 30.0) -> None:
        self.path = _checked_path(path)
        self.timeout = check_timeout(timeout)
        self._lock = threading.RLock()
        self._depth = 0
        self.rollbacks = 0
        self._open()

    def _open(self) -> None:
        if self.path != MEMORY:
            _make_folder(self.path)
        with self._errors():
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
        exists = check_schema(self._connection, self.path)
        self._use_wal()
        # NORMAL: no commit is lost when a process dies, the last ones may be when power fails.
        self._connection.execute("PRAGMA synchronous = NORMAL")
        if not exists:
            with self.transaction():
                if not check_schema(self._connection, self.path):  # not made meanwhile
                    create_schema(self._connection)

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

    @property
    def connection(self) -> sqlite3.Connection:
        """The connection; a forked process gets its own.

        Raises:
            StoreError: If the store is closed.
        """
        if not self._finalizer.alive:
            raise StoreError(f"The store {self.path} is closed; open it anew.")
        if self._process != os.getpid():
            self._reopen()
        return self._connection

    def _reopen(self) -> None:
        """SQLite's connections must not cross a fork, not even to be closed."""
        if self.path == MEMORY:
            raise StoreError("A store in memory can't be used in a forked process.")
        self._finalizer.detach()
        self._inherited = self._connection
        self._lock, self._depth = threading.RLock(), 0
        self._open()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All that is written inside is kept, or, after an exception, nothing.

        Nested ones are kept with the outermost; an exception in one undoes only that one. The
        lock on the file is taken at once.

        Raises:
            StoreLockedError: If another process is writing for longer than the time-out.
        """
        with self._turn("BEGIN IMMEDIATE", "COMMIT", "ROLLBACK") as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One unchanging state of the file for all that is read inside."""
        with self._turn("BEGIN", "COMMIT", "ROLLBACK") as connection:
            yield connection

    @contextmanager
    def _turn(self, begin: str, commit: str, rollback: str) -> Iterator[sqlite3.Connection]:
        connection = self.connection
        with self._lock, self._errors():
            if self._depth:
                begin, commit = "SAVEPOINT inner", "RELEASE inner"
                rollback = "ROLLBACK TO inner; RELEASE inner"
            connection.execute(begin)
            self._depth += 1
            try:
                yield connection
                connection.execute(commit)
            except BaseException:
                self._undo(rollback)
                raise
            finally:
                self._depth -= 1

    def _undo(self, rollback: str) -> None:
        self.rollbacks += 1
        with suppress(sqlite3.Error):  # SQLite has undone it by itself, or the file is gone
            for statement in rollback.split("; "):
                self._connection.execute(statement)

    def version(self) -> tuple[int, int, int, int]:
        """Changes whenever the content may have: by others, by this connection, by undoing."""
        others = self.connection.execute("PRAGMA data_version").fetchone()[0]
        return self._process, others, self._connection.total_changes, self.rollbacks

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """SQLite's errors as ours."""
        try:
            yield
        except sqlite3.Error as error:
            raise _translated(error, self.path, self.timeout) from error

    def close(self) -> None:
        """Closes the file; a second time does nothing."""
        self._finalizer()


def _checked_path(path: object) -> str:
    if not isinstance(path, str | os.PathLike) or not os.fspath(path):
        raise InvalidInputError(
            f"path is {path!r}; it has to be the path of a file, or ':memory:'."
        )
    name = os.fsdecode(path)
    if "\0" in name:
        raise InvalidInputError(f"path is {path!r}; a path can't hold a NUL character.")
    if name != MEMORY and os.path.isdir(name):  # noqa: PTH112 - False where a parent is a file
        raise StoreError(f"{name} is a folder; a LocalStore is one file, such as {name}/index.db.")
    return name


def check_timeout(timeout: object) -> float:
    """`timeout`, if it is a number of seconds.

    Raises:
        InvalidInputError: If it is not.
    """
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not timeout >= 0:
        raise InvalidInputError(f"timeout is {timeout!r}; it has to be a number of seconds.")
    return float(timeout)


def _make_folder(path: str) -> None:
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"The folder of {path} can't be made: {error}.") from error


_LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _translated(error: sqlite3.Error, path: str, timeout: float) -> StoreError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # without the extended part
    if code in _LOCKED:
        return StoreLockedError(
            f"{path} is locked: another process has been writing for {timeout:g} s. Try again, "
            f"or open the store with a longer timeout."
        )
    if code in _DAMAGED or "no such table" in str(error):
        return CorruptStoreError(
            f"{path} is damaged, or is no ragkit store ({error}). Restore a copy, or delete it "
            f"and index anew."
        )
    return StoreError(f"{path}: SQLite says {str(error)!r}.")
