"""Chroma's embedded database behind ragkit's contract; needs ``ragkit[chroma]``."""

from __future__ import annotations

import os
import re
import weakref
from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from ragkit._checks import check_choice, check_count
from ragkit._options import names_options
from ragkit.errors import InvalidInputError, StoreError
from ragkit.retrieval import SEARCH_MODES
from ragkit.stores.chroma_client import MEMORY, ChromaDirectory
from ragkit.stores.chroma_filters import METADATA_KEY
from ragkit.stores.chroma_rows import (
    batches,
    document_of,
    hits,
    kept,
    limits,
    matching,
    stored_keys,
)
from ragkit.stores.collection import (
    check_collection_name,
    check_same_embedder,
    fingerprint_from_json,
    fingerprint_to_json,
)
from ragkit.stores.database import check_timeout
from ragkit.stores.documents import checked_ids, last_places, prepared
from ragkit.stores.filters import parse_filter
from ragkit.stores.methods import StoreMethods
from ragkit.stores.vectors import unit_matrix, unit_vector
from ragkit.types import Document, Hit, SearchMode

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ragkit.protocols import Embedder, Filter

__all__ = ["ChromaStore"]

_EMBEDDER_KEY = "ragkit_embedder"
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]{1,510}[a-zA-Z0-9]")


@names_options
class ChromaStore(StoreMethods):
    """Chunks in a Chroma directory, found by cosine similarity.

    Metadata come back as they were given, nested values included: Chroma keeps the whole as
    JSON beside the flat values that it filters by. Threads and processes take turns, also for
    reading, since Chroma itself loses hits otherwise. A call that adds more than Chroma's
    largest batch (5,461) is not one transaction. Chroma finds neighbours approximately; in
    collections of some hundreds of chunks all of them. Chroma does not survive a fork: in a
    process that was forked after a store was opened, every use of Chroma is a StoreError.

    Args:
        path: The folder; it is made if absent. ":memory:" keeps everything in memory, for this
            object alone.
        embedder: What `ragkit.as_embedder` takes: a string such as "minilm", an embedder, or a
            function from a text to its vector.
        collection: 3 to 512 characters of ``a-z A-Z 0-9 . _ -``, the first and the last a letter
            or a digit.
        timeout: Seconds to wait for another process or thread that uses the folder.

    Raises:
        MissingExtraError: If chromadb is not installed.
        InvalidInputError: If an argument has a value that can't work.
        IndexMismatchError: If the collection was made with another embedder.
        StoreError: If the path is a file, or the collection is not one of ragkit's.
        StoreLockedError: If others use the folder for longer than `timeout`.

    Example:
        >>> store = ChromaStore("index/", embedder="minilm")        # doctest: +SKIP
        >>> store.add_documents([Document("Cats purr.")])           # doctest: +SKIP
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        embedder: Embedder | Any = "minilm",
        collection: str = "default",
        timeout: float = 30.0,
    ) -> None:
        from ragkit.embedding import as_embedder

        if not isinstance(path, str | os.PathLike) or not os.fspath(path):
            raise InvalidInputError(f"path is {path!r}; it has to be a folder, or ':memory:'.")
        self.path = os.fsdecode(path)
        self.collection = _checked_name(collection)
        self.timeout = check_timeout(timeout)
        self.embedder: Embedder = as_embedder(embedder)
        self._cached: Any = None
        self._cached_at = -1
        self._directory = ChromaDirectory.open(self.path)
        self._finalizer = weakref.finalize(self, self._directory.release)
        try:
            with self._turn() as client:
                self._found(client)
        except BaseException:
            self.close()
            raise

    @classmethod
    def from_documents(
        cls,
        documents: Iterable[Document],
        embedder: Embedder | Any = "minilm",
        path: str | os.PathLike[str] = MEMORY,
        *,
        collection: str = "default",
        timeout: float = 30.0,
    ) -> ChromaStore:
        """A store with these documents added to what the folder holds.

        Arguments and errors are those of the class and of `add_documents`.
        """
        store = cls(path, embedder=embedder, collection=collection, timeout=timeout)
        try:
            store.add_documents(documents)
        except BaseException:
            store.close()
            raise
        return store

    @property
    def _open(self) -> ChromaDirectory:
        if not self._finalizer.alive:
            raise StoreError(f"The store {self.path} is closed; open it anew.")
        return self._directory

    def _turn(self, *, writes: bool = False) -> AbstractContextManager[Any]:
        return self._open.turn(self.timeout, writes=writes)

    # Writing

    def add_documents(self, documents: Iterable[Document], vectors: Any = None) -> list[str]:
        """Adds the documents, each in place of one with the same id; their ids, in order.

        A document without an id is given one made from its source, place, text and metadata.
        If the same id occurs twice, the last counts.

        Args:
            documents: ragkit's or LangChain's.
            vectors: Their embeddings, ``(len(documents), dimension)``; without, the embedder is
                called, before the folder is locked.

        Raises:
            InvalidInputError: If a document can't be stored as it is; the message names the
                key. Nothing is written then.
            EmbeddingError: If the vectors are not finite numbers of the right shape.
            StoreLockedError: If another process uses the folder for longer than the time-out.
        """
        checked = prepared(documents)
        _check_keys(checked)
        places = last_places(checked)
        counting = [checked[place] for place in places]
        dimension = self.embedder.dimension
        if vectors is not None:
            matrix = unit_matrix(vectors, len(checked), dimension)[places]
        elif counting:
            texts = [document.page_content for document in counting]
            matrix = unit_matrix(self.embedder.embed(texts), len(counting), dimension)
        if counting:
            self._upsert(counting, matrix)
        return [str(document.id) for document in checked]

    def _upsert(self, documents: list[Document], matrix: NDArray[np.float32]) -> None:
        with self._turn(writes=True) as client:
            collection = self._found(client) or self._made(client)
            size = client.get_max_batch_size()
            for start in range(0, len(documents), size):
                batch = documents[start : start + size]
                ids = [str(document.id) for document in batch]
                collection.upsert(
                    ids=ids,
                    embeddings=matrix[start : start + size],
                    documents=[document.page_content for document in batch],
                    metadatas=kept(batch, stored_keys(collection, ids)),
                )

    def _made(self, client: Any) -> Any:
        return client.create_collection(
            self.collection,
            embedding_function=None,
            configuration={"hnsw": {"space": "cosine"}},
            metadata={_EMBEDDER_KEY: fingerprint_to_json(self.embedder.fingerprint)},
        )

    def delete(self, ids: Iterable[str]) -> int:
        """Removes those ids; how many there were."""
        listed = list(dict.fromkeys(checked_ids(ids)))
        with self._turn(writes=True) as client:
            collection = self._found(client)
            if collection is None:
                return 0
            count = 0
            for batch in batches(client, listed):
                there = collection.get(ids=batch, include=[])["ids"]
                if there:
                    collection.delete(ids=there)
                count += len(there)
            return count

    # Reading

    def search(
        self,
        query: str | NDArray[np.float32],
        k: int = 4,
        *,
        filter: Filter | None = None,
        mode: SearchMode = "dense",
    ) -> list[Hit]:
        """The best `k` chunks by cosine similarity in [-1, 1], best first.

        Args:
            query: A text, or a vector of any length.
            k: How many at most.
            filter: Conditions on metadata; see `ragkit.stores.filters`. Those that Chroma has
                no form of (``$exists``, None, the order of strings, ``$not`` of an order) are
                checked one by one, which takes longer in large collections.
            mode: Only "dense".

        Raises:
            InvalidInputError: If an argument has a value that can't work.
        """
        check_count(k, "k")
        check_choice(mode, "mode", SEARCH_MODES)
        if mode != "dense":
            raise InvalidInputError(
                f"ChromaStore has no {mode} search; use mode='dense', or a LocalStore."
            )
        condition = parse_filter(filter)
        embedded = self.embedder.embed_query(query) if isinstance(query, str) else query
        vector = unit_vector(embedded, self.embedder.dimension)
        with self._turn() as client:
            collection = self._found(client)
            within = None if collection is None else limits(collection, condition)
            if collection is None or within is None:
                return []
            found = collection.query(
                query_embeddings=[vector],
                n_results=min(k, collection.count()),
                include=["documents", "metadatas", "distances"],
                **within,
            )
        return hits(found)

    def get_by_ids(self, ids: Iterable[str]) -> list[Document]:
        """The documents that exist, in the order asked."""
        listed = checked_ids(ids)
        found: dict[str, Document] = {}
        with self._turn() as client:
            collection = self._found(client)
            if collection is None:
                return []
            for batch in batches(client, list(dict.fromkeys(listed))):
                got = collection.get(ids=batch, include=["documents", "metadatas"])
                for row in zip(got["ids"], got["documents"], got["metadatas"], strict=True):
                    found[row[0]] = document_of(*row)
        return [found[name] for name in listed if name in found]

    def ids(self) -> list[str]:
        """Every id, in Chroma's order."""
        with self._turn() as client:
            collection = self._found(client)
            return [] if collection is None else list(collection.get(include=[])["ids"])

    def count(self, filter: Filter | None = None) -> int:
        """How many chunks there are, or how many fulfil the conditions."""
        condition = parse_filter(filter)
        with self._turn() as client:
            collection = self._found(client)
            if collection is None:
                return 0
            if condition is None:
                return int(collection.count())
            return len(matching(collection, condition))

    def __len__(self) -> int:
        return self.count()

    def __bool__(self) -> bool:
        return True  # a store without chunks is still a store

    # Collections

    def collections(self) -> list[str]:
        """Names of the folder's collections, in alphabetical order."""
        with self._turn() as client:
            return sorted(collection.name for collection in client.list_collections())

    def delete_collection(self, name: str | None = None) -> bool:
        """Removes a collection, by default this one; whether it was there."""
        chosen = self.collection if name is None else check_collection_name(name)
        with self._turn(writes=True) as client:
            there = chosen in {collection.name for collection in client.list_collections()}
            if there:
                client.delete_collection(chosen)
            return there

    def _found(self, client: Any) -> Any:
        """This collection, if it is there and fits; None if it is not there."""
        if self._cached is not None and self._cached_at == self._open.generation:
            return self._cached
        from chromadb.errors import NotFoundError

        try:
            collection = client.get_collection(self.collection, embedding_function=None)
        except NotFoundError:
            return None
        self._check(collection)
        self._cached, self._cached_at = collection, self._open.generation
        return collection

    def _check(self, collection: Any) -> None:
        where = f"Collection {self.collection!r} in {self.path}"
        text = (collection.metadata or {}).get(_EMBEDDER_KEY)
        if not isinstance(text, str):
            raise StoreError(
                f"{where} was not made by ragkit, so that its embedder is unknown; use another "
                f"collection, or as_store() with LangChain's Chroma."
            )
        stored = fingerprint_from_json(text, self.collection)
        check_same_embedder(where, stored, self.embedder.fingerprint)

    def close(self) -> None:
        """Lets go of the folder; a second time does nothing."""
        self._cached = None
        self._finalizer()

    def __repr__(self) -> str:
        return f"ChromaStore({self.path!r}, collection={self.collection!r})"


def _checked_name(name: object) -> str:
    """A collection's name, if Chroma takes it."""
    checked = check_collection_name(name)
    if not _NAME.fullmatch(checked):
        raise InvalidInputError(
            f"collection is {name!r:.80}; Chroma takes 3 to 512 characters of a-z A-Z 0-9 . _ -, "
            f"the first and the last a letter or a digit."
        )
    return checked


def _check_keys(documents: Iterable[Document]) -> None:
    for document in documents:
        if METADATA_KEY in document.metadata:
            raise InvalidInputError(f"The metadata key {METADATA_KEY!r} is reserved.")
