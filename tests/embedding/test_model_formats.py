"""How weights are stored, what models are called, and texts longer than a model reads."""

from __future__ import annotations

import json

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from ragkit import OnnxEmbedder
from ragkit.errors import InvalidInputError, ModelError

TEXTS = ["a b c", "d", "", "h g f e d c b a"]


def save_bfloat16(tensors, path):
    """As safetensors writes it; numpy has no such numbers."""
    halves = {name: (v.view(np.uint32) >> 16).astype("<u2") for name, v in tensors.items()}
    header, start = {}, 0
    for name, values in halves.items():
        end = start + values.nbytes
        header[name] = {"dtype": "BF16", "shape": values.shape, "data_offsets": [start, end]}
        start = end
    data = json.dumps(header).encode()
    with path.open("wb") as file:
        file.write(len(data).to_bytes(8, "little") + data)
        file.writelines(values.tobytes() for values in halves.values())


def test_bfloat16_weights_are_computed_in_single(make_model):
    folder = make_model()
    path = folder / "model.safetensors"
    tensors = load_file(path)
    rounded = {n: (v.view(np.uint32) & 0xFFFF0000).view(np.float32) for n, v in tensors.items()}
    save_file(rounded, path)
    expected = OnnxEmbedder(folder, threads=1).embed(TEXTS)
    save_bfloat16(tensors, path)
    np.testing.assert_array_equal(OnnxEmbedder(folder, threads=1).embed(TEXTS), expected)


@pytest.fixture
def sharded(make_model):
    """A model in two files, and the vectors that it had in one."""
    folder = make_model()
    whole = OnnxEmbedder(folder, threads=1)
    expected, revision = whole.embed(TEXTS), whole.fingerprint.revision
    tensors = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    names = sorted(tensors)
    places = {n: f"model-0000{1 + (k % 2)}-of-00002.safetensors" for k, n in enumerate(names)}
    for file in set(places.values()):
        save_file({n: tensors[n] for n in names if places[n] == file}, folder / file)
    index = folder / "model.safetensors.index.json"
    index.write_text(json.dumps({"metadata": {}, "weight_map": places}))
    return folder, expected, revision


def test_weights_in_several_files(sharded):
    folder, expected, revision = sharded
    embedder = OnnxEmbedder(folder, threads=1)
    np.testing.assert_array_equal(embedder.embed(TEXTS), expected)
    assert embedder.fingerprint.revision != revision
    assert len(embedder.fingerprint.revision) == 64


@pytest.mark.parametrize("name", ["../model-00001-of-00002.safetensors", "absent.safetensors", 3])
def test_an_index_names_files_of_the_folder_only(sharded, name):
    folder, _, _ = sharded
    index = folder / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"a": name}}))
    with pytest.raises(ModelError, match="no file of the folder"):
        OnnxEmbedder(folder)


def test_a_shard_cut_short(sharded):
    path = sharded[0] / "model-00002-of-00002.safetensors"
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(ModelError, match=r"model-00002-of-00002\.safetensors is damaged"):
        OnnxEmbedder(sharded[0])


BGE = ("Represent this sentence for searching relevant passages: ", "")
E5 = ("query: ", "passage: ")


@pytest.mark.parametrize(
    ("name", "prefixes"),
    [
        ("bge-small-en-v1.5", BGE),
        ("BGE-large-en", BGE),
        ("e5-base-v2", E5),
        ("multilingual-e5-large", E5),
        ("multilingual-e5-large-instruct", ("", "")),
        ("my-bge-small-en-v1.5-tuned", ("", "")),
        ("gte-base", ("", "")),
    ],
)
def test_prefixes_of_known_models(make_model, name, prefixes):
    saved = {"prompts": {"query": "", "document": ""}}  # what is written where nobody gave any
    embedder = OnnxEmbedder(make_model(name, files={"config_sentence_transformers.json": saved}))
    assert (embedder.query_prefix, embedder.document_prefix) == prefixes
    fingerprint = embedder.fingerprint
    assert (fingerprint.query_prefix, fingerprint.document_prefix) == prefixes


def test_a_model_known_by_what_it_was_made_of(make_model):
    folder = make_model("model", _name_or_path="intfloat/e5-small")
    embedder = OnnxEmbedder(folder)
    assert (embedder.query_prefix, embedder.document_prefix) == E5


def test_the_folder_and_the_user_know_better(make_model):
    said = {"config_sentence_transformers.json": {"prompts": {"query": "q: "}}}
    folder = make_model("e5-base", files=said)
    embedder = OnnxEmbedder(folder)
    assert (embedder.query_prefix, embedder.document_prefix) == ("q: ", "")
    plain = OnnxEmbedder(make_model("e5-small"), query_prefix="", document_prefix="")
    assert (plain.query_prefix, plain.document_prefix) == ("", "")


def test_windows_are_averaged_by_their_tokens(make_model):
    folder = make_model()  # reads 16 tokens: 14 words; windows begin every 13th
    words = [*"abcdefghijklmnopabcdefgh"]
    windowed = OnnxEmbedder(folder, threads=1, long_texts="windows")
    vectors = windowed.embed(["a b", " ".join(words), "c"])
    cut = OnnxEmbedder(folder, threads=1)
    parts = cut.embed([" ".join(words[:14]), " ".join(words[13:])])
    mean = 16 * parts[0] + 13 * parts[1]
    np.testing.assert_allclose(vectors[1], mean / np.linalg.norm(mean), atol=1e-5)
    np.testing.assert_allclose(vectors[[0, 2]], cut.embed(["a b", "c"]), atol=1e-6)
    assert windowed.truncated == 0
    assert windowed.fingerprint.name == "tiny (windows)"
    assert windowed.fingerprint != cut.fingerprint


def test_the_last_words_of_a_long_text_count_in_windows_only(make_model):
    folder = make_model()
    start = "a b c d e f g h " * 4
    for how, same in (("cut", True), ("windows", False)):
        embedder = OnnxEmbedder(folder, threads=1, long_texts=how)
        one, other = embedder.embed([start + "i", start + "j"])
        assert np.allclose(one, other, atol=1e-6) == same
        np.testing.assert_allclose(embedder.embed([start + "j"])[0], other, atol=1e-5)


def test_long_texts_has_two_values(make_model):
    with pytest.raises(InvalidInputError, match="long_texts"):
        OnnxEmbedder(make_model(), long_texts="split")
