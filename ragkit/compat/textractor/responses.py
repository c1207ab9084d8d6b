"""Responses as dictionaries: read from where they are kept, and put together from their parts."""

from __future__ import annotations

import gzip
import json
import os
import zlib
from collections.abc import Mapping, Sequence
from typing import IO, Any

from ragkit.errors import CorruptFileError, InvalidInputError
from ragkit.loading._files import read_file

__all__ = ["Stored", "merged", "read_response"]

Stored = Mapping[str, Any] | Sequence[Mapping[str, Any]] | str | os.PathLike[str] | IO[Any]
"""A response or its parts, or where they are kept."""

_GZIP = b"\x1f\x8b"


def merged(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The parts of a job's result as one response, without NextToken.

    Args:
        parts: In their order.
    """
    whole = {**parts[0], "Blocks": [b for part in parts for b in part.get("Blocks") or ()]}
    whole.pop("NextToken", None)
    found = [one for part in parts for one in part.get("Warnings") or ()]
    if found:
        whole["Warnings"] = [one for n, one in enumerate(found) if one not in found[:n]]
    return whole


def read_response(fp: Stored) -> Any:
    """What `Document.open` takes, as JSON has it.

    Raises:
        InvalidInputError: If it is something else.
        LoadError: If it can't be read.
    """
    if isinstance(fp, Mapping) or (isinstance(fp, Sequence) and not isinstance(fp, str | bytes)):
        return fp
    if isinstance(fp, str | os.PathLike):
        path = os.fspath(fp)
        return _decoded(_stored(path), path)
    if not hasattr(fp, "read"):
        raise InvalidInputError(
            f"fp is a {type(fp).__name__}; it has to be a response, a path, 's3://bucket/key' or "
            "an open file."
        )
    data = fp.read()
    name = str(getattr(fp, "name", "file"))
    return _decoded(data.encode() if isinstance(data, str) else data, name)


def _stored(path: str) -> bytes:
    if not path.startswith("s3://"):
        return read_file(path)
    from ragkit.aws.storage import S3Object

    found = S3Object.at(path)
    try:
        with found.open() as file:
            return file.read()
    finally:
        found.close()


def _decoded(data: bytes, name: str) -> Any:
    try:
        return json.loads(gzip.decompress(data) if data.startswith(_GZIP) else data)
    except (EOFError, OSError, zlib.error, RecursionError, ValueError) as error:
        raise CorruptFileError(f"{name!r} is no JSON: {error}. Fetch the file again.") from error
