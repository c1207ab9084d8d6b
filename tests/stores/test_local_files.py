"""LocalStore: files that are damaged, foreign, newer, or in the way."""

from __future__ import annotations

import os
import sqlite3

import pytest

from ragkit.errors import CorruptStoreError, InvalidInputError, StoreError
from ragkit.stores import LocalStore
from ragkit.stores.conformance import HashingEmbedder
from ragkit.types import Document

EMBEDDER = HashingEmbedder()


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "index.db"
    with LocalStore(path, embedder=EMBEDDER) as store:
        store.add_documents([Document(f"text {i} " * 50, {"page": i}, str(i)) for i in range(300)])
    return path


def use(path):
    with LocalStore(path, embedder=EMBEDDER) as store:
        store.search("text", 300)
        store.search("text", 300, mode="lexical", filter={"page": {"$gte": 0}})
        store.get_by_ids(store.ids())
        store.add_documents([Document("more")])


def test_a_folder_is_no_store(tmp_path):
    with pytest.raises(StoreError, match="is a folder"):
        LocalStore(tmp_path, embedder=EMBEDDER)


def test_a_file_in_the_way_of_the_folder(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="can't be made"):
        LocalStore(tmp_path / "file" / "index.db", embedder=EMBEDDER)


@pytest.mark.parametrize("path", ["", None, 3])
def test_paths_that_are_none(path):
    with pytest.raises(InvalidInputError, match="path is"):
        LocalStore(path, embedder=EMBEDDER)


@pytest.mark.parametrize("timeout", [-1, "3", True, float("nan")])
def test_timeouts_that_are_none(timeout):
    with pytest.raises(InvalidInputError, match="timeout is"):
        LocalStore(":memory:", embedder=EMBEDDER, timeout=timeout)


@pytest.mark.parametrize("name", ["", "  ", None, 3])
def test_collections_that_are_none(name):
    with pytest.raises(InvalidInputError, match="collection is"):
        LocalStore(":memory:", embedder=EMBEDDER, collection=name)


@pytest.mark.parametrize("content", [b"this is plain text " * 20, b"%PDF-1.7\n" + bytes(5000)])
def test_a_file_of_another_kind(tmp_path, content):
    (tmp_path / "x.db").write_bytes(content)
    with pytest.raises(CorruptStoreError, match="no ragkit store"):
        LocalStore(tmp_path / "x.db", embedder=EMBEDDER)
    assert (tmp_path / "x.db").read_bytes() == content


def test_a_database_of_something_else(tmp_path):
    connection = sqlite3.connect(tmp_path / "x.db")
    connection.execute("CREATE TABLE people (name)")
    connection.close()
    with pytest.raises(CorruptStoreError, match="but no ragkit store"):
        LocalStore(tmp_path / "x.db", embedder=EMBEDDER)


def test_an_empty_file_becomes_a_store(tmp_path):
    (tmp_path / "x.db").touch()
    use(tmp_path / "x.db")


def test_a_newer_schema(path):
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreError, match=r"schema version 99.*upgrade ragkit"):
        LocalStore(path, embedder=EMBEDDER)


@pytest.mark.parametrize("part", [0.1, 0.3, 0.5, 0.9])
def test_a_truncated_file(path, part):
    os.truncate(path, int(path.stat().st_size * part))
    with pytest.raises(CorruptStoreError):
        use(path)


@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_an_overwritten_file(path, place):
    content = bytearray(path.read_bytes())
    fifth = len(content) // 5
    content[100 + fifth * place : fifth * (place + 1)] = b"\xa5" * (fifth - 100)
    path.write_bytes(content)
    with pytest.raises(StoreError):
        use(path)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE vectors SET vector = x'0000'",
        "DELETE FROM vectors WHERE row = 5",
        "UPDATE chunks SET metadata = '{'",
        "UPDATE chunks SET metadata = '[]'",
        "UPDATE collections SET embedder = '{}'",
        "UPDATE collections SET embedder = 'x'",
        "DROP TABLE lexicon_1",
        "DROP TABLE facts",
    ],
)
def test_contents_that_do_not_fit(path, change):
    connection = sqlite3.connect(path)
    connection.execute(change)
    connection.commit()
    connection.close()
    with pytest.raises(CorruptStoreError):
        use(path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write all")
def test_a_file_that_can_not_be_written(path):
    path.chmod(0o444)
    path.parent.chmod(0o555)
    try:
        with pytest.raises(StoreError):
            use(path)
    finally:
        path.parent.chmod(0o755)


def test_a_closed_store_says_so(path):
    store = LocalStore(path, embedder=EMBEDDER)
    store.close()
    store.close()
    with pytest.raises(StoreError, match="is closed"):
        store.search("text")
    with pytest.raises(StoreError, match="is closed"):
        store.add_documents([Document("more")])


def test_no_traces_after_closing(path):
    assert [entry.name for entry in path.parent.iterdir()] == ["index.db"]


def test_the_embedder_is_kept_exactly(path):
    for other in (HashingEmbedder(64, "x"), HashingEmbedder(32)):
        with pytest.raises(ValueError, match=r"'hashing' \(revision 1, dimension 64\)"):
            LocalStore(path, embedder=other)
