"""LocalStore: modes, transactions, and several users of one file."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ragkit.errors import InvalidInputError, StoreError, StoreLockedError
from ragkit.stores import LocalStore
from ragkit.stores.conformance import HashingEmbedder
from ragkit.types import Document


@pytest.fixture
def path(tmp_path):
    return tmp_path / "folder" / "index.db"


@pytest.fixture
def store(path):
    with LocalStore(path, embedder=HashingEmbedder()) as store:
        yield store


def texts(hits):
    return [hit.document.page_content for hit in hits]


def test_memory_stores_are_apart():
    with (
        LocalStore(":memory:", embedder=HashingEmbedder()) as one,
        LocalStore(":memory:", embedder=HashingEmbedder()) as two,
    ):
        one.add_documents([Document("cats")])
        assert (len(one), len(two), one.path) == (1, 0, ":memory:")
        assert not Path(":memory:").exists()


def test_from_documents_and_repr(path):
    documents = [Document("cats purr"), Document("dogs bark")]
    with LocalStore.from_documents(documents, HashingEmbedder(), path, collection="c") as store:
        assert texts(store.search("cats", 1)) == ["cats purr"]
        assert repr(store) == f"LocalStore({str(path)!r}, collection='c')"
        assert store
    with pytest.raises(InvalidInputError):
        LocalStore.from_documents(["cats"], HashingEmbedder(), path)


def test_a_plain_function_is_an_embedder():
    store = LocalStore(":memory:", embedder=lambda text: [float(len(text)), 1.0])
    store.add_documents([Document("four"), Document("much longer text")])
    assert texts(store.search("five!", 1)) == ["four"]
    store.close()


def test_lexical_search_finds_codes_and_forms(store):
    given = ["The AB-1234 costs 27.00", "Running dogs", "See c6i.xlarge, M&E", "Rain & wind"]
    store.add_documents([Document(text) for text in given])
    for question, place in (
        ("ab-1234", 0),
        ("1234", 0),
        ("27", 0),
        ("27.00", 0),
        ("dog runs", 1),
        ("c6i", 2),
        ("What is M&E?", 2),
        ('"rain" OR (NOT', 3),
    ):
        assert texts(store.search(question, 1, mode="lexical")) == [given[place]], question
    assert store.search("the of and", mode="lexical") == []
    assert store.search("", mode="lexical") == []
    assert store.search("unheard", mode="lexical") == []
    assert store.search("dog " * 3000 + " ".join(f"w{i}" for i in range(3000)), mode="lexical")


def test_hybrid_search_has_both_scores(store):
    store.add_documents([Document("cats purr"), Document("dogs bark"), Document("rain falls")])
    hits = store.search("barking cats", 3, mode="hybrid")
    assert texts(hits)[2] == "rain falls"
    assert hits[2].parts == {"dense": pytest.approx(0, abs=1e-6), "lexical": 0.0}
    assert all(set(hit.parts) == {"dense", "lexical"} for hit in hits)
    # Without a word that is known, the dense order.
    assert texts(store.search("the", 3, mode="hybrid")) == texts(store.search("the", 3))


def test_a_vector_has_no_words(store):
    with pytest.raises(InvalidInputError, match="needs the words"):
        store.search(np.zeros(64, np.float32), mode="lexical")
    with pytest.raises(InvalidInputError, match="needs the words"):
        store.search(np.zeros(64, np.float32), mode="hybrid")


def test_lexical_search_does_not_embed():
    class Counting(HashingEmbedder):
        asked = 0

        def embed_query(self, text):
            self.asked += 1
            return super().embed_query(text)

    embedder = Counting()
    with LocalStore(":memory:", embedder=embedder) as store:
        store.add_documents([Document("cats")])
        store.search("cats", mode="lexical")
        assert embedder.asked == 0


def test_language_is_kept(path):
    with LocalStore(path, embedder=HashingEmbedder(), language="german") as store:
        store.add_documents([Document("Die Häuser stehen")])
        assert store.search("das Haus", mode="lexical")
    with pytest.raises(InvalidInputError, match="language='german'"):
        LocalStore(path, embedder=HashingEmbedder())
    with pytest.raises(InvalidInputError, match="klingon"):
        LocalStore(path, embedder=HashingEmbedder(), language="klingon")


def test_an_older_analysis_is_made_anew(path):
    with LocalStore(path, embedder=HashingEmbedder()) as store:
        store.add_documents([Document("cats purr"), Document("dogs bark")])
        with store.database.transaction() as connection:
            connection.execute("UPDATE collections SET analyzer = 0")
            connection.execute("UPDATE lexicon_1 SET tokens = 'outdated'")
        assert store.search("cats", mode="lexical") == []
    for _ in range(2):
        with LocalStore(path, embedder=HashingEmbedder()) as store:
            assert texts(store.search("cats", mode="lexical")) == ["cats purr"]


def test_equal_scores_keep_the_order_of_writing(store):
    ids = store.add_documents([Document("same", {}, f"{i}") for i in (3, 1, 2, 9, 5)])
    assert [hit.document.id for hit in store.search("same", 3)] == ids[:3]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("add"), st.integers(0, 9), st.integers(0, 3)),
            st.tuples(st.just("delete"), st.integers(0, 9), st.just(0)),
            st.tuples(st.just("undo"), st.integers(0, 9), st.integers(0, 3)),
        ),
        max_size=12,
    )
)
def test_the_matrix_keeps_step_with_the_file(steps):
    """Whatever is added, replaced, removed and undone, search agrees with what is stored."""
    words = ["cats", "dogs", "rain", "wind"]
    expected = {}
    with LocalStore(":memory:", embedder=HashingEmbedder()) as store:
        for kind, name, word in steps:
            if kind == "delete":
                assert store.delete([str(name)]) == (str(name) in expected)
                expected.pop(str(name), None)
            elif kind == "add":
                store.add_documents([Document(words[word], {}, str(name))])
                expected[str(name)] = words[word]
            else:
                with pytest.raises(KeyError), store.transaction():  # noqa: PT012
                    store.add_documents([Document(words[word], {}, str(name))])
                    assert store.search(words[word], 1)
                    raise KeyError
            found = store.search("cats", 20)
            assert {hit.document.id: hit.document.page_content for hit in found} == expected
            assert all((hit.score > 0.9) == (hit.document.page_content == "cats") for hit in found)


def test_a_transaction_is_all_or_nothing(store):
    store.add_documents([Document("cats", {}, "a")])
    with pytest.raises(ZeroDivisionError), store.transaction():  # noqa: PT012
        store.add_documents([Document("dogs", {}, "b")])
        store.delete(["a"])
        store.manifest.set("key", 1)
        store.sources.replace("file", "hash", [Document("rain")])
        assert sorted(store.ids())[0] == "b"
        raise ZeroDivisionError
    assert store.ids() == ["a"]
    assert store.manifest.items() == {}
    assert store.sources.all() == {}


def test_an_error_inside_undoes_only_itself(store):
    with store.transaction():
        store.add_documents([Document("cats", {}, "a")])
        with pytest.raises(InvalidInputError):
            store.add_documents([Document("dogs", {}, "b"), "wrong"])
        with pytest.raises(KeyError), store.transaction():  # noqa: PT012
            store.add_documents([Document("rain", {}, "c")])
            raise KeyError
        store.add_documents([Document("wind", {}, "d")])
    assert store.ids() == ["a", "d"]
    assert texts(store.search("wind", 1)) == ["wind"]


def test_errors_of_the_caller_pass_through(store):
    with pytest.raises(OSError, match="mine"), store.transaction():
        raise OSError("mine")


def test_others_do_not_see_an_open_transaction(path, store):
    with LocalStore(path, embedder=HashingEmbedder()) as other:
        with store.transaction():
            store.add_documents([Document("cats")])
            assert len(other) == 0
            assert other.search("cats") == []
        assert texts(other.search("cats")) == ["cats"]


def test_a_writer_waits_and_then_gives_up(path, store):
    with LocalStore(path, embedder=HashingEmbedder(), timeout=0.1) as other, store.transaction():
        store.add_documents([Document("cats")])
        with pytest.raises(StoreLockedError, match=r"locked.*0\.1 s"):
            other.add_documents([Document("dogs")])
        with pytest.raises(TimeoutError):
            other.manifest.set("key", 1)
        assert len(other) == 0


def test_manifest(store):
    assert store.manifest.get("missing") is None
    assert store.manifest.get("missing", 3) == 3
    value = {"list": [1, None, "ü"], "nested": {"a": True}}
    store.manifest.set("settings", value)
    store.manifest.set("none", None)
    assert store.manifest.get("settings") == value
    assert store.manifest.get("none", 3) is None
    assert list(store.manifest.items()) == ["none", "settings"]
    assert store.manifest.delete("none") is True
    assert store.manifest.delete("none") is False
    with pytest.raises(InvalidInputError, match="'bad'"):
        store.manifest.set("bad", {1, 2})
    with pytest.raises(InvalidInputError, match="A key"):
        store.manifest.set("", 1)


def test_manifests_of_collections_are_apart(path, store):
    store.manifest.set("key", 1)
    with LocalStore(path, embedder=HashingEmbedder(), collection="second") as other:
        assert other.manifest.items() == {}
        other.manifest.set("key", 2)
        assert store.delete_collection() is False
        assert (store.manifest.get("key"), other.manifest.get("key")) == (None, 2)


def test_sources(store):
    assert store.sources.get("a.pdf") is None
    assert store.sources.remove("a.pdf") == 0
    ids = store.sources.replace(
        "a.pdf", "h1", [Document("cats"), Document("dogs")], config_hash="c", extra={"pages": 2}
    )
    record = store.sources.get("a.pdf")
    assert (record.content_hash, record.config_hash, record.extra) == ("h1", "c", {"pages": 2})
    assert record.chunk_ids == tuple(ids)
    store.sources.replace("b.pdf", "h2", [], extra=None)
    store.add_documents([Document("without source")])
    assert [(r.id, len(r.chunk_ids)) for r in store.sources.all().values()] == [
        ("a.pdf", 2),
        ("b.pdf", 0),
    ]
    new = store.sources.replace(
        "a.pdf", "h3", [Document("cats")], HashingEmbedder().embed(["cats"])
    )
    assert new == ids[:1]
    assert (store.sources.get("a.pdf").content_hash, len(store)) == ("h3", 2)
    assert store.sources.remove("a.pdf") == 1
    assert texts(store.search("x", 9)) == ["without source"]
    assert list(store.sources.all()) == ["b.pdf"]


def test_equal_texts_of_two_sources_stay_two(store):
    first = store.sources.replace("a.txt", "h", [Document("same")])
    second = store.sources.replace("b.txt", "h", [Document("same")])
    assert first != second
    assert len(store) == 2


def test_a_chunk_added_again_leaves_its_source(store):
    store.sources.replace("a.txt", "h", [Document("one", {}, "x")])
    store.sources.replace("b.txt", "h", [Document("two", {}, "x")])
    assert store.sources.get("a.txt").chunk_ids == ()
    assert store.sources.remove("a.txt") == 0
    assert texts(store.search("two")) == ["two"]


def test_sources_check_before_they_change(store):
    store.sources.replace("a.txt", "h", [Document("cats")])
    for change in (
        lambda: store.sources.replace("a.txt", "h2", [Document("x", {"bad": object()})]),
        lambda: store.sources.replace("a.txt", "h2", [], extra={"bad": object()}),
        lambda: store.sources.replace("", "h2", []),
    ):
        with pytest.raises(InvalidInputError):
            change()
    assert store.sources.get("a.txt").content_hash == "h"
    assert len(store) == 1


def test_deleting_a_collection_takes_its_sources(store):
    store.sources.replace("a.txt", "h", [Document("cats", {"page": 1})])
    assert store.delete_collection() is True
    assert (store.sources.all(), len(store), store.collections()) == ({}, 0, [])
    store.add_documents([Document("dogs", {"page": 1})])
    assert texts(store.search("cats", filter={"page": 1})) == ["dogs"]


def test_threads_share_a_store(store):
    def work(number):
        store.add_documents([Document(f"text {number}", {"n": number}, str(number))])
        hits = store.search(f"text {number}", 50, filter={"n": number})
        return [hit.document.id for hit in hits]

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(work, range(40)))
    assert results == [[str(i)] for i in range(40)]
    assert len(store) == 40


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_has_its_own_connection(store):
    store.add_documents([Document("cats")])
    store.search("cats")
    context = multiprocessing.get_context("fork")
    child = context.Process(target=store.add_documents, args=([Document("dogs")],))
    child.start()
    child.join(30)
    assert child.exitcode == 0
    assert sorted(texts(store.search("cats dogs", 5))) == ["cats", "dogs"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_store_in_memory_can_not_be_forked():
    def child(store):
        try:
            len(store)
        except StoreError:
            os._exit(7)

    with LocalStore(":memory:", embedder=HashingEmbedder()) as store:
        process = multiprocessing.get_context("fork").Process(target=child, args=(store,))
        process.start()
        process.join(30)
        assert process.exitcode == 7


WRITER = """
import sys, itertools
from ragkit.stores import LocalStore
from ragkit.stores.conformance import HashingEmbedder
from ragkit.types import Document
store = LocalStore(sys.argv[1], embedder=HashingEmbedder(8))
print("ready", flush=True)
for i in itertools.count():
    name = f"{sys.argv[2]}-{i}"
    store.sources.replace(name, "h", [Document(f"{name} {j}", {"n": j}) for j in range(50)])
"""


@pytest.mark.slow
def test_a_killed_process_leaves_all_or_nothing(path):
    for attempt in range(6):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), str(attempt)], stdout=subprocess.PIPE
        )
        assert process.stdout.readline() == b"ready\n"
        time.sleep(0.2 + 0.13 * attempt)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        with LocalStore(path, embedder=HashingEmbedder(8)) as store:
            records = store.sources.all()
            assert records
            assert all(len(record.chunk_ids) == 50 for record in records.values())
            assert len(store) == 50 * len(records) == store.count({"n": {"$exists": True}})
            newest = list(records)[-1]
            found = store.search(f"{newest} 7", 200, mode="lexical", filter={"n": 7})
            assert {hit.document.metadata["n"] for hit in found} == {7}
            with store.database.reading() as connection:
                assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                for table in ("vectors", "lexicon_1"):
                    count = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                    assert count == len(store)


def test_what_can_not_be_opened_is_an_error_of_ours(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError):
        LocalStore(tmp_path / "file" / "index.db", embedder=HashingEmbedder(8))
    with pytest.raises(InvalidInputError, match="NUL"):
        LocalStore("a\0b", embedder=HashingEmbedder(8))
    with pytest.raises(InvalidInputError, match="surrogate"):
        LocalStore(":memory:", embedder=HashingEmbedder(8), collection="\ud800")


def test_many_conditions():
    with LocalStore(":memory:", embedder=HashingEmbedder(8)) as store:
        store.add_documents([Document("cats", {"n": 1999})])
        assert store.count({"$or": [{"n": n} for n in range(2000)]}) == 1
        with pytest.raises(InvalidInputError, match=r"2000 conditions.*\$in"):
            store.count({"$or": [{"n": {"$gt": n}} for n in range(2000)]})


def test_documents_that_differ_in_a_users_own_date_stay_two():
    documents = [Document("same", {"created": year}) for year in ("2020", "2021")]
    store = LocalStore.from_documents(documents, HashingEmbedder())
    assert len(store) == 2


@pytest.mark.parametrize("query", [None, b"text", {"query": "text"}])
def test_a_query_of_another_kind_is_named(query):
    store = LocalStore.from_documents([Document("text")], HashingEmbedder())
    with pytest.raises(InvalidInputError, match="query is"):
        store.search(query)


def test_langchains_search_type():
    store = LocalStore.from_documents([Document("text")], HashingEmbedder())
    retriever = store.as_retriever(search_type="similarity", search_kwargs={"k": 1})
    assert [d.page_content for d in retriever.invoke("text")] == ["text"]
    with pytest.raises(InvalidInputError, match="search_type is 'mmr'"):
        store.as_retriever(search_type="mmr")
