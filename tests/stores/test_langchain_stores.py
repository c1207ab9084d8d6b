"""LangChain's stores in ragkit, and ragkit's in LangChain."""

from __future__ import annotations

import sys

import pytest

from ragkit.errors import InvalidInputError, MissingExtraError, StoreError, UnknownOptionError
from ragkit.retrieval import as_retriever
from ragkit.stores import LangChainStore, LocalStore, as_store
from ragkit.stores.conformance import HashingEmbedder
from ragkit.types import Document

pytest.importorskip("langchain_core")

from langchain_core.documents import Document as LangChainDocument
from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import InMemoryVectorStore


class HashingEmbeddings(HashingEmbedder, Embeddings):
    def embed_query(self, text):
        return self.embed_documents([text])[0]


@pytest.fixture
def local():
    with LocalStore(":memory:", embedder=HashingEmbedder()) as store:
        yield store


@pytest.fixture
def adapted():
    return as_store(InMemoryVectorStore(HashingEmbeddings()))


def test_ours_pass_through(local):
    assert as_store(local) is local


def test_a_langchain_store_is_adapted(adapted):
    assert isinstance(adapted, LangChainStore)
    ids = adapted.add_documents([Document("cats purr", {"page": 1}, "a"), Document("dogs", {})])
    assert ids[0] == "a"
    hits = adapted.search("cats purr", 2)
    assert hits[0].document == Document("cats purr", {"page": 1}, "a")
    assert hits[0].score == pytest.approx(1)
    assert [hit.rank for hit in hits] == [0, 1]
    assert adapted.get_by_ids([ids[1], "x", "a"])[1].id == "a"
    assert adapted.delete(["a", "x"]) == 1
    assert adapted.delete(["a"]) == 0
    assert adapted.add_documents([]) == []
    adapted.close()


def test_filters_are_the_stores_own(adapted):
    adapted.add_documents([Document("cats", {"page": 1}), Document("dogs", {"page": 2})])
    found = adapted.search("x", 5, filter=lambda document: document.metadata["page"] == 2)
    assert [hit.document.page_content for hit in found] == ["dogs"]


def test_what_an_adapted_store_can_not_do(adapted):
    with pytest.raises(InvalidInputError, match="'hybrid'"):
        adapted.search("cats", mode="hybrid")
    with pytest.raises(InvalidInputError, match="list"):
        adapted.search([1.0])
    with pytest.raises(InvalidInputError, match="k is"):
        adapted.search("cats", 0)


def test_an_adapted_store_has_retrievers(adapted):
    adapted.add_documents([LangChainDocument("cats", metadata={"page": 1})])
    assert as_retriever(adapted.store).retrieve("cats")[0].score == pytest.approx(1)
    assert adapted.as_retriever(k=1).invoke("cats")[0].page_content == "cats"
    assert adapted.as_langchain() is adapted.store
    assert repr(adapted) == "LangChainStore(InMemoryVectorStore)"


class Minimal:
    """A store that can do the least."""

    def add_documents(self, documents):
        return [str(i) for i, _ in enumerate(documents)]

    def similarity_search_with_relevance_scores(self, query, k):
        return [(LangChainDocument("worse"), 0.1), (LangChainDocument("better"), 0.9)]


def test_the_best_comes_first_whatever_the_store_says():
    hits = as_store(Minimal()).search("x")
    assert [hit.document.page_content for hit in hits] == ["better", "worse"]
    with pytest.raises(StoreError, match="can't be asked for ids"):
        as_store(Minimal()).get_by_ids(["a"])


class Scoreless(Minimal):
    """A store that gives neither scores nor embeddings."""

    def similarity_search_with_relevance_scores(self, query, k):
        raise NotImplementedError

    def similarity_search(self, query, k):
        return [LangChainDocument("first"), LangChainDocument("second")]


def test_without_scores_the_place_counts():
    assert [hit.score for hit in as_store(Scoreless()).search("x")] == [1.0, 0.5]


def test_an_adapted_store_in_langchain_and_back():
    with LocalStore(":memory:", embedder=HashingEmbedder()) as local:
        local.add_documents([Document("cats", {}, "a")])
        assert as_store(local.as_langchain()).search("cats")[0].score == pytest.approx(1)


def test_scores_have_to_be_numbers():
    class Broken(Minimal):
        def similarity_search_with_relevance_scores(self, query, k):
            return [(LangChainDocument("x"), float("nan"))]

    with pytest.raises(StoreError, match="nan"):
        as_store(Broken()).search("x")


@pytest.mark.parametrize("wrong", ["index.db", LocalStore, None, object(), {"a": 1}])
def test_what_is_no_store(wrong):
    with pytest.raises(InvalidInputError):
        as_store(wrong)
    with pytest.raises(InvalidInputError):
        LangChainStore(wrong)


def test_ours_in_langchain(local):
    adapter = local.as_langchain()
    assert adapter.embeddings is local.embedder
    ids = adapter.add_texts(["cats purr", "dogs bark"], [{"page": 1}, {"page": 2}], ids=["a", "b"])
    assert ids == ["a", "b"]
    assert adapter.add_documents([LangChainDocument("rain", id="c")]) == ["c"]
    assert adapter.add_documents([LangChainDocument("wind")], ids=["d"]) == ["d"]
    found = adapter.similarity_search("cats purr", k=1)
    assert found == [LangChainDocument("cats purr", metadata={"page": 1}, id="a")]
    (document, score), *_ = adapter.similarity_search_with_score("dogs bark", filter={"page": 2})
    assert (document.id, score) == ("b", pytest.approx(1))
    (document, score), *_ = adapter.similarity_search_with_relevance_scores("rain", k=1)
    assert (document.id, score) == ("c", pytest.approx(1))
    sure = adapter.similarity_search_with_relevance_scores("rain", score_threshold=0.9)
    assert [document.id for document, _ in sure] == ["c"]
    vector = local.embedder.embed_query("wind").tolist()
    assert adapter.similarity_search_by_vector(vector, k=1)[0].id == "d"
    assert [d.id for d in adapter.get_by_ids(["d", "x", "a"])] == ["d", "a"]
    assert adapter.delete(["a"]) is True
    assert adapter.delete(["a"]) is False
    assert adapter.as_retriever(search_kwargs={"k": 1}).invoke("wind")[0].id == "d"


def test_langchain_makes_one_of_texts():
    embeddings = HashingEmbeddings()
    from ragkit.stores.langchain import RagkitVectorStore

    adapter = RagkitVectorStore.from_texts(["cats", "dogs"], embeddings, [{"n": 1}, {"n": 2}])
    assert adapter.similarity_search("dogs", k=1)[0].metadata == {"n": 2}
    assert adapter.embeddings is not None
    adapter.store.close()
    documents = [LangChainDocument("rain", id="r")]
    adapter = RagkitVectorStore.from_documents(documents, embeddings, collection="other")
    assert adapter.store.collections() == ["other"]
    adapter.store.close()


def test_unknown_options_in_langchain_are_errors(local):
    adapter = local.as_langchain()
    for call in (
        lambda: adapter.similarity_search("x", fetch_k=3),
        lambda: adapter.add_texts(["x"], batch=3),
        lambda: adapter.add_documents([], batch=3),
        lambda: adapter.delete(["x"], where={}),
        lambda: adapter.similarity_search_by_vector([1.0], mode="dense"),
    ):
        with pytest.raises(UnknownOptionError):
            call()
    for call in (
        lambda: adapter.delete(),
        lambda: adapter.add_texts(["x"], ids=["a", "b"]),
        lambda: adapter.add_texts(["x"], metadatas=[]),
    ):
        with pytest.raises(InvalidInputError):
            call()


def test_without_langchain_the_error_says_what_to_install(local, monkeypatch):
    monkeypatch.setitem(sys.modules, "langchain_core", None)
    monkeypatch.delitem(sys.modules, "langchain_core.vectorstores", raising=False)
    with pytest.raises(MissingExtraError, match=r"ragkit\[langchain\]"):
        local.as_langchain()
