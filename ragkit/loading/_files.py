"""Checks of a path before a loader opens it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ragkit._checks import check_count, check_many
from ragkit.errors import (
    CorruptFileError,
    InvalidInputError,
    LimitExceededError,
    LoadError,
    MissingFileError,
    RagkitError,
    UnsupportedFileError,
)

MAX_BYTES = 1 << 30
"""Default limit of a file's size: 1 GiB."""

MAX_PAGES = 10_000
"""Default limit of a PDF's pages."""

MAX_MEMORY = 4 * 2**30
"""Default limit of the bytes that a worker process may have."""
MIN_MEMORY = 2**29
"""Python, PDFium and numpy alone need about half of it."""
MAX_PAGE_SECONDS = 30.0
"""Default limit of the time that a worker process takes for a page."""
MAX_SECONDS = 300.0
"""Default limit of the time that a worker process takes for a file."""

PathLike = str | os.PathLike[str]


@contextmanager
def load_errors(path: str) -> Iterator[None]:
    """Turns what a reader was not expected to raise into a LoadError that names the file.

    Raises:
        LoadError: For any exception that is not ours.
    """
    try:
        yield
    except RagkitError:
        raise
    except Exception as error:
        raise LoadError(
            f"{path!r} can't be read: {type(error).__name__}: {error}. The file is damaged, or "
            "odd in a way that its reader does not expect."
        ) from error


def check_limits(*, max_bytes: int | None, max_pages: int | None) -> None:
    """Nothing, if both are whole numbers of at least 1, or None.

    Raises:
        InvalidInputError: If one is not.
    """
    for name, value in (("max_pages", max_pages), ("max_bytes", max_bytes)):
        if value is not None:
            check_count(value, name)


def check_seconds(value: float | None, name: str = "max_seconds") -> float | None:
    """`value`, if it is a time to wait for, or None.

    Raises:
        InvalidInputError: If it is not.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1e6:
        raise InvalidInputError(
            f"{name} is {value!r}; it has to be a number over 0 and up to 1,000,000, or None."
        )
    return float(value)


def check_password(password: str | None) -> str | None:
    """`password`, if it is a str or None.

    Raises:
        InvalidInputError: If it is not.
    """
    if password is not None and not isinstance(password, str):
        raise InvalidInputError("password has to be a str, or None.")
    return password


def as_paths(path: PathLike | Iterable[PathLike]) -> list[str]:
    """The path, or the paths, as text, just as they were given.

    Raises:
        InvalidInputError: If there is none, or one is no path.
    """
    if isinstance(path, str | os.PathLike):
        path = [path]
    every = list(check_many(path, "path", "paths of files"))
    if not every:
        raise InvalidInputError("path is an empty list; give at least one file.")
    for one in every:
        if not isinstance(one, str | os.PathLike) or not os.fspath(one):
            raise InvalidInputError(f"path is {one!r}; it has to be the path of a file.")
    return [os.fspath(one) for one in every]


def check_name(path: str) -> None:
    """Nothing, if the path can be written as UTF-8, and so be stored and printed.

    Raises:
        UnsupportedFileError: If it can't: its bytes are in another encoding.
    """
    try:
        path.encode()
    except UnicodeEncodeError as error:
        raise UnsupportedFileError(
            f"The name of {path!r} is not valid UTF-8, so it can't be kept as a source. "
            "Rename the file, or the folder that it is in."
        ) from error


def check_file(path: str, *, max_bytes: int | None = MAX_BYTES) -> int:
    """The size in bytes of a regular, readable, not empty file.

    Raises:
        MissingFileError: If there is nothing at `path`.
        UnsupportedFileError: If it is a folder, a device or a pipe, or its name is not UTF-8.
        CorruptFileError: If it is empty.
        LimitExceededError: If it is larger than `max_bytes`.
        LoadError: If the system refuses to say.
    """
    check_name(path)
    file = Path(path)
    try:
        if not file.exists():
            raise MissingFileError(f"There is no file {path!r}. Check the path and its spelling.")
        if file.is_dir():
            raise UnsupportedFileError(
                f"{path!r} is a folder. Read the files in it with DirectoryLoader({path!r})."
            )
        if not file.is_file():
            raise UnsupportedFileError(f"{path!r} is not a regular file; give a file's path.")
        size = file.stat().st_size
    except (OSError, ValueError) as error:
        if isinstance(error, LoadError):
            raise
        raise LoadError(f"{path!r} can't be read: {error}. Check the path.") from error
    if size == 0:
        raise CorruptFileError(f"{path!r} is empty (0 bytes). Check that it was copied in full.")
    if max_bytes is not None and size > max_bytes:
        raise LimitExceededError(
            f"{path!r} has {size:,} bytes, more than max_bytes={max_bytes:,}. "
            "Pass a larger max_bytes if you trust the file, or None for no limit."
        )
    return size


def read_file(path: str, *, max_bytes: int | None = MAX_BYTES) -> bytes:
    """The bytes of a file that `check_file` accepts.

    Raises:
        LoadError: As `check_file`, or if reading fails.
    """
    check_file(path, max_bytes=max_bytes)
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise LoadError(f"{path!r} can't be read: {error}. Check its permissions.") from error


def suffix_of(path: PathLike) -> str:
    """The suffix in lower case, with its dot."""
    return Path(os.fspath(path)).suffix.lower()


def listed(names: Sequence[str]) -> str:
    """Names for a message."""
    return ", ".join(names)
