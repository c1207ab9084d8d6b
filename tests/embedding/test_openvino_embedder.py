"""OpenVINO beside onnxruntime: the same vectors, less where less precision is asked for."""

from __future__ import annotations

import functools
import multiprocessing
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from ragkit import OnnxEmbedder, OpenVINOEmbedder, load_embedder
from ragkit.embedding.conformance import EmbedderConformance
from ragkit.errors import InvalidInputError, MissingExtraError

pytestmark = pytest.mark.slow

TEXTS = ["a b c", "d", "", "h g f e d c b a a b c d", "a zzz"]


@pytest.fixture(autouse=True, scope="module")
def _openvino():
    pytest.importorskip("openvino", reason="openvino (ragkit[fast-cpu]) is not installed")


@pytest.fixture(scope="module")
def passages(ragkit_data):
    """400 passages of real text."""
    folder = ragkit_data / "qa" / "chunkeval"
    text = "\n".join(path.read_text("utf-8") for path in sorted(folder.glob("*.md")))
    starts = range(0, len(text) - 1000, (len(text) - 1000) // 400)[:400]
    return [text[n : n + 200 + k % 500] for k, n in enumerate(starts)]


def overlap(one, other):
    """The share of ten nearest neighbours in common."""

    def nearest(vectors):
        scores = vectors @ vectors.T
        np.fill_diagonal(scores, -2)
        return [set(row) for row in np.argsort(-scores, axis=1)[:, :10].tolist()]

    return np.mean([len(a & b) / 10 for a, b in zip(nearest(one), nearest(other), strict=True)])


@functools.cache
def loaded(precision):
    return load_embedder("openvino", precision=precision, threads=2)


class TestExact(EmbedderConformance):
    @pytest.fixture
    def embedder(self):
        return loaded("exact")


class TestAuto(EmbedderConformance):
    tolerance = 0.01

    @pytest.fixture
    def embedder(self):
        return loaded("auto")


class TestEightBits(EmbedderConformance):
    tolerance = 0.02

    @pytest.fixture
    def embedder(self):
        return loaded("int8")


@pytest.mark.parametrize("pooling", ["mean", "cls"])
@pytest.mark.parametrize("normalize", [True, False])
def test_exact_equals_onnxruntime(make_model, pooling, normalize):
    options = {"pooling": pooling, "normalize": normalize, "threads": 1}
    folder = make_model(num_attention_heads=4)
    exact = OpenVINOEmbedder(folder, precision="exact", **options)
    onnx = OnnxEmbedder(folder, **options)
    np.testing.assert_allclose(exact.embed(TEXTS), onnx.embed(TEXTS), atol=2e-5)
    assert exact.fingerprint == onnx.fingerprint


def test_exact_shares_an_index_with_onnxruntime_and_others_do_not(minilm):
    exact, auto, int8 = (OpenVINOEmbedder(precision=p) for p in ("exact", "auto", "int8"))
    assert exact.precision == "f32"
    assert exact.fingerprint == minilm.fingerprint
    assert int8.precision in ("int8+bf16", "int8+f32")
    assert int8.fingerprint != minilm.fingerprint
    assert (auto.fingerprint == minilm.fingerprint) == (auto.precision == "f32")


def test_what_less_precision_costs(minilm, passages):
    expected = minilm.embed(passages)
    for precision, cosine, least in (
        ("exact", 0.99999, 0.999),
        ("auto", 0.999, 0.985),
        ("int8", 0.99, 0.94),
    ):
        vectors = OpenVINOEmbedder(precision=precision).embed(passages)
        assert (vectors * expected).sum(1).min() >= cosine, precision
        assert overlap(vectors, expected) >= least, precision


def test_eight_bits_are_the_same_each_time(make_model):
    folder = make_model()
    one = OpenVINOEmbedder(folder, precision="int8", threads=1).embed(TEXTS)
    other = OpenVINOEmbedder(str(folder), precision="int8", threads=1).embed(TEXTS)
    np.testing.assert_array_equal(one, other)


def test_can_be_pickled(make_model):
    embedder = OpenVINOEmbedder(make_model(), precision="exact", threads=1)
    again = pickle.loads(pickle.dumps(embedder))
    assert again.precision == "f32"
    np.testing.assert_array_equal(again.embed_query("a b"), embedder.embed_query("a b"))


def test_precision_has_to_be_known(make_model):
    with pytest.raises(InvalidInputError, match="precision"):
        OpenVINOEmbedder(make_model(), precision="fp16")


def test_without_the_package_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(MissingExtraError, match="fast-cpu"):
        OpenVINOEmbedder()


FORK = """
import multiprocessing
import numpy as np
from ragkit import OpenVINOEmbedder
embedder = OpenVINOEmbedder(threads=2)
vectors = embedder.embed(["a dog"] * 3)

def child():
    assert np.array_equal(embedder.embed(["a dog"] * 3), vectors)

process = multiprocessing.get_context("fork").Process(target=child)
process.start()
process.join(60)
assert process.exitcode == 0, process.exitcode
"""


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork here")
def test_works_in_a_forked_child():
    done = subprocess.run(
        [sys.executable, "-c", FORK], timeout=90, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_many_threads_at_once():
    embedder = loaded("auto")
    texts = [f"sentence number {n} about {n % 7} dogs" for n in range(60)]
    expected = embedder.embed(texts)
    with ThreadPoolExecutor(6) as pool:
        parts = list(pool.map(lambda n: embedder.embed(texts[n : n + 10]), range(0, 60, 10)))
    np.testing.assert_allclose(np.concatenate(parts), expected, atol=0.01)


QUIET = "from ragkit import OpenVINOEmbedder; OpenVINOEmbedder().embed(['a dog'])"


def test_prints_nothing():
    done = subprocess.run([sys.executable, "-c", QUIET], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")
