"""Shards: runs of rows that are embedded together, and what embeds them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from ragkit.errors import JobError, UnknownOptionError
from ragkit.jobs.lines import BadLine, Lines, Row

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ragkit.protocols import Embedder

__all__ = ["EmbeddedShard", "Shard", "ShardWork", "cut_shards", "embedder_of"]


@dataclass(frozen=True, slots=True)
class Shard:
    """Rows that are embedded together.

    Attributes:
        number: From 0, in the order of the input.
        texts: One for each row.
        ids: One for each row.
        lines: The numbers of its first and last line.
        size: Bytes of the input up to its end, from the end of the one before.
        key: SHA-256 of all that its vectors come from: embedder, options, ids and texts.
    """

    number: int
    texts: list[str]
    ids: list[str | int]
    lines: tuple[int, int]
    size: int
    key: str

    def __str__(self) -> str:
        return f"shard {self.number} (lines {self.lines[0]} to {self.lines[1]})"


@dataclass(frozen=True, slots=True)
class EmbeddedShard:
    """What embedding a shard gives.

    Attributes:
        number: Of the shard.
        vectors: Float32, one row for each text.
        truncated: How many texts were longer than the embedder reads; None if that is not known:
            the embedder does not tell, embedded for others at the same time, or had vectors from
            its cache.
    """

    number: int
    vectors: NDArray[np.float32]
    truncated: int | None = None


class ShardWork:
    """Embeds shards: ``work(shard)`` gives an `EmbeddedShard`.

    It can be pickled if its embedder can. A shard's vectors come from its texts alone, and never
    from what was embedded before.

    Args:
        embedder: A backend string, which is loaded where the work is done, or an embedder.
        threads: Of an embedder named by a string.
    """

    def __init__(self, embedder: str | Embedder, threads: int | None = None) -> None:
        self._embedder, self._threads = embedder, threads
        self._loaded: Embedder | None = None
        self._begun = self._under_way = 0
        self._lock = Lock()

    @property
    def is_named(self) -> bool:
        """Whether the embedder is named by a string, and loaded where the work is done."""
        return isinstance(self._embedder, str)

    def __call__(self, shard: Shard) -> EmbeddedShard:
        """The shard's vectors.

        Raises:
            JobError: Whatever goes wrong; the message names the shard.
        """
        try:
            with self._lock:
                if self._loaded is None:
                    self._loaded = embedder_of(self._embedder, self._threads)
            return EmbeddedShard(shard.number, *self._embedded(self._loaded, shard.texts))
        except Exception as error:
            raise JobError(
                f"Embedding {shard} failed with {type(error).__name__}: {error} What was done is "
                f"kept; start the job again when that is mended."
            ) from error

    def _embedded(
        self, embedder: Embedder, texts: list[str]
    ) -> tuple[NDArray[np.float32], int | None]:
        """The vectors, and how many of the texts were cut."""
        with self._lock:
            self._begun, self._under_way = self._begun + 1, self._under_way + 1
            begun, alone = self._begun, self._under_way == 1
        before = _counts(embedder)
        try:
            vectors = embedder.embed(texts)
        finally:
            after = _counts(embedder)
            with self._lock:
                self._under_way -= 1
                alone = alone and self._begun == begun
        # An embedder counts for all its callers, and what a cache knows is not counted again.
        if not alone or before is None or after is None or before[1] != after[1]:
            return vectors, None
        return vectors, after[0] - before[0]

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return ShardWork, (self._embedder, self._threads)


def _counts(embedder: object) -> tuple[int, int] | None:
    """What an embedder has cut so far, and found in a cache."""
    cut, found = getattr(embedder, "truncated", None), getattr(embedder, "hits", 0)
    return (cut, found) if isinstance(cut, int) and isinstance(found, int) else None


def embedder_of(embedder: str | Embedder, threads: int | None) -> Embedder:
    """The embedder; one named by a string gets `threads`, if its class knows threads."""
    if not isinstance(embedder, str):
        return embedder
    from ragkit.backends import load_embedder

    if threads is None:
        return load_embedder(embedder)
    try:
        return load_embedder(embedder, threads=threads)
    except UnknownOptionError:
        return load_embedder(embedder)


def cut_shards(
    lines: Lines, rows: int, settings: dict[str, Any], bad: Callable[[BadLine], object]
) -> Iterator[Shard]:
    """Shards of `rows` rows each, the last one of fewer.

    Args:
        lines: Of the input.
        rows: Of a shard.
        settings: Of the job, which the keys depend on.
        bad: Is told of each line that is no row.
    """
    base = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    number, start = 0, 0
    held: list[Row] = []
    for line in lines:
        if isinstance(line, BadLine):
            bad(line)
            continue
        held.append(line)
        if len(held) == rows:
            yield _shard(number, held, lines.bytes - start, base.copy())
            number, start, held = number + 1, lines.bytes, []
    if held:
        yield _shard(number, held, lines.bytes - start, base.copy())


def _shard(number: int, rows: list[Row], size: int, base: Any) -> Shard:
    for row in rows:
        base.update(json.dumps([row.id, row.text]).encode())
    return Shard(
        number=number,
        texts=[row.text for row in rows],
        ids=[row.id for row in rows],
        lines=(rows[0].line, rows[-1].line),
        size=size,
        key=base.hexdigest(),
    )


Executor = Callable[[ShardWork, Iterator[Shard]], Iterable[EmbeddedShard]]
"""Calls the first for each of the second, wherever it likes, and gives the results in any order."""
