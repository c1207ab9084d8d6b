"""Folders that hold no model, or one that would be computed wrongly: a clear error each."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest

from ragkit import OnnxEmbedder
from ragkit.errors import InvalidInputError, ModelError


def refused(folder, *words, **options):
    with pytest.raises(ModelError) as caught:
        OnnxEmbedder(folder, **options)
    for word in words:
        assert word in str(caught.value)


def test_no_such_folder(tmp_path):
    refused(tmp_path / "absent", "no folder", "absent", "tokenizer.json")
    refused("just-a-name", "no folder", "hub id")


def test_empty_folder(tmp_path):
    refused(tmp_path, "no model.safetensors")


def test_pickled_weights_are_not_read(tmp_path):
    (tmp_path / "pytorch_model.bin").write_bytes(b"pickle")
    refused(tmp_path, "pytorch_model.bin", "can run code", "safe_serialization")


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json"])
def test_a_missing_file(make_model, name):
    folder = make_model()
    (folder / name).unlink()
    refused(folder, f"no {name}")


@pytest.mark.parametrize("cut", [0, 5, 100, -10])
def test_weights_cut_short(make_model, cut):
    folder = make_model()
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:cut])
    refused(folder, "damaged", "model.safetensors")


def test_weights_of_another_format(make_model):
    refused(make_model(dtype=np.float64), "F64", "F16 or F32")


@pytest.mark.parametrize(
    "name", ["encoder.layer.1.output.dense.bias", "embeddings.word_embeddings.weight"]
)
def test_a_missing_tensor(make_model, name):
    refused(make_model(drop=name), "no tensor", name)


def test_tensors_of_another_shape(make_model):
    folder = make_model()
    config = (
        (folder / "config.json")
        .read_text()
        .replace('"intermediate_size": 12', '"intermediate_size": 13')
    )
    (folder / "config.json").write_text(config)
    refused(folder, "(12, 8)", "(13, 8)", "encoder.layer.0.intermediate.dense.weight")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("model_type", "distilbert"),
        ("type_vocab_size", -1),
        ("model_type", None),
        ("hidden_act", "gelu_new"),
        ("position_embedding_type", "relative_key"),
        ("num_attention_heads", 3),
        ("num_attention_heads", "2"),
        ("hidden_size", True),
        ("num_hidden_layers", 0),
        ("layer_norm_eps", "small"),
        ("layer_norm_eps", -1.0),
        ("pad_token_id", "0"),
        ("pad_token_id", 99),
    ],
)
def test_an_encoder_that_can_not_be_run(make_model, key, value):
    folder = make_model()
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, key: value}))
    refused(folder, "config.json")


@pytest.mark.parametrize(
    ("files", "word"),
    [
        ({"config.json": "{"}, "JSON"),
        ({"config.json": "[]"}, "JSON object"),
        ({"config.json": "[" * 100_000}, "JSON"),
        ({"tokenizer.json": "{}"}, "tokenizer"),
        ({"modules.json": {"a": 1}}, "list of modules"),
        ({"modules.json": [{"type": "sentence_transformers.models.Dense"}]}, "Dense"),
        ({"1_Pooling/config.json": {"pooling_mode_max_tokens": True}}, "max"),
        (
            {"1_Pooling/config.json": {"pooling_mode_max_tokens": True, "pooling_mode": "mean"}},
            "max, mean",
        ),
        ({"1_Pooling/config.json": {"include_prompt": False}}, "prompts"),
        ({"sentence_bert_config.json": {"max_seq_length": 17}}, "16 positions"),
        ({"sentence_bert_config.json": {"max_seq_length": 1}}, "max_seq_length 1"),
        ({"config_sentence_transformers.json": {"prompts": ["query"]}}, "prompts"),
    ],
)
def test_damaged_configuration(make_model, files, word):
    refused(make_model(files=files), word)


def test_a_tokenizer_of_another_model(make_model):
    refused(make_model(vocab_size=7), "20 tokens", "only 7")


def test_limit_not_told_is_that_of_the_positions(make_model):
    folder = make_model(files={"sentence_bert_config.json": {"do_lower_case": True}})
    assert OnnxEmbedder(folder).max_tokens == 16


def test_default_prompt(make_model):
    prompts = {"prompts": {"retrieval": "r: ", "query": "q: "}, "default_prompt_name": "retrieval"}
    folder = make_model(files={"config_sentence_transformers.json": prompts})
    embedder = OnnxEmbedder(folder)
    assert (embedder.query_prefix, embedder.document_prefix) == ("q: ", "r: ")
    plain = OnnxEmbedder(folder, query_prefix="", document_prefix="")
    assert (plain.query_prefix, plain.document_prefix) == ("", "")


@pytest.mark.parametrize(
    "options",
    [
        {"threads": 0},
        {"threads": 1.5},
        {"batch_tokens": 0},
        {"pooling": "max"},
        {"query_prefix": 3},
        {"revision": "main"},
    ],
)
def test_arguments_that_can_not_work(make_model, options):
    with pytest.raises(InvalidInputError, match=next(iter(options))):
        OnnxEmbedder(make_model(), **options)


def test_the_hub_out_of_reach(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    refused("nobody/nothing", "nobody/nothing", "cache", "minilm", revision="main")


def test_the_hubs_cache_serves_offline(make_model, tmp_path, monkeypatch):
    commit, cache = "0" * 40, tmp_path / "hub"
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))
    snapshots = cache / "models--nobody--tiny" / "snapshots"
    snapshots.mkdir(parents=True)
    make_model().rename(snapshots / commit)
    (snapshots.parent / "refs").mkdir()
    (snapshots.parent / "refs" / "main").write_text(commit)
    embedder = OnnxEmbedder("nobody/tiny", revision="main")
    assert embedder.embed(["a b"]).shape == (1, 8)
    assert embedder.fingerprint.name == "nobody/tiny"


def test_a_mistyped_folder_is_no_request(tmp_path, monkeypatch):
    (tmp_path / "models").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError, match="There is no folder 'models/bge'"):
        OnnxEmbedder("models/bge")


def test_without_the_hubs_client_the_error_is_ours(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(ModelError, match="ModuleNotFoundError"):
        OnnxEmbedder("no/model")
