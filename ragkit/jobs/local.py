"""Embedding shards on this machine: in this process, or in several that are watched."""

from __future__ import annotations

import pickle
import queue
from collections.abc import Iterator
from threading import Thread

from ragkit.errors import JobError
from ragkit.jobs.shards import EmbeddedShard, Shard, ShardWork
from ragkit.jobs.worker import Worker, WorkerEndedError

__all__ = ["is_sendable", "run_local"]

_AHEAD = 2
"""Shards that are read ahead for each worker; no more, so that memory stays flat."""


def is_sendable(work: ShardWork) -> bool:
    """Whether another process can be given its embedder."""
    try:
        pickle.dumps(work)
    except Exception:  # whatever an object's own __reduce__ raises
        return False
    return True


def run_local(
    work: ShardWork, shards: Iterator[Shard], *, workers: int, attempts: int
) -> Iterator[EmbeddedShard]:
    """Each shard embedded, in any order.

    Args:
        work: Embeds a shard.
        shards: All.
        workers: Processes; 1 is this one.
        attempts: How often a shard is begun, where its worker dies.

    Raises:
        JobError: If a shard can't be embedded; the message names it.
    """
    if workers == 1:
        yield from map(work, shards)
        return
    with _Pool(work, workers, attempts) as pool:
        waiting = 0
        while True:
            while waiting < _AHEAD * workers and (shard := next(shards, None)) is not None:
                pool.submit(shard)
                waiting += 1
            if not waiting:
                return
            yield pool.result()
            waiting -= 1


class _Pool:
    """Workers, each with a thread that waits for it."""

    def __init__(self, work: ShardWork, workers: int, attempts: int) -> None:
        packed = pickle.dumps(work)
        self._attempts = attempts
        self._workers = [Worker(packed) for _ in range(workers)]
        self._todo: queue.SimpleQueue[Shard | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[EmbeddedShard | BaseException] = queue.SimpleQueue()
        self._threads = [
            Thread(target=self._serve, args=(worker,), daemon=True) for worker in self._workers
        ]

    def submit(self, shard: Shard) -> None:
        """Has a shard embedded."""
        self._todo.put(shard)

    def result(self) -> EmbeddedShard:
        """The next that is done."""
        result = self._done.get()
        if isinstance(result, BaseException):
            raise result
        return result

    def __enter__(self) -> _Pool:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        # The workers first: a thread waits for as long as its worker takes for a shard.
        for worker in self._workers:
            worker.close()
        for _ in self._threads:
            self._todo.put(None)
        for thread in self._threads:
            thread.join()

    def _serve(self, worker: Worker) -> None:
        while (shard := self._todo.get()) is not None:
            try:
                self._done.put(self._embedded(worker, shard))
            except BaseException as error:
                self._done.put(error)

    def _embedded(self, worker: Worker, shard: Shard) -> EmbeddedShard:
        for attempt in range(1, self._attempts + 1):
            try:
                return worker.embed(shard)
            except WorkerEndedError as ended:
                if attempt == self._attempts:
                    raise given_up(shard, attempt, str(ended)) from None
        raise AssertionError("attempts is at least 1")


def given_up(shard: Shard, attempts: int, how: str) -> JobError:
    """The error for a shard that its workers died of."""
    return JobError(
        f"Embedding {shard} was given up: its worker {how}, {attempts} time(s) in a row. What was "
        f"done is kept. Use fewer workers or smaller shards (shard_rows=) if memory is short, and "
        f"start the job again."
    )
