"""Embedding a large JSONL file: in shards, resumable, and the same bytes however it ran."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack

from ragkit._checks import check_count, check_flag, reject_unknown
from ragkit._cores import physical_cores
from ragkit._progress import Progress
from ragkit._version import __version__
from ragkit.errors import InvalidInputError
from ragkit.jobs.formats import format_of
from ragkit.jobs.local import is_sendable, run_local
from ragkit.jobs.places import check_apart, place_of, work_folder
from ragkit.jobs.report import EmbedReport
from ragkit.jobs.running import EmbedJob
from ragkit.jobs.shards import EmbeddedShard, Executor, Shard, ShardWork, embedder_of

if TYPE_CHECKING:
    from ragkit.protocols import Embedder

__all__ = ["JobOptions", "embed_jsonl"]


class JobOptions(TypedDict, total=False):
    """How `embed_jsonl` does its work.

    Attributes:
        workers: Processes (or actors of Ray's) that embed; 1 is this process. By default one for
            each physical core where `embedder` is a string, each with a copy of the model; where
            it is an object, this process. For Ray, by default the CPUs of the cluster.
        threads: Of each worker's embedder, where `embedder` is a string and its class knows
            threads; 1 by default.
        shard_rows: Rows that are embedded together and kept together; 512 by default.
        resume: Whether shards that an earlier run finished are taken; True by default.
        attempts: How often a shard is begun where its worker dies; 3 by default.
        progress: True or False; a function of (bytes done, bytes of the input, what was done);
            by default a bar, with the time that is left, when a person is looking.
        work_folder: In which the folder of finished shards, ``<dst>.work``, is made; by default
            the one of `dst`, and for S3 the user's cache.
        session: Of boto3, for S3.
        endpoint_url: Of S3, where it is another than Amazon's.
    """

    workers: int | None
    threads: int | None
    shard_rows: int
    resume: bool
    attempts: int
    progress: Progress
    work_folder: str | os.PathLike[str] | None
    session: Any
    endpoint_url: str | None


def embed_jsonl(
    src: str | os.PathLike[str],
    dst: str | os.PathLike[str],
    embedder: str | Embedder | Callable[[str], Iterable[float]] = "minilm",
    *,
    field: str = "text_inputs",
    id_field: str | None = "id",
    executor: Literal["local", "ray"] | Executor = "local",
    **options: Unpack[JobOptions],
) -> EmbedReport:
    """Embeds the texts of a JSONL file into another file, in their order.

    A job that was killed goes on where it was when it is started again, and gives the bytes that
    it would have given. Beside `dst` are written ``<dst>.manifest.json`` (hashes of input, shards
    and output, the embedder's fingerprint, the options), and ``<dst>.bad.jsonl`` if lines were
    left out. Memory does not grow with the input. The disk needs room for the output twice.

    Args:
        src: JSONL, a path or ``s3://bucket/key``: an object on each line.
        dst: A path or ``s3://bucket/key``. Its suffix says what is written: ``.jsonl`` has
            ``{"id": …, "embedding": […]}`` on each line, ``.parquet`` the columns ``id`` (as text)
            and ``embedding``, ``.npy`` an array, with the ids in ``<dst>.ids.jsonl``.
        embedder: A backend string such as ``"minilm"``, an embedder, or a function.
        field: Of the text.
        id_field: Of the id, a text or whole number. None takes the number of the line.
        executor: "local", "ray" (extra ``ray``), or a function that is given a `ShardWork` and an
            iterator of `Shard`, calls the one for each of the other wherever it likes, and gives
            the results in any order: ``lambda work, shards: map(work, shards)``.
        options: See `JobOptions`.

    Raises:
        InvalidInputError: If an argument can't work.
        MissingFileError: If there is no `src`.
        MissingExtraError: If Parquet, Ray or S3 is asked for and its package is not installed.
        JobError: If a shard can't be embedded, or another process is at the same job.
        EndpointError: If S3 can't be reached.

    Example:
        >>> report = embed_jsonl("texts.jsonl", "vectors.jsonl")  # doctest: +SKIP
        >>> print(report)  # doctest: +SKIP
        20,000 rows to vectors.jsonl in 201.3 s (99/s)
    """
    reject_unknown("embed_jsonl()", options, JobOptions.__annotations__)
    for name, value in (("field", field), ("id_field", id_field)):
        if not (isinstance(value, str) or (value is None and name == "id_field")):
            raise InvalidInputError(f"{name} is {value!r:.80}; it has to be the name of a field.")
    began = time.monotonic()
    connection = {name: options.get(name) for name in ("session", "endpoint_url")}
    source, target = place_of(src, "src", **connection), place_of(dst, "dst", **connection)
    check_apart(source, target)
    source.size()
    work, known = _work(embedder, options)
    settings = {
        "ragkit": __version__,
        "embedder": asdict(known.fingerprint),
        # Engines agree, but not to the last bit; nor do batches of other sizes.
        "engine": type(known).__name__,
        "batch_tokens": getattr(known, "batch_tokens", None),
        "threads": _threads(embedder, options),
        "format": Path(target.name).suffix.lower(),
        "field": field,
        "id_field": id_field,
        "shard_rows": check_count(options.get("shard_rows", 512), "shard_rows"),
    }
    folder, given = work_folder(source, target), options.get("work_folder")
    if given is not None:
        folder = Path(given).expanduser() / f"{Path(target.name).name}.work"
    job = EmbedJob(
        source=source,
        target=target,
        format=format_of(target.name),
        settings=settings,
        folder=folder,
        embed=_bound(executor, work, options),
    )
    resume = check_flag(options.get("resume", True), "resume")
    return job.run(resume=resume, progress=options.get("progress"), began=began)


def _work(embedder: Any, options: JobOptions) -> tuple[ShardWork, Embedder]:
    """What embeds shards, and the embedder in this process, which tells its fingerprint."""
    threads = _threads(embedder, options)
    if isinstance(embedder, str):
        known = embedder_of(embedder, threads)
        return ShardWork(embedder, threads), known
    from ragkit.adapters import as_embedder

    if threads is not None:
        raise InvalidInputError(
            f"threads={threads} is for an embedder that is named by a string; "
            f"{type(embedder).__name__} has its own."
        )
    known = as_embedder(embedder)
    return ShardWork(known), known


def _threads(embedder: object, options: JobOptions) -> int | None:
    """Always the same unless asked for, whatever the machine: they may change the last bits."""
    threads = options.get("threads")
    if threads is None:
        return 1 if isinstance(embedder, str) else None
    return check_count(threads, "threads")


def _bound(
    executor: Any, work: ShardWork, options: JobOptions
) -> Callable[[Iterator[Shard]], Iterable[EmbeddedShard]]:
    """The executor, with all it needs but the shards."""
    workers = options.get("workers")
    if workers is not None:
        check_count(workers, "workers")
    attempts = check_count(options.get("attempts", 3), "attempts")
    if executor == "local":
        count = _local_workers(work, workers)
        return lambda shards: run_local(work, shards, workers=count, attempts=attempts)
    if executor == "ray":
        from ragkit.jobs.on_ray import run_on_ray

        _check_sendable(work)
        return lambda shards: run_on_ray(work, shards, workers=workers, attempts=attempts)
    if not callable(executor):
        raise InvalidInputError(
            f"executor is {executor!r:.80}; it has to be 'local', 'ray' or a function of (work, "
            f"shards)."
        )
    if workers is not None:
        raise InvalidInputError("workers= is not for an executor of your own, which has its own.")
    return lambda shards: executor(work, shards)


def _local_workers(work: ShardWork, workers: int | None) -> int:
    # A frozen program would start itself again in place of Python.
    can_start = bool(sys.executable) and not getattr(sys, "frozen", False)
    if workers is None:
        return physical_cores() if work.is_named and can_start else 1
    if workers > 1:
        _check_sendable(work)
        if not can_start:
            raise InvalidInputError(f"workers is {workers}; a frozen program can only have 1.")
    return workers


def _check_sendable(work: ShardWork) -> None:
    if not is_sendable(work):
        raise InvalidInputError(
            "This embedder can't be pickled, and so not be sent to other processes; name it by a "
            "string, define its function in a module, or use executor='local' with workers=1."
        )
