"""Responses of Textract, and the service that gives them on this machine."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
for folder in ("llms", "aws", "aws/textract", "textract"):  # servers, and hand-made responses
    sys.path.append(str(TESTS / folder))

REPORT = TESTS.parent / "examples" / "responses" / "report.json"


@pytest.fixture(scope="session")
def report():
    """A response about a report of two pages."""
    return json.loads(REPORT.read_bytes())


@pytest.fixture
def form():
    """A response about a form of one page, with a query and a signature."""
    from made_responses import block, box, line, page

    def related(kind, *ids):
        return {"Type": kind, "Ids": list(ids)}

    def field(key, label, value):
        names = [word["Id"] for word in label[1:]]
        return [
            {"BlockType": "KEY_VALUE_SET", "Id": f"k{key}", "Page": 1, "EntityTypes": ["KEY"],
             "Confidence": 90.0, **box(0.1, key / 10, 0.5, 0.05),
             "Relationships": [related("CHILD", *names), related("VALUE", f"v{key}")]},
            {"BlockType": "KEY_VALUE_SET", "Id": f"v{key}", "Page": 1, "EntityTypes": ["VALUE"],
             **box(0.3, key / 10, 0.3, 0.05), "Relationships": [related("CHILD", *value)]},
        ]  # fmt: skip

    title = line("title", "Request form", Confidence=99.0, **box(0.1, 0.02, 0.5, 0.05))
    name = line("name", "Full name:", **box(0.1, 0.1, 0.2, 0.05))
    ada = line("ada", "Ada Lovelace", **box(0.3, 0.1, 0.3, 0.05))
    paid = line("paid", "Paid", **box(0.1, 0.2, 0.2, 0.05))
    for number, one in enumerate([*title[1:], *name[1:], *ada[1:], *paid[1:]]):
        one |= {"Confidence": 98.0, "TextType": "HANDWRITING" if one in ada else "PRINTED"}
        one |= box(0.1 + number / 100, 0.1, 0.05, 0.02)
    tick = block(
        "SELECTION_ELEMENT", "tick", SelectionStatus="SELECTED", **box(0.3, 0.2, 0.05, 0.05)
    )
    question = block("QUERY", "q", Query={"Text": "Who asks?", "Alias": "WHO"})
    question["Relationships"] = [related("ANSWER", "a")]
    answer = block("QUERY_RESULT", "a", Text="Ada Lovelace", Confidence=80.0)
    return page(
        block("LAYOUT_TITLE", "lt", "title", Confidence=97.0, **box(0.1, 0.02, 0.5, 0.05)),
        *(title, name, ada, paid),
        field(1, name, [word["Id"] for word in ada[1:]]),
        field(2, paid, ["tick"]),
        tick,
        question,
        answer,
        block("SIGNATURE", "s", Confidence=70.0, **box(0.1, 0.8, 0.2, 0.1)),
    )


@pytest.fixture
def service(report, monkeypatch):
    """Textract and S3 on this machine, and the environment that leads there."""
    pytest.importorskip("boto3", reason="the extra aws is not installed")
    from textract_service import textract_service

    from ragkit import _retrying

    monkeypatch.setattr(_retrying, "FIRST_PAUSE", 0.001)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAABCDEFGHIJKLMNOP")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-key-8")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    with textract_service(report["Blocks"], 2) as instance:
        monkeypatch.setenv("AWS_ENDPOINT_URL", instance.url)
        yield instance


@pytest.fixture
def scan(tmp_path):
    """A picture of a page."""
    import PIL.Image

    PIL.Image.new("RGB", (85, 110), "yellow").save(tmp_path / "scan.png")
    return tmp_path / "scan.png"
