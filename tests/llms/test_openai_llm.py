"""OpenAILLM against a real server on the loopback interface."""

import json

import pytest
from loopback import HALF, TEXT, changed, deny, endless, midway, refuse, running
from openai_server import OpenAI

from ragkit import OpenAILLM, load_llm
from ragkit.errors import (
    EndpointConnectionError,
    EndpointError,
    EndpointReplyError,
    InvalidInputError,
)

KEY = "sk-secret-123"
ASK = [{"role": "user", "content": "When?"}]


@pytest.fixture
def server():
    with running(OpenAI) as instance:
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


def test_the_name_that_newer_models_have_for_max_tokens(server):
    llm = OpenAILLM("m", url=server.url, max_tokens_field="max_completion_tokens")
    llm.invoke(ASK, max_tokens=7)
    body = server.seen[0][2]
    assert body["max_completion_tokens"] == 7
    assert "max_tokens" not in body


def test_one_string_names_it(server):
    llm = load_llm(f"openai:org/m:7b@{server.url}")
    assert llm.invoke(ASK) == TEXT
    assert server.seen[0][2]["model"] == "org/m:7b"


def test_the_key_comes_from_the_environment_and_is_never_shown(server, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    llm = OpenAILLM("m", url=server.url, retries=0)
    assert KEY not in repr(llm)
    server.faults += [deny(401, f"bad key {KEY}")]
    with pytest.raises(EndpointError, match="status 401") as caught:
        llm.generate(ASK)
    assert KEY not in str(caught.value)
    assert KEY not in caught.value.body
    assert caught.value.status == 401


@pytest.mark.parametrize(
    "reply",
    [[], {}, {"choices": []}, {"choices": [3]}, {"choices": [{"message": {"content": None}}]},
     {"choices": [{"message": {"content": 5}}]}, {"choices": [{}]}, "x",
     {"choices": [{"message": {"content": []}, "finish_reason": "stop"}]},
     {"choices": [{"message": {"content": "x", "refusal": 5}}]},
     {"choices": [{"finish_reason": "stop"}]}],
)  # fmt: skip
def test_replies_in_no_format(server, llm, reply):
    server.faults += [refuse(200, json.dumps(reply))]
    with pytest.raises(EndpointReplyError, match="OpenAI"):
        llm.generate(ASK)


def streamed(*choices):
    """A fault that streams these choices, one a chunk."""
    chunks = [f"data: {json.dumps({'choices': [choice]})}\n\n" for choice in choices]
    return changed(lambda _: "".join([*chunks, "data: [DONE]\n\n"]).encode())


def both(server, llm, message, deltas, reason):
    """Text and finish reason of a reply, whole and streamed."""
    server.faults += [refuse(200, {"choices": [{"message": message, "finish_reason": reason}]})]
    whole = llm.generate(ASK)
    pieces = [{"delta": delta, "finish_reason": None} for delta in deltas]
    server.faults += [streamed(*pieces, {"delta": {}, "finish_reason": reason})]
    stream = llm.stream(ASK)
    assert "".join(stream) == stream.result.text
    return [(said.text, said.finish_reason) for said in (whole, stream.result)]


def test_no_text_with_a_reason_is_an_empty_text(server, llm):
    message = {"role": "assistant", "content": None, "refusal": None}
    assert both(server, llm, message, [message], "length") == [("", "length")] * 2


def test_a_refusal_is_the_text_and_told_by_the_finish_reason(server, llm):
    message = {"role": "assistant", "content": None, "refusal": "I can't help."}
    deltas = [{"role": "assistant", "content": None}, {"refusal": "I can't"}, {"refusal": " help."}]
    assert both(server, llm, message, deltas, "stop") == [("I can't help.", "refusal")] * 2


def test_of_several_answers_the_first_is_read(server, llm):
    texts = [(0, "One "), (1, "Other "), (0, "two"), (1, "text")]
    deltas = [{"index": index, "delta": {"content": text}} for index, text in texts]
    ends = [{"index": index, "delta": {}, "finish_reason": "stop"} for index in (1, 0)]
    server.faults += [streamed(*deltas, *ends)]
    assert list(llm.stream(ASK)) == ["One ", "two"]
    choices = [{"index": index, "message": {"content": f"{index}"}} for index in (1, 0)]
    server.faults += [refuse(200, {"choices": choices})]
    assert llm.generate(ASK).text == "0"


def test_several_answers_are_not_asked_for(server):
    with pytest.raises(InvalidInputError, match=r"n=2.*one answer"):
        OpenAILLM("m", url=server.url, extra_body={"n": 2})
    for n in (1, None):
        assert OpenAILLM("m", url=server.url, extra_body={"n": n}).invoke(ASK) == TEXT


@pytest.mark.parametrize("count", [True, "7", None, 7.0])
def test_what_is_no_count_is_none(server, llm, count):
    usage = {"prompt_tokens": count, "completion_tokens": 3}
    server.faults += [refuse(200, {"choices": [{"message": {"content": "x"}}], "usage": usage})]
    usage = llm.generate(ASK).usage
    assert (usage.prompt_tokens, usage.completion_tokens) == (None, 3)


def test_an_error_with_status_200(server, llm):
    server.faults += [deny(200, "model not loaded")]
    with pytest.raises(EndpointError, match="model not loaded"):
        llm.generate(ASK)


def test_a_stream_says_what_it_took(server, llm):
    stream = llm.stream(ASK)
    assert "".join(stream) == TEXT == stream.result.text
    assert server.seen[0][2]["stream_options"] == {"include_usage": True}
    assert stream.result.finish_reason == "stop"
    assert (stream.result.usage.prompt_tokens, stream.result.usage.completion_tokens) == (7, 14)
    assert 0 < stream.result.timings["first_token"] <= stream.result.timings["total"]


@pytest.mark.parametrize(
    "event",
    [b"data: {nope\n\n", b"data: []\n\n", b'data: {"choices": [{"delta": {"content": 1}}]}\n\n'],
)
def test_events_in_no_format(server, llm, event):
    server.faults += [midway(lambda handler: handler.send(event))]
    with pytest.raises(EndpointReplyError, match="OpenAI"):
        list(llm.stream(ASK))


def test_a_finish_reason_is_an_end_mark(server, llm):
    last = b'data: {"choices": [{"delta": {}, "finish_reason": "eos_token"}]}\n\n'
    server.faults += [midway(lambda handler: (handler.send(last), handler.end_stream()))]
    assert "".join(llm.stream(ASK)) == HALF


def test_stop_strings_that_the_service_leaves_in(server, llm):
    reply = {"choices": [{"message": {"content": "One. STOP Two."}, "finish_reason": "length"}]}
    server.faults += [refuse(200, reply)]
    generation = llm.generate(ASK, stop=["STOP"])
    assert (generation.text, generation.finish_reason) == ("One. ", "stop")
    server.faults += [endless]
    assert "".join(llm.stream(ASK, stop=["d word"])) == "wor"
    assert server.hung_up.wait(5)


def test_nobody_is_there():
    with pytest.raises(EndpointConnectionError):
        OpenAILLM("m", url="http://127.0.0.1:9/v1", retries=0).generate(ASK)


@pytest.mark.parametrize(
    "options",
    [
        {"model": ""},
        {"url": "ftp://x"},
        {"timeout": 0},
        {"retries": -1},
        {"incomplete": "ignore"},
        {"max_tokens_field": "n"},
    ],
)
def test_arguments_that_cannot_work(options):
    with pytest.raises(InvalidInputError):
        OpenAILLM(**{"model": "m", **options})
