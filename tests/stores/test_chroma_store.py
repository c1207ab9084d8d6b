"""ChromaStore: what is special about Chroma."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from ragkit.errors import (
    CorruptStoreError,
    InvalidInputError,
    MissingExtraError,
    StoreError,
    StoreLockedError,
)
from ragkit.stores.conformance import HashingEmbedder
from ragkit.types import Document

pytest.importorskip("chromadb")

import chromadb

from ragkit.stores import ChromaStore
from ragkit.stores.chroma_client import ChromaDirectory

EMBEDDER = HashingEmbedder(8)


@pytest.fixture
def store(tmp_path):
    with ChromaStore(tmp_path / "index", embedder=EMBEDDER) as store:
        yield store


def client(path):
    settings = chromadb.config.Settings(anonymized_telemetry=False)
    return chromadb.PersistentClient(path=str(path), settings=settings)


def test_memory_stores_are_apart():
    one = ChromaStore(":memory:", embedder=EMBEDDER)
    two = ChromaStore(":memory:", embedder=EMBEDDER)
    one.add_documents([Document("cats", {"a": None})])
    assert (len(one), len(two), two.collections()) == (1, 0, [])
    one.close()
    two.add_documents([Document("dogs")])
    assert len(two) == 1
    two.close()


def test_from_documents(tmp_path):
    store = ChromaStore.from_documents([Document("cats purr")], EMBEDDER, tmp_path / "index")
    assert store.search("cats", 1)[0].document.page_content == "cats purr"
    assert repr(store).startswith("ChromaStore('")
    assert store
    store.close()
    with pytest.raises(InvalidInputError):
        ChromaStore.from_documents(["cats"], EMBEDDER, tmp_path / "index")


def test_batches_are_cut_to_what_chroma_takes():
    count = 5_600
    vectors = np.random.default_rng(1).normal(size=(count, 8))
    with ChromaStore(":memory:", embedder=EMBEDDER) as store:
        with store._turn() as running:
            assert running.get_max_batch_size() < count
        ids = store.add_documents([Document("t", {}, str(i)) for i in range(count)], vectors)
        assert len(store) == count
        assert len(store.get_by_ids(ids)) == count
        assert store.search(vectors[count - 1], 1)[0].document.id == str(count - 1)
        assert store.delete(ids) == count


def test_flat_values_can_be_filtered_by_others(store, tmp_path):
    store.add_documents([Document("cats", {"page": 3, "tags": ["x"], "_ragkit": "{}"}, "a")])
    store.close()
    raw = client(tmp_path / "index")
    collection = raw.get_collection("default", embedding_function=None)
    assert collection.get(where={"page": 3})["ids"] == ["a"]
    assert set(collection.get()["metadatas"][0]) == {"page", "_ragkit_metadata"}
    assert collection.configuration_json["hnsw"]["space"] == "cosine"
    raw.close()


def test_the_reserved_key(store):
    with pytest.raises(InvalidInputError, match="'_ragkit_metadata' is reserved"):
        store.add_documents([Document("a", {"_ragkit_metadata": "x"})])


def test_a_collection_of_somebody_else(tmp_path):
    raw = client(tmp_path)
    raw.create_collection("default", embedding_function=None)
    raw.close()
    with pytest.raises(StoreError, match="was not made by ragkit"):
        ChromaStore(tmp_path, embedder=EMBEDDER)


def test_chunks_of_somebody_else(store):
    store.add_documents([Document("cats")])
    with store._turn(writes=True) as running:
        collection = running.get_collection("default", embedding_function=None)
        collection.upsert(ids=["x"], embeddings=[[1.0] * 8], documents=["foreign"])
    with pytest.raises(CorruptStoreError, match="'x' has no readable record"):
        store.search("cats", 5)


@pytest.mark.parametrize("name", ["a", "has space", "ü" * 5, ".abc", "abc\n", "a" * 513])
def test_names_that_chroma_refuses(tmp_path, name):
    with pytest.raises(InvalidInputError, match="3 to 512 characters"):
        ChromaStore(tmp_path, embedder=EMBEDDER, collection=name)
    assert not list(tmp_path.iterdir())


def test_paths_in_the_way(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="is a file"):
        ChromaStore(tmp_path / "file", embedder=EMBEDDER)
    with pytest.raises(StoreError, match="can't be made"):
        ChromaStore(tmp_path / "file" / "index", embedder=EMBEDDER)
    with pytest.raises(InvalidInputError, match="path is"):
        ChromaStore("", embedder=EMBEDDER)


def test_a_damaged_database(store, tmp_path):
    store.add_documents([Document("cats")])
    store.close()
    (tmp_path / "index" / "chroma.sqlite3").write_bytes(b"no database at all " * 500)
    with pytest.raises(StoreError):
        ChromaStore(tmp_path / "index", embedder=EMBEDDER)
    assert ChromaDirectory._running == {}


def test_a_closed_store_says_so(store):
    store.close()
    store.close()
    with pytest.raises(StoreError, match="is closed"):
        store.search("cats")


def test_stores_of_one_folder_share_one_chroma(tmp_path):
    with ChromaStore(tmp_path, embedder=EMBEDDER) as one:
        with ChromaStore(os.fspath(tmp_path) + "/.", embedder=EMBEDDER) as two:
            assert len(ChromaDirectory._running) == 1
            two.add_documents([Document("cats")])
        assert len(one) == 1
    assert ChromaDirectory._running == {}


HOLDER = """
import sys, time
from pathlib import Path
from ragkit.stores.file_lock import FileLock
lock = FileLock(Path(sys.argv[1]) / "ragkit.lock")
lock.acquire(5)
print("held", flush=True)
time.sleep(60)
"""


def test_waits_for_another_process_and_then_gives_up(tmp_path):
    store = ChromaStore(tmp_path, embedder=EMBEDDER, timeout=0.2)
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE)
    try:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(StoreLockedError, match=r"locked.*0\.2 s"):
            store.add_documents([Document("cats")])
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()
    store.add_documents([Document("cats")])
    assert len(store) == 1
    store.close()


def test_each_store_waits_as_long_as_it_was_told(tmp_path):
    patient = ChromaStore(tmp_path, embedder=EMBEDDER, timeout=60)
    hasty = ChromaStore(tmp_path, embedder=EMBEDDER, timeout=0.2)
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE)
    try:
        assert holder.stdout.readline() == b"held\n"
        begun = time.monotonic()
        with pytest.raises(StoreLockedError, match=r"0\.2 s"):
            hasty.count()
        assert time.monotonic() - begun < 30
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()
    with (
        ThreadPoolExecutor(1) as pool,
        patient._turn(),
        pytest.raises(StoreLockedError, match="another thread"),
    ):
        pool.submit(hasty.count).result()
    patient.close()
    hasty.close()


def test_letting_go_while_the_registry_is_held(tmp_path):
    """The garbage collector closes a store in whatever thread it happens to run."""
    store = ChromaStore(tmp_path, embedder=EMBEDDER)
    with ChromaDirectory._registry:
        store.close()
    assert ChromaDirectory._running == {}


FORKED = """
import os, sys
from pathlib import Path
from ragkit.errors import StoreError
from ragkit.stores import ChromaStore
from ragkit.stores.conformance import HashingEmbedder
from ragkit.types import Document
store = ChromaStore(sys.argv[1], embedder=HashingEmbedder(8))
memory = ChromaStore(":memory:", embedder=HashingEmbedder(8))
store.add_documents([Document(f"cats {n}") for n in range(100)])
with store._turn():  # the parent holds it while it forks
    child = os.fork()
if child == 0:
    for use in (
        lambda: store.search("cats"),
        lambda: memory.add_documents([Document("cats")]),
        lambda: ChromaStore(sys.argv[1], embedder=HashingEmbedder(8)),
        lambda: ChromaStore(sys.argv[2], embedder=HashingEmbedder(8)),
    ):
        try:
            use()
        except StoreError as error:
            assert "forked" in str(error), error
        else:
            raise AssertionError("no error")
    store.close()
    del store, memory
    os._exit(7)  # as multiprocessing ends its processes
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
assert len(store.search("cats", 3)) == 3
store.close()
memory.close()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_is_told_and_does_not_hang(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", FORKED, str(tmp_path / "a"), str(tmp_path / "b")],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")


LOCKS = """
import os, sys
from pathlib import Path
from ragkit.errors import StoreLockedError
from ragkit.stores.file_lock import FileLock
lock = FileLock(Path(sys.argv[1]))
lock.acquire(5)
if os.fork() == 0:
    try:
        lock.acquire(0.1)
    except StoreLockedError:
        os._exit(0)
    os._exit(1)
sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_does_not_have_its_parents_lock(tmp_path):
    subprocess.run([sys.executable, "-c", LOCKS, str(tmp_path / "lock")], check=True, timeout=60)


def test_a_replaced_folder_is_no_surprise(tmp_path):
    """A folder that is removed and made again is empty for whoever opens it."""
    with ChromaStore(tmp_path / "index", embedder=EMBEDDER) as store:
        store.add_documents([Document("cats")])
    shutil.rmtree(tmp_path / "index")
    with ChromaStore(tmp_path / "index", embedder=EMBEDDER) as store:
        assert len(store) == 0


def test_without_chromadb_the_error_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "chromadb", None)
    with pytest.raises(MissingExtraError, match=r'pip install "ragkit\[chroma\]"'):
        ChromaStore(tmp_path, embedder=EMBEDDER)


def test_nothing_is_sent_and_nothing_downloaded(tmp_path):
    """No request leaves the process, not even with telemetry's defaults in the environment."""
    code = """
import socket, sys
def refused(*args, **kwargs):
    raise AssertionError("a connection was tried")
socket.socket.connect = refused
socket.getaddrinfo = refused
from ragkit.stores import ChromaStore
from ragkit.stores.conformance import HashingEmbedder
from ragkit.types import Document
store = ChromaStore(sys.argv[1], embedder=HashingEmbedder(8))
store.add_documents([Document("cats")])
print(store.search("cats")[0].document.page_content)
store.close()
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert done.stdout == "cats\n"
    assert done.stderr == ""


@pytest.mark.parametrize("query", [None, b"text", {"query": "text"}])
def test_a_query_of_another_kind_is_named(tmp_path, query):
    with (
        ChromaStore(tmp_path, embedder=EMBEDDER) as store,
        pytest.raises(InvalidInputError, match="query is"),
    ):
        store.search(query)
