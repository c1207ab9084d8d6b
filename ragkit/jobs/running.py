"""A job from its first line to its output."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any

import numpy as np

from ragkit._progress import Progress, progress_of
from ragkit.errors import JobError, RagkitError
from ragkit.jobs.formats import Format
from ragkit.jobs.lines import BadLine, Lines
from ragkit.jobs.places import LocalFile, Place
from ragkit.jobs.report import MOST_BAD, EmbedReport
from ragkit.jobs.shards import EmbeddedShard, Shard, cut_shards
from ragkit.jobs.work_folder import WorkFolder, sha256_of

__all__ = ["EmbedJob"]

_VERSION = 1
"""Of the manifest."""


@dataclass(slots=True, kw_only=True)
class EmbedJob:
    """All that a job needs.

    Attributes:
        source: Read.
        target: Written.
        format: Of the output.
        settings: What the output depends on beside the input.
        folder: Of the shards.
        embed: Gives shards embedded, in any order.
    """

    source: Place
    target: Place
    format: Format
    settings: dict[str, Any]
    folder: Path
    embed: Callable[[Iterator[Shard]], Iterable[EmbeddedShard]]
    _waiting: dict[int, Shard] = field(default_factory=dict)
    _shards: int = 0
    _reused: int = 0

    def run(self, *, resume: bool, progress: Progress, began: float) -> EmbedReport:
        """Does what is left of it.

        Args:
            resume: Whether what an earlier run did is taken.
            progress: How it is shown.
            began: Of `time.monotonic`.

        Raises:
            JobError: If it can't be finished.
        """
        folder = WorkFolder(self.folder)
        with (
            closing(self.source),
            closing(self.target),
            _as_job_errors(),
            folder.held(resume=resume),
        ):
            manifest = self._finished_before() if resume else None
            if manifest is None:
                manifest = self._embedded(folder, progress)
                self._publish(folder, manifest)
            else:
                self._reused = len(manifest["shards"])
            bad = _first_bad(self.target, manifest["bad_lines"])
            folder.remove()
        truncated = [shard["truncated"] for shard in manifest["shards"]]
        return EmbedReport(
            output=self.target.name,
            rows=manifest["rows"],
            bad_lines=manifest["bad_lines"],
            bad=bad,
            truncated=None if None in truncated else sum(truncated),
            shards=len(truncated),
            reused=self._reused,
            seconds=time.monotonic() - began,
            sha256=manifest["output"]["sha256"],
        )

    def _finished_before(self) -> dict[str, Any] | None:
        """The manifest of the very same job, if its output is there still; of local files only."""
        manifest = self.target.beside(".manifest.json")
        if not isinstance(self.target, LocalFile) or not isinstance(manifest, LocalFile):
            return None
        with suppress(OSError, ValueError, KeyError, TypeError):
            found: dict[str, Any] = json.loads(manifest.path.read_bytes())
            same = found["version"] == _VERSION and found["settings"] == self.settings
            if (
                same
                and all(self._is_there(*pair) for pair in found["beside"].items())
                and found["input"]["bytes"] == self.source.size()
                and found["output"]["sha256"] == sha256_of(self.target.path)
                and found["input"]["sha256"] == self._source_hash()
            ):
                return found
        return None

    def _is_there(self, suffix: str, sha256: str) -> bool:
        place = self.target.beside(suffix)
        return isinstance(place, LocalFile) and sha256_of(place.path) == sha256

    def _source_hash(self) -> str:
        with closing(self.source.open()) as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]

    def _embedded(self, folder: WorkFolder, progress: Progress) -> dict[str, Any]:
        """Embeds what is left, writes the output into the folder, and gives the manifest."""
        with ExitStack() as stack:
            stream = stack.enter_context(closing(self.source.open()))
            bad = _Noted(
                stack.enter_context((self.folder / "bad.jsonl").open("w", encoding="utf-8"))
            )
            ids = stack.enter_context((self.folder / "ids.jsonl").open("w", encoding="utf-8"))
            total = self.source.size()
            advance = stack.enter_context(progress_of(progress, total, unit="B"))
            lines = Lines(stream, self.settings["field"], self.settings["id_field"])
            shards = cut_shards(lines, self.settings["shard_rows"], self.settings, bad)
            todo = self._todo(folder, self._with_ids(shards, ids), advance)
            for shard in self._results(folder, todo):
                advance(str(shard), shard.size)
        return self._assembled(folder, lines, bad.count)

    def _with_ids(self, shards: Iterator[Shard], file: IO[str]) -> Iterator[Shard]:
        for shard in shards:
            self._shards += 1
            if self.format.separate_ids:
                file.writelines(f"{json.dumps(one, ensure_ascii=False)}\n" for one in shard.ids)
            yield shard

    def _todo(
        self, folder: WorkFolder, shards: Iterator[Shard], advance: Callable[..., None]
    ) -> Iterator[Shard]:
        """The shards that are not finished."""
        for shard in shards:
            if folder.finished(shard):
                self._reused += 1
                advance(str(shard), shard.size)
                continue
            self._waiting[shard.number] = shard
            yield shard

    def _results(self, folder: WorkFolder, todo: Iterator[Shard]) -> Iterator[Shard]:
        """Shards as they are finished."""
        results = self.embed(todo)
        if not isinstance(results, Iterable):
            raise JobError(f"The executor gave {results!r:.80}, and no results.")
        try:
            for result in results:
                if not isinstance(result, EmbeddedShard):
                    raise JobError(
                        f"The executor gave {result!r:.80}; it has to give what the first of its "
                        f"arguments gives for each of the second."
                    )
                shard = self._waiting.pop(result.number, None)
                if shard is None:
                    raise JobError(
                        f"The executor gave shard {result.number}, which it was not asked for, or "
                        f"gave before."
                    )
                vectors = self._checked(shard, result.vectors)
                folder.keep(shard, self.format.encode(shard.ids, vectors), result.truncated)
                yield shard
        finally:
            close = getattr(results, "close", None)  # of a generator: it ends its workers
            if close is not None:
                close()
        if self._waiting or next(todo, None) is not None:
            left = ", ".join(map(str, islice(self._waiting.values(), 3))) or "the last shards"
            raise JobError(f"The executor ended without {left}.")

    def _checked(self, shard: Shard, vectors: Any) -> np.ndarray[Any, np.dtype[np.float32]]:
        try:
            array = np.asarray(vectors, np.float32)
        except (TypeError, ValueError) as error:
            raise JobError(f"The executor gave no vectors for {shard}: {error}.") from None
        wanted = len(shard.texts), self.settings["embedder"]["dimension"]
        if array.shape != wanted or not np.isfinite(array).all():
            raise JobError(
                f"Embedding {shard} gave an array of shape {array.shape}; it has to be {wanted}, "
                f"of finite numbers."
            )
        return array

    def _assembled(self, folder: WorkFolder, lines: Lines, bad: int) -> dict[str, Any]:
        records = [folder.record(number) for number in range(self._shards)]
        rows = sum(record["rows"] for record in records)
        path = self.folder / "output"
        paths = [folder.data(number) for number in range(self._shards)]
        self.format.assemble(paths, (rows, self.settings["embedder"]["dimension"]), path)
        written = {"ids": self.format.separate_ids, "bad": bool(bad)}
        return {
            "version": _VERSION,
            "settings": self.settings,
            "input": {"sha256": lines.sha256, "bytes": lines.bytes, "lines": lines.lines},
            "rows": rows,
            "bad_lines": bad,
            "shards": [_described(record) for record in records],
            "output": {"sha256": sha256_of(path), "bytes": path.stat().st_size},
            "beside": {
                f".{name}.jsonl": sha256_of(self.folder / f"{name}.jsonl")
                for name, wanted in written.items()
                if wanted
            },
        }

    def _publish(self, folder: WorkFolder, manifest: dict[str, Any]) -> None:
        """Puts all in its place, the manifest last: with it, the job is done."""
        path = folder.path / "manifest.json"
        path.write_text(json.dumps(manifest, indent=1, ensure_ascii=False), encoding="utf-8")
        done = self.target.beside(".manifest.json")
        done.delete()
        self.target.publish(folder.path / "output")
        for name, wanted in (("bad", manifest["bad_lines"]), ("ids", self.format.separate_ids)):
            place = self.target.beside(f".{name}.jsonl")
            if wanted:
                place.publish(folder.path / f"{name}.jsonl")
            else:
                place.delete()
        done.publish(path)


class _Noted:
    """Writes bad lines to a file, and counts them."""

    def __init__(self, file: IO[str]) -> None:
        self._file, self.count = file, 0

    def __call__(self, bad: BadLine) -> None:
        self.count += 1
        self._file.write(f"{json.dumps(asdict(bad), ensure_ascii=False)}\n")


def _first_bad(target: Place, count: int) -> tuple[BadLine, ...]:
    """The first of the bad lines, as they were written."""
    if not count:
        return ()
    with closing(target.beside(".bad.jsonl").open()) as file:
        return tuple(BadLine(**json.loads(line)) for line in islice(file, MOST_BAD))


@contextmanager
def _as_job_errors() -> Iterator[None]:
    """Inside, errors of the disk become ragkit's own."""
    try:
        yield
    except RagkitError:
        raise
    except OSError as error:
        raise JobError(
            f"The job could not go on: {error}. What was done is kept; start it again when that is "
            f"mended."
        ) from error


def _described(record: dict[str, Any]) -> dict[str, Any]:
    return {name: record[name] for name in ("rows", "sha256", "truncated")}
