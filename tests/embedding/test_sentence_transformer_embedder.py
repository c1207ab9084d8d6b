"""SentenceTransformerEmbedder beside OnnxEmbedder and sentence-transformers itself."""

from __future__ import annotations

import functools
import logging
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ragkit import OnnxEmbedder, SentenceTransformerEmbedder, load_embedder
from ragkit.embedding import _local
from ragkit.embedding.conformance import TEXTS, EmbedderConformance
from ragkit.errors import InvalidInputError, MissingExtraError, ModelError, UnknownOptionError

pytestmark = pytest.mark.slow

pytest.importorskip(
    "sentence_transformers", reason="sentence-transformers (ragkit[sentence-transformers])"
)


@functools.cache
def shipped() -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder(_local.SHIPPED, device="cpu")


class TestConformance(EmbedderConformance):
    @pytest.fixture
    def embedder(self):
        return shipped()


def test_agrees_with_onnxruntime(minilm):
    texts = [*TEXTS, "long " * 500, "half a pair \ud83d here"]
    np.testing.assert_allclose(shipped().embed(texts), minilm.embed(texts), atol=1e-4)
    assert shipped().max_tokens == minilm.max_tokens == 256
    assert shipped().count_tokens_batch(texts) == minilm.count_tokens_batch(texts)


def test_the_folder_s_settings_are_part_of_the_fingerprint(tmp_path):
    before = shipped().fingerprint
    folder = shutil.copytree(_local.SHIPPED, tmp_path / _local.SHIPPED.name)
    assert SentenceTransformerEmbedder(str(folder)).fingerprint == before
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 64}', encoding="utf-8")
    assert SentenceTransformerEmbedder(str(folder)).fingerprint != before


def test_counts_what_it_cuts(caplog):
    embedder = load_embedder(f"sentence-transformers:{_local.SHIPPED}", device="cpu")
    fits, cut = "dog " * 254, "dog " * 255
    with caplog.at_level(logging.WARNING):
        embedder.embed([fits, cut, "short"])
        embedder.embed_query(cut)
    assert embedder.truncated == 2
    assert [record.name for record in caplog.records] == ["ragkit.embedding"]


@pytest.fixture
def model(make_model):
    """A tiny model as sentence-transformers saves one, with a pooling of its own."""

    def make(prompts=None, *, include_prompt=True):
        files = {
            "modules.json": [
                {
                    "idx": n,
                    "name": str(n),
                    "path": path,
                    "type": f"sentence_transformers.models.{kind}",
                }
                for n, (path, kind) in enumerate((("", "Transformer"), ("1_Pooling", "Pooling")))
            ],
            "1_Pooling/config.json": {
                "word_embedding_dimension": 8,
                "pooling_mode_cls_token": True,
                "pooling_mode_mean_tokens": False,
                "include_prompt": include_prompt,
            },
            "config_sentence_transformers.json": {"prompts": prompts or {}},
            "tokenizer_config.json": {
                "tokenizer_class": "PreTrainedTokenizerFast",
                "pad_token": "[PAD]",
                "unk_token": "[UNK]",
                "model_max_length": 16,
            },
        }
        return make_model(files=files)

    return make


def test_prompts_and_pooling_are_the_model_s(model):
    folder = model({"query": "a b ", "passage": "c "})
    embedder = SentenceTransformerEmbedder(folder, device="cpu", normalize=False)
    onnx = OnnxEmbedder(folder, normalize=False, threads=1)
    assert (embedder.query_prefix, embedder.document_prefix) == ("a b ", "c ")
    np.testing.assert_allclose(embedder.embed_query("d"), onnx.embed_query("d"), atol=1e-4)
    np.testing.assert_allclose(embedder.embed(["d e"]), onnx.embed(["d e"]), atol=1e-4)


def test_bfloat16_is_in_the_fingerprint(model):
    folder = model()
    single = SentenceTransformerEmbedder(folder, device="cpu")
    half = SentenceTransformerEmbedder(folder, device="cpu", dtype="bfloat16")
    assert (single.dtype, half.dtype) == ("float32", "bfloat16")
    assert half.fingerprint.name == "tiny (bfloat16)"
    assert half.fingerprint != single.fingerprint
    assert (half.embed(["a b"]) @ single.embed(["a b"]).T).item() == pytest.approx(1, abs=0.02)


def test_small_batches_keep_the_order(model):
    folder = model()
    texts = [" ".join("abcdefgh"[: n % 8]) for n in range(30)]
    large = SentenceTransformerEmbedder(folder, device="cpu").embed(texts)
    small = SentenceTransformerEmbedder(folder, device="cpu", batch_tokens=10).embed(texts)
    np.testing.assert_allclose(small, large, atol=1e-5)


def test_can_be_pickled(model):
    embedder = SentenceTransformerEmbedder(model(), device="cpu", query_prefix="a ")
    again = pickle.loads(pickle.dumps(embedder))
    np.testing.assert_allclose(again.embed_query("b"), embedder.embed_query("b"), atol=1e-6)


def test_pickled_parts_are_refused(model):
    folder = model()
    (folder / "2_Dense").mkdir()
    (folder / "2_Dense" / "pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(ModelError, match=r"2_Dense.*pickle"):
        SentenceTransformerEmbedder(folder, device="cpu")


def test_prompts_that_are_left_out_of_the_pooling(model):
    folder = model({"query": "a "}, include_prompt=False)
    with pytest.raises(ModelError, match="prompts"):
        SentenceTransformerEmbedder(folder, device="cpu")
    plain = SentenceTransformerEmbedder(folder, device="cpu", query_prefix="", document_prefix="")
    assert plain.embed(["a"]).shape == (1, 8)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"dtype": "int8"}, "dtype"),
        ({"device": "toaster"}, "toaster"),
        ({"batch_tokens": 0}, "batch_tokens"),
        ({"normalize": 1}, "normalize"),
    ],
)
def test_arguments_that_can_not_work(options, word):
    with pytest.raises(InvalidInputError, match=word):
        SentenceTransformerEmbedder(_local.SHIPPED, **options)


def test_a_misspelt_option():
    with pytest.raises(UnknownOptionError, match="batch_tokens"):
        SentenceTransformerEmbedder(_local.SHIPPED, batch_token=3)


def test_a_damaged_model(model):
    folder = model()
    (folder / "model.safetensors").write_bytes(b"")
    with pytest.raises(ModelError, match="could not be loaded"):
        SentenceTransformerEmbedder(folder, device="cpu")


def test_without_the_package_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(MissingExtraError, match="sentence-transformers"):
        SentenceTransformerEmbedder(_local.SHIPPED)


QUIET = "from ragkit import SentenceTransformerEmbedder as S; S({!r}, device='cpu').embed(['a'])"


def test_prints_nothing():
    code = QUIET.format(str(Path(_local.SHIPPED)))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")
