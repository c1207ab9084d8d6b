"""Bringing a store in line with a folder: only what changed is read, split and embedded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ragkit.errors import UnsupportedFileError

if TYPE_CHECKING:
    from ragkit.layout.model import LayoutDocument
    from ragkit.loading import DirectoryLoader
    from ragkit.protocols import Splitter
    from ragkit.stores.local import LocalStore
    from ragkit.stores.manifest import SourceRecord

__all__ = ["SyncReport", "sync_folder"]

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
        skipped: Files that no loader reads, with the reason.
    """

    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        names = ("added", "updated", "deleted", "unchanged", "failed", "skipped")
        counts = ", ".join(f"{len(getattr(self, name))} {name}" for name in names)
        reasons = [f"  {name}: {reason}" for name, reason in self.failed.items()]
        return "\n".join([counts, *reasons])


def sync_folder(
    store: LocalStore, loader: DirectoryLoader, splitter: Splitter, root: Path
) -> SyncReport:
    """Adds, updates and deletes, one transaction a file; what is unchanged is not read.

    Args:
        store: Where chunks, vectors and the record of sources are kept.
        loader: Of the folder.
        splitter: Makes the chunks.
        root: The folder; sources synced from other folders are left alone.

    Raises:
        MissingFileError: If there is no such folder.
        LoadError: If a file can't be read and the loader's `on_error` is "raise".
    """
    return _Sync(store, loader, splitter, root).run()


@dataclass(frozen=True, slots=True)
class _File:
    """A file to read: its name in the index, its hash, and whether the index has it."""

    source_id: str
    content_hash: str
    known: bool


class _Sync:
    """One run over one folder."""

    def __init__(
        self, store: LocalStore, loader: DirectoryLoader, splitter: Splitter, root: Path
    ) -> None:
        self.store = store
        self.loader = loader
        self.splitter = splitter
        self.root = root
        self.settings = _settings_hash(splitter)
        self.records = store.sources.all()
        self.report = SyncReport()

    def run(self) -> SyncReport:
        paths = self._paths()
        ids = {path: self._source_id(path) for path in paths}
        self.report.skipped = {
            self._source_id(skip.path): str(skip.error) for skip in self.loader.skipped
        }
        self._delete_all_but(set(ids.values()))
        changed = self._changed(ids)
        for path, layouts in _by_source(self.loader.lazy_load(list(changed))):
            self._replace(changed[path], layouts)
        for skip in self.loader.skipped:
            self.report.failed[ids[skip.path]] = str(skip.error)
        return self.report

    def _paths(self) -> list[str]:
        """Files to read; an empty folder is an error only if the index has nothing of it."""
        try:
            return self.loader.files()
        except UnsupportedFileError:
            if self.root.is_dir() and any(map(self._is_ours, self.records.values())):
                return []
            raise

    def _is_ours(self, record: SourceRecord) -> bool:
        return record.extra.get("root") == str(self.root)

    def _source_id(self, path: str) -> str:
        """Relative to the folder; or absolute, if another folder's file has that name.

        A record whose own file is gone is taken over: then the folder was moved.
        """
        name = Path(path).relative_to(self.root).as_posix()
        record = self.records.get(name)
        if record is None or self._is_ours(record):
            return name
        moved = not Path(str(record.extra.get("root")), name).exists()
        return name if moved else Path(path).as_posix()

    def _delete_all_but(self, present: set[str]) -> None:
        for source_id, record in self.records.items():
            if self._is_ours(record) and source_id not in present:
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
            else:
                changed[path] = _File(source_id, content_hash, record is not None)
        return changed

    def _replace(self, file: _File, layouts: list[LayoutDocument]) -> None:
        """Puts the file's chunks in place of those it had."""
        chunks = self.splitter.split_documents(layouts)
        before = self._truncated()
        vectors = self.store.embedder.embed([chunk.page_content for chunk in chunks])
        self.store.sources.replace(
            file.source_id,
            file.content_hash,
            chunks,
            vectors,
            config_hash=self.settings,
            extra={"root": str(self.root), "truncated": self._truncated() - before},
        )
        (self.report.updated if file.known else self.report.added).append(file.source_id)

    def _truncated(self) -> int:
        return int(getattr(self.store.embedder, "truncated", 0))


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


def _settings_hash(splitter: Splitter) -> str:
    """Of everything but the embedder that chunks depend on; the store watches the embedder."""
    described = repr(splitter)
    if type(splitter).__repr__ is object.__repr__:  # it would name a place in memory
        described = type(splitter).__qualname__
    text = json.dumps([_READING_VERSION, described])
    return hashlib.sha256(text.encode()).hexdigest()[:16]
