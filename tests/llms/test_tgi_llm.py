"""TGILLM against a real server on the loopback interface."""

import asyncio
import json

import pytest
from loopback import TEXT, deny, refuse, running, stream_of
from tgi_server import TGI, event

from ragkit import TGILLM, load_llm
from ragkit.errors import (
    EndpointError,
    EndpointReplyError,
    InvalidInputError,
    PromptError,
)

KEY = "hf_secret123"
ASK = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "When?"}]


HALF = event("Half an ") + event("ans")


@pytest.fixture
def server():
    with running(TGI) as instance:
        instance.info = {"model_id": "m", "max_input_tokens": 4095, "max_total_tokens": 4096}
        yield instance


@pytest.fixture
def llm(server):
    model = TGILLM(server.url, api_key=KEY, timeout=5)
    yield model
    model.close()


@pytest.fixture(params=["sync", "async"])
def stream(request):
    """The pieces, by either way."""

    async def later(llm, **options):
        return [piece async for piece in llm.astream(ASK, **options)]

    def run(llm, **options):
        if request.param == "sync":
            return list(llm.stream(ASK, **options))
        return asyncio.run(later(llm, **options))

    return run


def test_what_is_sent_and_read(server, llm):
    generation = llm.generate(ASK, stop=["Dogs"], max_tokens=50, temperature=0.5, top_p=0.9, seed=7)
    assert generation.text == TEXT.split("Dogs")[0]
    assert generation.finish_reason == "stop"
    assert generation.usage.completion_tokens == 10  # the stop string's, too
    path, headers, body = server.seen[0]
    assert path == "/generate"
    assert {k.lower(): v for k, v in headers.items()}["authorization"] == f"Bearer {KEY}"
    assert body == {
        "inputs": "[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nWhen? [/INST]",
        "parameters": {"max_new_tokens": 50, "do_sample": True, "temperature": 0.5, "top_p": 0.9,
                       "seed": 7, "stop": ["Dogs"], "return_full_text": False, "details": True},
    }  # fmt: skip
    llm.generate(ASK)
    assert server.seen[1][2]["parameters"] == {
        "max_new_tokens": 512, "do_sample": False, "return_full_text": False, "details": True
    }  # fmt: skip


def test_a_raw_prompt_is_sent_without_its_bos(server, llm):
    llm.generate("<s>[INST] x </s><s>[INST] y [/INST]")
    assert server.seen[0][2]["inputs"] == "[INST] x </s><s>[INST] y [/INST]"


def test_a_template_of_ones_own(server):
    llm = TGILLM(server.url, template=lambda messages: "<s>" + messages[-1]["content"])
    llm.generate(ASK)
    assert server.seen[0][2]["inputs"] == "When?"
    with pytest.raises(PromptError, match="has to give a text"):
        TGILLM(server.url, template=lambda messages: None).generate(ASK)


def test_more_stop_strings_than_tgi_takes(llm, stream):
    stops = ["aa", "bb", "cc", "dd", "Zür"]
    assert llm.generate(ASK, stop=stops).text == "The museum in "
    assert "".join(stream(llm, stop=stops)) == "The museum in "


def test_more_parameters(server):
    llm = TGILLM(server.url, parameters={"repetition_penalty": 1.1, "details": None})
    llm.generate(ASK)
    parameters = server.seen[0][2]["parameters"]
    assert parameters["repetition_penalty"] == 1.1
    assert "details" not in parameters


def test_the_window_is_asked_for_once(server, llm):
    assert (llm.window, llm.window) == (4096, 4096)
    assert [path for path, *_ in server.seen] == ["/info"]
    server.info = {"name": "something else"}
    with pytest.raises(EndpointReplyError, match="max_total_tokens"):
        TGILLM(server.url).window  # noqa: B018


def test_text_that_only_the_last_event_has(server, llm, stream):
    last = event("", generated_text="Half an answer �", details={"finish_reason": "length"})
    server.faults += [stream_of(HALF, last)]
    assert "".join(stream(llm)) == "Half an answer �"
    last = event("!", generated_text="Trimmed otherwise")
    server.faults += [stream_of(HALF, last)]
    assert "".join(stream(llm)) == "Half an ans!"


@pytest.mark.parametrize("data", ["{nope", "[]", "{}", '{"token": 1}', '{"token": {"text": 1}}'])
def test_events_in_no_format(server, llm, stream, data):
    server.faults += [stream_of(f"data:{data}\n\n".encode())]
    with pytest.raises(EndpointReplyError, match="TGI"):
        stream(llm)


@pytest.mark.parametrize("reply", [[], {}, 1, [{}], {"generated_text": None}])
def test_replies_in_no_format(server, llm, reply):
    server.faults += [refuse(200, json.dumps(reply))]
    with pytest.raises(EndpointReplyError, match="TGI"):
        llm.generate(ASK)


@pytest.mark.parametrize(
    ("last", "said"),
    [(b'data:{"error":"out of memory","error_type":"generation"}\n\n', "out of memory"),
     (event("", details={"finish_reason": "error"}), "generation failed")],
)  # fmt: skip
def test_errors_midway(server, llm, stream, last, said):
    server.faults += [stream_of(HALF, last)]
    with pytest.raises(EndpointError, match=rf"{said}.*so far: 'Half an ans'"):
        stream(llm)


def test_refusals_show_no_key(server, llm):
    server.faults += [deny(422, f"`inputs` too long, {KEY}"), refuse(200, {"error": "overloaded"})]
    with pytest.raises(EndpointError, match="too long") as caught:
        llm.generate(ASK)
    assert caught.value.status == 422
    assert KEY not in repr(llm) + str(caught.value) + caught.value.body
    with pytest.raises(EndpointError, match="overloaded"):
        llm.generate(ASK)


def test_one_string_names_it(server):
    for spec in (f"tgi:@{server.url}", f"tgi@{server.url}"):
        assert load_llm(spec).invoke(ASK) == TEXT
    with pytest.raises(InvalidInputError, match="names no url"):
        load_llm("tgi")


@pytest.mark.parametrize(
    "options", [{"url": "ftp://x"}, {"timeout": 0}, {"template": "llama4"}, {"api_key": "a b"}]
)
def test_arguments_that_cannot_work(options):
    with pytest.raises(InvalidInputError):
        TGILLM(**{"url": "http://h", **options})
