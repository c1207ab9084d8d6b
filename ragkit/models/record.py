"""The file beside a fetched model that says which one it is, and what belongs to it."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ragkit.errors import ModelError

__all__ = ["RECORD", "ModelRecord", "RecordedFile", "file_sha256", "recorded_commit"]

RECORD = "ragkit-model.json"
BEGUN = f"{RECORD}.part"
"""What it is called until every file is there."""

_FORMAT = 1


@dataclass(frozen=True, slots=True)
class RecordedFile:
    """A file of a model: its path in the folder, its size in bytes, its SHA-256."""

    name: str
    size: int
    sha256: str

    @classmethod
    def of(cls, folder: Path, name: str, sha256: str | None = None) -> RecordedFile:
        """A file as it lies in the folder; its hash if that is known already."""
        path = folder / name
        return cls(name, path.stat().st_size, sha256 or file_sha256(path))


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """Which model a folder holds.

    Attributes:
        id: The hub's id.
        commit: The commit it was fetched at.
        revision: What was asked for: a branch, a tag, a commit, or None.
        code: Whether the Python files that come with it were taken.
        files: Everything that belongs to it; empty while it is being fetched.
    """

    id: str
    commit: str
    revision: str | None = None
    code: bool = False
    files: tuple[RecordedFile, ...] = ()

    def is_of(self, name: str) -> bool:
        """Whether it is the model of that id; the hub takes small letters for capitals."""
        return self.id.casefold() == name.casefold()

    def answers(self, revision: str | None) -> bool:
        """Whether this is what a revision means here, as far as can be told without a network."""
        return revision in (None, self.revision, self.commit)

    def write(self, folder: Path, name: str = RECORD) -> None:
        """Writes it into the folder, whole or not at all."""
        text = json.dumps({"format": _FORMAT, **asdict(self)}, indent=2, ensure_ascii=False)
        scratch = folder / f"{name}.new"
        with scratch.open("w", encoding="utf-8") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(folder / name)

    @classmethod
    def read(cls, folder: Path, name: str = RECORD) -> ModelRecord | None:
        """The folder's record; None if it has none.

        Raises:
            ModelError: If there is one that can't be read.
        """
        path = folder / name
        try:
            return _record(json.loads(path.read_bytes()))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError, KeyError, TypeError) as error:
            raise ModelError(
                f"{path} can't be read ({type(error).__name__}: {error}). If the folder is yours "
                f"to change, remove that file and fetch the model again."
            ) from error


def recorded_commit(folder: object) -> str | None:
    """The commit of the model that `ragkit.models.fetch` put into a folder.

    Args:
        folder: A path; None is given for anything else, and for a folder without a record.

    Raises:
        ModelError: If the record can't be read.

    Example:
        >>> recorded_commit("no/such/folder") is None
        True
    """
    if not isinstance(folder, str | Path) or not Path(folder).is_dir():
        return None
    record = ModelRecord.read(Path(folder))
    return None if record is None else record.commit


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _record(data: Any) -> ModelRecord:
    if data["format"] != _FORMAT:
        raise ValueError(f"format {data['format']!r} is not {_FORMAT}; is it of a later ragkit?")
    files = tuple(
        RecordedFile(str(file["name"]), int(file["size"]), str(file["sha256"]))
        for file in data["files"]
    )
    revision = None if data["revision"] is None else str(data["revision"])
    return ModelRecord(str(data["id"]), str(data["commit"]), revision, bool(data["code"]), files)
