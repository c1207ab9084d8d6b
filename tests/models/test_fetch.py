"""models.fetch against a hub on loopback: what is taken, what is refused, what is recorded."""

from __future__ import annotations

import hashlib
import json
import threading

import pytest
from hub_server import COMMIT, ID, WEIGHTS, cut_after, git_id, names, send

from ragkit import models
from ragkit.errors import InvalidInputError, ModelError


def test_the_model_lies_in_the_folder_and_is_recorded(hub, fetch, tmp_path):
    folder = fetch()
    assert folder == tmp_path / "model"
    assert names(folder) == sorted([*hub.files, "ragkit-model.json"])
    assert all((folder / name).read_bytes() == data for name, data in hub.files.items())
    record = json.loads((folder / "ragkit-model.json").read_text())
    assert (record["id"], record["commit"], record["revision"]) == (ID, COMMIT, None)
    assert {"name": "model.safetensors", "size": len(WEIGHTS),
            "sha256": hashlib.sha256(WEIGHTS).hexdigest()} in record["files"]  # fmt: skip
    assert models.recorded_commit(folder) == models.recorded_commit(str(folder)) == COMMIT
    assert models.recorded_commit(tmp_path) is None


def test_a_second_call_asks_nobody(hub, fetch):
    folder = fetch(revision="v1")
    hub.seen.clear()
    for revision in (None, "v1", COMMIT):
        assert fetch(revision=revision, verify=True) == folder
    assert fetch("Nobody/Tiny") == folder
    assert not hub.seen


def test_the_hubs_client_finds_the_same(hub, fetch, tmp_path):
    from huggingface_hub import snapshot_download

    theirs = tmp_path / "theirs"
    snapshot_download(ID, local_dir=theirs, endpoint=hub.url, cache_dir=tmp_path / "cache")
    folder = fetch()
    for name in hub.files:
        assert (theirs / name).read_bytes() == (folder / name).read_bytes()


@pytest.mark.parametrize(
    ("added", "removed", "options", "taken"),
    [
        # One format, however many there are.
        (["onnx/model.onnx", "tf_model.h5", "model.gguf", "flax_model.msgpack", "rust_model.ot",
          "pytorch_model.bin", "pytorch_model.bin.index.json", "training_args.bin",
          "original/consolidated.00.pth", "original/params.json", ".gitattributes", "README.md",
          "consolidated.safetensors", "model.fp16.safetensors", "run.py"],
         [], {}, ["model.safetensors"]),
        # What transformers takes first, where weights are there whole and in shards.
        (["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
          "model.safetensors.index.json"], [], {}, ["model.safetensors"]),
        (["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
          "model.safetensors.index.json", "consolidated.safetensors"], ["model.safetensors"], {},
         ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
          "model.safetensors.index.json"]),
        # The modules of sentence-transformers, and what goes with a tokenizer.
        (["modules.json", "1_Pooling/config.json", "2_Dense/model.safetensors",
          "2_Dense/pytorch_model.bin", "vocab.txt", "merges.txt", "chat_template.jinja"], [], {},
         ["model.safetensors", "modules.json", "1_Pooling/config.json",
          "2_Dense/model.safetensors", "vocab.txt", "merges.txt", "chat_template.jinja"]),
        (["pytorch_model.bin", "optimizer.bin"], ["model.safetensors"], {"allow_pickle": True},
         ["pytorch_model.bin"]),
        (["pytorch_model.bin"], [], {"allow_pickle": True}, ["model.safetensors"]),
        (["modeling_x.py", "__init__.py"], [], {"trust_remote_code": True},
         ["model.safetensors", "modeling_x.py", "__init__.py"]),
        (["ragkit-model.json"], [], {}, ["model.safetensors"]),
    ],
)  # fmt: skip
def test_only_what_is_needed(hub, fetch, added, removed, options, taken):
    hub.files.update(dict.fromkeys(added, b"{}"))
    for name in removed:
        del hub.files[name]
    always = ["config.json", "tokenizer.json", "tokenizer.model", "LICENSE.txt"]
    assert names(fetch(**options)) == sorted([*always, *taken, "ragkit-model.json"])


@pytest.mark.parametrize(
    ("added", "options", "message"),
    [
        (["pytorch_model.bin"], {}, "pickled weights only.*allow_pickle=True"),
        (["pytorch_model-00001-of-00001.bin"], {}, "pickled weights only"),
        (["model.gguf"], {}, "no model.safetensors"),
        (["adapter_model.safetensors"], {}, "no model.safetensors.*it has adapter_model"),
        ([], {}, "no model.safetensors"),
        (["model-00001-of-00002.safetensors", "model.safetensors.index.json"], {}, "incomplete"),
        (["model-00001-of-00001.safetensors"], {}, "incomplete"),
        (["2_Dense/pytorch_model.bin", "model.safetensors"], {}, "pickled weights only"),
    ],
)
def test_repositories_that_are_refused(hub, fetch, tmp_path, added, options, message):
    del hub.files["model.safetensors"]
    hub.files.update(dict.fromkeys(added, b"{}"))
    with pytest.raises(ModelError, match=message):
        fetch(**options)
    assert not any("/resolve/" in path for path in hub.asked())


@pytest.mark.parametrize(
    "name",
    ["../evil.json", "a/../../evil.json", "/etc/evil.json", "//host/share/evil.json",
     "..\\evil.json", "C:\\evil.json", "C:evil.json", "1_Pooling/../../evil.json", "nul.json",
     "evil\n.json", "x/./evil.json", "evil:stream.json", "..//evil.safetensors"],
)  # fmt: skip
def test_hostile_names_are_refused(hub, fetch, tmp_path, name):
    hub.files[name] = b"evil"
    with pytest.raises(ModelError, match=r"lead out of the folder"):
        fetch()
    assert not list(tmp_path.rglob("*evil*"))
    assert not any("/resolve/" in path for path in hub.asked())


def test_names_that_are_one_on_some_systems(hub, fetch):
    hub.files["Config.json"] = b"{}"
    with pytest.raises(
        ModelError, match=r"'config.json' and 'Config.json'|'Config.json' and 'conf"
    ):
        fetch()


def test_a_mirror_that_lists_names_only(hub, fetch):
    hub.bare = True
    hub.storage.faults.append(("model", cut_after(300_000)))
    folder = fetch()
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    wrong = bytes(len(WEIGHTS))
    (folder / "model.safetensors").write_bytes(wrong)
    hub.storage.faults.append(("model", send(wrong)))
    with pytest.raises(ModelError, match=r"came damaged"):
        fetch(verify=True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"id": "tiny"}, "hub's id"),
        ({"id": "../tiny"}, "hub's id"),
        ({"id": None}, "hub's id"),
        ({"folder": ""}, "folder"),
        ({"folder": None}, "folder"),
        ({"revision": ""}, "revision"),
        ({"revision": 3}, "revision"),
        ({"max_bytes": 0}, "max_bytes"),
        ({"timeout": -1}, "timeout"),
        ({"timeout": True}, "timeout is True"),
        ({"timeout": float("inf")}, "timeout is inf"),
        ({"timeout": float("nan")}, "timeout is nan"),
        ({"timeout": 1e12}, "timeout is 1000000000000.0"),
    ],
)
def test_arguments_that_cannot_work(fetch, options, message):
    with pytest.raises(InvalidInputError, match=message):
        fetch(**options)


def test_progress(hub, fetch, tmp_path, capfd):
    calls = []
    fetch(progress=lambda *call: calls.append(call))
    total = sum(map(len, hub.files.values()))
    assert calls[-1][:2] == (total, total)
    assert {name for _, _, name in calls} == set(hub.files)
    assert [done for done, _, _ in calls] == sorted(done for done, _, _ in calls)
    fetch(folder=tmp_path / "quiet")
    fetch(folder=tmp_path / "silent", progress=False)
    assert capfd.readouterr() == ("", "")
    fetch(folder=tmp_path / "shown", progress=True)
    assert "512k/512k" in capfd.readouterr().err


def test_several_at_once_download_once(hub, fetch):
    done = []
    threads = [threading.Thread(target=lambda: done.append(fetch())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 4
    assert len(hub.storage.seen) == 1


def test_the_names_of_git_are_gits():
    assert git_id(b"what is up, doc?") == "bd9dbf5aae1a3862dd1526723246b20206e5fc37"


@pytest.mark.slow
def test_a_language_model_and_an_embedder_load_what_was_fetched(hub, tmp_path, ragkit_data):
    pytest.importorskip("torch", reason="needs the extra 'transformers'")
    pytest.importorskip("transformers", reason="needs the extra 'transformers'")
    from ragkit import OnnxEmbedder, TransformersLLM
    from ragkit.embedding import _local

    loaded = {}
    for cls, source in (
        (TransformersLLM, ragkit_data / "models" / "tinystories-260k"),
        (OnnxEmbedder, _local.SHIPPED),
    ):
        hub.files.clear()
        hub.files.update((name, (source / name).read_bytes()) for name in names(source))
        folder = models.fetch(ID, tmp_path / cls.__name__, endpoint=hub.url)
        loaded[cls] = cls(folder), cls(source)
    fetched, own = loaded[TransformersLLM]
    assert fetched.invoke("Once upon", max_tokens=9) == own.invoke("Once upon", max_tokens=9)
    assert (fetched.revision, own.revision) == (COMMIT, None)
    fetched, own = loaded[OnnxEmbedder]
    assert fetched.fingerprint.revision == own.fingerprint.revision
    assert (fetched.embed(["a dog"]) == own.embed(["a dog"])).all()
