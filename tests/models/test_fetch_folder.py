"""models.fetch into a folder that holds something already."""

from __future__ import annotations

import pytest
from hub_server import COMMIT, CONFIG, ID, OTHER, WEIGHTS, names, refuse

from ragkit.errors import ModelError


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


def test_a_file_in_the_folders_place(fetch, tmp_path):
    (tmp_path / "model").write_text("mine")
    with pytest.raises(ModelError, match=r"can't be made, or written to: FileExistsError"):
        fetch()
