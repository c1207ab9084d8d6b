"""The files of a folder, and what of it is left out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ragkit.errors import LoadError, UnsupportedFileError

__all__ = ["SkippedFile", "find_files"]


@dataclass(frozen=True, slots=True)
class SkippedFile:
    """A file or folder that gave no document.

    Attributes:
        path: Where it is.
        error: Why.
        is_folder: Whether it is a folder, and nothing is known about the files in it. The error
            is an `UnsupportedFileError` where it was left out on purpose, as a link that leads
            out of the loader's folder is; any other where it could not be looked into.
    """

    path: str
    error: LoadError
    is_folder: bool = False


def find_files(
    root: str,
    wanted: Callable[[str], bool],
    *,
    recursive: bool,
    hidden: bool,
    follow_links: bool,
) -> Iterator[str | SkippedFile]:
    """Paths of the wanted files below `root`, and what had to be left out.

    Links to folders are followed, each folder once, so that a link upwards ends the walk.

    Args:
        root: The folder.
        wanted: Of a path relative to `root`, with ``/``, whether it is to be read.
        recursive: Whether to look into subfolders.
        hidden: Whether to look at what begins with a dot.
        follow_links: Whether to follow links that lead out of `root`.

    Raises:
        LoadError: If `root` itself can't be looked into.
    """
    inside = _Inside(root, everywhere=follow_links)
    failed: list[SkippedFile] = []
    seen: set[str] = set()
    for folder, folders, names in os.walk(root, onerror=_noted(failed, root), followlinks=True):
        yield from _taken(failed)
        real = os.path.realpath(folder)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        shown = _shown(folders, hidden) if recursive else []
        outside = {n for n in shown if not inside.has(Path(folder, n))}
        folders[:] = [n for n in shown if n not in outside]
        yield from (_leads_out(Path(folder, n), is_folder=True) for n in sorted(outside))
        for path in (Path(folder, name) for name in _shown(names, hidden)):
            if wanted(path.relative_to(root).as_posix()):
                yield str(path) if inside.has(path) else _leads_out(path, is_folder=False)
    yield from _taken(failed)


def _shown(names: list[str], hidden: bool) -> list[str]:  # noqa: FBT001
    return sorted(n for n in names if hidden or not n.startswith("."))


class _Inside:
    """Tells whether paths stay below a folder once their links are followed."""

    def __init__(self, root: str, *, everywhere: bool) -> None:
        self._root = Path(os.path.realpath(root))
        self._everywhere = everywhere

    def has(self, path: Path) -> bool:
        """Whether the path does; what is no link does, since its folder did."""
        # Path.is_symlink raises where the system does not tell; reading then says what is wrong.
        if self._everywhere or not os.path.islink(path):  # noqa: PTH114
            return True
        return Path(os.path.realpath(path)).is_relative_to(self._root)


def _noted(failed: list[SkippedFile], root: str) -> Callable[[OSError], None]:
    """What `os.walk` calls with a folder that it can't look into."""

    def note(error: OSError) -> None:
        path = os.fspath(error.filename or root)
        refused = LoadError(
            f"The folder {path!r} can't be looked into ({error.strerror or error}). "
            "Check its permissions, or leave it out with exclude=."
        )
        if path == root:
            raise refused from error
        failed.append(SkippedFile(path, refused, is_folder=True))

    return note


def _taken(failed: list[SkippedFile]) -> list[SkippedFile]:
    """What has failed since the last call."""
    taken = failed[:]
    failed.clear()
    return taken


def _leads_out(path: Path, *, is_folder: bool) -> SkippedFile:
    error = UnsupportedFileError(
        f"{str(path)!r} is a link that leads out of the folder, to {os.path.realpath(path)!r}. "
        "Pass follow_links=True if you trust what the links lead to."
    )
    return SkippedFile(str(path), error, is_folder)
