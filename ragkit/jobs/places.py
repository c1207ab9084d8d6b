"""Where a job reads and writes: local paths, and objects in S3."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import IO, Any, Protocol

from ragkit.errors import InvalidInputError, MissingFileError
from ragkit.jobs.work_folder import sync_folder

__all__ = ["LocalFile", "Place", "check_apart", "place_of", "work_folder"]


class Place(Protocol):
    """A file by its name."""

    name: str

    def size(self) -> int:
        """Bytes.

        Raises:
            MissingFileError: If there is no such file.
        """

    def open(self) -> IO[bytes]:
        """A stream of its bytes."""

    def publish(self, path: Path) -> None:
        """Puts a local file there, whole or not at all; it may be moved."""

    def delete(self) -> None:
        """Deletes it, if it is there."""

    def beside(self, suffix: str) -> Place:
        """The file with a suffix to its name."""

    def close(self) -> None:
        """Closes connections."""


class LocalFile:
    """A file on this machine."""

    def __init__(self, path: str) -> None:
        self.name = path
        self.path = Path(path).expanduser()

    def size(self) -> int:
        """Bytes."""
        if not self.path.is_file():
            what = "a folder" if self.path.is_dir() else "no file"
            raise MissingFileError(f"{self.name!r} is {what}; name a JSONL file.")
        return self.path.stat().st_size

    def open(self) -> IO[bytes]:
        """A stream of its bytes."""
        return self.path.open("rb")

    def publish(self, path: Path) -> None:
        """Moves a file of the same disk there; where it is of another, copies it aside first."""
        with path.open("rb") as file:
            os.fsync(file.fileno())
        try:
            path.replace(self.path)
        except OSError:  # the work folder is on another disk
            import shutil

            aside = self.path.with_name(f"{self.path.name}.aside")
            shutil.copyfile(path, aside)
            aside.replace(self.path)
        sync_folder(self.path.resolve().parent)

    def delete(self) -> None:
        """Deletes it, if it is there."""
        self.path.unlink(missing_ok=True)

    def beside(self, suffix: str) -> LocalFile:
        """The file with a suffix to its name."""
        return LocalFile(f"{self.name}{suffix}")

    def close(self) -> None:
        """Has nothing to close."""


def place_of(where: str | os.PathLike[str], name: str, *, session: Any, endpoint_url: Any) -> Place:
    """The place that a path or an ``s3://`` address names.

    Args:
        where: The path or address.
        name: Of the argument, for the message.
        session: Of boto3, for S3.
        endpoint_url: Of S3, if it is another than Amazon's.

    Raises:
        InvalidInputError: If it is no path.
        MissingExtraError: If it is in S3, and boto3 is not installed.
    """
    if not isinstance(where, (str, os.PathLike)) or not str(where):
        raise InvalidInputError(f"{name} is {where!r:.80}; it has to be a path or 's3://…'.")
    text = os.fspath(where)
    if text.startswith("s3://"):
        from ragkit.aws.storage import S3Object

        return S3Object.at(text, session=session, endpoint_url=endpoint_url)
    return LocalFile(text)


def check_apart(source: Place, target: Place) -> None:
    """Nothing, if the input would not be written over.

    Raises:
        InvalidInputError: If both are one file, or the input is one of those beside the output.
    """
    written = [target, *map(target.beside, (".manifest.json", ".ids.jsonl", ".bad.jsonl"))]
    for place in written:
        same = source.name == place.name
        if isinstance(source, LocalFile) and isinstance(place, LocalFile):
            same = source.path.resolve() == place.path.resolve()
        if same:
            raise InvalidInputError(
                f"src is {source.name!r}, which is written when dst is {target.name!r}; write to "
                f"another file."
            )


def work_folder(source: Place, target: Place) -> Path:
    """Where a job keeps its shards: beside the output, so that the end is a rename.

    For S3 it is in the user's cache.

    Raises:
        InvalidInputError: If the output can't be written there.
    """
    if not isinstance(target, LocalFile):
        base = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
        key = hashlib.sha256(f"{source.name}\0{target.name}".encode()).hexdigest()
        return base / "ragkit" / "jobs" / key[:32]
    path = target.path
    if not path.resolve().parent.is_dir():
        raise InvalidInputError(f"There is no folder to write {target.name!r} to; make it first.")
    if path.is_dir():
        raise InvalidInputError(f"dst is {target.name!r}, which is a folder; name a file.")
    return path.with_name(f"{path.name}.work")
