"""Where responses of Amazon Textract are read from: files, folders, and objects in S3."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import msgspec

from ragkit._threads import map_in_threads
from ragkit.errors import CorruptFileError, LimitExceededError, MissingFileError
from ragkit.loading._files import check_file, load_errors
from ragkit.loading._response_json import read_json
from ragkit.loading._responses import Part, parts_of

if TYPE_CHECKING:
    from ragkit.aws.storage import S3Object

__all__ = ["read_bytes", "read_file", "read_folder", "read_object", "read_objects"]

_GZIP = b"\x1f\x8b"
_SUFFIXES = (".json", ".json.gz", ".gz")
_AT_ONCE = 8
"""Objects of a folder in S3 that are fetched together."""
_PIECE = 1 << 20


def read_file(path: Path, max_bytes: int | None) -> list[Part]:
    """The parts that a JSON file has, which may be gzipped.

    Raises:
        LoadError: If it can't be read, is larger than `max_bytes`, or has no response.
    """
    check_file(str(path), max_bytes=max_bytes)
    with load_errors(str(path)):
        return read_bytes(path.read_bytes(), str(path), max_bytes)


def read_folder(path: Path, max_bytes: int | None) -> list[Part]:
    """The parts that the JSON files of a folder have, all of one document; raises as `read_file`.

    Files are those named ``*.json`` and ``*.gz``, and those with a number for a name, as Textract
    itself writes them. A folder in it is not looked into.
    """
    with load_errors(str(path)):
        every = sorted(path.iterdir())
    files = [one for one in every if _is_response(one.name) and one.is_file()]
    if not files:
        raise _nothing(str(path), [one.name for one in every if one.is_dir()])
    return [part for file in files for part in read_file(file, max_bytes)]


def read_object(found: S3Object, max_bytes: int | None) -> list[Part]:
    """The parts that an object in S3 has; raises as `read_file`."""
    size = found.size()
    if max_bytes is not None and size > max_bytes:
        raise _too_large(f"{found.name!r} has {size:,} bytes, more than", max_bytes)
    with found.open() as stream:
        return read_bytes(stream.read(), found.name, max_bytes)


def read_objects(
    found: Iterable[tuple[S3Object, int]],
    folders: Iterable[str],
    address: str,
    max_bytes: int | None,
) -> list[Part]:
    """The parts that the objects of a folder in S3 have, fetched together; as `read_folder`."""
    objects = [one for one, size in found if size and _is_response(PurePosixPath(one.name).name)]
    if not objects:
        raise _nothing(address, list(folders))
    read: Callable[[S3Object], list[Part]] = lambda one: read_object(one, max_bytes)  # noqa: E731
    return [part for parts in map_in_threads(read, objects, _AT_ONCE) for part in parts]


def read_bytes(data: bytes, name: str, max_bytes: int | None) -> list[Part]:
    """The parts that JSON has, which may be gzipped; raises as `read_file`."""
    content = _unpacked(data, name, max_bytes) if data.startswith(_GZIP) else data
    try:
        found = read_json(content)
    except msgspec.ValidationError as error:
        raise CorruptFileError(
            f"{name!r} is no response of Amazon Textract, nor a list of its parts: {error}."
        ) from error
    except (ValueError, RecursionError) as error:
        hint = " It may be cut off; fetch it again." if content.lstrip()[:1] in (b"{", b"[") else ""
        raise CorruptFileError(f"{name!r} is no JSON: {error}.{hint}") from error
    return parts_of(found, name)


def _unpacked(data: bytes, name: str, max_bytes: int | None) -> bytearray:
    """Unpacked piece by piece, so that a small file can't fill the memory."""
    unpacked = bytearray()
    try:
        with gzip.open(io.BytesIO(data)) as file:
            while piece := file.read(_PIECE):
                unpacked += piece
                if max_bytes is not None and len(unpacked) > max_bytes:
                    raise _too_large(f"{name!r} unpacks to more than", max_bytes)
    except (OSError, EOFError, zlib.error) as error:
        raise CorruptFileError(f"{name!r} can't be unpacked: {error}.") from error
    return unpacked


def _is_response(name: str) -> bool:
    return name.lower().endswith(_SUFFIXES) or name.isdecimal()


def _nothing(name: str, folders: list[str]) -> CorruptFileError | MissingFileError:
    if not folders:
        return CorruptFileError(
            f"{name!r} is a folder without JSON files. Check its name; the parts are files named "
            "*.json, *.json.gz, or with a number."
        )
    shown = ", ".join(map(repr, folders[:5])) + (", …" if len(folders) > 5 else "")
    return CorruptFileError(f"{name!r} is a folder without JSON files. It has {shown}; name one.")


def _too_large(what: str, max_bytes: int) -> LimitExceededError:
    return LimitExceededError(
        f"{what} max_bytes={max_bytes:,}. Pass a larger max_bytes if you trust it, or None for no "
        "limit."
    )
