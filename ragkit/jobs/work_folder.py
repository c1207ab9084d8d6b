"""The folder that a job keeps its finished shards in, so that it can be resumed."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from ragkit.errors import JobError
from ragkit.jobs.shards import Shard

__all__ = ["WorkFolder", "sha256_of", "write_aside"]

_LOCK = "lock"
_FILES = ("bad.jsonl", "ids.jsonl", "output", "manifest.json")
"""What else a job writes there, on the way to its place."""


class WorkFolder:
    """Finished shards, each a file of data and then a record of it.

    A record is written after its data, and both are written aside, synced and renamed: where
    there is a record, its shard is whole. A shard counts as finished only for the very rows,
    embedder and options that it was made with, which its key tells.

    Args:
        path: Of the folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._shards = path / "shards"

    @contextmanager
    def held(self, *, resume: bool) -> Iterator[None]:
        """Makes the folder, and keeps other processes out of it.

        Args:
            resume: Whether to keep the shards that are there.

        Raises:
            JobError: If another process holds it, or it can't be made.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise JobError(f"The folder for finished shards can't be made: {error}.") from error
        lock = FileLock(self.path / _LOCK)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise JobError(
                f"Another process is at the same job: it holds {self.path}. Wait for its end."
            ) from None
        try:
            if not resume:
                shutil.rmtree(self._shards, ignore_errors=True)
            self._shards.mkdir(exist_ok=True)
            yield
        finally:
            lock.release()

    def data(self, number: int) -> Path:
        """The file of that shard's data."""
        return self._shards / f"{number:08}.data"

    def keep(self, shard: Shard, data: bytes, truncated: int | None) -> None:
        """Notes a shard as finished."""
        record = {
            "key": shard.key,
            "rows": len(shard.ids),
            "sha256": hashlib.sha256(data).hexdigest(),
            "truncated": truncated,
        }
        # A record of other data must not stand beside the new data for a moment.
        self._record(shard.number).unlink(missing_ok=True)
        write_aside(self.data(shard.number), data)
        write_aside(self._record(shard.number), json.dumps(record).encode())

    def finished(self, shard: Shard) -> bool:
        """Whether that very shard is there, and undamaged."""
        record = self.record(shard.number)
        if record.get("key") != shard.key:
            return False
        path = self.data(shard.number)
        return path.is_file() and sha256_of(path) == record.get("sha256")

    def record(self, number: int) -> dict[str, Any]:
        """What was noted of a shard; nothing if it is not finished."""
        try:
            record = json.loads(self._record(number).read_bytes())
        except (OSError, ValueError):
            return {}
        return record if isinstance(record, dict) else {}

    def remove(self) -> None:
        """Deletes what a job has put there, and the folder if nothing else is in it."""
        shutil.rmtree(self._shards, ignore_errors=True)
        for name in (*_FILES, _LOCK):
            with suppress(OSError):  # Windows keeps the lock while it is held
                (self.path / name).unlink(missing_ok=True)
        with suppress(OSError):
            self.path.rmdir()

    def _record(self, number: int) -> Path:
        return self._shards / f"{number:08}.json"


def write_aside(path: Path, data: bytes) -> None:
    """Writes a file that is there whole or not at all, whatever stops this process or machine."""
    aside = path.with_name(f"{path.name}.aside")
    with aside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Makes renames in a folder last, where the system can."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256_of(path: Path) -> str:
    """Of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
