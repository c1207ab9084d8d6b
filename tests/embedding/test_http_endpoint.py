"""Requests to a real service on this machine: retries, time-outs, streams, bad replies."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from ragkit import _http, _retrying
from ragkit._http import Endpoint, read_api_key
from ragkit.errors import (
    EndpointConnectionError,
    EndpointError,
    EndpointReplyError,
    EndpointTimeoutError,
    InvalidInputError,
)

OK = (200, {}, b'{"ok": true}')
BUSY = (503, {}, b"busy")


@pytest.fixture(params=["sync", "async"])
def post(request):
    """`post(endpoint)` by either way."""

    def run(endpoint, body=None):
        if request.param == "sync":
            return endpoint.post_json("x", body or {})
        return asyncio.run(endpoint.apost_json("x", body or {}))

    return run


@pytest.fixture(params=["sync", "async"])
def stream(request):
    """`stream(endpoint, most)`: at most so many lines, by either way."""

    def now(endpoint, most):
        found = []
        with endpoint.stream_lines("x", {}) as lines:
            for line in lines:
                found.append(line)
                if len(found) == most:
                    break
        return found

    async def later(endpoint, most):
        found = []
        async with endpoint.astream_lines("x", {}) as lines:
            async for line in lines:
                found.append(line)
                if len(found) == most:
                    break
        return found

    def run(endpoint, most=None):
        return (
            now(endpoint, most) if request.param == "sync" else asyncio.run(later(endpoint, most))
        )

    return run


@pytest.fixture
def endpoint(service):
    made = Endpoint(service.url, api_key="sk-secret", timeout=30, retries=2, backoff=0.01)
    yield made
    made.close()


def test_sends_json_and_key(service, endpoint, post):
    service.answers = [OK]
    assert post(endpoint, {"text": "grüße \ud800"}) == {"ok": True}
    path, headers, body = service.requests[0]
    assert path == "/v1/x"
    assert headers["Authorization"] == "Bearer sk-secret"
    assert headers["Content-Type"] == "application/json"
    assert body == {"text": "grüße ?"}


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 529])
def test_statuses_that_say_later_are_tried_again(service, endpoint, status):
    service.answers = [(status, {}, b"later"), (status, {}, b"later"), OK]
    assert endpoint.post_json("x", {}) == {"ok": True}
    assert len(service.requests) == 3


def test_tries_end(service, endpoint, post):
    service.answers = [BUSY] * 3 + [OK]
    with pytest.raises(EndpointError, match=r"503.*busy") as caught:
        post(endpoint)
    assert (caught.value.status, caught.value.body) == (503, "busy")
    assert len(service.requests) == 3


@pytest.mark.parametrize(("status", "word"), [(400, "bad"), (401, "api_key"), (404, "url=")])
def test_statuses_that_say_no_are_not(service, endpoint, post, status, word):
    service.answers = [(status, {}, b"bad request of sk-secret")]
    with pytest.raises(EndpointError, match=word) as caught:
        post(endpoint)
    assert caught.value.status == status
    assert len(service.requests) == 1
    assert "sk-secret" not in str(caught.value) + caught.value.body


def test_long_bodies_are_shown_in_part(service, endpoint, post):
    service.answers = [(400, {}, "ü".encode() * 100_000)]
    with pytest.raises(EndpointError) as caught:
        post(endpoint)
    assert caught.value.body.startswith("ü" * 100)
    assert len(caught.value.body) <= _http.BODY_SHOWN


def test_retry_after_is_honoured(service, endpoint, post):
    service.answers = [(429, {"Retry-After": "0.3"}, b""), OK]
    start = time.monotonic()
    assert post(endpoint) == {"ok": True}
    assert 0.29 < time.monotonic() - start < 30


def test_retry_after_is_bounded(service, endpoint, post, monkeypatch):
    monkeypatch.setattr(_retrying, "LONGEST_PAUSE", 0.05)
    service.answers = [(429, {"Retry-After": "3600"}, b""), OK]
    start = time.monotonic()
    assert post(endpoint) == {"ok": True}
    assert time.monotonic() - start < 30


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [
        (lambda: format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True), 50, 101),
        (lambda: format_datetime(datetime.now(UTC) - timedelta(seconds=100), usegmt=True), 0, 0),
        (lambda: "-3", 0, 0),
    ],
)
def test_retry_after_as_a_date(service, value, low, high):
    service.answers = [(429, {"Retry-After": value()}, b"")]
    with pytest.raises(EndpointError) as caught:
        Endpoint(service.url, retries=0).post_json("x", {})
    assert low <= caught.value.retry_after <= high


@pytest.mark.parametrize("value", ["soon", "nan", "", "Wed, 21 Oct 99999999999 07:28:00 GMT"])
def test_retry_after_that_says_nothing(service, value):
    service.answers = [(429, {"Retry-After": value}, b"")]
    with pytest.raises(EndpointError) as caught:
        Endpoint(service.url, retries=0).post_json("x", {})
    assert caught.value.retry_after is None


def test_redirects_are_not_followed(service, endpoint, post):
    service.answers = [(307, {"Location": "http://elsewhere.invalid/"}, b"")]
    with pytest.raises(EndpointError, match="Redirects are not followed"):
        post(endpoint)


@pytest.mark.parametrize("data", [b"<html>sk-secret", b"", b"\xff", b"[" * 100_000])
def test_replies_that_are_not_json(service, endpoint, post, data):
    service.answers = [(200, {}, data)]
    with pytest.raises(EndpointReplyError, match="not JSON") as caught:
        post(endpoint)
    assert "sk-secret" not in str(caught.value)


def test_a_damaged_compressed_reply(service, endpoint, post):
    service.answers = [(200, {"Content-Encoding": "gzip"}, b"not gzip")]
    with pytest.raises(EndpointReplyError, match="damaged"):
        post(endpoint)


def test_a_reply_without_end_is_refused(service, endpoint, post, monkeypatch):
    monkeypatch.setattr(_http, "MAX_REPLY_BYTES", 1000)
    service.answers = [(200, {}, b'"' + b"x" * 5000 + b'"')]
    with pytest.raises(EndpointReplyError, match="1,000 bytes"):
        post(endpoint)


def test_silence_is_a_time_out(service, post):
    service.answers = [lambda handler: time.sleep(0.6)] * 2
    endpoint = Endpoint(service.url, timeout=0.1, retries=1, backoff=0.01)
    with pytest.raises(EndpointTimeoutError, match=r"0\.1 s"):
        post(endpoint)
    assert len(service.requests) == 2


def drip(handler):
    """A reply that never ends, a byte at a time."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(20):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.05)
    handler.close_connection = True


def test_dripping_is_a_time_out(service, post):
    service.answers = [drip]
    with pytest.raises(EndpointTimeoutError):
        post(Endpoint(service.url, timeout=0.3, retries=0))


def hang_up(handler):
    handler.close_connection = True


def hang_up_in_the_middle(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"ok":')
    handler.close_connection = True


@pytest.mark.parametrize("lost", [hang_up, hang_up_in_the_middle])
def test_a_lost_connection_is_tried_again(service, endpoint, post, lost):
    service.answers = [lost, OK]
    assert post(endpoint) == {"ok": True}


def test_nobody_there(post):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(EndpointConnectionError, match=f"{port}.*running"):
        post(Endpoint(f"http://127.0.0.1:{port}", retries=0))


def parts(handler):
    """Lines in chunks that are cut within a character and a line end."""
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    for part in (b"data: gr\xc3", b"\xbc\xc3\x9fe\r", b"\n\r\n", b"data: [DONE]"):
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        handler.wfile.flush()
        time.sleep(0.01)
    handler.wfile.write(b"0\r\n\r\n")


def test_streams_lines(service, endpoint, stream):
    service.answers = [parts]
    assert stream(endpoint) == ["data: grüße", "", "data: [DONE]"]


def test_opening_a_stream_is_tried_again(service, endpoint, stream):
    service.answers = [BUSY, parts]
    assert len(stream(endpoint)) == 3


def test_a_stream_may_be_left(service, endpoint, stream):
    service.answers = [parts]
    assert stream(endpoint, 1) == ["data: grüße"]


def test_a_stream_that_is_refused(service, endpoint, stream):
    service.answers = [(400, {}, b"no streams")]
    with pytest.raises(EndpointError, match="no streams"):
        stream(endpoint)


def test_a_stream_that_breaks_off(service, endpoint, stream):
    service.answers = [hang_up_in_the_middle]
    with pytest.raises(EndpointConnectionError):
        stream(endpoint)
    assert len(service.requests) == 1


def test_connections_are_kept_and_closed(service, endpoint):
    service.answers = [OK, OK, OK]
    for _ in range(2):
        endpoint.post_json("x", {})
    endpoint.close()
    assert endpoint.post_json("x", {}) == {"ok": True}


@pytest.mark.parametrize(
    "url",
    [
        "",
        "host:8000",
        "ftp://host",
        "http://",
        "http://user:pw@host/v1",
        None,
        "http://[1",
        "http://h:x",
        "http://h:pw",
        "http://h/v1?api_key=pw",
        "http://h/v1#pw",
        "http://user:a/pw@h/v1",
        3,
    ],
)
def test_urls_that_are_none(url):
    with pytest.raises(InvalidInputError, match="url") as caught:
        Endpoint(url)
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize(
    "options",
    [{"timeout": 0}, {"timeout": None}, {"timeout": float("inf")}, {"retries": -1}],
)
def test_options_that_can_not_work(options):
    with pytest.raises(InvalidInputError, match=next(iter(options))):
        Endpoint("http://host", **options)


def test_key_from_the_environment_or_given(monkeypatch):
    monkeypatch.setenv("SOME_KEY", "sk-environment")
    assert read_api_key(None, "SOME_KEY") == "sk-environment"
    assert read_api_key("sk-given", "SOME_KEY") == "sk-given"
    assert read_api_key("", "SOME_KEY") is None
    monkeypatch.delenv("SOME_KEY")
    assert read_api_key(None, "SOME_KEY") is None


@pytest.mark.parametrize("key", ["sk secret", "sk-sécret", "sk-secret\n", b"sk-secret"])
def test_keys_that_can_not_be_sent(key):
    with pytest.raises(InvalidInputError, match="SOME_KEY") as caught:
        read_api_key(key, "SOME_KEY")
    assert "cret" not in str(caught.value)


def test_repr_has_no_key(endpoint):
    assert "secret" not in repr(endpoint)
    assert json.dumps(repr(endpoint))


def test_headers_are_hidden_and_checked(service):
    service.answers = [(400, {}, b"no api-key sk-header")]
    with pytest.raises(EndpointError) as caught:
        Endpoint(service.url, headers={"api-key": "sk-header"}).post_json("x", {})
    assert "sk-header" not in str(caught.value) + caught.value.body
    with pytest.raises(InvalidInputError, match="printable ASCII") as refused:
        Endpoint(service.url, headers={"api-key": "sécret"})
    assert "cret" not in str(refused.value)


def test_a_stream_without_end_is_refused(service, endpoint, stream, monkeypatch):
    monkeypatch.setattr(_http, "MAX_REPLY_BYTES", 1000)
    service.answers = [(200, {}, b": ping\n" * 500)]
    with pytest.raises(EndpointReplyError, match="1,000 bytes"):
        stream(endpoint)


def test_harmless_headers_do_not_black_out_a_text():
    headers = {"X-Mode": "e", "X-Trace": "abcdefgh-1", "X-Api-Key": "k9j8"}
    endpoint = Endpoint("http://h", headers=headers)
    assert endpoint.hide_key("the telescope, k9j8, abcdefgh-1") == "the telescope, ***, ***"


@pytest.mark.parametrize("headers", [{}, {"X-Api-Key": "abc"}])
def test_keys_that_are_none_do_not_black_out_a_text(service, headers):
    """Local servers take any key, so that people give them an "x"."""
    service.answers = [(400, {}, b"The exact text of abc is extra long.")]
    with pytest.raises(EndpointError, match=r"The exact text of abc is extra long\."):
        Endpoint(service.url, api_key="x", headers=headers).post_json("x", {})
