"""A hub on loopback with one small model, and `fetch` from it."""

from __future__ import annotations

import pytest
from hub_server import CONFIG, ID, WEIGHTS, running_hub

from ragkit import models


@pytest.fixture
def hub(monkeypatch):
    monkeypatch.setattr("ragkit._retrying.FIRST_PAUSE", 0.01)
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
