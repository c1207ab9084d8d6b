"""Folders of files as layout documents."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Literal, TypedDict, Unpack

from ragkit._checks import check_choice, check_count, check_flag, check_many, reject_unknown
from ragkit._progress import Progress, progress_of
from ragkit.errors import (
    InvalidInputError,
    LoadError,
    MissingFileError,
    UnsupportedFileError,
)
from ragkit.layout.model import LayoutDocument
from ragkit.loading._decoding import check_encoding
from ragkit.loading._files import (
    MAX_BYTES,
    MAX_MEMORY,
    MAX_PAGE_SECONDS,
    MAX_PAGES,
    MAX_SECONDS,
    MIN_MEMORY,
    PathLike,
    check_limits,
    check_name,
    check_password,
    check_seconds,
    listed,
    load_errors,
    suffix_of,
)
from ragkit.loading._glob import compile_globs
from ragkit.loading._linearized import linearized
from ragkit.loading._parallel import process_count, read_all
from ragkit.loading._walk import SkippedFile, find_files
from ragkit.loading._worker import Worker
from ragkit.loading.dispatch import SUFFIXES, loader_for
from ragkit.protocols import Loader
from ragkit.types import Document

__all__ = ["DirectoryLoader", "DirectoryOptions"]

_LOGGER = logging.getLogger(__name__)


class DirectoryOptions(TypedDict, total=False):
    """The keyword arguments of `DirectoryLoader`."""

    glob: str | Iterable[str]
    exclude: str | Iterable[str]
    recursive: bool
    hidden: bool
    follow_links: bool
    processes: int | None
    progress: Progress
    on_error: Literal["raise", "skip"]
    password: str | None
    encoding: str | None
    max_bytes: int | None
    max_pages: int | None
    max_seconds: float | None
    max_page_seconds: float | None
    max_memory: int | None
    loaders: Mapping[str, Callable[[str], Loader]] | None


class _Limits(TypedDict):
    max_bytes: int | None
    max_pages: int | None


class DirectoryLoader:
    """Every file of a folder that a loader exists for, in sorted order.

    Args:
        path: The folder.
        glob: Patterns of the files to read, relative to the folder. ``*`` stays within a part
            of the path, ``**/`` goes over any number; a pattern without a slash is about the
            file's name. By default all.
        exclude: Patterns of files to leave out.
        recursive: Whether to look into subfolders.
        hidden: Whether to read files and folders whose names begin with a dot.
        follow_links: Whether to read what links lead to outside of the folder. By default it is
            listed in `skipped`.
        processes: How many worker processes read PDFs, from 2 on; 1 to read them in this process,
            which a PDF that crashes its reader takes with it. By default as many as there are
            processors, if there are files enough for it to pay, or else one.
        progress: Whether to show a progress bar, or a function that is called with
            ``(done, total, path)`` after each file. By default a bar is shown when it takes
            over a second and a person is looking.
        on_error: ``"raise"`` stops at the first file that can't be read, or folder that can't be
            looked into; ``"skip"`` goes on, logs a warning, and lists it in `skipped`.
        password: Of encrypted PDFs.
        encoding: Of text and Markdown files; by default UTF-8, or what a byte order mark says.
        max_bytes: Larger files are refused; None for no limit. The default is 1 GiB.
        max_pages: PDFs with more pages are refused; None for no limit. The default is 10,000.
        max_seconds: A PDF that takes a worker process longer is given up, and its process ended;
            None for no limit. The default is 300. Files that this process reads have none, since
            it can't stop itself.
        max_page_seconds: A page whose words take a worker process longer is given up, and has
            the reason as its ``error``; None for no limit. The default is 30.
        max_memory: Bytes that a worker process may have; a PDF that unpacks to more is given up.
            None for no limit, and there is none on Windows. The default is 4 GiB.
        loaders: Loaders of your own by suffix (``{".csv": CSVLoader}``), called with the path;
            they come before the built-in ones.

    Raises:
        UnknownOptionError: If there is no such option.
        InvalidInputError: If an argument can't work.

    Example:
        >>> loader = DirectoryLoader("data/", glob="*.pdf", on_error="skip")  # doctest: +SKIP
        >>> layouts = loader.load()                                           # doctest: +SKIP
        >>> loader.skipped                                                    # doctest: +SKIP
        []
    """

    def __init__(self, path: PathLike, **options: Unpack[DirectoryOptions]) -> None:
        reject_unknown("DirectoryLoader()", options, DirectoryOptions.__annotations__)
        if not isinstance(path, str | os.PathLike) or not os.fspath(path):
            raise InvalidInputError(f"path is {path!r}; it has to be the path of a folder.")
        self._path = os.fspath(path)
        self._glob = compile_globs(_patterns(options.get("glob", "**/*"), "glob"))
        self._exclude = compile_globs(_patterns(options.get("exclude", ()), "exclude"))
        self._recursive = check_flag(options.get("recursive", True), "recursive")
        self._hidden = check_flag(options.get("hidden", False), "hidden")
        self._follow_links = check_flag(options.get("follow_links", False), "follow_links")
        self._processes = options.get("processes")
        if self._processes is not None:
            check_count(self._processes, "processes")
        self._progress = options.get("progress")
        on_error = options.get("on_error", "raise")
        self._on_error = check_choice(on_error, "on_error", ("raise", "skip"))
        self._limits: _Limits = {
            "max_bytes": options.get("max_bytes", MAX_BYTES),
            "max_pages": options.get("max_pages", MAX_PAGES),
        }
        check_limits(**self._limits)
        self._max_seconds = check_seconds(options.get("max_seconds", MAX_SECONDS))
        self._max_page_seconds = check_seconds(
            options.get("max_page_seconds", MAX_PAGE_SECONDS), "max_page_seconds"
        )
        self._max_memory = options.get("max_memory", MAX_MEMORY)
        if self._max_memory is not None:
            check_count(self._max_memory, "max_memory", least=MIN_MEMORY)
        self._password = check_password(options.get("password"))
        self._encoding = check_encoding(options.get("encoding"))
        self._loaders = _by_suffix(options.get("loaders"))
        self._skipped: list[SkippedFile] = []

    @property
    def skipped(self) -> list[SkippedFile]:
        """What the last run left out, and why.

        Files that no loader exists for, links that lead out of the folder, and, with
        ``on_error="skip"``, files and folders that can't be read.
        """
        return list(self._skipped)

    def load(self) -> list[LayoutDocument]:
        """Every document, in the order of the files' paths.

        Raises:
            MissingFileError: If there is no such folder.
            UnsupportedFileError: If it is a file, or holds no file that a loader exists for.
            LoadError: If a file or folder can't be read and `on_error` is ``"raise"``.
        """
        return list(self.lazy_load())

    def files(self) -> list[str]:
        """Paths of the files that it reads, sorted; `skipped` has what was left out.

        Raises:
            MissingFileError: If there is no such folder.
            UnsupportedFileError: If it is a file, or holds no file that a loader exists for.
            LoadError: If it can't be looked into, or a folder in it and `on_error` is
                ``"raise"``.
        """
        self._skipped = []
        return self._files()

    def lazy_load(self, paths: Sequence[str] | None = None) -> Iterator[LayoutDocument]:
        """One document after the other, each read shortly before it is asked for.

        Args:
            paths: Which of `files` to read; by default all.
        """
        if paths is None:
            paths = self.files()
        else:
            self._skipped = []
        pdfs = [p for p in paths if suffix_of(p) == ".pdf" and ".pdf" not in self._loaders]
        options: dict[str, Any] = {"password": self._password, **self._limits}
        count = process_count(self._processes, pdfs)
        workers = [
            Worker(self._max_seconds, self._max_page_seconds, self._max_memory)
            for _ in range(count)
        ]
        readings = read_all(paths, self._read, pdfs, options, workers)
        with closing(readings), progress_of(self._progress, len(paths)) as advance:
            for path, reading in readings:
                try:
                    found = reading()
                except LoadError as error:
                    self._fail(SkippedFile(path, error))
                    found = []
                advance(path)
                yield from found

    def load_documents(self) -> list[Document]:
        """One document a page, linearized with the defaults; raises as `load`."""
        return linearized(self.lazy_load())

    def _files(self) -> list[str]:
        """Paths of the files to read; those that no loader exists for are reported."""
        folder = Path(self._path)
        if not folder.exists():
            raise MissingFileError(f"There is no folder {self._path!r}. Check the path.")
        if not folder.is_dir():
            raise UnsupportedFileError(
                f"{self._path!r} is a file. Read it with ragkit.loading.loader_for(path), or give "
                "its folder."
            )
        paths = [path for path in map(self._take, self._found()) if path is not None]
        if not paths:
            raise self._nothing_found()
        return sorted(paths)

    def _found(self) -> Iterator[str | SkippedFile]:
        return find_files(
            self._path,
            self._is_wanted,
            recursive=self._recursive,
            hidden=self._hidden,
            follow_links=self._follow_links,
        )

    def _is_wanted(self, name: str) -> bool:
        return bool(self._glob.match(name)) and not self._exclude.match(name)

    def _take(self, found: str | SkippedFile) -> str | None:
        """The path, if it is to be read; what is not is reported."""
        if isinstance(found, SkippedFile):
            if isinstance(found.error, UnsupportedFileError):
                self._skipped.append(found)
            elif not self._exclude.match(self._anything_in(found.path)):
                self._fail(found)
            return None
        if suffix_of(found) not in self._suffixes():
            self._skipped.append(SkippedFile(found, self._unsupported(found)))
            return None
        return found

    def _anything_in(self, folder: str) -> str:
        """A name that only patterns match that match whatever is below the folder."""
        odd = "\N{REPLACEMENT CHARACTER}"
        return Path(folder, odd, odd).relative_to(self._path).as_posix()

    def _suffixes(self) -> list[str]:
        return sorted({*SUFFIXES, *self._loaders})

    def _unsupported(self, path: str) -> LoadError:
        return UnsupportedFileError(
            f"There is no loader for {path!r}. Supported suffixes: {listed(self._suffixes())}; "
            "give one of your own with loaders={suffix: loader}."
        )

    def _nothing_found(self) -> LoadError:
        failed = [s for s in self._skipped if not isinstance(s.error, UnsupportedFileError)]
        if failed:  # what is in there may be all that there is to read
            return failed[0].error
        others = len(self._skipped)
        seen = f"none of its {others} files" if others else "no file in it"
        return UnsupportedFileError(
            f"The folder {self._path!r} gives nothing to read: {seen} matches the patterns and "
            f"has a supported suffix ({listed(self._suffixes())})."
        )

    def _read(self, path: str) -> list[LayoutDocument]:
        check_name(path)
        with load_errors(path):
            make = self._loaders.get(suffix_of(path)) or self._built_in
            return list(make(path).lazy_load())

    def _built_in(self, path: str) -> Loader:
        return loader_for(path, password=self._password, encoding=self._encoding, **self._limits)

    def _fail(self, skipped: SkippedFile) -> None:
        if self._on_error == "raise":
            raise skipped.error
        _LOGGER.warning("skipped %r: %s", skipped.path, skipped.error)
        self._skipped.append(skipped)


def _patterns(value: str | Iterable[str], name: str) -> list[str]:
    patterns = [value] if isinstance(value, str) else list(check_many(value, name, "patterns"))
    for pattern in patterns:
        if not isinstance(pattern, str) or not pattern:
            raise InvalidInputError(f"{name} holds {pattern!r}; give patterns such as '*.pdf'.")
    return patterns


def _by_suffix(
    loaders: Mapping[str, Callable[[str], Loader]] | None,
) -> dict[str, Callable[[str], Loader]]:
    found = {}
    if not isinstance(loaders, Mapping | None):
        raise InvalidInputError(f"loaders is {loaders!r}; give {{'.csv': CSVLoader}} or the like.")
    for suffix, make in (loaders or {}).items():
        if not str(suffix).startswith(".") or not callable(make):
            raise InvalidInputError(
                f"loaders has {suffix!r}: {make!r}; it maps suffixes such as '.csv' to loaders."
            )
        found[suffix.lower()] = make
    return found
