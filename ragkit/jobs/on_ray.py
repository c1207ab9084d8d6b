"""Embedding shards on a Ray cluster, or on one of this machine's that lasts as long as the job."""

from __future__ import annotations

import logging
import os
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ragkit._extras import require
from ragkit.errors import JobError
from ragkit.jobs.local import given_up
from ragkit.jobs.shards import EmbeddedShard, Shard, ShardWork

__all__ = ["run_on_ray"]

_CPUS = 0.5
"""Of an actor, so that a small cluster has some left for what else runs on it."""
_AHEAD = 2
"""Shards that each actor is given at a time: one to embed, and the next."""


class _Embedding:
    """The actor: a copy of the embedder."""

    def __init__(self, packed: bytes) -> None:
        self._work: ShardWork = pickle.loads(packed)  # noqa: S301 – from the job's own process

    def embed(self, shard: Shard) -> EmbeddedShard | JobError:
        """The shard embedded, or what went wrong: Ray's own errors hide the message."""
        try:
            return self._work(shard)
        except JobError as error:
            return error


def run_on_ray(
    work: ShardWork, shards: Iterator[Shard], *, workers: int | None, attempts: int
) -> Iterator[EmbeddedShard]:
    """Each shard embedded by an actor of Ray's, in any order.

    Args:
        work: Embeds a shard; it is sent to the actors.
        shards: All.
        workers: Actors; by default as many as the cluster has CPUs. Each takes half a one.
        attempts: How often a shard is begun, where its actor dies.

    Raises:
        JobError: If a shard can't be embedded; the message names it.
        MissingExtraError: If Ray is not installed.
    """
    ray = require("ray", extra="ray", feature="embed_jsonl(executor='ray')")
    with _cluster(ray):
        count = workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
        actors = _Actors(ray, pickle.dumps(work), count, attempts)
        try:
            yield from actors.embedded(shards)
        finally:
            actors.close()


@contextmanager
def _cluster(ray: Any) -> Iterator[None]:
    """Connected to a cluster: the program's, the one RAY_ADDRESS names, or a new one of its own."""
    if ray.is_initialized():
        yield
        return
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # a cluster of ours reports to nobody
    ray.init(include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    try:
        yield
    finally:
        ray.shutdown()


@dataclass(slots=True)
class _Task:
    """A shard that an actor has."""

    shard: Shard
    place: int
    attempt: int


@dataclass(slots=True)
class _Actors:
    """Actors, each replaced when it dies."""

    ray: Any
    packed: bytes
    count: int
    attempts: int
    _made: list[Any] = field(default_factory=list)
    _tasks: dict[Any, _Task] = field(default_factory=dict)

    def embedded(self, shards: Iterator[Shard]) -> Iterator[EmbeddedShard]:
        """Each shard's vectors."""
        self._made = [self._new() for _ in range(self.count)]
        free = [place for _ in range(_AHEAD) for place in range(self.count)]
        while True:
            while free and (shard := next(shards, None)) is not None:
                self._give(_Task(shard, free.pop(0), 1))
            if not self._tasks:
                return
            (done,), _ = self.ray.wait(list(self._tasks), num_returns=1)
            task = self._tasks.pop(done)
            result = self._result(done, task)
            if result is not None:
                free.append(task.place)
                yield result

    def close(self) -> None:
        """Ends the actors."""
        for actor in self._made:
            self.ray.kill(actor)

    def _new(self) -> Any:
        return self.ray.remote(num_cpus=_CPUS)(_Embedding).remote(self.packed)

    def _give(self, task: _Task) -> None:
        self._tasks[self._made[task.place].embed.remote(task.shard)] = task

    def _result(self, done: Any, task: _Task) -> EmbeddedShard | None:
        """The result; None if the actor died, and another has the shard now."""
        try:
            result = self.ray.get(done)
        except self.ray.exceptions.RayActorError as error:
            self._replace(task, str(error))
            return None
        except self.ray.exceptions.RayError as error:
            raise JobError(f"Embedding {task.shard} failed in Ray: {error}") from error
        if isinstance(result, JobError):
            raise result
        embedded: EmbeddedShard = result
        return embedded

    def _replace(self, task: _Task, how: str) -> None:
        """Has the shard done by the actor that takes the dead one's place."""
        if task.attempt == self.attempts:
            raise given_up(task.shard, task.attempt, f"died in Ray ({how[:300]})")
        self._give_again(task)

    def _give_again(self, task: _Task) -> None:
        """A new actor where the old one is dead, unless the shard before had one made already."""
        try:
            self.ray.get(self._made[task.place].__ray_ready__.remote())
        except self.ray.exceptions.RayActorError:
            self._made[task.place] = self._new()
        self._give(_Task(task.shard, task.place, task.attempt + 1))
