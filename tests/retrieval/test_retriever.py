"""Retrievers over stores, and other people's retrievers."""

from __future__ import annotations

import pytest

from ragkit.errors import InvalidInputError, UnknownOptionError
from ragkit.retrieval import LangChainRetriever, StoreRetriever, as_retriever
from ragkit.stores import LocalStore
from ragkit.stores.conformance import HashingEmbedder
from ragkit.types import Document

TEXTS = ["cats purr", "dogs bark loudly", "rain falls"]


@pytest.fixture
def store():
    with LocalStore(":memory:", embedder=HashingEmbedder()) as store:
        store.add_documents([Document(t, {"n": i}, t) for i, t in enumerate(TEXTS)])
        yield store


def names(hits):
    return [hit.document.id for hit in hits]


def test_retrieves_with_its_settings(store):
    retriever = store.as_retriever(k=2, filter={"n": {"$gt": 0}}, mode="hybrid")
    assert names(retriever.retrieve("barking dogs"))[0] == "dogs bark loudly"
    assert len(retriever.retrieve("cats")) == 2
    assert repr(retriever).startswith("StoreRetriever(LocalStore(':memory:'")


def test_langchain_names(store):
    retriever = store.as_retriever(k=1)
    assert retriever.invoke("rain") == retriever.get_relevant_documents("rain")
    assert retriever.invoke("rain")[0].page_content == "rain falls"


async def test_async(store):
    retriever = store.as_retriever(k=1)
    assert names(await retriever.aretrieve("rain")) == ["rain falls"]
    assert (await retriever.ainvoke("rain"))[0].id == "rain falls"


def test_threshold_is_a_cosine_in_dense_and_hybrid_mode(store):
    for mode in ("dense", "hybrid"):
        found = store.as_retriever(mode=mode, score_threshold=0.6).retrieve("cats purr")
        assert names(found) == ["cats purr"]
        assert store.as_retriever(mode=mode, score_threshold=1.1).retrieve("cats purr") == []
    # "cats bark": 0.5 with the first, 0.41 with the second, whatever the words add.
    close = store.as_retriever(mode="hybrid", score_threshold=0.45).retrieve("cats bark")
    assert names(close) == ["cats purr"]


def test_threshold_is_bm25_in_lexical_mode(store):
    (hit,) = store.as_retriever(mode="lexical").retrieve("barking")
    exact = store.as_retriever(mode="lexical", score_threshold=hit.score)
    assert names(exact.retrieve("barking")) == ["dogs bark loudly"]
    above = store.as_retriever(mode="lexical", score_threshold=hit.score * 1.01)
    assert above.retrieve("barking") == []


@pytest.mark.parametrize("k", [0, -3, "3", True, 2.5, None])
def test_bad_k(store, k):
    with pytest.raises(InvalidInputError, match="k is"):
        store.as_retriever(k=k)
    with pytest.raises(InvalidInputError, match="k is"):
        store.as_retriever(search_kwargs={"k": k})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mode": "fuzzy"}, "'dense', 'lexical', 'hybrid'"),
        ({"score_threshold": "0.5"}, "score_threshold is '0.5'"),
        ({"score_threshold": float("nan")}, "finite"),
        ({"score_threshold": True}, "score_threshold is True"),
        ({"search_kwargs": ["k", 2]}, "has to be a mapping"),
        ({"k": 2, "search_kwargs": {"k": 2}}, "'k' twice"),
    ],
)
def test_bad_options(store, options, message):
    with pytest.raises(InvalidInputError, match=message):
        store.as_retriever(**options)


def test_unknown_options_are_errors_with_a_suggestion(store):
    with pytest.raises(UnknownOptionError, match=r"'filters'.*Did you mean 'filter'"):
        store.as_retriever(filters={})
    with pytest.raises(UnknownOptionError, match=r"search_kwargs.*'score_treshold'.*Did you mean"):
        store.as_retriever(search_kwargs={"score_treshold": 0.5})


def test_as_retriever_takes_what_finds(store):
    retriever = StoreRetriever(store)
    assert as_retriever(retriever) is retriever
    assert names(as_retriever(store).retrieve("cats"))[0] == "cats purr"


@pytest.mark.parametrize("wrong", [None, 3, "index/", LocalStore, object()])
def test_as_retriever_refuses_the_rest(wrong):
    with pytest.raises(InvalidInputError):
        as_retriever(wrong)


class Older:
    """A retriever of LangChain's first releases."""

    def __init__(self, found):
        self.found = found

    def get_relevant_documents(self, query):
        return self.found


class LooksLikeADocument:
    page_content = "text"
    metadata = None
    id = 7


async def test_langchain_retrievers_score_by_place():
    retriever = as_retriever(Older([Document("a"), LooksLikeADocument()]))
    hits = retriever.retrieve("?")
    assert [(h.document.page_content, h.score, h.rank) for h in hits] == [
        ("a", 1.0, 0),
        ("text", 0.5, 1),
    ]
    assert hits[1].document == Document("text", {}, "7")
    assert await retriever.aretrieve("?") == hits


@pytest.mark.parametrize("found", ["text", None, [3]])
def test_what_is_no_list_of_documents_is_an_error(found):
    with pytest.raises(InvalidInputError):
        as_retriever(Older(found)).retrieve("?")


def test_no_retriever_at_all():
    with pytest.raises(InvalidInputError, match="no invoke"):
        LangChainRetriever(object())


def test_real_langchain_retriever(store):
    pytest.importorskip("langchain_core")
    chain = store.as_langchain().as_retriever(search_kwargs={"k": 2})
    hits = as_retriever(chain).retrieve("cats purr")
    assert hits[0].document.page_content == "cats purr"
    assert hits[0].document.metadata["n"] == 0
    assert [hit.score for hit in hits] == [1.0, 0.5]


def test_a_result_that_is_no_document_is_named():
    with pytest.raises(InvalidInputError, match="Result 1 of the retriever is int 3"):
        as_retriever(Older([Document("a"), 3])).retrieve("?")
