"""models.fetch against a hub on loopback: what is taken, what is refused, what survives."""

from __future__ import annotations

import hashlib
import json
import logging
import subprocess
import sys
import threading
import traceback
from pathlib import Path

import pytest
from hub_server import COMMIT, ID, cut_after, git_id, refuse, reset, running_hub, send

from ragkit import models
from ragkit.errors import InvalidInputError, ModelError

WEIGHTS = bytes(range(256)) * 2000
CONFIG = b'{"model_type": "llama"}'
TOKEN = "hf_secret"
OTHER = "f" * 40


@pytest.fixture
def hub(monkeypatch):
    monkeypatch.setattr("ragkit._hub.PAUSE", 0.01)
    monkeypatch.setattr("ragkit.models.download.PAUSE", 0.01)
    with running_hub() as hub:
        hub.files.update(
            {
                "config.json": CONFIG,
                "tokenizer.json": b"{}",
                "tokenizer.model": b"pieces",
                "model.safetensors": WEIGHTS,
                "LICENSE.txt": b"Be nice.",
            }
        )
        hub.large.add("model.safetensors")
        yield hub


@pytest.fixture
def fetch(hub, tmp_path):
    def call(id=ID, folder=tmp_path / "model", **options):
        return models.fetch(id, folder, endpoint=hub.url, **options)

    return call


def names(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


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


def test_a_cut_connection_is_resumed(hub, fetch):
    hub.storage.faults += [("model.safetensors", cut_after(300_000))] * 2
    folder = fetch()
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    ranges = [headers.get("Range") for _, path, headers in hub.storage.seen]
    assert ranges[0] is None
    assert ranges[1:] == ["bytes=300000-"] * 2


def test_the_next_call_goes_on_where_the_last_ended(hub, fetch, tmp_path):
    hub.storage.faults += [("model.safetensors", cut_after(300_000))] * 4
    with pytest.raises(ModelError, match=r"could not be downloaded in 4 attempts .*fetch again"):
        fetch()
    assert models.recorded_commit(tmp_path / "model") is None
    hub.storage.seen.clear()
    hub.seen.clear()
    folder = fetch()
    assert [headers.get("Range") for _, _, headers in hub.storage.seen] == ["bytes=300000-"]
    assert [path.rpartition("/")[2] for path in hub.asked() if "/resolve/" in path] == [
        "model.safetensors", "tokenizer.json", "tokenizer.model",
    ]  # fmt: skip
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    assert names(folder) == sorted([*hub.files, "ragkit-model.json"])


def test_killed_at_any_moment(hub, fetch, tmp_path):
    """The process ends without a word while the weights arrive."""
    hub.storage.faults.append(
        ("model.safetensors", lambda handler: started.set() or stall(handler))
    )
    started, over = threading.Event(), threading.Event()

    def stall(handler):
        handler.head(200, len(WEIGHTS), {})
        handler.body(WEIGHTS[:400_000])
        handler.wfile.flush()
        over.wait(20)
        handler.close_connection = True

    code = f"from ragkit import models; models.fetch({ID!r}, 'model', endpoint={hub.url!r})"
    process = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path)
    try:
        assert started.wait(20)
        part = tmp_path / "model" / "model.safetensors.part"
        for _ in range(200):
            if part.exists() and part.stat().st_size >= 262_144:
                break
            over.wait(0.05)
    finally:
        process.kill()
        process.wait()
        over.set()
    had = part.stat().st_size
    assert had
    assert not (tmp_path / "model" / "ragkit-model.json").exists()
    hub.storage.seen.clear()
    folder = fetch()
    assert [headers.get("Range") for _, _, headers in hub.storage.seen] == [f"bytes={had}-"]
    assert names(folder) == sorted([*hub.files, "ragkit-model.json"])
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS


def test_a_part_of_something_else_is_thrown_away(hub, fetch, tmp_path):
    folder = tmp_path / "model"
    for length in (1000, len(WEIGHTS), len(WEIGHTS) + 9):
        folder.mkdir()
        (folder / "model.safetensors.part").write_bytes(b"x" * length)
        assert (fetch() / "model.safetensors").read_bytes() == WEIGHTS
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()


def test_a_server_without_ranges(hub, fetch):
    def whole(handler):
        handler.headers.replace_header("Range", "bytes=0-")
        del handler.headers["Range"]
        handler.bytes(WEIGHTS)

    hub.storage.faults += [("model", cut_after(300_000)), ("model", whole)]
    assert (fetch() / "model.safetensors").read_bytes() == WEIGHTS


@pytest.mark.parametrize("where", ["/api/models", "config.json"])
@pytest.mark.parametrize("fault", [refuse(500), refuse(503), refuse(429, Retry_After="0"), reset])
def test_failures_that_pass(hub, fetch, where, fault):
    hub.faults += [(where, fault)] * 2
    assert (fetch() / "config.json").read_bytes() == CONFIG


@pytest.mark.parametrize("where", ["/api/models", "config.json"])
@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (refuse(401), "private or gated .status 401.*token=…"),
        (refuse(403), "is gated .status 403.: ask for access.*token=…"),
        (refuse(401, X_Error_Code="GatedRepo"), "is gated .status 401.: ask for access"),
        (refuse(404), "has no model 'nobody/tiny'.*Check its name"),
        (refuse(400), "answered with status 400"),
        (refuse(500), "status 500"),
        (reset, "nobody/tiny"),
    ],
)
def test_refusals_say_what_to_do(hub, fetch, tmp_path, where, fault, message):
    hub.faults += [(where, fault)] * 9
    with pytest.raises(ModelError, match=message):
        fetch(token=TOKEN)
    assert not (tmp_path / "model" / "ragkit-model.json").exists()


def test_a_model_or_a_revision_that_is_not_there(hub, fetch):
    with pytest.raises(ModelError, match=r"no model 'nobody/else'"):
        fetch("nobody/else")
    with pytest.raises(ModelError, match=r"has no revision 'v9'"):
        fetch(revision="v9")


def test_a_hub_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.setattr("ragkit._hub.PAUSE", 0.01)
    with pytest.raises(ModelError, match=r"can't be asked for.*Is there a network"):
        models.fetch(ID, tmp_path / "model", endpoint="http://127.0.0.1:9")


def test_offline_it_takes_what_is_there_or_says_so(hub, fetch, tmp_path, monkeypatch):
    fetch()
    hub.seen.clear()
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    fetch()
    with pytest.raises(ModelError, match=r"HF_HUB_OFFLINE forbids"):
        fetch(folder=tmp_path / "other")
    assert not hub.seen


@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
def test_content_that_is_not_what_the_hub_lists(hub, fetch, tmp_path, name):
    wrong = bytes(len(hub.files[name]))
    server = hub.storage if name in hub.large else hub
    server.faults.append((name, send(wrong)))
    with pytest.raises(ModelError, match=f"'{name}' of 'nobody/tiny' came damaged.*fetch again"):
        fetch()
    assert not (tmp_path / "model" / name).exists()
    assert (fetch() / name).read_bytes() == hub.files[name]


@pytest.mark.parametrize("bare", [False, True])
def test_a_pointer_in_place_of_the_weights(hub, fetch, bare):
    hub.bare = bare
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"
    if bare:
        hub.large.clear()
        hub.files["model.safetensors"] = pointer
    else:
        hub.storage.faults.append(("model", send(pointer)))
    with pytest.raises(ModelError, match=r"Git LFS pointer in place of 'model.safetensors'"):
        fetch()


def test_more_than_was_announced(hub, fetch):
    hub.storage.faults.append(("model", send(WEIGHTS + b"more")))
    with pytest.raises(ModelError, match=r"sends more of 'model.safetensors'"):
        fetch()


def test_the_byte_limit(hub, fetch, tmp_path):
    with pytest.raises(ModelError, match=r"max_bytes is 1,000"):
        fetch(max_bytes=1000)
    assert not any("/resolve/" in path for path in hub.asked())
    hub.bare = True
    with pytest.raises(ModelError, match=r"allowed by max_bytes="):
        fetch(max_bytes=1000)


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


def test_a_folder_that_lost_something_is_completed(hub, fetch):
    folder = fetch(revision="v1")
    (folder / "config.json").unlink()
    (folder / "tokenizer.json").write_bytes(b"shorter or longer")
    hub.seen.clear()
    fetch()
    assert {p.rpartition("/")[2] for p in hub.asked() if "/resolve/" in p} == {
        "config.json", "tokenizer.json",
    }  # fmt: skip
    assert (folder / "config.json").read_bytes() == CONFIG
    hub.seen.clear()
    fetch(revision="v1")
    assert not hub.seen


def test_damage_of_the_same_size_is_found_on_request(hub, fetch):
    folder = fetch()
    (folder / "model.safetensors").write_bytes(bytes(len(WEIGHTS)))
    fetch()
    assert (folder / "model.safetensors").read_bytes() != WEIGHTS
    fetch(verify=True)
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS


def test_a_folder_with_another_model(hub, fetch):
    fetch()
    with pytest.raises(ModelError, match=r"holds 'nobody/tiny' .*, not 'nobody/else'"):
        fetch("nobody/else")


def test_a_folder_that_was_begun_with_another_model(hub, fetch):
    hub.faults += [("model.safetensors", refuse(404))]
    with pytest.raises(ModelError):
        fetch()
    hub.id = "nobody/else"
    with pytest.raises(ModelError, match=r"holds 'nobody/tiny' .*, not 'nobody/else'"):
        fetch("nobody/else")


def test_another_commit_of_the_model(hub, fetch):
    fetch()
    hub.commit = OTHER
    hub.revisions |= {OTHER}
    fetch()
    with pytest.raises(ModelError, match=rf"at commit {COMMIT}, but revision 'main' is {OTHER}"):
        fetch(revision="main")


def test_a_download_goes_on_with_the_commit_it_was_begun_with(hub, fetch):
    hub.faults += [("model.safetensors", refuse(404))]
    with pytest.raises(ModelError):
        fetch(revision="main")
    hub.seen.clear()
    fetch(revision="main")
    assert hub.asked()[0] == f"/api/models/{ID}/revision/{COMMIT}"


@pytest.mark.parametrize("name", ["config.json", "other.safetensors", "pytorch_model.bin"])
def test_files_of_the_users_are_left_alone(hub, fetch, tmp_path, name):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / name).write_bytes(b"mine")
    with pytest.raises(ModelError, match=f"has a file '{name}' that is not of 'nobody/tiny'"):
        fetch()
    assert names(tmp_path / "model") in ([name], [".ragkit-model.lock", name])
    assert (tmp_path / "model" / name).read_bytes() == b"mine"


def test_files_that_are_the_models_already_are_kept(hub, fetch, tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.safetensors").write_bytes(WEIGHTS)
    (tmp_path / "model" / "notes.md").write_bytes(b"mine")
    folder = fetch()
    assert not hub.storage.seen
    assert (folder / "notes.md").exists()


def test_pickles_of_an_earlier_call_need_consent_again(hub, fetch):
    hub.files["pytorch_model.bin"] = hub.files.pop("model.safetensors")
    fetch(allow_pickle=True)
    fetch(allow_pickle=True)
    with pytest.raises(ModelError, match=r"pickled weights .pytorch_model.bin.*allow_pickle=True"):
        fetch()


def test_code_is_fetched_when_it_is_asked_for_later(hub, fetch):
    hub.files["modeling_x.py"] = b"pass"
    folder = fetch()
    assert not (folder / "modeling_x.py").exists()
    fetch(trust_remote_code=True)
    assert (folder / "modeling_x.py").exists()
    hub.seen.clear()
    fetch(trust_remote_code=True)
    fetch()
    assert not hub.seen


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 9}', "\x00"])
def test_a_damaged_record(hub, fetch, text):
    folder = fetch()
    (folder / "ragkit-model.json").write_text(text)
    with pytest.raises(
        ModelError, match=r"ragkit-model.json can't be read .*fetch the model again"
    ):
        fetch()
    (folder / "ragkit-model.json").unlink()
    hub.seen.clear()
    fetch()
    assert not any("/resolve/" in path for path in hub.asked())


def test_the_token_is_sent_to_the_hub_and_shown_nowhere(hub, fetch, tmp_path, caplog, capfd):
    with caplog.at_level(logging.DEBUG):
        folder = fetch(token=TOKEN)
    sent = [headers.get("Authorization") or headers.get("authorization")
            for _, _, headers in hub.seen]  # fmt: skip
    assert set(sent) == {f"Bearer {TOKEN}"}
    assert hub.storage.seen
    assert not any("uthorization" in str(headers) for _, _, headers in hub.storage.seen)
    kept = b"".join(path.read_bytes() for path in folder.iterdir())
    assert TOKEN.encode() not in kept
    assert TOKEN not in caplog.text + "".join(capfd.readouterr())


@pytest.mark.parametrize("where", ["/api/models", "config.json"])
def test_a_token_that_the_hub_repeats_is_not_shown(hub, fetch, where, caplog):
    echo = {"error": f"Invalid token {TOKEN}"}
    for status in (400, 401, 403, 404, 500):
        hub.faults += [(where, refuse(status, echo, X_Error_Message=echo["error"]))] * 4
        with caplog.at_level(logging.DEBUG), pytest.raises(ModelError) as caught:
            fetch(token=TOKEN)
        hub.faults.clear()
        assert TOKEN not in "".join(traceback.format_exception(caught.value))
    # What came over the wire, httpcore logs by itself.
    said = [r.getMessage() for r in caplog.records if not r.name.startswith("httpcore")]
    assert TOKEN not in "".join(said)


@pytest.mark.parametrize("token", ["hf_secret\n", "hf secret", "hf_sécret", 7])
def test_a_token_that_is_none(fetch, token):
    with pytest.raises(InvalidInputError, match=r"token has characters") as caught:
        fetch(token=token)
    assert "secret" not in str(caught.value)


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
    ],
)
def test_arguments_that_cannot_work(fetch, options, message):
    with pytest.raises(InvalidInputError, match=message):
        fetch(**options)


def test_a_file_in_the_folders_place(fetch, tmp_path):
    (tmp_path / "model").write_text("mine")
    with pytest.raises(ModelError, match=r"can't be made, or written to: FileExistsError"):
        fetch()


def test_a_time_out(hub, fetch):
    over = threading.Event()
    hub.faults += [("config.json", lambda handler: over.wait(5))] * 4
    try:
        with pytest.raises(ModelError, match=r"'config.json'.*ReadTimeout"):
            fetch(timeout=0.05)
    finally:
        over.set()


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


def test_progress_counts_each_byte_once(hub, fetch):
    hub.storage.faults += [("model", cut_after(300_000)), ("model", send(bytes(len(WEIGHTS))))]
    calls = []
    fetch(progress=lambda *call: calls.append(call))
    total = sum(map(len, hub.files.values()))
    assert calls[-1][:2] == (total, total)


def test_a_disk_that_is_full(hub, fetch, tmp_path):
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "ragkit-model.json.part.new").symlink_to("/dev/full")
    with pytest.raises(ModelError, match=r"written to: OSError: No space left"):
        fetch()


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


def test_the_embedder_says_why_the_hub_gives_nothing(hub, monkeypatch, tmp_path):
    from ragkit import OnnxEmbedder

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", hub.url)
    with pytest.raises(ModelError, match=r"has no model 'nobody/else'.*'minilm'"):
        OnnxEmbedder("nobody/else")


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
