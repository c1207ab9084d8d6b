"""Bringing a store in line with a folder: only what changed is read, split and embedded."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ragkit.errors import InvalidInputError, RagkitError, UnsupportedFileError

if TYPE_CHECKING:
    from ragkit.layout.model import LayoutDocument
    from ragkit.loading import DirectoryLoader
    from ragkit.protocols import Splitter
    from ragkit.stores.local import LocalStore
    from ragkit.stores.manifest import SourceRecord

__all__ = ["SyncReport", "sync_folder"]

_LOGGER = logging.getLogger(__name__)
_READING_VERSION = 1
"""Raised when the same file would give other text, so that indexes are brought up to date."""


@dataclass(slots=True)
class SyncReport:
    """What a sync did, by source id (path relative to the synced folder).

    Attributes:
        added: Were not in the index.
        updated: Had changed, or were indexed with other settings.
        deleted: Are no longer in the folder.
        unchanged: Were left alone.
        failed: Could not be read, with the reason. What the index held of them before stays.
        partial: Were read but for some pages, with the reasons; also counted above.
        skipped: Files that no loader reads, with the reason.
    """

    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    partial: dict[str, list[str]] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        names = ("added", "updated", "deleted", "unchanged", "failed", "skipped")
        counts = ", ".join(f"{len(getattr(self, name))} {name}" for name in names)
        reasons = [f"  {name}: {reason}" for name, reason in self.failed.items()]
        reasons += [f"  {name}: {', '.join(pages)}" for name, pages in self.partial.items()]
        return "\n".join([counts, *reasons])


def sync_folder(
    store: LocalStore,
    loader: DirectoryLoader,
    splitter: Splitter,
    root: Path,
    *,
    settings: str = "",
    stop_at_errors: bool = False,
    allow_empty: bool = False,
) -> SyncReport:
    """Adds, updates and deletes, one transaction a file; what is unchanged is not read.

    Args:
        store: Where chunks, vectors and the record of sources are kept.
        loader: Of the folder.
        splitter: Makes the chunks.
        root: The folder, resolved; sources synced from other folders are left alone.
        settings: What else the text of a file depends on.
        stop_at_errors: Whether a file that can't be indexed ends the run.
        allow_empty: Whether a folder without files may empty the index of what was in it.

    Raises:
        MissingFileError: If there is no such folder.
        UnsupportedFileError: If there is nothing to read in it, unless `allow_empty`.
        InvalidInputError: If it lies within another synced folder, or around one.
        LoadError: If a file can't be read and the run is to stop there.
    """
    run = _Sync(store, loader, splitter, root, _settings_hash(splitter, settings))
    return run.run(stop_at_errors=stop_at_errors, allow_empty=allow_empty)


@dataclass(frozen=True, slots=True)
class _File:
    """A file to read: its name in the index, its hash, and whether the index has it."""

    source_id: str
    content_hash: str
    known: bool


class _Sync:
    """One run over one folder."""

    def __init__(
        self,
        store: LocalStore,
        loader: DirectoryLoader,
        splitter: Splitter,
        root: Path,
        settings: str,
    ) -> None:
        self.store = store
        self.loader = loader
        self.splitter = splitter
        self.root = root
        self.settings = settings
        self.records = store.sources.all()
        self.report = SyncReport()

    def run(self, *, stop_at_errors: bool, allow_empty: bool) -> SyncReport:
        self._check_overlap()
        ids = {path: self._source_id(path) for path in self._paths(allow_empty=allow_empty)}
        for skip in self.loader.skipped:
            # A folder that can't be looked into is a failure; what no loader reads is not.
            closed = skip.is_folder and not isinstance(skip.error, UnsupportedFileError)
            found = self.report.failed if closed else self.report.skipped
            found[self._source_id(skip.path)] = str(skip.error)
        self._delete_missing(set(ids.values()))
        changed = self._changed(ids)
        for path, layouts in _by_source(self.loader.lazy_load(list(changed))):
            try:
                self._replace(changed[path], layouts)
            except RagkitError as error:
                if stop_at_errors:
                    raise
                self.report.failed[changed[path].source_id] = str(error)
        for skip in self.loader.skipped:
            failed = ids.get(skip.path) or self._source_id(skip.path)
            self.report.failed[failed] = str(skip.error)
        return self.report

    def _paths(self, *, allow_empty: bool) -> list[str]:
        """Files to read. None at all is an error: the folder may be there without its disk."""
        try:
            return self.loader.files()
        except UnsupportedFileError as error:
            ours = sum(map(self._is_ours, self.records.values()))
            if not self.root.is_dir() or not ours:
                raise
            if allow_empty:
                return []
            raise UnsupportedFileError(
                f"{error} The index holds {ours} files from there; to have it forget those that "
                f"are gone, pass allow_empty=True."
            ) from error

    def _check_overlap(self) -> None:
        """No file is to be in the index twice, under two names."""
        roots = {Path(str(record.extra.get("root"))) for record in self.records.values()}
        for other in roots - {self.root}:
            if (other in self.root.parents or self.root in other.parents) and other.is_dir():
                raise InvalidInputError(
                    f"{str(self.root)!r} overlaps with {str(other)!r}, which is in the index "
                    f"already: files would be in it twice. Sync one of them, or use two indexes."
                )

    def _is_ours(self, record: SourceRecord) -> bool:
        return record.extra.get("root") == str(self.root)

    def _source_id(self, path: str) -> str:
        """Relative to the folder; or absolute, if another folder's file has that name.

        A record whose own file is gone is taken over: then the folder was moved.
        """
        name = Path(path).relative_to(self.root).as_posix()
        record = self.records.get(name)
        if record is None or self._is_ours(record) or _is_gone(_path_of(record)):
            return _printable(name)
        return _printable(Path(path).as_posix())

    def _delete_missing(self, present: set[str]) -> None:
        """Forgets sources whose files are gone, not those that are only not looked at now."""
        for source_id, record in self.records.items():
            ours = self._is_ours(record) and source_id not in present
            if ours and _is_gone(_path_of(record)):
                self.store.sources.remove(source_id)
                self.report.deleted.append(source_id)

    def _changed(self, ids: dict[str, str]) -> dict[str, _File]:
        """What is new, or has other bytes or settings than the index knows, by path."""
        changed = {}
        for path, source_id in ids.items():
            record = self.records.get(source_id)
            try:
                content_hash = _file_hash(path)
            except OSError:
                content_hash = ""  # the loader says what is wrong with it
            same = record is not None and (record.content_hash, record.config_hash) == (
                content_hash,
                self.settings,
            )
            if same and record is not None and self._is_ours(record):
                self.report.unchanged.append(source_id)
                self._note_partial(source_id, record.extra.get("page_errors", []))
            else:
                changed[path] = _File(source_id, content_hash, record is not None)
        return changed

    def _replace(self, file: _File, layouts: list[LayoutDocument]) -> None:
        """Puts the file's chunks in place of those it had."""
        chunks = self.splitter.split_documents(layouts)
        before = self._truncated()
        vectors = self.store.embedder.embed([chunk.page_content for chunk in chunks])
        errors = [page.error for layout in layouts for page in layout.pages if page.error]
        extra = {
            "root": str(self.root),
            "path": layouts[0].source,
            "truncated": self._truncated() - before,
            "page_errors": errors,
        }
        self.store.sources.replace(
            file.source_id,
            file.content_hash,
            chunks,
            vectors,
            config_hash=self.settings,
            extra=extra,
        )
        (self.report.updated if file.known else self.report.added).append(file.source_id)
        self._note_partial(file.source_id, errors)

    def _note_partial(self, source_id: str, errors: list[str]) -> None:
        if errors:
            self.report.partial[source_id] = errors
            _LOGGER.warning("%s was read in part: %s", source_id, "; ".join(errors))

    def _truncated(self) -> int:
        return int(getattr(self.store.embedder, "truncated", 0))


def _path_of(record: SourceRecord) -> Path:
    return Path(str(record.extra.get("path")))


def _is_gone(path: Path) -> bool:
    """Whether there is certainly nothing: a folder that can't be looked into hides its files."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def _printable(name: str) -> str:
    """The name with bytes that are no UTF-8 written as escapes, so that it can be stored."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _by_source(layouts: Iterable[LayoutDocument]) -> Iterator[tuple[str, list[LayoutDocument]]]:
    """Documents that follow each other from the same file, together."""
    group: list[LayoutDocument] = []
    for layout in layouts:
        if group and group[0].source != layout.source:
            yield group[0].source, group
            group = []
        group.append(layout)
    if group:
        yield group[0].source, group


def _file_hash(path: str) -> str:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _settings_hash(splitter: Splitter, settings: str) -> str:
    """Of everything but the embedder that chunks depend on; the store watches the embedder."""
    described = repr(splitter)
    if type(splitter).__repr__ is object.__repr__:  # it would name a place in memory
        plain = (str, int, float, bool, tuple, list, type(None))
        values = {k: v for k, v in vars(splitter).items() if isinstance(v, plain)}
        described = f"{type(splitter).__qualname__} {sorted(values.items())}"
    text = json.dumps([_READING_VERSION, described, settings])
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:16]
