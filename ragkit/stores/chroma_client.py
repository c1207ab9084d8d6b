"""A Chroma directory that several processes and threads can use without losing hits.

Chroma keeps its vector index in memory and writes it back without looking at what others wrote
meanwhile: in version 1.5 two processes that write by turns lose a quarter of the vectors for
good. So whoever uses a directory holds its lock for that long, and starts Chroma anew if the
number in the lock file says that another process has written since.
"""

from __future__ import annotations

import os
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, ClassVar

from ragkit._extras import require
from ragkit.errors import CorruptStoreError, InvalidInputError, StoreError, StoreLockedError
from ragkit.stores.file_lock import FileLock

__all__ = ["MEMORY", "ChromaDirectory"]

MEMORY = ":memory:"
_LOCK_NAME = "ragkit.lock"


class ChromaDirectory:
    """A running Chroma for one directory, shared by all stores of this process that use it.

    Take one with `open`, give it back with `release`. Chroma's threads do not survive a fork: a
    process forked after Chroma was started can't use it, which `turn` says instead of hanging.
    """

    _running: ClassVar[dict[str, ChromaDirectory]] = {}
    # Reentrant, since the garbage collector may call release() in the thread that holds it.
    _registry: ClassVar[threading.RLock] = threading.RLock()
    _inherited: ClassVar[list[ChromaDirectory]] = []
    _started_in: ClassVar[int | None] = None

    def __init__(self, path: str) -> None:
        self.path = path
        self.users = 0
        self.generation = 0
        self._turns = threading.RLock()
        self._depth = 0
        self._client: Any = None
        self._lock = None if path == MEMORY else FileLock(Path(path) / _LOCK_NAME)
        self._database = f"ragkit-{uuid.uuid4().hex}"
        self._process = os.getpid()

    @classmethod
    def open(cls, path: str) -> ChromaDirectory:
        """The directory's Chroma, started if it is not running; ":memory:" is always a new one.

        Raises:
            StoreError: If the path is a file, or can't be made.
            MissingExtraError: If chromadb is not installed.
        """
        require("chromadb", extra="chroma", feature="ChromaStore")
        if path == MEMORY:
            directory = cls(path)
            directory.users = 1
            return directory
        resolved = _made(path)
        with cls._registry:
            directory = cls._running.get(resolved) or cls(resolved)
            directory.users += 1
            cls._running[resolved] = directory
            return directory

    def release(self) -> None:
        """Stops Chroma if nobody else uses it; in a forked process, leaves it alone."""
        if self._process != os.getpid():
            self._inherited.append(self)  # kept: to let go of it would wait for lost threads
            return
        with self._registry:
            self.users -= 1
            if self.users > 0:
                return
            if self._running.get(self.path) is self:
                del self._running[self.path]
        with self._turns:
            self._stop()
            if self._lock is not None:
                self._lock.close()

    @contextmanager
    def turn(self, timeout: float, *, writes: bool = False) -> Iterator[Any]:
        """Chroma's client, as of what everyone has written, for this thread alone.

        Args:
            timeout: Seconds to wait for other threads and processes.
            writes: Whether something may be written, which the others then have to read.

        Raises:
            StoreLockedError: If others use the directory for longer than that.
            StoreError: If Chroma fails, or was started before this process was forked.
        """
        self._check_process()
        end = time.monotonic() + timeout
        if not self._turns.acquire(timeout=min(timeout, threading.TIMEOUT_MAX)):
            raise StoreLockedError(
                f"{self.path} is locked: another thread has been using it for {timeout:g} s. Try "
                f"again, or open the store with a longer timeout."
            )
        try:
            self._begin(max(0.0, end - time.monotonic()))
            try:
                with _chroma_errors(self.path):
                    yield self._client
            finally:
                self._end(writes=writes)
        finally:
            self._turns.release()

    def _check_process(self) -> None:
        started = ChromaDirectory._started_in
        if self._process != os.getpid() or started not in (None, os.getpid()):
            raise StoreError(
                f"{self.path} can't be used in this process: it was forked when Chroma was "
                f"running, and Chroma's threads do not survive that. Open the store only after "
                f"the fork, or start processes with multiprocessing.get_context('spawn')."
            )

    def _begin(self, timeout: float) -> None:
        if self._depth == 0:
            self._take_lock(timeout)
        self._depth += 1

    def _take_lock(self, timeout: float) -> None:
        if self._lock is not None:
            self._lock.acquire(timeout)
        try:
            current = self.generation if self._lock is None else self._lock.read_number()
            if self._client is None or current != self.generation:
                self._stop()
                with _chroma_errors(self.path):
                    self._client = self._start()
                self.generation = current
        except BaseException:
            if self._lock is not None:
                self._lock.release()
            raise

    def _end(self, *, writes: bool) -> None:
        self._depth -= 1
        if writes:
            # After an error too: a part may have been written.
            self.generation += 1
            if self._lock is not None:
                self._lock.write_number(self.generation)
        if self._depth == 0 and self._lock is not None:
            self._lock.release()

    def _start(self) -> Any:
        ChromaDirectory._started_in = os.getpid()
        chromadb = require("chromadb", extra="chroma", feature="ChromaStore")
        settings = require("chromadb.config", extra="chroma", feature="ChromaStore").Settings
        if self.path != MEMORY:
            return chromadb.PersistentClient(
                path=self.path, settings=settings(anonymized_telemetry=False)
            )
        # All of Chroma's memory is one place; a database of its own keeps each store apart.
        quiet = {"anonymized_telemetry": False, "is_persistent": False}
        chromadb.AdminClient(settings(**quiet)).create_database(self._database)
        return chromadb.EphemeralClient(settings=settings(**quiet), database=self._database)

    def _stop(self) -> None:
        client, self._client = self._client, None
        if client is None:
            return
        if self.path == MEMORY:
            for collection in client.list_collections():
                client.delete_collection(collection.name)
        with suppress(AttributeError):  # older versions have no close()
            client.close()


def _forget_the_parents() -> None:
    """In a forked process: its parent's directories are kept, but not used, nor its locks."""
    ChromaDirectory._registry = threading.RLock()
    ChromaDirectory._inherited += ChromaDirectory._running.values()
    ChromaDirectory._running = {}


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_the_parents)


def _made(path: str) -> str:
    """The directory's one name, after it is made."""
    folder = Path(path)
    if folder.exists() and not folder.is_dir():
        raise StoreError(f"{path} is a file; a ChromaStore is a folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"The folder {path} can't be made: {error}.") from error
    return str(folder.resolve())


@contextmanager
def _chroma_errors(path: str) -> Iterator[None]:
    """Chroma's errors as ours."""
    from chromadb.errors import ChromaError, InvalidArgumentError

    try:
        yield
    except InvalidArgumentError as error:
        raise InvalidInputError(f"Chroma can't work with this: {error}") from error
    except ChromaError as error:
        message = f"Chroma failed at {path}: {error}"
        if "file is not a database" in str(error) or "malformed" in str(error):
            raise CorruptStoreError(f"{message}. Restore a copy, or index anew.") from error
        raise StoreError(message) from error
