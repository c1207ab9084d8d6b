"""The embedded default: chunks, vectors, words and manifest in one SQLite file."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ragkit._checks import check_choice, check_count
from ragkit._options import names_options
from ragkit.errors import InvalidInputError
from ragkit.retrieval import ANALYZER_VERSION, SEARCH_MODES, Analyzer
from ragkit.stores.chunks import (
    chunk_ids,
    delete_rows,
    insert_chunks,
    read_documents,
    rows_of_ids,
)
from ragkit.stores.collection import (
    CollectionRow,
    check_collection_name,
    check_same_embedder,
    collection_names,
    create_collection,
    drop_collection,
    find_collection,
    index_anew,
)
from ragkit.stores.database import MEMORY, Database
from ragkit.stores.documents import checked_ids, last_places, prepared
from ragkit.stores.facts import rows_sql
from ragkit.stores.filters import parse_filter
from ragkit.stores.manifest import Manifest, Sources
from ragkit.stores.matrix import VectorMatrix
from ragkit.stores.methods import StoreMethods
from ragkit.stores.search import Query, rank
from ragkit.stores.vectors import unit_matrix, unit_vector
from ragkit.types import Document, Hit, SearchMode

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ragkit.protocols import Embedder, Filter

__all__ = ["Batch", "LocalStore"]


@dataclass(frozen=True, slots=True)
class Batch:
    """Documents ready to be written.

    Attributes:
        ids: One for each document given, repeats included.
        documents: Those that count, each id once.
        vectors: Of length 1, one for each of `documents`.
    """

    ids: list[str]
    documents: list[Document]
    vectors: NDArray[np.float32]


@names_options
class LocalStore(StoreMethods):
    """Chunks in one SQLite file, found by exact cosine similarity, by words, or by both.

    Every call is one transaction: a process that is killed leaves all of it or nothing. Any
    number of threads and processes can use the same file; writers wait for each other.

    Args:
        path: The file; it and its folders are made if absent. ":memory:" keeps everything in
            memory, for this object alone.
        embedder: What `ragkit.as_embedder` takes: a string such as "minilm", an embedder, or a
            function from a text to its vector.
        collection: Name of the set of chunks; a file can hold many, each with its embedder.
        language: For stemming and stop words in lexical search; see `Analyzer`.
        timeout: Seconds to wait for another process that writes.

    Raises:
        InvalidInputError: If an argument has a value that can't work, or the collection was
            made for another language.
        IndexMismatchError: If the collection was made with another embedder.
        StoreError: If the path is a folder, can't be written, or is of a newer ragkit.
        CorruptStoreError: If the file is damaged or no store.
        StoreLockedError: If another process holds the file for longer than `timeout`.

    Example:
        >>> store = LocalStore(":memory:", embedder="minilm")       # doctest: +SKIP
        >>> store.add_documents([Document("Cats purr.")])           # doctest: +SKIP
        >>> store.search("What do cats do?", k=1)[0].document.page_content  # doctest: +SKIP
        'Cats purr.'
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        embedder: Embedder | Any = "minilm",
        collection: str = "default",
        language: str = "english",
        timeout: float = 30.0,
    ) -> None:
        from ragkit.embedding import as_embedder

        self.collection = check_collection_name(collection)
        self.analyzer = Analyzer(language)
        self.embedder: Embedder = as_embedder(embedder)
        self.database = Database(path, timeout)
        self.manifest = Manifest(self)
        self.sources = Sources(self)
        self._matrix: VectorMatrix | None = None
        self._seen: tuple[int, ...] = ()
        try:
            self._check_collection()
        except BaseException:
            self.close()
            raise

    def _check_collection(self) -> None:
        with self.database.reading() as connection:
            row = self._found(connection)
        if row is not None and row.analyzer != ANALYZER_VERSION:
            with self.database.transaction() as connection:
                index_anew(connection, row.number, self.analyzer)

    @classmethod
    def from_documents(
        cls,
        documents: Iterable[Document],
        embedder: Embedder | Any = "minilm",
        path: str | os.PathLike[str] = MEMORY,
        *,
        collection: str = "default",
        language: str = "english",
        timeout: float = 30.0,
    ) -> LocalStore:
        """A store with these documents added to what the file holds.

        Arguments and errors are those of the class and of `add_documents`.
        """
        store = cls(
            path, embedder=embedder, collection=collection, language=language, timeout=timeout
        )
        try:
            store.add_documents(documents)
        except BaseException:
            store.close()
            raise
        return store

    @property
    def path(self) -> str:
        """The file, or ":memory:"."""
        return self.database.path

    # Writing

    def add_documents(self, documents: Iterable[Document], vectors: Any = None) -> list[str]:
        """Adds the documents, each in place of one with the same id; their ids, in order.

        A document without an id is given one made from its source, place, text and metadata,
        so that adding it again changes nothing. If the same id occurs twice, the last counts.

        Args:
            documents: ragkit's or LangChain's.
            vectors: Their embeddings, ``(len(documents), dimension)``, brought to length 1;
                without, the embedder is called, before the file is locked.

        Raises:
            InvalidInputError: If a document can't be stored as it is; the message names the
                key. Nothing is written then.
            EmbeddingError: If the vectors are not finite numbers of the right shape.
            IndexMismatchError: If the collection was made meanwhile with another embedder.
            StoreLockedError: If another process is writing for longer than the time-out.
        """
        batch = self.prepare(documents, vectors)
        if batch.documents:
            with self.database.transaction() as connection:
                self.write(connection, batch)
        return batch.ids

    def prepare(self, documents: Iterable[Any], vectors: Any = None, *, scope: str = "") -> Batch:
        """The documents checked and embedded, ready for `write`; the file is not touched."""
        checked = prepared(documents, scope)
        places = last_places(checked)
        counting = [checked[place] for place in places]
        dimension = self.embedder.dimension
        if vectors is not None:
            matrix = unit_matrix(vectors, len(checked), dimension)[places]
        elif counting:
            texts = [document.page_content for document in counting]
            matrix = unit_matrix(self.embedder.embed(texts), len(counting), dimension)
        else:
            matrix = unit_matrix([], 0, dimension)
        return Batch([str(document.id) for document in checked], counting, matrix)

    def write(
        self, connection: sqlite3.Connection, batch: Batch, *, source: int | None = None
    ) -> None:
        """Writes what `prepare` made, within the caller's transaction."""
        number = self.ensure_collection(connection)
        insert_chunks(
            connection, number, batch.documents, batch.vectors, self.analyzer, source=source
        )

    def ensure_collection(self, connection: sqlite3.Connection) -> int:
        """The collection's number; it is made with this embedder if it is not there."""
        row = self._found(connection)
        if row is None:
            row = create_collection(
                connection, self.collection, self.embedder.fingerprint, self.analyzer.language
            )
        return row.number

    def delete(self, ids: Iterable[str]) -> int:
        """Removes those ids; how many there were."""
        listed = checked_ids(ids)
        with self.database.transaction() as connection:
            row = self._found(connection)
            if row is None:
                return 0
            rows = rows_of_ids(connection, row.number, listed).values()
            delete_rows(connection, row.number, rows)
            return len(rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All changes to chunks, manifest and sources inside are kept, or none of them.

        The file is locked for other writers meanwhile, so that embedding is best done before:
        give the vectors to `add_documents` or `Sources.replace`.

        Raises:
            StoreLockedError: If another process is writing for longer than the time-out.
        """
        with self.database.transaction():
            yield

    # Reading

    def search(
        self,
        query: str | NDArray[np.float32],
        k: int = 4,
        *,
        filter: Filter | None = None,
        mode: SearchMode = "dense",
    ) -> list[Hit]:
        """The best `k` chunks, best first; equal scores in the order they were written.

        Args:
            query: A text, or in dense mode a vector of any length.
            k: How many at most.
            filter: Conditions on metadata; see `ragkit.stores.filters`. The result is exact:
                the best of all chunks that fulfil them.
            mode: "dense" scores by cosine similarity in [-1, 1], "lexical" by BM25 (chunks with
                at least one of the words), "hybrid" by a weighted mean of both, the BM25 score
                being divided by the best one. ``hit.parts`` holds the scores by name.

        Raises:
            InvalidInputError: If an argument has a value that can't work.
        """
        check_count(k, "k")
        check_choice(mode, "mode", SEARCH_MODES)
        question = self._query(query, mode, filter)
        with self.database.reading() as connection:
            row = self._found(connection)
            if row is None:
                return []
            ranked = rank(connection, self._current(connection, row.number), question, k)
            documents = read_documents(connection, [found.row for found in ranked])
        return [
            Hit(documents[found.row], found.score, place, found.parts)
            for place, found in enumerate(ranked)
        ]

    def _query(self, query: Any, mode: SearchMode, filter: Filter | None) -> Query:
        """The question with its vector and its words, as far as the mode needs them."""
        condition = parse_filter(filter)
        if isinstance(query, str):
            tokens = () if mode == "dense" else tuple(self.analyzer.analyze(query))
            vector = None if mode == "lexical" else self._embedded(query)
        elif mode == "dense":
            tokens, vector = (), unit_vector(query, self.embedder.dimension)
        else:
            raise InvalidInputError(
                f"query is {type(query).__name__}; {mode} search needs the words of a text."
            )
        return Query(mode, vector, tokens, condition)

    def _embedded(self, query: str) -> NDArray[np.float32]:
        return unit_vector(self.embedder.embed_query(query), self.embedder.dimension)

    def _current(self, connection: sqlite3.Connection, number: int) -> VectorMatrix:
        """The matrix as of this transaction."""
        version = self.database.version()
        matrix = self._matrix
        undone = bool(self._seen) and version[-1] != self._seen[-1]
        if matrix is None or matrix.collection != number or undone:
            matrix, self._seen = VectorMatrix(number, self.embedder.dimension), ()
        if version != self._seen:
            matrix.refresh(connection)
        self._matrix, self._seen = matrix, version
        return matrix

    def get_by_ids(self, ids: Iterable[str]) -> list[Document]:
        """The documents that exist, in the order asked."""
        listed = checked_ids(ids)
        with self.database.reading() as connection:
            row = self._found(connection)
            if row is None:
                return []
            rows = rows_of_ids(connection, row.number, listed)
            documents = read_documents(connection, list(rows.values()))
        return [documents[rows[name]] for name in listed if name in rows]

    def ids(self) -> list[str]:
        """Every id, in the order the chunks were written."""
        with self.database.reading() as connection:
            row = self._found(connection)
            return chunk_ids(connection, row.number) if row else []

    def count(self, filter: Filter | None = None) -> int:
        """How many chunks there are, or how many fulfil the conditions."""
        condition = parse_filter(filter)
        with self.database.reading() as connection:
            row = self._found(connection)
            if row is None:
                return 0
            sql, bound = rows_sql(condition, row.number)
            counted = connection.execute(f"SELECT count(*) FROM ({sql})", bound)  # noqa: S608
            return int(counted.fetchone()[0])

    def __len__(self) -> int:
        return self.count()

    def __bool__(self) -> bool:
        return True  # a store without chunks is still a store

    # Collections

    def collections(self) -> list[str]:
        """Names of the file's collections that hold something, in alphabetical order."""
        with self.database.reading() as connection:
            return collection_names(connection)

    def delete_collection(self, name: str | None = None) -> bool:
        """Removes a collection, by default this one, with its manifest; whether it was there."""
        chosen = self.collection if name is None else check_collection_name(name)
        with self.database.transaction() as connection:
            connection.execute("DELETE FROM manifest WHERE collection = ?", (chosen,))
            row = find_collection(connection, chosen)
            if row is not None:
                drop_collection(connection, row.number)
            return row is not None

    def _found(self, connection: sqlite3.Connection) -> CollectionRow | None:
        """This collection, if it is there and fits."""
        row = find_collection(connection, self.collection)
        if row is not None:
            where = f"Collection {self.collection!r} in {self.path}"
            check_same_embedder(where, row.embedder, self.embedder.fingerprint)
            if row.language != self.analyzer.language:
                raise InvalidInputError(
                    f"{where} was made for language={row.language!r}, but is opened with "
                    f"{self.analyzer.language!r}."
                )
        return row

    def close(self) -> None:
        """Closes the file; a second time does nothing."""
        self.database.close()
        self._matrix = None

    def __repr__(self) -> str:
        return f"LocalStore({self.path!r}, collection={self.collection!r})"
