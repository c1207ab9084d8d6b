"""models.fetch where the hub refuses: what is said, and that the token is not."""

from __future__ import annotations

import logging
import traceback

import pytest
from hub_server import ID, TOKEN, refuse, reset

from ragkit import OnnxEmbedder, models
from ragkit.errors import InvalidInputError, ModelError


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
    monkeypatch.setattr("ragkit._retrying.FIRST_PAUSE", 0.01)
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


@pytest.fixture
def embedder(hub, monkeypatch, tmp_path):
    """Makes an embedder of a model of the hub."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", hub.url)
    return OnnxEmbedder


def test_the_embedder_says_why_the_hub_gives_nothing(embedder):
    with pytest.raises(ModelError, match=r"has no model 'nobody/else'.*'minilm'"):
        embedder("nobody/else")
    with pytest.raises(ModelError, match=r"has no revision 'v9'.*'minilm'"):
        embedder(ID, revision="v9")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500])
def test_nor_does_the_embedder_show_a_token_that_the_hub_repeats(
    hub, embedder, monkeypatch, status
):
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    echo = {"error": f"Invalid token {TOKEN}"}
    hub.faults += [("/api/models", refuse(status, echo, X_Error_Message=echo["error"]))] * 9
    with pytest.raises(ModelError, match=rf"{ID}.*status {status}") as caught:
        embedder(ID)
    assert any(TOKEN in str(headers) for _, _, headers in hub.seen)
    assert TOKEN not in "".join(traceback.format_exception(caught.value))
