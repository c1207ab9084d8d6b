"""Every backend behind an endpoint against every fault, whole and streamed, sync and async.

Each cell says what must come of it: the right text, or the right error with the text so far. It
comes within `LIMIT` seconds, and no thread is left.
"""

import asyncio
import json
import re
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from backends import BACKENDS
from loopback import (
    HALF,
    TEXT,
    Handler,
    changed,
    client_threads,
    deny,
    fail_midway,
    hang,
    hang_up,
    midway,
    page,
    running,
)

from ragkit import _retrying
from ragkit.errors import (
    EndpointConnectionError,
    EndpointError,
    EndpointReplyError,
    EndpointTimeoutError,
)

LIMIT = 10
IMPATIENT = {"timeout": 0.2, "retries": 0}


@dataclass(frozen=True)
class Gives:
    """This text, and this reason for its end."""

    text: str = TEXT
    reason: str | None = "stop"


@dataclass(frozen=True)
class Fails:
    """This error, exactly; `body` is its body where that is known, `said` is in its message."""

    error: type[EndpointError]
    body: str | None = None
    said: str = ""


@dataclass(frozen=True)
class Cell:
    """What the server does to the first requests, and what must come of it."""

    faults: list
    wanted: Gives | Fails
    options: dict = field(default_factory=dict)
    heavy: bool = False
    """Waits for long; most of these run among the slow tests."""


def byte_by_byte(handler, body):
    handler.server.piece = 1
    handler.serve(body)


def busy(handler, body):
    """For a fraction of a second, which is longer than the pause without Retry-After."""
    handler.server.due = time.time() + 0.1
    handler.deny(429, headers=[("Retry-After", "0.1")])


def busy_until(handler, body):
    """Until a date, which has whole seconds."""
    date = (datetime.now(UTC) + timedelta(seconds=1.2)).replace(microsecond=0)
    handler.server.due = date.timestamp()
    handler.deny(429, headers=[("Retry-After", format_datetime(date, usegmt=True))])


def replied(change=lambda data: data, *, sent=1.0, then=lambda handler: None):
    """A whole reply, its JSON changed or sent in part."""

    def fault(handler, body):
        text, reason = handler.answer()
        data = json.dumps(handler.whole(text, reason), indent=1, ensure_ascii=False)
        handler.reply(200, change(data), sent=sent)
        then(handler)

    return fault


def says_error(handler, body):
    handler.reply(200, {"error": "out of memory"})


# What a web page becomes is decided by boto3 where it expects a format of its own.
PAGE = "<html>Log in|Is endpoint_url= |has no message"
BUSY = {
    "429, Retry-After in seconds": Cell([busy], Gives()),
    "429, Retry-After as a date": Cell([busy_until], Gives(), heavy=True),
    "429 for ever": Cell([deny(429)] * 3, Fails(EndpointError)),
    "500, then well": Cell([deny(500), deny(500)], Gives()),
    "hung up on, then well": Cell([hang_up], Gives()),
    "a web page": Cell([page], Fails(EndpointReplyError, said=PAGE)),
    "silence": Cell([hang], Fails(EndpointTimeoutError, ""), IMPATIENT, heavy=True),
}
STREAMED = {
    **BUSY,
    "a web page, accepted all the same": Cell(
        [page], Fails(EndpointReplyError, said=PAGE), {"incomplete": "accept"}
    ),
    "no end mark": Cell([midway(Handler.end_stream)], Fails(EndpointReplyError, HALF, "end mark")),
    "no end mark, accepted": Cell(
        [midway(Handler.end_stream)], Gives(HALF, None), {"incomplete": "accept"}
    ),
    "CRLF": Cell([changed(lambda data: data.replace(b"\n", b"\r\n"))], Gives()),
    "last line without newline": Cell([changed(lambda data: data.rstrip(b"\n"))], Gives()),
    "split at every byte": Cell([byte_by_byte], Gives()),
    "connection cut": Cell([midway(Handler.cut)], Fails(EndpointConnectionError, HALF)),
    "connection cut, accepted all the same": Cell(
        [midway(Handler.cut)], Fails(EndpointConnectionError, HALF), {"incomplete": "accept"}
    ),
    "connection closed": Cell([midway(lambda _: None)], Fails(EndpointConnectionError, HALF)),
    "an error event": Cell(
        [fail_midway], Fails(EndpointError, HALF, "out of memory|generation failed")
    ),
    "silence midway": Cell(
        [midway(Handler.wait)], Fails(EndpointTimeoutError, HALF), IMPATIENT, heavy=True
    ),
}
WHOLE = {
    **BUSY,
    "half of the JSON": Cell([replied(lambda data: data[:-9])], Fails(EndpointReplyError)),
    "CRLF": Cell([replied(lambda data: data.replace("\n", "\r\n"))], Gives()),
    "split at every byte": Cell([byte_by_byte], Gives()),
    "connection cut, then well": Cell([replied(sent=0.5, then=Handler.cut)], Gives()),
    "connection cut for ever": Cell(
        [replied(sent=0.5, then=Handler.cut)] * 3, Fails(EndpointConnectionError, "")
    ),
    "an error with status 200": Cell([says_error], Fails(EndpointError, "out of memory")),
    "silence midway": Cell(
        [replied(sent=0.5, then=Handler.wait)],
        Fails(EndpointTimeoutError, ""),
        IMPATIENT,
        heavy=True,
    ),
}
NO_LINES = "Events are binary frames of known length; there are no lines in them."
ABSENT = {
    ("sagemaker jumpstart-chat", "streamed"): "The form does not stream.",
    ("bedrock", "streamed", "CRLF"): NO_LINES,
    ("bedrock", "streamed", "last line without newline"): NO_LINES,
    ("bedrock", "whole", "an error with status 200"): "Errors always have a status of their own.",
}
"""Cells that can't exist, and why."""

WAYS = {"streamed": ("stream", "astream"), "whole": ("generate", "agenerate")}
TABLES = {"streamed": STREAMED, "whole": WHOLE}


def _is_light(backend, cell, way):
    """Whether a cell is no slow test: those that wait, and boto3 in a worker thread, are."""
    threaded = way.startswith("a") and backend.startswith(("sagemaker", "bedrock"))
    # TGI's format in SageMaker's transport: each of the two is tested by others too.
    again = backend == "sagemaker string"
    return not threaded and not again and (not cell.heavy or (backend, way) == ("tgi", "generate"))


def cells():
    for backend in BACKENDS:
        for table, ways in WAYS.items():
            for fault, cell in TABLES[table].items():
                if (backend, table) in ABSENT or (backend, table, fault) in ABSENT:
                    continue
                for way in ways:
                    light = _is_light(backend, cell, way)
                    marks = () if light else pytest.mark.slow
                    name = f"{backend}-{fault}-{way}".replace(" ", "_")
                    yield pytest.param(backend, cell, way, marks=marks, id=name)


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch):
    monkeypatch.setattr(_retrying, "FIRST_PAUSE", 0.01)


@pytest.mark.parametrize(("backend", "cell", "way"), list(cells()))
def test_cell(backend, cell, way):
    kind, before = BACKENDS[backend], client_threads()
    with running(kind.server) as server:
        server.faults, server.due = list(cell.faults), 0
        llm = kind.make(server.url, **{"timeout": LIMIT, **cell.options})
        found = _in_time(lambda: _ask(llm, kind.prompt, way))
        ended = time.time()
        llm.close()
    if isinstance(cell.wanted, Fails):
        assert type(found) is cell.wanted.error, repr(found)
        assert cell.wanted.body in (None, found.body)
        assert re.search(cell.wanted.said, str(found))
        assert cell.wanted.body != HALF or f"The text so far: {HALF!r}" in str(found)
    else:
        assert not isinstance(found, BaseException), repr(found)
        reason = None if backend == "sagemaker jumpstart-chat" else cell.wanted.reason
        assert (found[0].strip(), found[1]) == (cell.wanted.text, reason)
    assert not server.faults
    assert ended >= server.due
    assert not _left(before)


def test_what_is_absent_is_in_the_grid():
    for backend, table, *fault in ABSENT:
        assert backend in BACKENDS
        assert not fault or fault[0] in TABLES[table]


def _ask(llm, prompt, way):
    """Text and reason."""
    if way == "generate":
        generation = llm.generate(prompt)
    elif way == "agenerate":
        generation = asyncio.run(llm.agenerate(prompt))
    elif way == "stream":
        stream = llm.stream(prompt)
        text = "".join(stream)
        assert stream.result.text == text
        generation = stream.result
    else:
        generation = asyncio.run(_astream(llm, prompt))
    return generation.text, generation.finish_reason


async def _astream(llm, prompt):
    stream = llm.astream(prompt)
    text = "".join([piece async for piece in stream])
    assert stream.result.text == text
    return stream.result


def _in_time(action):
    """What `action` gives or raises; a hang would be no answer to a test's question either."""
    found = []

    def run():
        try:
            found.append(action())
        except Exception as error:
            found.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(LIMIT)
    assert found, f"nothing came within {LIMIT} s"
    return found[0]


def _left(before):
    end = time.monotonic() + LIMIT
    while client_threads() - before and time.monotonic() < end:
        time.sleep(0.01)
    return client_threads() - before
