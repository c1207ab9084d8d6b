"""An embedder that remembers."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ragkit._checks import check_count
from ragkit._options import names_options
from ragkit._threads import to_thread
from ragkit.embedding._base import TextEmbedder, as_vectors, check_text, check_texts, first
from ragkit.embedding.adapt import as_embedder
from ragkit.embedding.cache_file import CacheFile
from ragkit.errors import InvalidInputError, PartialEmbeddingError
from ragkit.types import EmbedderFingerprint

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CachedEmbedder"]

_LEAST_BYTES = 1_000_000
_Kind = Literal["document", "query"]


@names_options
class CachedEmbedder(TextEmbedder):
    """An embedder whose vectors are kept in a file, so that no text is embedded twice.

    A vector is found again by the text's hash, the embedder's fingerprint, and whether it is of
    a query or a document. So one file serves several embedders; texts themselves are not in it.
    Vectors come back bit by bit as they were. What occurs several times in one call is embedded
    once. Threads and processes may share the file; one that is killed leaves it whole.

    The least recently used vectors go first when the file gets larger than `max_bytes`; that
    includes keys and indexes (a vector of 384 numbers takes about 1.8 kB, all in all). While it
    is open, a log of usually less than 5 MB stands beside it. If the file can't be written
    because it is locked, or the disk is full, vectors are given all the same, and that is logged.

    What else the embedder has (`truncated`, `count_tokens`, …) can be asked for here too.

    Args:
        embedder: What `ragkit.as_embedder` takes.
        path: The file, made with its folders if it is absent.
        max_bytes: The most bytes of the file; 1,000,000 at least.
        batch_size: The most texts that the embedder is given at a time. What it has given is
            kept, if it fails at a later batch.
        timeout: Seconds to wait for another process that writes.

    Attributes:
        hits: How many texts were not embedded, since their vectors were there, or the same text
            was in the call before.
        misses: How many texts were embedded. (Both count in this object, since it was made.)

    Raises:
        InvalidInputError: If an argument can't work.
        CorruptStoreError: If the file is damaged, or is no cache. It is not deleted: it may be
            another file that was named by mistake.
        StoreError: If the file can't be made.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     embedder = CachedEmbedder("minilm", f"{folder}/vectors.sqlite")
        ...     for _ in range(2):
        ...         vectors = embedder.embed(["a dog", "a dog", "a cat"])
        ...     print(embedder.hits, embedder.misses)
        ...     embedder.close()
        4 2
    """

    def __init__(
        self,
        embedder: Any,
        path: str | os.PathLike[str],
        *,
        max_bytes: int = 1_000_000_000,
        batch_size: int = 1024,
        timeout: float = 30.0,
    ) -> None:
        check_count(max_bytes, "max_bytes", least=_LEAST_BYTES)
        self._batch_size = check_count(batch_size, "batch_size")
        if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not timeout >= 0:
            raise InvalidInputError(f"timeout is {timeout!r}; it has to be a number of seconds.")
        self._embedder = as_embedder(embedder)
        self._file = CacheFile(path, max_bytes, float(timeout))
        self._lock = threading.Lock()
        self.hits = self.misses = 0

    @property
    def embedder(self) -> Any:
        """The embedder that embeds."""
        return self._embedder

    @property
    def query_prefix(self) -> str:
        """Put before each query by the embedder."""
        return str(getattr(self._embedder, "query_prefix", ""))

    @query_prefix.setter
    def query_prefix(self, prefix: str) -> None:
        raise _not_here("query_prefix", prefix)

    @property
    def document_prefix(self) -> str:
        """Put before each document by the embedder."""
        return str(getattr(self._embedder, "document_prefix", ""))

    @document_prefix.setter
    def document_prefix(self, prefix: str) -> None:
        raise _not_here("document_prefix", prefix)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._embedder.dimension

    @property
    def fingerprint(self) -> EmbedderFingerprint:
        """That of the embedder."""
        return self._embedder.fingerprint

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """As the embedder's `embed`, from the file where it can be."""
        return self._cached("document", check_texts(texts), self._embedder.embed)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """As the embedder's `embed_query`, from the file where it can be."""
        return first(self._cached("query", [check_text(text)], self._queries))

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """`embed_query` of each text."""
        return self._cached("query", check_texts(texts, "embed_queries()"), self._queries)

    async def aembed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """`embed` without blocking the event loop, by the embedder's own `aembed`."""
        return await self._acached("document", check_texts(texts))

    async def aembed_query(self, text: str) -> NDArray[np.float32]:
        """`embed_query` without blocking the event loop, by the embedder's own."""
        return first(await self._acached("query", [check_text(text)]))

    async def aembed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """`embed_queries` without blocking the event loop, by the embedder's own."""
        return await self._acached("query", check_texts(texts, "embed_queries()"))

    def clear(self) -> None:
        """Deletes all vectors from the file, those of other embedders too."""
        self._file.clear()

    def close(self) -> None:
        """Closes the file, and opens it again when it is needed; the embedder stays open."""
        self._file.close()

    def _vectors(self, texts: list[str]) -> NDArray[np.float32]:
        return self.embed(texts)

    def _cached(
        self, kind: _Kind, texts: list[str], embed: Callable[[list[str]], Any]
    ) -> NDArray[np.float32]:
        keys, missing, vectors = self._looked_up(kind, texts)
        failed: dict[bytes, Exception] = {}
        for batch in self._batches(missing):
            came = batch
            try:
                given = embed([missing[key] for key in batch])
            except PartialEmbeddingError as error:
                came, given = _came(batch, error, failed)
            vectors |= self._kept(came, given)
        return self._in_order(keys, vectors, failed)

    async def _acached(self, kind: _Kind, texts: list[str]) -> NDArray[np.float32]:
        keys, missing, vectors = await to_thread(self._looked_up, kind, texts)
        failed: dict[bytes, Exception] = {}
        for batch in self._batches(missing):
            came = batch
            try:
                given = await self._agiven(kind, [missing[key] for key in batch])
            except PartialEmbeddingError as error:
                came, given = _came(batch, error, failed)
            vectors |= await to_thread(self._kept, came, given)
        return self._in_order(keys, vectors, failed)

    def _looked_up(
        self, kind: _Kind, texts: list[str]
    ) -> tuple[list[bytes], dict[bytes, str], dict[bytes, NDArray[np.float32]]]:
        """The texts' keys, the texts that are missing by key, and the vectors that are there."""
        keys = self._keys(kind, texts)
        by_key = dict(zip(keys, texts, strict=True))
        vectors = self._file.get(list(by_key), self.dimension) if by_key else {}
        missing = {key: text for key, text in by_key.items() if key not in vectors}
        with self._lock:
            self.hits += len(texts) - len(missing)
        return keys, missing, vectors

    def _keys(self, kind: _Kind, texts: list[str]) -> list[bytes]:
        embedder = json.dumps([asdict(self.fingerprint), kind], sort_keys=True)
        base = hashlib.blake2b(embedder.encode() + b"\0", digest_size=24)
        keys = []
        for text in texts:
            digest = base.copy()
            digest.update(text.encode("utf-8", "surrogatepass"))
            keys.append(digest.digest())
        return keys

    def _batches(self, missing: dict[bytes, str]) -> Iterator[list[bytes]]:
        keys = list(missing)
        for start in range(0, len(keys), self._batch_size):
            yield keys[start : start + self._batch_size]

    def _kept(self, batch: list[bytes], given: Any) -> dict[bytes, NDArray[np.float32]]:
        """The vectors of a batch by key, now in the file too."""
        who = f"{type(self._embedder).__name__} ({self.fingerprint.name})"
        rows = as_vectors(given, len(batch), self.dimension, who)
        vectors = dict(zip(batch, rows, strict=True))
        self._file.put(vectors)
        with self._lock:
            self.misses += len(batch)
        return vectors

    def _in_order(
        self,
        keys: list[bytes],
        vectors: dict[bytes, NDArray[np.float32]],
        failed: dict[bytes, Exception],
    ) -> NDArray[np.float32]:
        result = np.full((len(keys), self.dimension), np.nan, np.float32)
        for place, key in enumerate(keys):
            if key not in failed:
                result[place] = vectors[key]
        if failed:
            places = {n: failed[key] for n, key in enumerate(keys) if key in failed}
            raise PartialEmbeddingError(places, result)
        return result

    def _queries(self, texts: list[str]) -> Any:
        many = getattr(self._embedder, "embed_queries", None)
        if many is not None:
            return many(texts)
        return [self._embedder.embed_query(text) for text in texts]

    async def _agiven(self, kind: _Kind, texts: list[str]) -> Any:
        name = "aembed" if kind == "document" else "aembed_queries"
        own = getattr(self._embedder, name, None)
        if kind == "query" and len(texts) == 1 and hasattr(self._embedder, "aembed_query"):
            return [await self._embedder.aembed_query(texts[0])]
        if own is not None:
            return await own(texts)
        return await to_thread(self._embedder.embed if kind == "document" else self._queries, texts)

    def __getattr__(self, name: str) -> Any:
        """What else the embedder has."""
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._embedder, name)

    def __repr__(self) -> str:
        return f"CachedEmbedder({self._embedder!r}, {str(self._file.path)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled without the connection; the copy opens the file anew, and counts from 0."""
        file = self._file
        return _again, (self._embedder, file.path, file.max_bytes, self._batch_size, file.timeout)


def _came(
    batch: list[bytes], error: PartialEmbeddingError, failed: dict[bytes, Exception]
) -> tuple[list[bytes], NDArray[np.float32]]:
    """What has vectors of a batch, and those; why the rest has none goes into `failed`."""
    failed |= {batch[place]: why for place, why in error.failed.items()}
    places = [place for place in range(len(batch)) if place not in error.failed]
    return [batch[place] for place in places], error.vectors[places]


def _not_here(name: str, prefix: str) -> InvalidInputError:
    return InvalidInputError(
        f"{name} = {prefix!r:.80} has no effect on a cache: the embedder puts prefixes before "
        f"texts. Give it {name}=, or set {name} of the cache's .embedder."
    )


def _again(
    embedder: Any, path: os.PathLike[str], max_bytes: int, batch_size: int, timeout: float
) -> CachedEmbedder:
    return CachedEmbedder(
        embedder, path, max_bytes=max_bytes, batch_size=batch_size, timeout=timeout
    )
