"""Arrays in a folder with a manifest: written aside and renamed, checked and mapped when read."""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ragkit.errors import CorruptStoreError, StoreError

__all__ = ["MANIFEST", "load_arrays", "save_arrays"]

MANIFEST = "ragkit-neighbors.json"
_LOCK = "ragkit-neighbors.lock"
_FORMAT = 1
_CHUNK = 1 << 20
_Arrays = Mapping[str, NDArray[Any]]


def save_arrays(folder: Path, arrays: _Arrays, about: Mapping[str, Any], timeout: float) -> None:
    """Puts the arrays and what is to be known about them in place of what the folder has.

    The manifest is what counts, and it is replaced at once: a reader, and whoever comes after a
    crash, sees all of the old or all of the new. Files of the old are deleted at the end.

    Raises:
        StoreError: If something can't be written, or another process saves for longer than
            `timeout` seconds.
    """
    import filelock

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(folder / _LOCK, timeout=timeout):
            _save(folder, arrays, about)
    except filelock.Timeout:
        raise StoreError(f"Another process is saving to {folder}; try again.") from None
    except OSError as error:
        raise StoreError(f"{folder} can't be written: {error}.") from error


def _save(folder: Path, arrays: _Arrays, about: Mapping[str, Any]) -> None:
    stamp = uuid.uuid4().hex[:12]
    files = {}
    for name, array in arrays.items():
        path = folder / f"{name}.{stamp}.npy"
        with path.open("xb") as file:
            np.save(file, array, allow_pickle=False)
            _to_disk(file)
        files[name] = {"file": path.name, "bytes": path.stat().st_size, "sha256": _sha256(path)}
    aside = folder / f"{MANIFEST}.{stamp}"
    with aside.open("x", encoding="utf-8") as file:
        json.dump({"format": _FORMAT, **about, "files": files}, file, indent=1)
        _to_disk(file)
    aside.replace(folder / MANIFEST)
    _delete_others(folder, arrays, {entry["file"] for entry in files.values()})


def _to_disk(file: Any) -> None:
    file.flush()
    os.fsync(file.fileno())


def _delete_others(folder: Path, arrays: _Arrays, current: set[Any]) -> None:
    """Files of earlier saves, finished or not; the lock keeps those of others from being written.

    On Windows a file that is mapped can't be deleted; the next save tries again.
    """
    patterns = [*(f"{name}.{'?' * 12}.npy" for name in arrays), f"{MANIFEST}.{'?' * 12}"]
    for pattern in patterns:
        for path in folder.glob(pattern):
            if path.name not in current:
                try:
                    path.unlink()
                except OSError:
                    continue


def load_arrays(folder: Path, *, verify: bool) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """The arrays, mapped from their files, and the manifest.

    Args:
        folder: That `save_arrays` wrote.
        verify: Whether the content is held against the manifest's hashes, which reads all of it;
            sizes are looked at in any case.

    Raises:
        StoreError: If nothing was saved there, or a newer ragkit saved it.
        CorruptStoreError: If something is missing or damaged.
    """
    manifest = _read_manifest(folder)
    try:
        return _mapped(folder, manifest, verify=verify), manifest
    except FileNotFoundError:
        again = _read_manifest(folder)  # replaced while it was read, or really missing
        if again == manifest:
            raise _damaged(folder, "a file is missing") from None
        return _mapped(folder, again, verify=verify), again


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        raise StoreError(
            f"{folder} has no {MANIFEST}: no NearestNeighbors was saved there."
        ) from None
    except OSError as error:
        raise StoreError(f"{path} can't be read: {error}.") from error
    try:
        manifest = json.loads(text)
        number = manifest["format"]
        files = manifest["files"]
        usable = isinstance(files, dict) and all(
            Path(f["file"]).name == f["file"] for f in files.values()
        )
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(folder, f"{MANIFEST} is no manifest ({error})") from None
    if number != _FORMAT:
        raise StoreError(f"{folder} has the format {number!r}; this ragkit reads {_FORMAT}.")
    if not usable:
        raise _damaged(folder, f"{MANIFEST} names files outside of it")
    result: dict[str, Any] = manifest
    return result


def _mapped(folder: Path, manifest: dict[str, Any], *, verify: bool) -> dict[str, NDArray[Any]]:
    arrays = {}
    for name, entry in manifest["files"].items():
        path = folder / entry["file"]
        if path.stat().st_size != entry.get("bytes"):
            raise _damaged(folder, f"{path.name} has not the length that it was saved with")
        if verify and _sha256(path) != entry.get("sha256"):
            raise _damaged(folder, f"{path.name} has not the content that it was saved with")
        try:
            array = np.load(path, mmap_mode="r", allow_pickle=False)
        except ValueError as error:
            empty = _empty(path)
            if empty is None:
                raise _damaged(folder, f"{path.name} is no array ({error})") from None
            array = empty
        arrays[name] = array
    return arrays


def _empty(path: Path) -> NDArray[Any] | None:
    """An array without numbers, which can't be mapped; None if it is none."""
    try:
        array: NDArray[Any] = np.load(path, allow_pickle=False)
    except ValueError:
        return None
    return array if not array.size else None


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _damaged(folder: Path, why: str) -> CorruptStoreError:
    return CorruptStoreError(
        f"{folder} is damaged: {why}. Restore a copy, or fit and save the corpus anew."
    )
