"""Responses by name, with what the reference tools make of them."""

from __future__ import annotations

import json

import pytest
from made_responses import unpacked


@pytest.fixture(scope="session")
def textract(ragkit_data):
    folder = ragkit_data / "textract"
    if not folder.is_dir():
        pytest.skip(f"no Textract responses at {folder}")
    return folder


@pytest.fixture(scope="session")
def cases(textract):
    """Options by the case's name."""
    return json.loads((textract / "expected" / "cases.json").read_text())["cases"]


@pytest.fixture(scope="session")
def answers(textract):
    """(Name, response, expected outputs) of each document."""
    found = []
    for path in sorted((textract / "expected").glob("*.json.gz")):
        folder = "derived" if path.name.startswith("derived") else "responses"
        response = unpacked(textract / folder / path.name)
        found.append((path.name.removesuffix(".json.gz"), response, unpacked(path)["expected"]))
    assert len(found) > 60
    return found
