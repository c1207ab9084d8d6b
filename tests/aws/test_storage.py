"""Objects in S3: real boto3 against a bucket on this machine that breaks off now and then."""

import hashlib
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ragkit.aws.storage import S3Object
from ragkit.errors import EndpointError, InvalidInputError, MissingFileError

pytest.importorskip("boto3", reason="the extra aws is not installed")


class Bucket(BaseHTTPRequestHandler):
    """Keeps objects in `server.objects`, by path."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, data=b"", length=None, **headers):
        self.send_response(status)
        self.send_header("content-length", str(len(data) if length is None else length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def do_HEAD(self):
        data = self.server.objects.get(self.path)
        if data is None:
            return self.answer(404)
        return self.answer(200, length=len(data), etag=tag(data))

    def do_GET(self):
        data = self.server.objects[self.path]
        self.server.spans.append(self.headers["range"])
        if self.headers["if-match"] != tag(data):
            return self.answer(412)
        start, end = map(int, re.findall(r"\d+", self.headers["range"]))
        part = data[start : end + 1]
        if self.server.cuts and self.server.cuts.pop():
            self.answer(206, part[:3], length=len(part))
            self.close_connection = True
            return None
        return self.answer(206, part, content_range=f"bytes {start}-{end}/{len(data)}")

    def do_PUT(self):
        data = self.rfile.read(int(self.headers["content-length"]))
        self.server.objects[self.path] = data
        self.answer(200, etag=tag(data))

    def do_DELETE(self):
        self.server.objects.pop(self.path, None)
        self.answer(204)


def tag(data):
    return f'"{hashlib.md5(data).hexdigest()}"'


@pytest.fixture
def bucket():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bucket)
    server.objects, server.spans, server.cuts = {"/vectors/in": bytes(range(256)) * 10}, [], []
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def at(bucket, aws_session, monkeypatch):
    from ragkit import _retrying

    monkeypatch.setattr(_retrying, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr("ragkit.aws.storage._PART", 1000)
    made = []

    def one(address):
        url = f"http://127.0.0.1:{bucket.server_port}"
        made.append(S3Object.at(address, session=aws_session, endpoint_url=url))
        return made[-1]

    yield one
    for found in made:
        found.close()


def test_an_object_is_read_in_parts(bucket, at):
    found = at("s3://vectors/in")
    assert found.size() == 2560
    with found.open() as stream:
        assert stream.read() == bytes(range(256)) * 10
    assert bucket.spans == ["bytes=0-999", "bytes=1000-1999", "bytes=2000-2559"]


def test_a_part_that_breaks_off_is_asked_for_again(bucket, at):
    bucket.cuts = [False, True, True, False]
    with at("s3://vectors/in").open() as stream:
        assert stream.read() == bytes(range(256)) * 10
    assert bucket.spans.count("bytes=1000-1999") == 3


def test_an_object_that_changes_is_not_mixed(bucket, at):
    with at("s3://vectors/in").open() as stream:
        assert stream.read(10) == bytes(range(10))
        bucket.objects["/vectors/in"] = b"other" * 1000
        with pytest.raises(EndpointError, match="412"):
            stream.read()


def test_an_empty_object(bucket, at):
    bucket.objects["/vectors/in"] = b""
    with at("s3://vectors/in").open() as stream:
        assert stream.read() == b""


def test_a_file_is_put_there_and_deleted(bucket, at, tmp_path):
    (tmp_path / "out").write_bytes(b"vectors")
    place = at("s3://vectors/out").beside(".npy")
    place.publish(tmp_path / "out")
    assert bucket.objects["/vectors/out.npy"] == b"vectors"
    place.delete()
    assert "/vectors/out.npy" not in bucket.objects
    place.close()


def test_an_object_that_is_not_there(at):
    with pytest.raises(MissingFileError, match=r"no 's3://vectors/none'"):
        at("s3://vectors/none").size()


@pytest.mark.parametrize(
    "address", ["s3://vectors", "s3://vectors/", "s3://vectors/a/", "s3://V/a"]
)
def test_addresses_that_name_no_object(address):
    with pytest.raises(InvalidInputError, match="s3://bucket/key"):
        S3Object.at(address)
