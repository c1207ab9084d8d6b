"""Responses by name, with what the reference tools make of them."""

from __future__ import annotations

import gzip
import json

import pytest


def unpacked(path):
    return json.loads(gzip.decompress(path.read_bytes()))


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
