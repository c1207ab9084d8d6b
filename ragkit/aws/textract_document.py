"""A document for Amazon Textract: a file, bytes or an object in S3, and how it can be sent."""

from __future__ import annotations

import codecs
import io
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ragkit.aws.storage import split_object
from ragkit.errors import (
    CorruptFileError,
    EncryptedFileError,
    InvalidInputError,
    LimitExceededError,
    LoadError,
    MissingFileError,
    UnsupportedFileError,
)

__all__ = [
    "HEAD",
    "Source",
    "TextractDocument",
    "kind_of",
    "kind_of_name",
    "open_document",
    "path_of",
]

HEAD = 1024
"""Bytes at the start of a file that say what it is; a PDF may have some before its mark."""

Source = str | os.PathLike[str] | bytes | bytearray | memoryview
"""A path, ``s3://bucket/key``, or what is in a file."""

MOST_BYTES = 10 * 1024 * 1024
"""Of a document that is sent with the request, and of any JPEG or PNG."""
MOST_JOB_BYTES = 500 * 1024 * 1024
"""Of a PDF or TIFF that a job analyses."""
MOST_JOB_PAGES = 3000

_MARKS = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF",
}
_NAMES = {
    ".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".tif": "TIFF", ".tiff": "TIFF",
    ".pdf": "PDF",
}  # fmt: skip
_ONE_PAGE = ("JPEG", "PNG")

_NO_DOCUMENT = (b"{", b"[", b"\x1f\x8b")
"""How JSON and gzip begin; a PDF's mark may be in it by chance."""
_ENTRY = 12
"""Bytes of an entry of a TIFF's directory."""
_LONGEST_PATH = 4096
"""Characters; the longest that Linux takes, and no other system takes more of them."""


def kind_of(head: bytes) -> str | None:
    """JPEG, PNG, TIFF or PDF, by how it begins; None for anything else."""
    if head.removeprefix(codecs.BOM_UTF8).lstrip().startswith(_NO_DOCUMENT):
        return None
    if b"%PDF-" in head[:HEAD]:
        return "PDF"
    return next((kind for mark, kind in _MARKS.items() if head.startswith(mark)), None)


def kind_of_name(name: str) -> str | None:
    """The same by the suffix, for what is not to be read."""
    return _NAMES.get(Path(name).suffix.lower())


@dataclass(frozen=True, slots=True)
class TextractDocument:
    """What is to be analysed.

    Attributes:
        name: Of it, for errors and for the result.
        kind: JPEG, PNG, TIFF or PDF; None for an object in S3 of which nobody knows.
        size: Bytes; None for an object in S3.
        pages: How many; None where that is not known.
        content: A path, or bytes; None for an object in S3.
        place: Bucket and key of an object in S3.
    """

    name: str
    kind: str | None
    size: int | None = None
    pages: int | None = None
    content: Path | bytes | None = None
    place: tuple[str, str] | None = None

    def mode(self, wanted: str) -> str:
        """``"sync"`` or ``"async"``.

        Args:
            wanted: One of these, or ``"auto"``: the first for what is known to be one page that
                may be sent with the request.

        Raises:
            LimitExceededError: If the service takes no such document in that way.
        """
        if wanted == "auto":
            one = self.pages == 1 and (self.size or 0) <= MOST_BYTES
            wanted = "sync" if one or self.kind in _ONE_PAGE else "async"
        self._check(wanted)
        return wanted

    def _check(self, mode: str) -> None:
        small = mode == "sync" or self.kind in _ONE_PAGE
        most, pages = (MOST_BYTES, 1) if small else (MOST_JOB_BYTES, MOST_JOB_PAGES)
        advice = "Give mode='async'." if self.kind not in _ONE_PAGE else "Make it smaller."
        advice = advice if small else "Split it."
        if self.size is not None and self.size > most:
            raise LimitExceededError(
                f"{self.name!r} has {self.size:,} bytes; Textract takes {most:,} of a {self.kind} "
                f"with mode={mode!r}. {advice}"
            )
        if self.pages is not None and self.pages > pages:
            raise LimitExceededError(
                f"{self.name!r} has {self.pages:,} pages; Textract takes {pages:,} with "
                f"mode={mode!r}. {advice}"
            )

    def argument(self) -> dict[str, Any]:
        """For a request that has the document with it, or names it in S3."""
        if self.place is not None:
            return located(*self.place)
        content = self.content
        return {"Bytes": content.read_bytes() if isinstance(content, Path) else content}


def located(bucket: str, key: str) -> dict[str, Any]:
    """An object in S3, as Textract's requests name it."""
    return {"S3Object": {"Bucket": bucket, "Name": key}}


def path_of(source: str | os.PathLike[str]) -> str:
    """The path, or the address in S3, as a text.

    Raises:
        InvalidInputError: If it can be neither.
    """
    path = os.fspath(source)
    if not path:
        raise InvalidInputError("source is an empty text; it has to be a path or an address.")
    if path.startswith("s3:") and not path.startswith("s3://"):
        raise InvalidInputError(
            f"source is {path!r:.200}; an address is 's3://bucket/key', and has to be a str: "
            "pathlib.Path takes a slash from it."
        )
    if len(path) > _LONGEST_PATH or (path.lstrip()[:1] in ("{", "[") and not _exists(path)):
        raise InvalidInputError(
            f"source is a str of {len(path):,} characters, {path[:40]!r} …, and a str is a path: "
            "give the content of a file as bytes, or a response as a dictionary."
        )
    return path


def _exists(path: str) -> bool:
    return os.path.exists(path)  # noqa: PTH110  # pathlib's raises for a name that is too long


def open_document(source: Source, name: str | None) -> TextractDocument:
    """What the source is; an object in S3 is not looked at.

    Raises:
        InvalidInputError: If it is none, or no address of an object.
        LoadError: If a file can't be read, is damaged, or is nothing that Textract reads.
    """
    if isinstance(source, bytearray | memoryview):
        source = bytes(source)
    if isinstance(source, bytes):
        return _from_content(source, len(source), source[:HEAD], name or "document")
    if not isinstance(source, str | os.PathLike):
        raise InvalidInputError(
            f"source is a {type(source).__name__}; it has to be a path, 's3://bucket/key' or bytes."
        )
    path = path_of(source)
    if path.startswith("s3://"):
        place = split_object(path)
        return TextractDocument(name or path, kind_of_name(place[1]), place=place)
    return _from_path(Path(path), name or path)


def _from_path(path: Path, name: str) -> TextractDocument:
    if not path.is_file():
        raise MissingFileError(f"There is no file {str(path)!r}. Check the path and its spelling.")
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
        return _from_content(path, path.stat().st_size, head, name)
    except OSError as error:
        if isinstance(error, LoadError):
            raise
        raise LoadError(f"{str(path)!r} can't be read: {error}. Check its permissions.") from error


def _from_content(content: Path | bytes, size: int, head: bytes, name: str) -> TextractDocument:
    kind = kind_of(head)
    if not size:
        raise CorruptFileError(f"{name!r} is empty (0 bytes). Check that it was copied in full.")
    if kind is None:
        raise UnsupportedFileError(
            f"{name!r} is none of JPEG, PNG, TIFF and PDF, which Textract reads; it begins with "
            f"{head[:8]!r}."
        )
    return TextractDocument(name, kind, size, _count(kind, content, name), content)


def _count(kind: str, content: Path | bytes, name: str) -> int:
    if kind == "PDF":
        from ragkit.loading import count_pages

        try:
            return count_pages(str(content) if isinstance(content, Path) else content, name)
        except EncryptedFileError:
            raise EncryptedFileError(
                f"{name!r} is encrypted, and Textract reads no encrypted PDF. Save it without its "
                "password first."
            ) from None
    return _frames(content, name) if kind == "TIFF" else 1


def _frames(content: Path | bytes, name: str) -> int:
    """How many pictures a TIFF has; none of them is looked at, however large it is."""
    try:
        with io.BytesIO(content) if isinstance(content, bytes) else content.open("rb") as file:
            return len(_directories(file))
    except (struct.error, ValueError) as error:
        raise CorruptFileError(f"{name!r} is a damaged TIFF: {error}.") from error


def _directories(file: IO[bytes]) -> set[int]:
    """Where the directories of a TIFF are: one for each picture, which names the next."""
    order = "<" if file.read(2) == b"II" else ">"

    def number(at: int, kind: str) -> int:
        file.seek(at)
        found: int = struct.unpack(order + kind, file.read(struct.calcsize(kind)))[0]
        return found

    found: set[int] = set()
    at = number(4, "I")
    while at and at not in found:
        found.add(at)
        at = number(at + 2 + _ENTRY * number(at, "H"), "I")
    if not found or at:
        raise ValueError("it has no picture" if not found else "its pictures go in a circle")
    return found
