"""The fused graph against a forward pass written out in numpy, on small random models."""

from __future__ import annotations

import math

import numpy as np
import pytest
from safetensors.numpy import load_file

from ragkit import OnnxEmbedder

IDS = {word: n for n, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"abcdefgh"])}
TEXTS = ["a b c", "d", "", "h g f e d c b a a b c d", "a zzz"]

_erf = np.vectorize(math.erf)


def norm(x, weight, bias, epsilon):
    mean = x.mean(-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(-1, keepdims=True)
    return (x - mean) / np.sqrt(variance + epsilon) * weight + bias


def softmax(x):
    powers = np.exp(x - x.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def forward(text, tensors, *, layers, heads, pooling, normalize, limit=16, epsilon=1e-12):
    """BERT as in Devlin et al. 2019, one text at a time, in float64."""
    t = {name: values.astype(np.float64) for name, values in tensors.items()}
    ids = [*[2, *(IDS.get(word, 1) for word in text.split())][: limit - 1], 3]
    x = t["embeddings.word_embeddings.weight"][ids]
    x = x + t["embeddings.position_embeddings.weight"][: len(ids)]
    x = x + t["embeddings.token_type_embeddings.weight"][0]

    def normed(x, name):
        return norm(x, t[f"{name}.LayerNorm.weight"], t[f"{name}.LayerNorm.bias"], epsilon)

    def dense(x, name):
        return x @ t[f"{name}.weight"].T + t[f"{name}.bias"]

    x = normed(x, "embeddings")
    for n in range(layers):
        layer = f"encoder.layer.{n}"
        parts = [dense(x, f"{layer}.attention.self.{p}") for p in ("query", "key", "value")]
        q, k, v = (p.reshape(len(ids), heads, -1).transpose(1, 0, 2) for p in parts)
        mixed = softmax(q @ k.transpose(0, 2, 1) / math.sqrt(q.shape[-1])) @ v
        mixed = mixed.transpose(1, 0, 2).reshape(len(ids), -1)
        x = normed(dense(mixed, f"{layer}.attention.output.dense") + x, f"{layer}.attention.output")
        wide = dense(x, f"{layer}.intermediate.dense")
        wide = wide * 0.5 * (1 + _erf(wide / math.sqrt(2)))
        x = normed(dense(wide, f"{layer}.output.dense") + x, f"{layer}.output")
    vector = x[0] if pooling == "cls" else x.mean(0)
    return vector / np.linalg.norm(vector) if normalize else vector


@pytest.mark.parametrize("pooling", ["mean", "cls"])
@pytest.mark.parametrize("normalize", [True, False])
@pytest.mark.parametrize(("layers", "heads"), [(1, 1), (2, 4), (3, 2)])
def test_equals_the_written_out_forward_pass(make_model, pooling, normalize, layers, heads):
    folder = make_model(num_hidden_layers=layers, num_attention_heads=heads)
    vectors = OnnxEmbedder(folder, pooling=pooling, normalize=normalize, threads=1).embed(TEXTS)
    tensors = load_file(folder / "model.safetensors")
    options = {"layers": layers, "heads": heads, "pooling": pooling, "normalize": normalize}
    expected = [forward(text, tensors, **options) for text in TEXTS]
    np.testing.assert_allclose(vectors, expected, atol=2e-5)


def test_half_precision_weights_are_computed_in_single(make_model):
    folder = make_model(dtype=np.float16, prefix="bert.")
    tensors = load_file(folder / "model.safetensors")
    tensors = {name.removeprefix("bert."): values for name, values in tensors.items()}
    vectors = OnnxEmbedder(folder, threads=1).embed(TEXTS)
    options = {"layers": 2, "heads": 2, "pooling": "mean", "normalize": True}
    expected = [forward(text, tensors, **options) for text in TEXTS]
    np.testing.assert_allclose(vectors, expected, atol=2e-5)


def test_the_folder_says_pooling_prompts_limit_and_epsilon(make_model):
    folder = make_model(
        layer_norm_eps=0.1,
        files={
            "modules.json": [
                {"type": "sentence_transformers.models.Transformer", "path": ""},
                {"type": "sentence_transformers.models.Pooling", "path": "1_Pooling"},
                {"type": "sentence_transformers.models.Normalize", "path": "2_Normalize"},
            ],
            "1_Pooling/config.json": {
                "pooling_mode_cls_token": True,
                "pooling_mode_mean_tokens": False,
            },
            "sentence_bert_config.json": {"max_seq_length": 6},
            "config_sentence_transformers.json": {"prompts": {"query": "q: ", "passage": "a b "}},
        },
    )
    embedder = OnnxEmbedder(folder, threads=1)
    assert embedder.max_tokens == 6
    assert (embedder.query_prefix, embedder.document_prefix) == ("q: ", "a b ")
    tensors = load_file(folder / "model.safetensors")
    options = {"layers": 2, "heads": 2, "pooling": "cls", "normalize": True}
    expected = forward("a b c d e f g", tensors, **options, limit=6, epsilon=0.1)
    np.testing.assert_allclose(embedder.embed(["c d e f g"])[0], expected, atol=2e-5)
    assert embedder.truncated == 1
    assert embedder.count_tokens("a b c d e f g") == 9


def test_a_newer_pooling_configuration_is_understood(make_model):
    files = {"1_Pooling/config.json": {"pooling_mode": "cls", "embedding_dimension": 8}}
    by_folder = OnnxEmbedder(make_model("one", files=files), threads=1)
    by_argument = OnnxEmbedder(make_model("two"), pooling="cls", threads=1)
    np.testing.assert_array_equal(by_folder.embed(["a b"]), by_argument.embed(["a b"]))
    assert by_argument.fingerprint.name == "two (cls pooling)"
    assert by_folder.fingerprint.name == "one"


def test_padding_does_not_change_vectors(make_model):
    embedder = OnnxEmbedder(make_model(), threads=1, batch_tokens=1000)
    together = embedder.embed(TEXTS)
    alone = [embedder.embed([text])[0] for text in TEXTS]
    np.testing.assert_allclose(together, alone, atol=1e-6)
