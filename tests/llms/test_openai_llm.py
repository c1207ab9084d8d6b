"""OpenAILLM against a real server on the loopback interface."""

import asyncio
import json

import pytest
from openai_server import TEXT, endless, running

from ragkit import OpenAILLM, load_llm
from ragkit.errors import (
    EndpointConnectionError,
    EndpointError,
    EndpointReplyError,
    EndpointTimeoutError,
    InvalidInputError,
)

KEY = "sk-secret-123"
ASK = [{"role": "user", "content": "When?"}]


@pytest.fixture
def server():
    with running() as instance:
        yield instance


@pytest.fixture
def llm(server):
    model = OpenAILLM("m", url=server.url, api_key=KEY, timeout=30)
    yield model
    model.close()


def test_what_is_sent_and_read(server, llm):
    generation = llm.generate(ASK, stop=["Dogs"], max_tokens=50, temperature=0.5, top_p=0.9, seed=7)
    assert generation.text == TEXT.split("Dogs")[0]
    assert generation.finish_reason == "stop"
    assert (generation.usage.prompt_tokens, generation.usage.completion_tokens) == (7, 9)
    assert generation.timings["total"] > 0
    path, headers, body = server.seen[0]
    assert path == "/v1/chat/completions"
    assert {k.lower(): v for k, v in headers.items()}["authorization"] == f"Bearer {KEY}"
    assert body == {"model": "m", "messages": ASK, "stop": ["Dogs"], "max_tokens": 50,
                    "temperature": 0.5, "top_p": 0.9, "seed": 7}  # fmt: skip


def test_a_raw_prompt_goes_to_completions_as_it_stands_but_for_its_bos(server, llm):
    assert llm.generate("<s>[INST] x </s><s>[INST] y [/INST]").text == TEXT
    path, _, body = server.seen[0]
    assert path == "/v1/completions"
    assert body["prompt"] == "[INST] x </s><s>[INST] y [/INST]"
    assert "".join(llm.stream("raw")) == TEXT


def test_length_is_reported(llm):
    generation = llm.generate(ASK, max_tokens=2)
    assert (generation.text, generation.finish_reason) == ("The museum", "length")


def test_extra_fields_and_headers(server):
    llm = OpenAILLM(
        "m", url=server.url, headers={"X-A": "1"}, extra_body={"top_k": 4, "top_p": None}
    )
    llm.invoke(ASK)
    _, headers, body = server.seen[0]
    assert headers["X-A"] == "1"
    assert body["top_k"] == 4
    assert "top_p" not in body


def test_one_string_names_it(server):
    llm = load_llm(f"openai:org/m:7b@{server.url}")
    assert llm.invoke(ASK) == TEXT
    assert server.seen[0][2]["model"] == "org/m:7b"


def test_the_key_comes_from_the_environment_and_is_never_shown(server, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    llm = OpenAILLM("m", url=server.url, retries=0)
    assert KEY not in repr(llm)
    server.faults += [lambda h, b: h.reply(401, {"error": {"message": f"bad key {KEY}"}})]
    with pytest.raises(EndpointError, match="status 401") as caught:
        llm.generate(ASK)
    assert KEY not in str(caught.value)
    assert KEY not in caught.value.body
    assert caught.value.status == 401


def test_busy_services_are_asked_again(server, llm):
    later = [("Retry-After", "0")]
    server.faults += [lambda h, b: h.reply(429, "later", headers=later)] * 2
    assert llm.generate(ASK).text == TEXT
    server.faults += [lambda h, b: h.reply(503, "later", headers=later)]
    assert "".join(llm.stream(ASK)) == TEXT
    assert len(server.seen) == 5


def test_a_web_page_instead_of_a_reply(server, llm):
    page = lambda h, b: h.reply(200, "<html>Log in</html>", "text/html")  # noqa: E731
    server.faults += [page, page, page]
    with pytest.raises(EndpointReplyError, match="Log in"):
        llm.generate(ASK)
    with pytest.raises(EndpointReplyError, match=r"no stream of events but: '<html>Log in"):
        list(llm.stream(ASK))

    async def consume():
        return [piece async for piece in llm.astream(ASK)]

    with pytest.raises(EndpointReplyError, match="Log in"):
        asyncio.run(consume())


@pytest.mark.parametrize(
    "reply",
    [[], {}, {"choices": []}, {"choices": [3]}, {"choices": [{"message": {"content": None}}]},
     {"choices": [{"message": {"content": 5}}]}, {"choices": [{}]}, "x"],
)  # fmt: skip
def test_replies_in_no_format(server, llm, reply):
    server.faults += [lambda h, b: h.reply(200, json.dumps(reply))]
    with pytest.raises(EndpointReplyError, match="OpenAI"):
        llm.generate(ASK)


def test_an_error_with_status_200(server, llm):
    server.faults += [lambda h, b: h.reply(200, {"error": {"message": "model not loaded"}})]
    with pytest.raises(EndpointError, match="model not loaded"):
        llm.generate(ASK)


def partial(*last, end=True):
    def fault(handler, body):
        handler.begin_stream()
        handler.event(handler.envelope([handler.choice("Half an ans", None, delta=True)]))
        for data in last:
            handler.send(data)
        if end:
            handler.end_stream()
        handler.close_connection = True

    return fault


def test_a_stream_that_breaks_off(server, llm):
    server.faults += [partial(), partial()]
    pieces = llm.stream(ASK)
    assert next(pieces) == "Half an ans"
    with pytest.raises(EndpointReplyError, match="without its end mark") as caught:
        next(pieces)
    assert caught.value.body == "Half an ans"

    async def consume():
        return [piece async for piece in llm.astream(ASK)]

    with pytest.raises(EndpointReplyError, match="without its end mark"):
        asyncio.run(consume())


def test_a_stream_that_breaks_off_can_be_accepted(server):
    llm = OpenAILLM("m", url=server.url, incomplete="accept")
    server.faults += [partial(), partial(), lambda h, b: h.reply(200, "<html>", "text/html")]
    stream = llm.stream(ASK)
    assert list(stream) == ["Half an ans"]
    assert (stream.result.text, stream.result.finish_reason) == ("Half an ans", None)

    async def later():
        stream = llm.astream(ASK)
        assert [piece async for piece in stream] == ["Half an ans"]
        return stream.result.finish_reason

    assert asyncio.run(later()) is None
    with pytest.raises(EndpointReplyError, match="no stream of events"):
        list(llm.stream(ASK))
    llm.close()


def test_a_stream_says_what_it_took(server, llm):
    stream = llm.stream(ASK)
    assert "".join(stream) == TEXT == stream.result.text
    assert server.seen[0][2]["stream_options"] == {"include_usage": True}
    assert stream.result.finish_reason == "stop"
    assert (stream.result.usage.prompt_tokens, stream.result.usage.completion_tokens) == (7, 14)
    assert 0 < stream.result.timings["first_token"] <= stream.result.timings["total"]


def test_a_connection_that_is_lost_midway(server, llm):
    server.faults += [partial(end=False)]
    with pytest.raises(EndpointConnectionError):
        list(llm.stream(ASK))


def test_an_error_event_midway(server, llm):
    server.faults += [partial(b'data: {"error": {"message": "out of memory"}}\n\n')]
    with pytest.raises(EndpointError, match="out of memory"):
        list(llm.stream(ASK))


@pytest.mark.parametrize(
    "event",
    [b"data: {nope\n\n", b"data: []\n\n", b'data: {"choices": [{"delta": {"content": 1}}]}\n\n'],
)
def test_events_in_no_format(server, llm, event):
    server.faults += [partial(event)]
    with pytest.raises(EndpointReplyError, match="OpenAI"):
        list(llm.stream(ASK))


def test_a_finish_reason_is_an_end_mark(server, llm):
    last = b'data: {"choices": [{"delta": {}, "finish_reason": "eos_token"}]}\n\n'
    server.faults += [partial(last)]
    assert list(llm.stream(ASK)) == ["Half an ans"]


def test_stop_strings_that_the_service_leaves_in(server, llm):
    reply = {"choices": [{"message": {"content": "One. STOP Two."}, "finish_reason": "length"}]}
    server.faults += [lambda h, b: h.reply(200, reply)]
    generation = llm.generate(ASK, stop=["STOP"])
    assert (generation.text, generation.finish_reason) == ("One. ", "stop")
    server.faults += [endless]
    assert "".join(llm.stream(ASK, stop=["d word"])) == "wor"
    assert server.hung_up.wait(5)


def test_leaving_a_stream_hangs_up(server, llm):
    server.faults += [endless]
    pieces = llm.stream(ASK)
    assert next(pieces) == "word "
    pieces.close()
    assert server.hung_up.wait(5)


def test_cancelling_an_async_stream_hangs_up(server, llm):
    server.faults += [endless]

    async def consume():
        async for _ in llm.astream(ASK):
            pass

    async def cancelled():
        task = asyncio.create_task(consume())
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert server.hung_up.wait(5)


def test_nobody_there_and_nobody_answering(server):
    silent = OpenAILLM("m", url=server.url, timeout=0.2, retries=0)
    server.faults += [lambda h, b: server.hung_up.wait(2)]
    with pytest.raises(EndpointTimeoutError):
        silent.generate(ASK)
    with pytest.raises(EndpointConnectionError):
        OpenAILLM("m", url="http://127.0.0.1:9/v1", retries=0).generate(ASK)


@pytest.mark.parametrize(
    "options",
    [{"model": ""}, {"url": "ftp://x"}, {"timeout": 0}, {"retries": -1}, {"incomplete": "ignore"}],
)
def test_arguments_that_cannot_work(options):
    with pytest.raises(InvalidInputError):
        OpenAILLM(**{"model": "m", **options})


@pytest.mark.slow
def test_the_server_is_faithful_to_the_real_client(server):
    """OpenAI's own client reads the same text from the server that these tests use."""
    openai = pytest.importorskip("openai", reason="the real client is not installed")
    with openai.OpenAI(base_url=server.url, api_key="x") as client:
        reply = client.chat.completions.create(model="m", messages=ASK, max_tokens=50)
        assert reply.choices[0].message.content == TEXT
        stream = client.chat.completions.create(model="m", messages=ASK, max_tokens=50, stream=True)
        text = "".join(c.choices[0].delta.content or "" for c in stream if c.choices)
        assert text == TEXT
        assert (
            client.completions.create(model="m", prompt="x", max_tokens=50).choices[0].text == TEXT
        )
