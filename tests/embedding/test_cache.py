"""Vectors that are kept: found again bit by bit, bounded, shared, and whole after a kill."""

import asyncio
import logging
import multiprocessing
import os
import pickle
import signal
import sqlite3
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from ragkit import FunctionEmbedder, LocalStore, load_embedder
from ragkit.embedding import CachedEmbedder
from ragkit.embedding._base import TextEmbedder
from ragkit.embedding.conformance import EmbedderConformance
from ragkit.errors import (
    CorruptStoreError,
    EmbeddingError,
    InvalidInputError,
    PartialEmbeddingError,
    StoreError,
    UnknownOptionError,
)
from ragkit.types import EmbedderFingerprint


class Counting(TextEmbedder):
    """Remembers what it was asked; a vector tells its text, with the prefix."""

    dimension = None

    def __init__(self, name="counting", dimension=4, query_prefix="", fails_at=None):
        self.name, self.dimension, self.query_prefix = name, dimension, query_prefix
        self.fails_at = fails_at
        self.calls = []
        self.truncated = 3

    @property
    def fingerprint(self):
        return EmbedderFingerprint(self.name, "1", self.dimension, False, self.query_prefix)

    def _vectors(self, texts):
        self.calls.append(list(texts))
        if self.fails_at in texts:
            raise EmbeddingError(f"no vector for {self.fails_at!r}")
        seeds = [sum(text.encode("utf-8", "surrogatepass")) + len(text) for text in texts]
        return np.stack(
            [np.random.default_rng(s).standard_normal(self.dimension, np.float32) for s in seeds]
        )

    @property
    def asked(self):
        return [text for call in self.calls for text in call]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "deeper" / "vectors.sqlite"


class TestConformance(EmbedderConformance):
    @pytest.fixture
    def embedder(self, path):
        inner = FunctionEmbedder(
            lambda text: [1.0, len(text), *map(float, text.encode()[:6].ljust(6))]
        )
        with_cache = CachedEmbedder(inner, path, batch_size=4)
        yield with_cache
        with_cache.close()


def test_no_text_is_embedded_twice(path):
    inner = Counting()
    cached = CachedEmbedder(inner, path)
    first = cached.embed(["a", "b", "a"])
    second = cached.embed(["b", "c", "a", "c"])
    assert inner.calls == [["a", "b"], ["c"]]
    assert (cached.hits, cached.misses) == (4, 3)
    assert second[0].tobytes() == first[1].tobytes()
    assert second[2].tobytes() == first[0].tobytes() == first[2].tobytes()
    assert second.tobytes() == Counting().embed(["b", "c", "a", "c"]).tobytes()


def test_another_process_s_vectors_are_found(path):
    CachedEmbedder(Counting(), path).embed(["a"])
    inner = Counting()
    cached = CachedEmbedder(inner, path)
    assert cached.embed(["a"]).tobytes() == Counting().embed(["a"]).tobytes()
    assert not inner.calls


def test_queries_and_documents_are_kept_apart(path):
    inner = Counting(query_prefix="query: ")
    cached = CachedEmbedder(inner, path)
    for _ in range(2):
        cached.embed(["a"])
        vector = cached.embed_query("a")
        assert (cached.embed_queries(["a"])[0] == vector).all()
    assert inner.asked == ["a", "query: a"]
    assert (vector == Counting().embed(["query: a"])[0]).all()


def test_embedders_share_a_file_and_no_vectors(path):
    one, other = Counting("one"), Counting("other", dimension=6)
    for inner in (one, other):
        assert CachedEmbedder(inner, path).embed(["a"]).shape == (1, inner.dimension)
    assert one.asked == other.asked == ["a"]


def test_what_was_embedded_before_a_failure_is_kept(path):
    inner = Counting(fails_at="e")
    cached = CachedEmbedder(inner, path, batch_size=2)
    with pytest.raises(EmbeddingError, match="no vector for 'e'"):
        cached.embed(list("abcdef"))
    inner.fails_at = None
    inner.calls.clear()
    cached.embed(list("abcdef"))
    assert inner.calls == [["e", "f"]]


def test_async_siblings_share_the_file(path):
    inner = Counting()
    cached = CachedEmbedder(inner, path)

    async def run():
        vectors = await cached.aembed(["a", "b", "a"])
        query = await cached.aembed_query("q")
        queries = await cached.aembed_queries(["q", "r"])
        return vectors, query, queries

    vectors, query, queries = asyncio.run(run())
    assert inner.asked == ["a", "b", "q", "r"]
    assert (vectors == cached.embed(["a", "b", "a"])).all()
    assert (queries[0] == query).all()
    assert (cached.hits, cached.misses) == (2 + 3, 4)


def test_hostile_texts(path):
    texts = ["", "\0", "a\0", "\ud800", "ä", "a" * 100_000]
    cached = CachedEmbedder(Counting(), path)
    assert (cached.embed(texts) == cached.embed(texts)).all()
    assert cached.misses == len(texts)


def test_what_else_the_embedder_has_is_reachable(path):
    inner = Counting()
    cached = CachedEmbedder(inner, path)
    assert cached.fingerprint == inner.fingerprint
    assert cached.truncated == 3
    assert cached.embedder is inner
    with pytest.raises(AttributeError, match="nothing"):
        _ = cached.nothing


def test_the_size_is_bounded_and_the_least_recently_used_go_first(path):
    inner = Counting(dimension=384)
    cached = CachedEmbedder(inner, path, max_bytes=1_000_000)
    favourite = ["used again and again"]
    for start in range(0, 3000, 100):
        cached.embed(favourite)
        cached.embed([f"text {number}" for number in range(start, start + 100)])
        assert path.stat().st_size <= 1_000_000
        assert sum(file.stat().st_size for file in path.parent.iterdir()) <= 6_000_000
    inner.calls.clear()
    cached.embed([*favourite, *(f"text {number}" for number in range(2700, 3000))])
    assert inner.calls == []
    cached.embed(["text 0"])
    assert inner.asked == ["text 0"]
    kept = len(cached._file)
    assert kept * 384 * 4 > 600_000  # and most of the room is for vectors


def test_a_small_cache_keeps_most_of_what_it_has_room_for(path):
    cached = CachedEmbedder(Counting(dimension=1024), path, max_bytes=1_000_000)
    kept = []
    for number in range(400):
        cached.embed([f"text {number}"])
        kept.append(len(cached._file))
    assert max(kept) > 100  # and one more drops a few, as few as 256
    assert min(kept[120:]) > 0.85 * max(kept)


def test_prefixes_are_the_embedder_s_to_set(path):
    cached = CachedEmbedder(Counting(query_prefix="query: "), path)
    assert (cached.query_prefix, cached.document_prefix) == ("query: ", "")
    for name in ("query_prefix", "document_prefix"):
        with pytest.raises(InvalidInputError, match=f"{name} = 'other: ' has no effect on a cache"):
            setattr(cached, name, "other: ")
    before = cached.embed_query("a")
    cached.embedder.query_prefix = "other: "
    assert cached.query_prefix == "other: "
    assert not np.array_equal(cached.embed_query("a"), before)


def test_a_smaller_bound_shrinks_the_file(path):
    texts = [f"text {number}" for number in range(2000)]
    cached = CachedEmbedder(Counting(dimension=384), path)
    cached.embed(texts)
    cached.close()
    assert path.stat().st_size > 3_000_000
    inner = Counting(dimension=384)
    cached = CachedEmbedder(inner, path, max_bytes=1_000_000)
    cached.embed(texts[-100:])
    cached.close()
    assert path.stat().st_size <= 1_000_000
    assert not inner.calls


def test_a_damaged_file_says_what_to_do(path):
    cached = CachedEmbedder(Counting(), path)
    cached.embed([f"text {number}" for number in range(500)])
    cached.close()
    content = bytearray(path.read_bytes())
    content[8192:] = os.urandom(len(content) - 8192)
    path.write_bytes(content)
    with pytest.raises(CorruptStoreError, match="delete it with the files"):
        CachedEmbedder(Counting(), path).embed(["text 1"])
    path.write_bytes(b"no database " * 99)
    with pytest.raises(CorruptStoreError, match="delete it with the files"):
        CachedEmbedder(Counting(), path)
    assert path.read_bytes() == b"no database " * 99


def test_a_changed_vector_is_embedded_again(path):
    cached = CachedEmbedder(Counting(), path)
    cached.embed(["a"])
    cached.close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE vectors SET vector = zeroblob(16)")
    connection.close()
    inner = Counting()
    cached = CachedEmbedder(inner, path)
    for _ in range(2):
        assert (cached.embed(["a"]) == Counting().embed(["a"])).all()
    assert inner.asked == ["a"]


def test_other_files_are_not_touched(tmp_path):
    store = tmp_path / "store.sqlite"
    LocalStore(store, embedder=Counting()).close()
    before = store.read_bytes()
    with pytest.raises(CorruptStoreError, match="another SQLite file"):
        CachedEmbedder(Counting(), store)
    assert store.read_bytes() == before
    with pytest.raises(StoreError, match="is a folder"):
        CachedEmbedder(Counting(), tmp_path)


def test_a_locked_file_costs_the_caching_and_not_the_vectors(path, caplog):
    inner = Counting()
    cached = CachedEmbedder(inner, path, timeout=0.01)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with caplog.at_level(logging.WARNING, "ragkit.embedding"):
        assert cached.embed(["a"]).shape == (1, 4)
    other.execute("ROLLBACK")
    other.close()
    assert "vectors could not be kept: database is locked" in caplog.text
    cached.embed(["a"])
    assert inner.asked == ["a", "a"]


def test_threads_share_it(path):
    cached = CachedEmbedder(Counting(), path, batch_size=7)
    texts = [f"text {number}" for number in range(50)]
    expected, results = Counting().embed(texts), []
    threads = [
        threading.Thread(target=lambda: results.append(cached.embed(texts))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 8
    assert all((result == expected).all() for result in results)


def test_it_can_be_pickled_closed_and_cleared(path):
    cached = CachedEmbedder(Counting(), path, batch_size=5)
    cached.embed(["a"])
    copy = pickle.loads(pickle.dumps(cached))
    cached.close()
    assert copy.embed(["a"]).tobytes() == cached.embed(["a"]).tobytes()
    assert copy.misses == 0
    copy.clear()
    cached.embed(["a"])
    assert cached.misses == 2


def test_load_embedder_takes_a_cache(path):
    embedder = load_embedder("minilm", cache=path, threads=1)
    assert isinstance(embedder, CachedEmbedder)
    assert embedder.max_tokens == 256
    assert embedder.fingerprint == load_embedder("minilm").fingerprint
    with pytest.raises(UnknownOptionError, match="Did you mean 'cache'"):
        load_embedder("minilm", cach=path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_bytes": 999}, "max_bytes is 999"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"timeout": -1}, "timeout is -1"),
        ({"path": ""}, "path is ''"),
    ],
)
def test_bad_arguments_are_named(path, options, message):
    with pytest.raises(InvalidInputError, match=message):
        CachedEmbedder(Counting(), **{"path": path, **options})


def in_child(cached, texts, queue):
    queue.put(cached.embed(texts).tobytes())


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.skipif(sys.platform == "win32", reason="no fork")
def test_a_forked_process_opens_its_own(path):
    cached = CachedEmbedder(Counting(), path)
    expected = cached.embed(["a", "b"]).tobytes()
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    children = [
        context.Process(target=in_child, args=(cached, ["a", "b"], queue)) for _ in range(3)
    ]
    for child in children:
        child.start()
    assert [queue.get(timeout=30) for _ in children] == [expected] * 3
    for child in children:
        child.join()
    assert cached.embed(["a", "b"]).tobytes() == expected


WRITING = """
import sys
from ragkit import FunctionEmbedder
from ragkit.embedding import CachedEmbedder
def vector(text): return [float(len(text)), float(ord(text[-1])), *([1.0] * 200)]
embedder = FunctionEmbedder(vector, dimension=202, name="v", normalize=False)
cached = CachedEmbedder(embedder, sys.argv[1], max_bytes=1_000_000, batch_size=50)
seed = int(sys.argv[2])
for number in range(10**9):
    cached.embed([f"{(seed * 7919 + number * 31 + i) % 5000}" for i in range(200)])
    print(number, flush=True)
"""


@pytest.mark.slow
def test_killed_writers_leave_it_whole_and_right(path):
    embedder = FunctionEmbedder(
        lambda text: [float(len(text)), float(ord(text[-1])), *([1.0] * 200)],
        dimension=202,
        name="v",
        normalize=False,
    )
    random = np.random.default_rng(0)
    for attempt in range(8):
        runs = [
            subprocess.Popen(
                [sys.executable, "-W", "error", "-c", WRITING, path, str(3 * attempt + i)],
                stdout=subprocess.PIPE,
            )
            for i in range(3)
        ]
        for run in runs:
            assert run.stdout.readline()
        time.sleep(random.uniform(0, 0.3))
        for run in runs:
            os.kill(run.pid, signal.SIGKILL)
            run.wait()
            run.stdout.close()
        cached = CachedEmbedder(embedder, path, max_bytes=1_000_000)
        texts = [str(number) for number in range(5000)]
        keys = cached._keys("document", texts)
        found = cached._file.get(keys, 202)
        assert found
        for key, vector in found.items():
            text = texts[keys.index(key)]
            assert vector[:2].tolist() == [len(text), ord(text[-1])]
        cached.close()
        connection = sqlite3.connect(path)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.close()
        assert path.stat().st_size <= 1_000_000


class Partly(Counting):
    """Has no vectors for texts that begin with "bad"."""

    def _vectors(self, texts):
        vectors = super()._vectors(texts)
        failed = {n: EmbeddingError(t) for n, t in enumerate(texts) if t.startswith("bad")}
        if failed:
            vectors[list(failed)] = np.nan
            raise PartialEmbeddingError(failed, vectors)
        return vectors


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize("batch_size", [2, 64])
def test_what_has_no_vector_is_named_by_the_caller_s_places(tmp_path, asynchronous, batch_size):
    embedder = CachedEmbedder(Partly(), tmp_path / "v.sqlite", batch_size=batch_size)
    embedder.embed(["a", "b"])
    texts = ["a", "b", "bad", "c", "new", "new", "bad too", "bad"]
    with pytest.raises(PartialEmbeddingError) as caught:
        asyncio.run(embedder.aembed(texts)) if asynchronous else embedder.embed(texts)
    assert sorted(caught.value.failed) == [2, 6, 7]
    good = [place for place in range(8) if place not in caught.value.failed]
    np.testing.assert_array_equal(
        caught.value.vectors[good], Counting().embed([texts[place] for place in good])
    )
    before = embedder.hits
    embedder.embed(["c", "new"])  # kept, though others failed beside them
    assert embedder.hits == before + 2
    embedder.close()


def test_closing_while_others_embed_is_no_crash(tmp_path):
    """Once it was: a connection that SQLite was reading by went away, and Python with it."""
    program = (
        "import sys, threading\n"
        "from ragkit import FunctionEmbedder\n"
        "from ragkit.embedding import CachedEmbedder\n"
        "made = CachedEmbedder(FunctionEmbedder(lambda t: [float(len(t)), 1.0]), sys.argv[1])\n"
        "texts = [f'text {n}' for n in range(3000)]\n"
        "made.embed(texts)\n"
        "work = [threading.Thread(target=lambda: [made.embed(texts) for _ in range(4)])\n"
        "        for _ in range(2)]\n"
        "[one.start() for one in work]\n"
        "[made.close() for _ in range(20)]\n"
        "[one.join() for one in work]\n"
        "print('alive')\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "v.sqlite"], capture_output=True, text=True
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "alive\n", "")
