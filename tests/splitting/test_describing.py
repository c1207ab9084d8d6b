"""describe_function(): another function has another description, the same one has the same."""

import functools
import json
import os
import subprocess
import sys

import pytest

from ragkit import OnnxEmbedder, RecursiveSplitter, TokenSplitter
from ragkit.splitting.describing import describe_function

CODE = """
import functools
from ragkit import RecursiveSplitter, TokenSplitter

def outer(words):
    return lambda text: sum(word in words or word in {"a", "b", "c", "dd"} for word in text.split())

def own(text, *, marks=frozenset(["x", "y", "zz"])):
    return len([m for m in marks if m in text])

for f in (outer({"e", "f", "gg"}), own, functools.partial(own, marks={"q": {"r", "s"}})):
    print(RecursiveSplitter(length_function=f).config["length_function"])
    print(TokenSplitter(count_tokens=f).config["tokens_of"])
"""


def divided(text, by):
    return len(text) // by


def enclosing(value):
    def length(text):
        return value(text) if callable(value) else len(text) // value

    return length


def recursive():
    def length(text):
        return 1 + length(text[1:]) if text else 0

    return length


class Length:
    def __call__(self, text):
        return len(text)

    def of(self, text):
        return len(text)


DIFFERENT = [
    lambda text: len(text),
    lambda text: len(text) // 2,
    lambda text: len(text) // 3,
    lambda text: len(text.split()),
    lambda text: len(text.strip()),
    lambda text, by=2: len(text) // by,
    lambda text, by=3: len(text) // by,
    lambda text: len([c for c in text if c == "a"]),
    lambda text: len([c for c in text if c == "b"]),
    enclosing(2),
    enclosing(3),
    enclosing(len),
    enclosing(lambda text: 1),
    enclosing(lambda text: 2),
    recursive(),
    functools.partial(divided, by=2),
    functools.partial(divided, by=3),
    len,
    divided,
    Length(),
    Length().of,
]


def test_different_functions_are_told_apart():
    descriptions = [describe_function(function) for function in DIFFERENT]
    assert len(set(descriptions)) == len(DIFFERENT)
    assert [describe_function(function) for function in DIFFERENT] == descriptions
    configs = [str(RecursiveSplitter(length_function=f).config) for f in DIFFERENT]
    assert len(set(configs)) == len(DIFFERENT)
    assert len({repr(TokenSplitter(count_tokens=f)) for f in DIFFERENT[:4]}) == 4


def test_named_functions_keep_their_names():
    assert RecursiveSplitter().config["length_function"] == "len"
    assert describe_function(json.dumps) == "json.dumps"
    assert describe_function(divided).endswith("test_describing.divided")
    assert describe_function(Length()) == describe_function(Length())


def test_a_method_of_an_embedder_names_the_embedder():
    embedder = OnnxEmbedder()
    described = describe_function(embedder.count_tokens)
    assert described == describe_function(OnnxEmbedder().count_tokens)
    embedder.embed(["word " * 1000])
    assert described == describe_function(embedder.count_tokens), "use changes nothing"


@pytest.mark.parametrize("seed", ["1", "2"])
def test_descriptions_are_the_same_in_every_process(seed):
    here = {**os.environ, "PYTHONHASHSEED": "0"}
    there = {**os.environ, "PYTHONHASHSEED": seed}
    runs = [
        subprocess.run(
            [sys.executable, "-c", CODE], env=env, capture_output=True, check=True
        ).stdout
        for env in (here, there)
    ]
    assert runs[0] == runs[1] != b""
