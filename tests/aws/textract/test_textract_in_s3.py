"""Responses of Textract in S3: real boto3 against a bucket on this machine."""

import gzip
import json

import pytest
from textract_answers import response, same_words

import ragkit.textract
from ragkit.errors import (
    CorruptFileError,
    EndpointError,
    InvalidInputError,
    LimitExceededError,
    MissingFileError,
)
from ragkit.loading import TextractLoader

pytest.importorskip("boto3", reason="the extra aws is not installed")


@pytest.fixture
def chunks(textract):
    return response(textract / "derived" / "derived_multipage_6p.chunks.json.gz")


def test_a_folder_in_s3_as_textract_writes_it(service, where, chunks, six_pages):
    service.objects["/bucket/out/job/.s3_access_check"] = b""
    for number, chunk in enumerate(chunks, 1):
        service.objects[f"/bucket/out/job/{number}"] = json.dumps(chunk).encode()
    (layout,) = TextractLoader("s3://bucket/out/job/", **where).load()
    assert layout.source == "s3://bucket/out/job/"
    assert same_words(layout, six_pages["Blocks"])
    assert service.asked == []


def test_objects_in_s3_that_are_gzipped(service, where, chunks, six_pages):
    service.objects["/bucket/all.json.gz"] = gzip.compress(json.dumps(six_pages).encode())
    layout = ragkit.textract.load("s3://bucket/all.json.gz", **where)
    assert same_words(layout, six_pages["Blocks"])
    for number, chunk in enumerate(chunks):
        packed = gzip.compress(json.dumps(chunk).encode())
        service.objects[f"/bucket/{number}.json.gz"] = packed
    del service.objects["/bucket/all.json.gz"]
    assert same_words(ragkit.textract.load("s3://bucket", **where), six_pages["Blocks"])


def test_what_is_not_in_s3(service, where, chunks):
    service.objects["/bucket/out/job/1"] = json.dumps(chunks[0]).encode()
    with pytest.raises(MissingFileError, match=r"no 's3://bucket/out'.*folder ends in '/'"):
        TextractLoader("s3://bucket/out", **where).load()
    with pytest.raises(CorruptFileError, match=r"without JSON files\. It has 'out/job/'; name one"):
        TextractLoader("s3://bucket/out/", **where).load()
    with pytest.raises(CorruptFileError, match="without JSON files"):
        TextractLoader("s3://bucket/none/", **where).load()
    with pytest.raises(CorruptFileError, match="NextToken, so that the last is missing"):
        TextractLoader("s3://bucket/out/job/", **where).load()
    with pytest.raises(LimitExceededError, match="max_bytes=10"):
        TextractLoader("s3://bucket/out/job/1", max_bytes=10, **where).load()
    service.refusals["ListObjects"] = [("AccessDenied", 403)]
    with pytest.raises(EndpointError, match="s3 refused with AccessDenied"):
        TextractLoader("s3://bucket/out/", **where).load()
    with pytest.raises(InvalidInputError, match="s3://bucket/key"):
        TextractLoader("s3://", **where).load()
