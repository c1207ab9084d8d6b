"""Where responses of Amazon Textract are read from: files, folders, and objects in S3."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import msgspec

from ragkit._threads import map_in_threads
from ragkit.errors import CorruptFileError, LimitExceededError, MissingFileError
from ragkit.loading._files import check_file, load_errors
from ragkit.loading._response_json import read_json
from ragkit.loading._responses import Part, parts_of

if TYPE_CHECKING:
    from ragkit.aws.storage import S3Object

__all__ = ["StoredResponses"]

_GZIP = b"\x1f\x8b"
_SUFFIXES = (".json", ".json.gz", ".gz")
_AT_ONCE = 8
"""Objects of a folder in S3 that are fetched together."""
_PIECE = 1 << 20


class StoredResponses:
    """Reads responses that are kept as JSON, which may be gzipped.

    Args:
        max_bytes: Of one, packed and unpacked; None for no limit.
        decode: Reads JSON; raises a `ValueError` if it is none.
    """

    def __init__(
        self,
        max_bytes: int | None,
        decode: Callable[[bytes | bytearray], Any] = read_json,
    ) -> None:
        self._max_bytes, self._decode = max_bytes, decode

    def in_file(self, path: Path) -> list[Part]:
        """The parts that a file has.

        Raises:
            LoadError: If it can't be read, is larger than `max_bytes`, or has no response.
        """
        check_file(str(path), max_bytes=self._max_bytes)
        with load_errors(str(path)):
            return self.in_bytes(path.read_bytes(), str(path))

    def in_folder(self, path: Path) -> list[Part]:
        """The parts that the files of a folder have, all of one document; raises as `in_file`.

        Files are those named ``*.json`` and ``*.gz``, and those with a number for a name, as
        Textract itself writes them. A folder in it is not looked into.
        """
        with load_errors(str(path)):
            every = sorted(path.iterdir())
        files = [one for one in every if _is_response(one.name) and one.is_file()]
        if not files:
            raise _nothing(str(path), [one.name for one in every if one.is_dir()])
        return [part for file in files for part in self.in_file(file)]

    def in_object(self, found: S3Object) -> list[Part]:
        """The parts that an object in S3 has; raises as `in_file`."""
        size = found.size()
        if self._max_bytes is not None and size > self._max_bytes:
            raise _too_large(f"{found.name!r} has {size:,} bytes, more than", self._max_bytes)
        with found.open() as stream:
            return self.in_bytes(stream.read(), found.name)

    def in_objects(
        self, found: Iterable[tuple[S3Object, int]], folders: Iterable[str], address: str
    ) -> list[Part]:
        """The parts that the objects of a folder in S3 have, fetched together; as `in_folder`."""
        objects = [
            one for one, size in found if size and _is_response(PurePosixPath(one.name).name)
        ]
        if not objects:
            raise _nothing(address, list(folders))
        parts = map_in_threads(self.in_object, objects, _AT_ONCE)
        return [part for some in parts for part in some]

    def in_bytes(self, data: bytes, name: str) -> list[Part]:
        """The parts that a file with these bytes has; raises as `in_file`."""
        if not data:
            raise CorruptFileError(f"{name!r} is empty (0 bytes).")
        content = self._unpacked(data, name) if data.startswith(_GZIP) else data
        try:
            found = self._decode(content)
        except msgspec.ValidationError as error:
            raise CorruptFileError(
                f"{name!r} is no response of Amazon Textract, nor a list of its parts: {error}."
            ) from error
        except (ValueError, RecursionError) as error:
            hint = f" {_CUT_OFF}" if content.lstrip()[:1] in (b"{", b"[") else ""
            raise CorruptFileError(f"{name!r} is no JSON: {error}.{hint}") from error
        return parts_of(found, name)

    def _unpacked(self, data: bytes, name: str) -> bytearray:
        """Unpacked piece by piece, so that a small file can't fill the memory."""
        unpacked, most = bytearray(), self._max_bytes
        try:
            with gzip.open(io.BytesIO(data)) as file:
                while piece := file.read(_PIECE):
                    unpacked += piece
                    if most is not None and len(unpacked) > most:
                        raise _too_large(f"{name!r} unpacks to more than", most)
        except (OSError, EOFError, zlib.error) as error:
            raise CorruptFileError(f"{name!r} can't be unpacked: {error}. {_CUT_OFF}") from error
        return unpacked


_CUT_OFF = "It may be cut off; fetch it again."


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
