"""The embedder that ships: contract, limits, sharing, processes."""

from __future__ import annotations

import logging
import multiprocessing
import pickle
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import ragkit
from ragkit import OnnxEmbedder
from ragkit._cores import physical_cores
from ragkit.embedding import _local
from ragkit.embedding._weights import file_sha256
from ragkit.embedding.conformance import EmbedderConformance


class TestShippedModel(EmbedderConformance):
    @pytest.fixture
    def embedder(self, minilm):
        return minilm


class TestOtherModel(EmbedderConformance):
    @pytest.fixture
    def embedder(self, make_model):
        files = {"config_sentence_transformers.json": {"prompts": {"query": "a b "}}}
        return OnnxEmbedder(make_model(files=files), threads=1, batch_tokens=20)


def test_near_in_meaning_is_near_in_space(minilm):
    query = minilm.embed_query("How much money did the firm make?")
    report, dog = minilm.embed(["The company's profit was 3 million.", "A puppy plays."])
    assert query @ report > query @ dog + 0.2


def test_shipped_weights_are_those_of_the_script(minilm):
    assert file_sha256(_local.SHIPPED / "model.safetensors") == _local.SHIPPED_SHA256
    assert minilm.fingerprint.revision == _local.SHIPPED_SHA256
    assert minilm.fingerprint.name == "all-MiniLM-L6-v2"
    script = Path(ragkit.__file__).parents[1] / "scripts" / "make_minilm_weights.py"
    for path in sorted(p for p in _local.SHIPPED.rglob("*") if p.is_file()):
        name = path.relative_to(_local.SHIPPED).as_posix()
        assert f'"{name}": "{file_sha256(path)}"' in script.read_text(encoding="utf-8")


def test_reads_256_tokens_and_counts_what_it_cuts(caplog):
    embedder = OnnxEmbedder()
    words = ["dog"] * 254
    fits, cut, longer = (" ".join(words + ["cat"] * n) for n in (0, 1, 200))
    assert embedder.max_tokens == 256
    assert embedder.count_tokens_batch([fits, cut, longer, ""]) == [256, 257, 456, 2]
    with caplog.at_level(logging.WARNING, "ragkit"):
        vectors = embedder.embed([fits, cut, longer])
        embedder.embed_query(cut)
    assert embedder.truncated == 3
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "256 tokens" in caplog.text
    np.testing.assert_allclose(vectors[0], vectors[1], atol=1e-6)
    np.testing.assert_allclose(vectors[0], vectors[2], atol=1e-6)
    assert embedder.embed([fits]).shape == (1, 384)
    assert embedder.truncated == 3


def test_counts_special_tokens():
    assert OnnxEmbedder().count_tokens("a cute dog") == 5


def test_text_that_is_no_unicode_is_embedded_with_a_replacement(minilm):
    broken, replaced = minilm.embed(["half a pair \ud83d here", "half a pair \ufffd here"])
    np.testing.assert_allclose(broken, replaced, atol=1e-6)
    assert minilm.count_tokens("\ud83d") == minilm.count_tokens("\ufffd")


def test_prefixes_are_put_before(minilm):
    prefixed = OnnxEmbedder(query_prefix="query: ", document_prefix="passage: ")
    np.testing.assert_allclose(
        prefixed.embed_query("a dog"), minilm.embed_query("query: a dog"), atol=1e-5
    )
    np.testing.assert_allclose(
        prefixed.embed(["a dog"]), minilm.embed(["passage: a dog"]), atol=1e-5
    )
    assert prefixed.fingerprint != minilm.fingerprint
    assert prefixed.fingerprint.query_prefix == "query: "


def test_equal_embedders_share_one_session(minilm, make_model):
    first, second = OnnxEmbedder(), ragkit.load_embedder("minilm")
    first.embed_query("warm")
    second.embed_query("warm")
    assert first._session is second._session
    other = OnnxEmbedder(make_model(), threads=1)
    other.embed_query("a")
    assert other._session is not first._session


def test_weights_replaced_on_disk_are_loaded_anew(make_model):
    old, new = make_model("old"), make_model("new", num_hidden_layers=1)
    before = OnnxEmbedder(old, threads=1)
    vector = before.embed_query("a b")
    for path in new.iterdir():
        path.replace(old / path.name)
    after = OnnxEmbedder(old, threads=1)
    assert not np.allclose(after.embed_query("a b"), vector)
    assert before.fingerprint.name == after.fingerprint.name


def test_fingerprint_of_a_folder_is_of_what_is_in_it(make_model):
    folder = make_model("mine")
    fingerprint = OnnxEmbedder(folder).fingerprint
    assert fingerprint.name == "mine"
    assert fingerprint.dimension == 8
    assert OnnxEmbedder(str(folder), normalize=False).fingerprint != fingerprint
    copy = shutil.copytree(folder, folder.parent / "moved" / "mine")
    assert OnnxEmbedder(copy).fingerprint == fingerprint
    other = make_model("other", dtype=np.float16)
    assert OnnxEmbedder(other).fingerprint.revision != fingerprint.revision


def test_many_threads_at_once(minilm):
    texts = [f"sentence number {n} about {n % 7} dogs" for n in range(60)]
    expected = minilm.embed(texts)
    with ThreadPoolExecutor(6) as pool:
        parts = list(pool.map(lambda n: minilm.embed(texts[n : n + 10]), range(0, 60, 10)))
    np.testing.assert_allclose(np.concatenate(parts), expected, atol=1e-5)


def test_more_texts_than_are_tokenized_at_once(make_model, monkeypatch):
    monkeypatch.setattr(_local, "_TEXTS_AT_ONCE", 7)
    embedder = OnnxEmbedder(make_model(), threads=1)
    texts = [" ".join("abcdefgh"[: n % 8]) for n in range(30)]
    alone = np.concatenate([embedder.embed([text]) for text in texts])
    np.testing.assert_allclose(embedder.embed(texts), alone, atol=1e-6)


def test_can_be_pickled(make_model):
    embedder = OnnxEmbedder(make_model(), threads=1, normalize=False, query_prefix="a ")
    vector = embedder.embed_query("b")
    again = pickle.loads(pickle.dumps(embedder))
    np.testing.assert_array_equal(again.embed_query("b"), vector)
    assert again.fingerprint == embedder.fingerprint


FORK = """
import multiprocessing, sys
import numpy as np
from ragkit import OnnxEmbedder
embedder = OnnxEmbedder(threads=2)
texts = ["a dog"] * 3
vector = embedder.embed(texts)

def child():
    global embedder
    assert np.allclose(embedder.embed(texts), vector, atol=1e-6)
    del embedder
    assert np.allclose(OnnxEmbedder(threads=2).embed(texts), vector, atol=1e-6)

process = multiprocessing.get_context("fork").Process(target=child)
process.start()
process.join(30)
assert process.exitcode == 0, process.exitcode
assert np.allclose(embedder.embed(texts), vector, atol=1e-6)
"""


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork here")
def test_works_in_a_forked_child():
    done = subprocess.run(
        [sys.executable, "-c", FORK], timeout=60, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_uses_no_more_threads_than_cores(tmp_path):
    (tmp_path / "cpu.max").write_text("150000 100000\n")
    assert 1 <= physical_cores() <= len(__import__("os").sched_getaffinity(0))
    assert physical_cores(tmp_path, tmp_path / "cpu.max") <= 2
    (tmp_path / "cpu.max").write_text("max 100000\n")
    assert physical_cores(tmp_path, tmp_path / "cpu.max") >= 1


def test_threads_of_one_core_count_once(tmp_path, monkeypatch):
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1, 2, 3})
    for cpu in range(4):
        folder = tmp_path / f"cpu{cpu}" / "topology"
        folder.mkdir(parents=True)
        (folder / "thread_siblings_list").write_text(f"{cpu % 2},{cpu % 2 + 2}\n")
    assert physical_cores(tmp_path, tmp_path / "none") == 2


def test_where_affinity_is_unknown_all_cores_count(tmp_path, monkeypatch):
    monkeypatch.delattr("os.sched_getaffinity")
    monkeypatch.setattr("os.cpu_count", lambda: 3)
    assert physical_cores(tmp_path, tmp_path / "none") == 3


LOADED = """
import sys
import ragkit.embedding.adapt
from ragkit.embedding import OnnxEmbedder
names = {"torch", "transformers", "onnx", "huggingface_hub", "httpx", "langchain_core"}
OnnxEmbedder().embed_query("dog")
print(sorted(names & set(sys.modules)))
"""


def test_needs_neither_torch_nor_onnx_nor_the_network():
    done = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr, done.returncode) == ("[]\n", "", 0)


LIGHT = "import sys, ragkit.embedding.adapt; sys.exit('numpy' in sys.modules)"


def test_adapting_does_not_load_numpy():
    assert subprocess.run([sys.executable, "-c", LIGHT], check=False).returncode == 0


def test_repr_says_which(minilm):
    assert repr(minilm) == "OnnxEmbedder('all-MiniLM-L6-v2', dimension=384)"
