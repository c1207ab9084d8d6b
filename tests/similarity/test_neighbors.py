"""A corpus that is saved and loaded, whatever happens to its files."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from ragkit import FunctionEmbedder
from ragkit.errors import (
    CorruptFileError,
    CorruptStoreError,
    IndexMismatchError,
    InvalidInputError,
    MissingFileError,
    StoreError,
)
from ragkit.similarity import NearestNeighbors
from ragkit.similarity.saving import MANIFEST


def letters(text):
    return [float(text.lower().count(letter)) for letter in "abcdefgh"]


@pytest.fixture
def embedder():
    return FunctionEmbedder(letters, dimension=8)


def test_ids_are_given_back(embedder):
    neighbors = NearestNeighbors(embedder).fit((["x", "y"], ["a", "b"]))
    assert neighbors.query(["b", "a"]) == [[{"id": "y", "score": 1.0}], [{"id": "x", "score": 1.0}]]
    assert len(neighbors.query(["b"], top_k=9)[0]) == len(neighbors) == 2


def test_places_are_ids_where_none_are_given(embedder):
    assert NearestNeighbors(embedder).fit(["a", "b"]).query(["b"])[0][0]["id"] == "1"


def test_texts_are_given_back_if_stored(embedder, tmp_path):
    texts = ["a\nÄ", "b\ud800"]
    NearestNeighbors(embedder, store_text=True).fit(texts).save(tmp_path)
    loaded = NearestNeighbors.load(tmp_path, embedder)
    assert [found[0]["text"] for found in loaded.query(["a", "b"])] == texts


def test_a_csv_file_is_read(embedder, tmp_path):
    file = tmp_path / "corpus.csv"
    file.write_text('﻿7,"a, then\na"\n8,b\n\n', encoding="utf-8")
    neighbors = NearestNeighbors(embedder, store_text=True).fit(file)
    assert neighbors.query(["a"])[0][0] == {
        "id": "7",
        "score": pytest.approx(letters("aathen")[0] / sum(x * x for x in letters("aathen")) ** 0.5),
        "text": "a, then\na",
    }
    assert len(neighbors) == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"1,a\n2\n", "line 2 has 1 columns"),
        (b"1,a\n1,b\n", "line 2 has the id '1' for the second time"),
        (b"1,\xff\n", "no CSV in UTF-8"),
        (b'1,"a" b\n', "no CSV"),
    ],
)
def test_a_bad_csv_file_is_named_by_its_line(embedder, tmp_path, content, message):
    file = tmp_path / "corpus.csv"
    file.write_bytes(content)
    with pytest.raises(CorruptFileError, match=message):
        NearestNeighbors(embedder).fit(file)


def test_bad_corpora_are_named(embedder):
    neighbors = NearestNeighbors(embedder)
    with pytest.raises(InvalidInputError, match="call fit"):
        neighbors.query(["a"])
    with pytest.raises(MissingFileError, match="There is no file"):
        neighbors.fit("nothing.csv")
    with pytest.raises(InvalidInputError, match="no text"):
        neighbors.fit([])
    with pytest.raises(InvalidInputError, match="id 'x' twice"):
        neighbors.fit((["x", "x"], ["a", "b"]))
    with pytest.raises(InvalidInputError, match="2 ids and 1 texts"):
        neighbors.fit((["x", "y"], ["a"]))


def test_saved_and_loaded_it_finds_the_same_from_a_mapped_file(embedder, tmp_path):
    random = np.random.default_rng(0)
    texts = ["".join(random.choice(list("abcdefgh"), 9)) for _ in range(500)]
    fitted = NearestNeighbors(embedder).fit(texts).save(tmp_path)
    loaded = NearestNeighbors.load(tmp_path, embedder)
    assert isinstance(loaded._vectors, np.memmap)
    assert loaded.query(texts[:20], 7) == fitted.query(texts[:20], 7)
    assert loaded.save(tmp_path / "again").query(["a"]) == fitted.query(["a"])


def test_another_embedder_is_refused(embedder, tmp_path):
    NearestNeighbors(embedder).fit(["a"]).save(tmp_path)
    with pytest.raises(IndexMismatchError, match="other"):
        NearestNeighbors.load(tmp_path, FunctionEmbedder(letters, dimension=8, name="other"))


def test_saving_again_leaves_only_the_new(embedder, tmp_path):
    (tmp_path / "mine.npy").write_bytes(b"kept")
    neighbors = NearestNeighbors(embedder)
    for _ in range(3):
        neighbors.fit(["a", "b"]).save(tmp_path)
    assert (tmp_path / "mine.npy").exists()
    assert len(list(tmp_path.glob("*.npy"))) == 6


@pytest.mark.parametrize("part", ["vectors", "ids", "id-ends", "text-ends"])
@pytest.mark.parametrize("damage", ["cut", "changed", "gone"])
def test_damage_is_noticed(embedder, tmp_path, part, damage):
    NearestNeighbors(embedder, store_text=True).fit(["a", "b"]).save(tmp_path)
    (file,) = tmp_path.glob(f"{part}.*.npy")
    content = file.read_bytes()
    if damage == "gone":
        file.unlink()
    else:
        file.write_bytes(content[:-1] if damage == "cut" else content[:-1] + b"\x7f")
    with pytest.raises(CorruptStoreError, match="fit and save the corpus anew"):
        NearestNeighbors.load(tmp_path, embedder)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"format": 1}', '{"format": 1, "files": {"vectors": {"file": "../x"}}}'],
)
def test_a_damaged_manifest_is_noticed(embedder, tmp_path, text):
    NearestNeighbors(embedder).fit(["a"]).save(tmp_path)
    (tmp_path / MANIFEST).write_text(text)
    with pytest.raises(CorruptStoreError, match="damaged"):
        NearestNeighbors.load(tmp_path, embedder)


def test_an_empty_folder_and_a_newer_format(embedder, tmp_path):
    with pytest.raises(StoreError, match="no NearestNeighbors was saved"):
        NearestNeighbors.load(tmp_path, embedder)
    NearestNeighbors(embedder).fit(["a"]).save(tmp_path)
    manifest = json.loads((tmp_path / MANIFEST).read_text())
    (tmp_path / MANIFEST).write_text(json.dumps({**manifest, "format": 2}))
    with pytest.raises(StoreError, match="format 2"):
        NearestNeighbors.load(tmp_path, embedder)


SAVING = """
import sys
from ragkit import FunctionEmbedder
from ragkit.similarity import NearestNeighbors
def vector(text): return [1.0, float(len(text))]
embedder = FunctionEmbedder(vector, dimension=2, name="v")
number = 0
while True:
    number += 1
    corpus = [f"{number}.{i}" for i in range(99)], ["x"] * 99
    NearestNeighbors(embedder).fit(corpus).save(sys.argv[1])
    print(number, flush=True)
"""


@pytest.mark.slow
def test_killed_while_saving_the_folder_stays_whole(tmp_path):
    embedder = FunctionEmbedder(lambda text: [1.0, float(len(text))], dimension=2, name="v")
    for pause in np.random.default_rng(0).uniform(0, 0.1, 10):
        run = subprocess.Popen([sys.executable, "-c", SAVING, tmp_path], stdout=subprocess.PIPE)
        run.stdout.readline()
        time.sleep(pause)
        os.kill(run.pid, signal.SIGKILL)
        run.wait()
        run.stdout.close()
        loaded = NearestNeighbors.load(tmp_path, embedder)
        found = loaded.query(["x"], 99)[0]
        assert len({one["id"].partition(".")[0] for one in found}) == 1
    NearestNeighbors(embedder).fit(["a"]).save(tmp_path)
    assert len(list(tmp_path.glob("*.npy"))) == 5  # what killed ones left is gone
