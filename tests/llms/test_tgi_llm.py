"""TGILLM against a real server on the loopback interface."""

import asyncio
import json
import time

import pytest
from loopback import TEXT, Handler, endless, hang, page, refuse, running, stream_of

from ragkit import TGILLM, load_llm
from ragkit.errors import (
    EndpointConnectionError,
    EndpointError,
    EndpointReplyError,
    EndpointTimeoutError,
    InvalidInputError,
    PromptError,
)

KEY = "hf_secret123"
ASK = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "When?"}]
REASONS = {"stop": "eos_token", "length": "length"}


class TGI(Handler):
    def do_GET(self):
        self.server.seen.append((self.path, dict(self.headers), None))
        self.reply(200, self.server.info)

    def serve(self, body):
        asked = body["parameters"]
        stops = asked.get("stop", [])
        if len(stops) > 4 or asked.get("temperature", 1) <= 0:
            return self.reply(422, {"error": "Input validation error", "error_type": "validation"})
        text, reason = self.answer(asked["max_new_tokens"], stops, keep_stop=True)
        details = {"finish_reason": REASONS[reason], "generated_tokens": 9, "seed": None}
        if self.path == "/generate" or (self.path == "/" and not body.get("stream")):
            whole = {"generated_text": text, "details": details}
            return self.reply(200, [whole] if self.path == "/" else whole)
        self.begin_stream()
        for at in range(0, len(text), 3):
            self.send(event(text[at : at + 3]))
        self.send(event("</s>", special=True, generated_text=text, details=details))
        return self.end_stream()


def event(text, special=False, **more):
    token = {"id": 1, "text": text, "logprob": -0.1, "special": special}
    data = {"index": 1, "token": token, "generated_text": None, "details": None, **more}
    return f"data:{json.dumps(data, ensure_ascii=False)}\n\n".encode()


HALF = event("Half an ") + event("ans")
END = event("wer.", generated_text="Half an answer.", details={"finish_reason": "length"})


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
    assert generation.usage.completion_tokens == 9
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


@pytest.mark.parametrize("piece", [0, 1])
def test_a_stream_in_pieces_with_other_line_ends(server, llm, stream, piece):
    server.piece = piece
    assert "".join(stream(llm)) == TEXT
    whole = HALF + END
    server.faults += [stream_of(whole.replace(b"\n", b"\r\n")), stream_of(whole.rstrip())]
    assert "".join(stream(llm)) == "Half an answer."
    assert "".join(stream(llm)) == "Half an answer."


def test_text_that_only_the_last_event_has(server, llm, stream):
    last = event("", generated_text="Half an answer �", details={"finish_reason": "length"})
    server.faults += [stream_of(HALF, last)]
    assert "".join(stream(llm)) == "Half an answer �"
    last = event("!", generated_text="Trimmed otherwise")
    server.faults += [stream_of(HALF, last)]
    assert "".join(stream(llm)) == "Half an ans!"


def test_a_stream_without_its_end(server, llm, stream):
    server.faults += [stream_of(HALF)]
    with pytest.raises(EndpointReplyError, match=r"end mark .* 'Half an ans'") as caught:
        stream(llm)
    assert caught.value.body == "Half an ans"


@pytest.mark.parametrize("how", [{"end": False}, {"cut": True}])
def test_a_connection_that_is_lost_midway(server, llm, stream, how):
    server.faults += [stream_of(HALF, **how)]
    with pytest.raises(EndpointConnectionError, match="so far: 'Half an ans'") as caught:
        stream(llm)
    assert caught.value.body == "Half an ans"


@pytest.mark.parametrize(
    ("last", "said"),
    [(b'data:{"error":"out of memory","error_type":"generation"}\n\n', "out of memory"),
     (event("", details={"finish_reason": "error"}), "generation failed")],
)  # fmt: skip
def test_an_error_event_midway(server, llm, stream, last, said):
    server.faults += [stream_of(HALF, last)]
    with pytest.raises(EndpointError, match=rf"{said}.*so far: 'Half an ans'") as caught:
        stream(llm)
    assert caught.value.body == "Half an ans"


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


def test_busy_services_are_asked_again(server, llm, stream):
    server.faults += [refuse(429, headers=[("Retry-After", "1")])]
    began = time.monotonic()
    assert llm.generate(ASK).text == TEXT
    assert time.monotonic() - began >= 1
    server.faults += [refuse(500), refuse(503, headers=[("Retry-After", "0")])]
    assert "".join(stream(llm)) == TEXT
    assert len(server.seen) == 5


def test_web_pages_and_refusals(server, llm, stream):
    server.faults += [page, page, refuse(422, {"error": f"`inputs` too long, {KEY}"})]
    with pytest.raises(EndpointReplyError, match="Log in"):
        llm.generate(ASK)
    with pytest.raises(EndpointReplyError, match="Log in"):
        stream(llm)
    with pytest.raises(EndpointError, match="too long") as caught:
        llm.generate(ASK)
    assert caught.value.status == 422
    assert KEY not in repr(llm) + str(caught.value) + caught.value.body
    server.faults += [refuse(200, {"error": "overloaded"})]
    with pytest.raises(EndpointError, match="overloaded"):
        llm.generate(ASK)


def test_a_service_that_hangs(server, stream):
    llm = TGILLM(server.url, timeout=0.2, retries=0)
    server.faults += [hang, hang]
    with pytest.raises(EndpointTimeoutError):
        llm.generate(ASK)
    with pytest.raises(EndpointTimeoutError):
        stream(llm)


def test_leaving_a_stream_hangs_up(server, llm):
    server.faults += [endless(event("word "))]
    pieces = llm.stream(ASK)
    assert next(pieces) == "word "
    pieces.close()
    assert server.hung_up.wait(5)


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


def test_the_server_is_faithful_to_the_real_client(server):
    """Hugging Face's own client reads the same text from the server that these tests use."""
    from huggingface_hub import InferenceClient

    client = InferenceClient(server.url)
    assert client.text_generation("x", max_new_tokens=50, details=False) == TEXT
    # With stream=True alone it passes special tokens on; details tell them apart.
    events = client.text_generation("x", max_new_tokens=50, stream=True, details=True)
    assert "".join(e.token.text for e in events if not e.token.special) == TEXT
