"""What every store has to fulfil, as tests for pytest.

Subclass `StoreConformance` in a test file and say how your store is made::

    from ragkit.stores.conformance import StoreConformance

    class TestMyStore(StoreConformance):
        def make_store(self, path, embedder, collection="default"):
            return MyStore(path, embedder=embedder, collection=collection)

`path` is a place that does not exist yet; stores made with the same path have to see the same
chunks. `HashingEmbedder` needs no model.
"""

from __future__ import annotations

import itertools
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from ragkit.errors import (
    EmbeddingError,
    IndexMismatchError,
    InvalidInputError,
    UnknownOptionError,
)
from ragkit.protocols import VectorStore
from ragkit.stores.conformance_data import FILTERS, METADATA, HashingEmbedder
from ragkit.stores.filters import matches, parse_filter
from ragkit.types import PROVENANCE_KEY, Document, SearchMode

__all__ = ["FILTERS", "HashingEmbedder", "StoreConformance"]


class StoreConformance:
    """Tests of the contract of `ragkit.protocols.VectorStore`, and of what ragkit's stores add."""

    modes: ClassVar[tuple[SearchMode, ...]] = ("dense",)
    """The search modes that the store has."""

    @classmethod
    def make_store(cls, path: Path, embedder: Any, collection: str = "default") -> Any:
        """A store at that path; to be written by you."""
        raise NotImplementedError

    @contextmanager
    def opened(
        self, path: Path, embedder: Any = None, collection: str = "default"
    ) -> Iterator[Any]:
        """A store that is closed at the end."""
        store = self.make_store(path, embedder or HashingEmbedder(), collection)
        try:
            yield store
        finally:
            store.close()

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Any]:
        """An empty store."""
        with self.opened(tmp_path / "store") as store:
            yield store

    def test_is_a_vector_store(self, store: Any) -> None:
        """All methods of the protocol are there."""
        assert isinstance(store, VectorStore)

    def test_empty_store_finds_nothing(self, store: Any) -> None:
        """Nothing added: nothing found, nothing removed, no error."""
        assert store.search("anything") == []
        assert store.search("anything", filter={"page": 1}) == []
        assert store.get_by_ids(["x"]) == []
        assert store.delete(["x"]) == 0
        assert (len(store), store.ids()) == (0, [])
        assert store.add_documents([]) == []

    def test_finds_the_nearest_first(self, store: Any) -> None:
        """Scores fall, ranks count from 0, and the text itself is found with score 1."""
        store.add_documents([Document(text) for text in ("cats purr", "dogs bark", "cats eat")])
        hits = store.search("cats purr", 3)
        assert hits[0].document.page_content == "cats purr"
        assert hits[0].score == pytest.approx(1, abs=1e-5)
        assert [hit.rank for hit in hits] == [0, 1, 2]
        assert all(a.score >= b.score for a, b in itertools.pairwise(hits))
        assert all(-1 <= hit.score <= 1 and hit.parts["dense"] == hit.score for hit in hits)

    def test_opposite_vectors_score_minus_one(self, store: Any) -> None:
        """Higher is better, down to -1."""
        vector = np.zeros(64, np.float32)
        vector[3] = 2
        store.add_documents([Document("a", id="a"), Document("b", id="b")], [vector, -vector])
        hits = store.search(vector, 2)
        assert [hit.document.id for hit in hits] == ["a", "b"]
        assert [hit.score for hit in hits] == pytest.approx([1, -1], abs=1e-5)

    def test_agrees_with_brute_force(self, store: Any) -> None:
        """The best ten of two hundred, with and without a filter, are those of a full scan."""
        generator = np.random.default_rng(7)
        vectors = generator.normal(size=(200, 64)).astype(np.float32)
        documents = [Document(f"text {i}", {"n": i % 4}, str(i)) for i in range(200)]
        store.add_documents(documents, vectors)
        unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        for query in generator.normal(size=(5, 64)).astype(np.float32):
            scores = unit @ query / np.linalg.norm(query)
            for condition, chosen in ((None, range(200)), ({"n": 2}, range(2, 200, 4))):
                best = sorted(chosen, key=lambda i: -scores[i])[:10]
                hits = store.search(query, 10, filter=condition)
                assert [hit.document.id for hit in hits] == [str(i) for i in best]
                assert [hit.score for hit in hits] == pytest.approx(scores[best], abs=1e-5)

    def test_k_above_the_count(self, store: Any) -> None:
        """All there are, without a filter and with one."""
        store.add_documents([Document("one", {"page": 1}), Document("two", {"page": 2})])
        assert len(store.search("one", 50)) == 2
        assert len(store.search("one", 50, filter={"page": 2})) == 1

    def test_adding_again_replaces(self, store: Any) -> None:
        """The same id twice is one chunk, the last one, with none of the old metadata."""
        store.add_documents([Document("old words", {"page": 1, "draft": True}, "x")])
        assert store.add_documents([Document("new text", {"page": 2}, "x")]) == ["x"]
        assert store.get_by_ids(["x"]) == [Document("new text", {"page": 2}, "x")]
        assert store.search("new text", 5, filter={"draft": True}) == []
        assert [hit.document.page_content for hit in store.search("old words", 5)] == ["new text"]
        assert store.add_documents([Document("a", {}, "y"), Document("b", {}, "y")]) == ["y", "y"]
        assert store.get_by_ids(["y"])[0].page_content == "b"
        assert len(store) == 2

    def test_ids_are_made_from_the_content(self, store: Any) -> None:
        """Adding a document without id again changes nothing; another place is another chunk."""
        whole = Document("same same", {"source": "a"})
        first, second = whole.slice(0, 4), whole.slice(5, 9)
        ids = store.add_documents([first, second])
        assert len(set(ids)) == 2
        assert store.add_documents([first, second]) == ids
        assert len(store) == 2
        assert first.id is None

    def test_delete(self, store: Any) -> None:
        """Removed chunks are found no more; the number is of those that there were."""
        store.add_documents([Document("cats", {}, "a"), Document("dogs", {}, "b")])
        assert store.delete(["a", "a", "unknown"]) == 1
        assert store.ids() == ["b"]
        assert [hit.document.id for hit in store.search("cats", 5)] == ["b"]
        assert store.delete([]) == 0

    def test_get_by_ids_keeps_the_order(self, store: Any) -> None:
        """In the order asked, without those that do not exist."""
        store.add_documents([Document(name, {}, name) for name in "abc"])
        assert [d.id for d in store.get_by_ids(["c", "x", "a", "c"])] == ["c", "a", "c"]

    def test_documents_come_back_identical(self, store: Any) -> None:
        """Text and metadata of any kind, provenance included."""
        metadata: dict[str, Any] = {
            "nested": {"list": [1, 2.5, None, {"deep": [True]}], "": "empty key"},
            "none": None,
            "big": 2**62,
            "negative": -0.5,
            "text": "Zürich 東京 🙂 \u0000 'quoted' \"double\" \\",
            "ключ": [],
            "$dollar": 1,
            "": 2,
        }
        texts = ["", " ", "naïve café\r\n\ttab", "a\u0000b", "🙂 العربية \u202e", "x" * 100_000]
        given = [Document(text, dict(metadata), str(i)) for i, text in enumerate(texts)]
        given.append(Document("Visit us.", {"source": "a.txt"}, "z").slice(0, 5))
        given[-1].id = "slice"
        store.add_documents(given)
        assert store.get_by_ids([str(d.id) for d in given]) == given
        assert (given[-1].start, given[-1].end) == (0, 5)
        assert PROVENANCE_KEY in store.get_by_ids(["slice"])[0].metadata

    @pytest.mark.parametrize("condition", FILTERS, ids=repr)
    def test_filters(self, store: Any, condition: dict[str, Any]) -> None:
        """Each operator selects what `ragkit.stores.filters.matches` says."""
        store.add_documents([Document(f"text {i}", m, str(i)) for i, m in enumerate(METADATA)])
        parsed = parse_filter(condition)
        expected = {str(i) for i, m in enumerate(METADATA) if matches(parsed, m)}
        found = store.search("text", 10, filter=condition)
        assert {hit.document.id for hit in found} == expected
        assert store.count(condition) == len(expected)
        kept = store.search("text", 2, filter=condition)
        assert len(kept) == min(2, len(expected))

    @pytest.mark.parametrize(
        "condition",
        [
            {"page": {"$gte": None}},
            {"page": {"$like": "x"}},
            {"$nor": [{"page": 1}]},
            {"page": [1]},
            {"$and": []},
            {"page": {}},
            {"page": {"$in": "abc"}},
            {"page": float("nan")},
            {PROVENANCE_KEY: "x"},
            "page = 1",
        ],
        ids=repr,
    )
    def test_filters_that_can_not_work(self, store: Any, condition: Any) -> None:
        """They are errors, also in an empty store."""
        with pytest.raises(InvalidInputError):
            store.search("text", filter=condition)

    def test_bad_arguments(self, store: Any) -> None:
        """Each is an error of ours that is also a ValueError."""
        for k in (0, -1, True, "3", 2.0, None):
            with pytest.raises(InvalidInputError, match="k is"):
                store.search("text", k)
        with pytest.raises(InvalidInputError, match="mode is"):
            store.search("text", mode="fuzzy")
        with pytest.raises(InvalidInputError):
            store.search(np.zeros(3, np.float32))
        with pytest.raises(InvalidInputError):
            store.delete("abc")

    @pytest.mark.parametrize(
        "document",
        [
            Document("a", {"when": object()}),
            Document("a", {"nested": {"deep": [float("nan")]}}),
            Document("a", {"set": {1}}),
            Document("a", {3: "three"}),  # type: ignore[dict-item]
            Document("a", {"n": 2**70}),
            Document("a", {"text": "\ud800"}),
            Document("\udfff"),
            Document("a", id=""),
            "a",
        ],
        ids=lambda d: repr(d)[:60],
    )
    def test_documents_that_can_not_be_kept(self, store: Any, document: Any) -> None:
        """The error comes before anything is written."""
        with pytest.raises(InvalidInputError):
            store.add_documents([Document("fine"), document])
        assert len(store) == 0

    def test_vectors_that_can_not_be_kept(self, store: Any) -> None:
        """Wrong shapes and numbers that are not finite are errors; a zero vector scores 0."""
        for vectors in ([[1.0]], [[float("nan")] * 64], [[1.0] * 64] * 2, [["x"] * 64]):
            with pytest.raises(EmbeddingError):
                store.add_documents([Document("a")], vectors)
        store.add_documents([Document("zero", id="z")], np.zeros((1, 64)))
        assert store.search("word", 1)[0].score == pytest.approx(0, abs=1e-6)

    def test_persists(self, tmp_path: Path) -> None:
        """What one object wrote another reads."""
        with self.opened(tmp_path / "store") as store:
            store.add_documents([Document("cats purr", {"page": 3}, "a")])
        with self.opened(tmp_path / "store") as store:
            assert store.search("cats", 1)[0].document == Document("cats purr", {"page": 3}, "a")

    def test_another_embedder_is_refused(self, tmp_path: Path) -> None:
        """Opening with it is an error that names both."""
        with self.opened(tmp_path / "store") as store:
            store.add_documents([Document("cats")])
        with pytest.raises(IndexMismatchError, match=r"(?s)hashing.*other"):
            self.make_store(tmp_path / "store", HashingEmbedder(32, "other"))

    def test_collections_are_apart(self, tmp_path: Path) -> None:
        """Each has its chunks and its embedder; they can be listed and removed."""
        path = tmp_path / "store"
        with self.opened(path) as one, self.opened(path, HashingEmbedder(8), "second") as two:
            one.add_documents([Document("cats", {"page": 1}, "a")])
            two.add_documents([Document("dogs", {"page": 1}, "a")])
            assert one.search("dogs", 5, filter={"page": 1})[0].document.page_content == "cats"
            assert one.collections() == ["default", "second"]
            assert one.delete_collection("second") is True
            assert one.delete_collection("second") is False
            assert (one.collections(), len(one), len(two)) == (["default"], 1, 0)
            two.add_documents([Document("dogs again")])
            assert len(two) == 1

    def test_two_objects_see_each_other(self, tmp_path: Path) -> None:
        """A store finds what another object on the same path has just changed."""
        with self.opened(tmp_path / "store") as one, self.opened(tmp_path / "store") as two:
            one.add_documents([Document("cats", {}, "a")])
            assert [hit.document.id for hit in two.search("cats")] == ["a"]
            two.add_documents([Document("dogs", {}, "b")])
            one.delete(["a"])
            assert [hit.document.id for hit in one.search("dogs")] == ["b"]
            assert [hit.document.id for hit in two.search("dogs")] == ["b"]

    def test_two_processes_write(self, tmp_path: Path) -> None:
        """Nothing is lost when two processes add at the same time."""
        context = multiprocessing.get_context("spawn")
        path = tmp_path / "store"
        writers = [
            context.Process(target=_write_many, args=(type(self), path, name)) for name in "ab"
        ]
        with self.opened(path) as store:
            store.add_documents([Document("mine", {}, "mine")])
            for writer in writers:
                writer.start()
            for writer in writers:
                writer.join(120)
            assert [writer.exitcode for writer in writers] == [0, 0]
            assert len(store) == 201
            for i in range(0, 100, 9):
                for name in "ab":
                    hit = store.search(_vector(name, i), 1)[0]
                    assert hit.document.id == f"{name}{i}"
                    assert hit.score == pytest.approx(1, abs=1e-5)

    @pytest.mark.parametrize("mode", ["dense", "lexical", "hybrid"])
    def test_modes(self, store: Any, mode: SearchMode) -> None:
        """Each mode works or is refused, filters included."""
        documents = [Document("cats purr", {"page": 1}), Document("dogs bark", {"page": 2})]
        store.add_documents([*documents, Document("rain falls", {"page": 3})])
        if mode not in self.modes:
            with pytest.raises(InvalidInputError, match=mode):
                store.search("cats", mode=mode)
            return
        assert store.search("cats", 1, mode=mode)[0].document.page_content == "cats purr"
        hits = store.search("barking dogs", 3, mode=mode, filter={"page": {"$gte": 2}})
        assert hits[0].document.page_content == "dogs bark"
        assert "cats purr" not in {hit.document.page_content for hit in hits}

    def test_retriever(self, store: Any) -> None:
        """Options work as keywords and as LangChain's search_kwargs; unknown ones are errors."""
        store.add_documents([Document(text, {}, text) for text in ("cats", "dogs", "rain")])
        assert len(store.as_retriever(k=2).retrieve("cats")) == 2
        assert len(store.as_retriever(search_kwargs={"k": 1}).invoke("cats")) == 1
        sure = store.as_retriever(score_threshold=0.9).retrieve("cats")
        assert [hit.document.id for hit in sure] == ["cats"]
        for options in ({"topk": 2}, {"search_kwargs": {"topk": 2}}):
            with pytest.raises(UnknownOptionError, match=r"'topk'.*Did you mean 'k'\?"):
                store.as_retriever(**options)

    def test_langchain_names(self, store: Any) -> None:
        """`similarity_search` and its sibling give documents, and documents with scores."""
        store.add_documents([Document("cats", {"page": 1}, "a"), Document("dogs", {}, "b")])
        assert [d.id for d in store.similarity_search("cats", k=1)] == ["a"]
        assert store.similarity_search("cats", k=1, filter={"page": 2}) == []
        document, score = store.similarity_search_with_score("cats", k=1)[0]
        assert (document.id, score) == ("a", pytest.approx(1, abs=1e-5))


def _vector(name: str, i: int) -> NDArray[np.float32]:
    generator = np.random.default_rng([ord(name), i])
    return generator.normal(size=64).astype(np.float32)


def _write_many(suite: type[StoreConformance], path: Path, name: str) -> None:
    """Adds a hundred documents in small steps, in a process of its own."""
    store = suite.make_store(path, HashingEmbedder())
    try:
        for start in range(0, 100, 10):
            numbers = range(start, start + 10)
            documents = [Document(f"{name} {i}", {"n": i}, f"{name}{i}") for i in numbers]
            store.add_documents(documents, [_vector(name, i) for i in numbers])
    finally:
        store.close()
