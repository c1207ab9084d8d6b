"""What the pretty-printer's functions read: all of a response, or an error that says why not."""

from __future__ import annotations

import gzip
import json

import pytest
from made_responses import block, line, page

import ragkit.textract
from ragkit.errors import (
    CorruptFileError,
    EndpointConnectionError,
    PartialResultWarning,
    UnsupportedFileError,
)
from ragkit.textract import get_text_from_layout_json

PRINTED = sorted(
    name
    for name in ragkit.textract.__all__
    if name.startswith("get_") and name not in ("get_text", "get_text_and_words")
)


@pytest.fixture(scope="module")
def chunks(textract):
    """A job's result in four parts."""
    path = textract / "derived" / "derived_multipage_6p.chunks.json.gz"
    return json.loads(gzip.decompress(path.read_bytes()))


@pytest.mark.parametrize("name", PRINTED)
def test_a_missing_part_is_no_lost_words(name, chunks):
    function = getattr(ragkit.textract, name)
    rest = [chunks[0], *chunks[2:]]
    with pytest.raises(CorruptFileError, match="A part of 'textract_json' is missing"):
        function(rest)
    with pytest.warns(PartialResultWarning, match="is missing") as seen:
        found = function(rest, allow_missing=True)
    assert seen[0].filename == __file__
    assert found != function(chunks)
    with pytest.raises(CorruptFileError, match="twice"):
        function([*chunks, chunks[1]])


def test_answers_that_share_ids_are_not_mixed():
    with pytest.raises(CorruptFileError, match="has block 'l' twice"):
        ragkit.textract.get_lines_string([page(line("l", "one")), page(line("l", "two"))])


def test_lines_without_ids_are_all_written():
    title = block("LAYOUT_TITLE", "t", "l")
    nameless = [{"BlockType": "LINE", "Text": text} for text in ("one", "two")]
    response = page(title, line("l", "Hello"))
    response["Blocks"] += nameless
    assert get_text_from_layout_json(response)[1].split() == ["Hello", "one", "two"]


def test_bytes_and_folders_are_read(tmp_path, chunks):
    whole = get_text_from_layout_json(chunks)
    for number, part in enumerate(chunks):
        packed = gzip.compress(json.dumps(part).encode())
        (tmp_path / f"{number}.json.gz").write_bytes(packed)
    assert get_text_from_layout_json(tmp_path) == whole
    for content in (json.dumps(chunks).encode(), bytearray(json.dumps(chunks).encode())):
        assert get_text_from_layout_json(content) == whole


def test_documents_are_not_sent_anywhere(textract):
    with pytest.raises(UnsupportedFileError, match="analyze_document"):
        get_text_from_layout_json(textract / "documents" / "matrix.png")


def test_connections_are_closed_when_texts_can_not_be_saved(monkeypatch):
    boto3 = pytest.importorskip("boto3", reason="the extra aws is not installed")
    from ragkit import _retrying
    from ragkit.aws.service import AWSService

    monkeypatch.setattr(_retrying, "FIRST_PAUSE", 0.001)
    closed, close = [], AWSService.close
    monkeypatch.setattr(AWSService, "close", lambda self: closed.append(self) or close(self))
    session = boto3.Session("AKIAABCDEFGHIJKLMNOP", "secret-key-8", region_name="us-east-1")
    with pytest.raises(EndpointConnectionError):
        get_text_from_layout_json(
            page(block("LAYOUT_TITLE", "t", "l"), line("l", "Hello")),
            save_txt_path="s3://texts",
            session=session,
            endpoint_url="http://127.0.0.1:9",
        )
    assert len(closed) == 1
