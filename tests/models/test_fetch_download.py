"""models.fetch where the download fails, breaks off or brings something else."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from hub_server import CONFIG, ID, WEIGHTS, cut_after, names, refuse, reset, send

from ragkit import models
from ragkit.errors import ModelError


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
@pytest.mark.parametrize(
    "fault", [refuse(500), refuse(503), refuse(529), refuse(429, Retry_After="0"), reset]
)
def test_failures_that_pass(hub, fetch, where, fault):
    hub.faults += [(where, fault)] * 3
    assert (fetch() / "config.json").read_bytes() == CONFIG


@pytest.mark.parametrize("where", ["/api/models", "config.json"])
def test_the_hubs_retry_after_is_honoured(hub, fetch, where):
    hub.faults.append((where, refuse(429, Retry_After="0.4")))
    began = time.monotonic()
    fetch()
    assert time.monotonic() - began >= 0.4


@pytest.mark.parametrize("where", ["/api/models", "config.json"])
def test_the_hubs_retry_after_is_bounded(hub, fetch, where, monkeypatch):
    monkeypatch.setattr("ragkit._retrying.LONGEST_PAUSE", 0.05)
    hub.faults.append((where, refuse(429, Retry_After="3600")))
    began = time.monotonic()
    fetch()
    assert time.monotonic() - began < 30


@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
def test_content_that_is_not_what_the_hub_lists(hub, fetch, tmp_path, name):
    wrong = bytes(len(hub.files[name]))
    server = hub.storage if name in hub.large else hub
    server.faults.append((name, send(wrong)))
    with pytest.raises(ModelError, match=f"'{name}' of 'nobody/tiny' came damaged.*fetch again"):
        fetch()
    assert not (tmp_path / "model" / name).exists()
    assert (fetch() / name).read_bytes() == hub.files[name]


def test_a_file_that_is_damaged_each_time_behind_a_bad_connection_is_given_up(hub, fetch):
    """Half of it comes, is completed, has the wrong hash, is thrown away: not for ever."""
    hub.files["model.safetensors"] = bytes(3 << 20)
    wrong, asked = b"x" * (3 << 20), []

    def damaged(handler):
        asked.append(handler.headers.get("Range"))
        handler.bytes(wrong, cut=None if asked[-1] else 3 << 19)

    for server in (hub, hub.storage):
        server.faults += [("model.safetensors", damaged)] * 60
    with pytest.raises(ModelError, match="what was there already did not fit"):
        fetch()
    assert len(asked) < 20


@pytest.mark.parametrize("bare", [False, True])
def test_an_empty_file(hub, fetch, bare):
    hub.bare = bare
    hub.files["__init__.py"] = b""
    folder = fetch(trust_remote_code=True)
    assert (folder / "__init__.py").read_bytes() == b""
    assert names(folder) == sorted([*hub.files, "ragkit-model.json"])


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


def test_a_time_out(hub, fetch):
    over = threading.Event()
    hub.faults += [("config.json", lambda handler: over.wait(5))] * 4
    try:
        with pytest.raises(ModelError, match=r"'config.json'.*ReadTimeout"):
            fetch(timeout=0.05)
    finally:
        over.set()


def test_progress_counts_each_byte_once(hub, fetch):
    hub.storage.faults += [("model", cut_after(300_000)), ("model", send(bytes(len(WEIGHTS))))]
    calls = []
    fetch(progress=lambda *call: calls.append(call))
    total = sum(map(len, hub.files.values()))
    assert calls[-1][:2] == (total, total)


def test_a_disk_with_room_for_the_rest_only(hub, fetch, tmp_path, monkeypatch):
    hub.storage.faults += [("model.safetensors", cut_after(500_000))] * 4
    with pytest.raises(ModelError, match=r"could not be downloaded"):
        fetch()
    had = (tmp_path / "model" / "model.safetensors.part").stat().st_size
    small = sum(len(data) for name, data in hub.files.items() if name > "model.safetensors")
    rest = len(WEIGHTS) - had + small
    left = SimpleNamespace(free=rest - 1)
    monkeypatch.setattr("shutil.disk_usage", lambda path: left)
    with pytest.raises(ModelError, match=rf"needs {rest:,} more bytes, but .* has {rest - 1:,}"):
        fetch()
    left.free = rest
    assert (fetch() / "model.safetensors").read_bytes() == WEIGHTS


def test_a_part_that_is_too_long_frees_its_room(hub, fetch, tmp_path, monkeypatch):
    """It is thrown away first; so the file needs no room that the part does not have."""
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.safetensors.part").write_bytes(bytes(2 * len(WEIGHTS)))
    small = sum(len(data) for data in hub.files.values()) - len(WEIGHTS)
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=small))
    assert (fetch() / "model.safetensors").read_bytes() == WEIGHTS


def test_a_disk_that_is_full(hub, fetch, tmp_path):
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "ragkit-model.json.part.new").symlink_to("/dev/full")
    with pytest.raises(ModelError, match=r"written to: OSError: No space left"):
        fetch()
