"""Vectors that differ have fingerprints that differ, so that nothing mixes them."""

from __future__ import annotations

import functools
import json
import pickle

import numpy as np
import pytest

from ragkit import FunctionEmbedder, OnnxEmbedder


def axis(text, number=0):
    return [float(number), 1.0]


class Model:
    def __init__(self, number):
        self.number = number

    def embed(self, text):
        return axis(text, self.number)

    __call__ = embed


def inside(number):
    return lambda text: axis(text, number)


@pytest.mark.parametrize(
    "made",
    [
        lambda n: functools.partial(axis, number=n),
        lambda n: Model(n).embed,
        Model,
        inside,
        lambda n: (lambda text: [1.0, 2.0]) if n else (lambda text: [1.0, 3.0]),
    ],
)
def test_functions_of_one_name_are_told_apart(made):
    one, again, other = (FunctionEmbedder(made(n)).fingerprint for n in (0, 0, 1))
    assert one == again
    assert one != other


def test_a_function_of_a_module_is_known_by_its_name():
    fingerprint = FunctionEmbedder(axis).fingerprint
    assert (fingerprint.name, fingerprint.revision) == ("test_fingerprints.axis", "")
    assert pickle.loads(pickle.dumps(FunctionEmbedder(axis))).fingerprint == fingerprint
    named = FunctionEmbedder(inside(1), name="mine").fingerprint
    assert (named.name, named.revision) == ("mine", "")


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("1_Pooling/config.json", {"pooling_mode_cls_token": True}),
        ("sentence_bert_config.json", {"max_seq_length": 8}),
    ],
)
def test_a_folder_s_settings_are_part_of_it(make_model, file, content):
    folder = make_model()
    before = OnnxEmbedder(folder)
    (folder / file).parent.mkdir(exist_ok=True)
    (folder / file).write_text(json.dumps(content), encoding="utf-8")
    after = OnnxEmbedder(folder)
    text = ["a dog and a cat and a dog and a cat"]
    assert not np.allclose(before.embed(text), after.embed(text), atol=1e-4)
    assert before.fingerprint != after.fingerprint
    assert OnnxEmbedder(folder).fingerprint == after.fingerprint


def test_a_prefix_that_is_set_later_is_part_of_it():
    embedder = OnnxEmbedder()
    before = embedder.fingerprint
    embedder.query_prefix = "query: "
    assert embedder.fingerprint != before
