"""Lines and events out of bytes that are cut anywhere."""

from __future__ import annotations

import asyncio
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragkit import _sse
from ragkit._sse import LineDecoder, asse_data, sse_data
from ragkit.errors import EndpointReplyError


def decoded(parts):
    decoder = LineDecoder()
    lines = [line for part in parts for line in decoder.feed(part)]
    return lines + decoder.finish()


line = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=12)


@given(st.lists(st.tuples(line, st.sampled_from(["\n", "\r\n", "\r"])), max_size=8), st.data())
def test_cuts_do_not_matter(pairs, data):
    whole = "".join(text + end for text, end in pairs).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=12)))
    parts = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert decoded(parts) == decoded([whole])


def test_every_byte_by_itself():
    data = "data: grüße 🙂\r\ndata: 東京\n\nend".encode()
    parts = [data[n : n + 1] for n in range(len(data))]
    assert decoded(parts) == ["data: grüße 🙂", "data: 東京", "", "end"]


def test_last_line_without_an_end():
    assert decoded([b"a\nb"]) == ["a", "b"]
    assert decoded([b"a\nb\r"]) == ["a", "b"]
    assert decoded([b"a\n"]) == ["a"]


def test_bytes_that_are_no_text_are_replaced():
    assert decoded([b"a\xff\n"]) == ["a\ufffd"]


def test_a_line_without_end_is_refused(monkeypatch):
    monkeypatch.setattr(_sse, "MAX_LINE_BYTES", 100)
    decoder = LineDecoder()
    assert decoder.feed(b"x" * 99) == []
    with pytest.raises(EndpointReplyError, match="100 bytes"):
        decoder.feed(b"xx")


LINES = [
    ": ping",
    "event: x",
    "data: {1}",
    "",
    "data:{2}",
    "data: more",
    "",
    "",
    "id: 3",
    "data: [DONE]",
]


def test_events():
    assert list(sse_data(iter(LINES))) == ["{1}", "{2}\nmore", "[DONE]"]
    assert list(sse_data(iter([*LINES, "", ""]))) == ["{1}", "{2}\nmore", "[DONE]"]


def test_events_from_asynchronous_lines():
    async def lines():
        for text in LINES:
            yield text

    async def collected():
        return [data async for data in asse_data(lines())]

    assert asyncio.run(collected()) == list(sse_data(iter(LINES)))


def test_a_long_line_in_small_pieces_is_read_in_linear_time():
    decoder, begun = LineDecoder(), time.process_time()
    for _ in range(200_000):
        decoder.feed(b"0123456789")
    assert len(decoder.feed(b"\n")[0]) == 2_000_000
    assert time.process_time() - begun < 20
