"""SageMakerLLM: real boto3 against a server on the loopback interface, in each body form."""

import asyncio
import json

import pytest
from aws_server import EVENTS, SageMaker, aws_error, exception, part
from loopback import TEXT, endless, hang, page, refuse, running, stream_of

from ragkit import SageMakerLLM, load_llm
from ragkit.errors import (
    EndpointConnectionError,
    EndpointError,
    EndpointReplyError,
    EndpointTimeoutError,
    InvalidInputError,
)

boto3 = pytest.importorskip("boto3", reason="the extra aws is not installed")

ASK = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "When?"}]
STREAMED = ["string", "lmi", "openai"]
FORMS = ["jumpstart-chat", *STREAMED]
HALF = {
    "string": b'data:{"token": {"text": "Half"}}\n\n',
    "lmi": b'{"token": {"text": "Half"}}\n',
    "openai": b'data: {"choices": [{"delta": {"content": "Half"}}]}\n\n',
}


@pytest.fixture(autouse=True)
def credentials(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAABCDEFGHIJKLMNOP")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-key-8")


@pytest.fixture
def server():
    with running(SageMaker) as instance:
        instance.lmi, instance.part = False, 5
        yield instance


@pytest.fixture(scope="module")
def session():
    """One for all: each would read boto3's descriptions of services anew."""
    return boto3.Session("AKIAABCDEFGHIJKLMNOP", "secret-key-8")


@pytest.fixture
def make(server, session):
    made = []

    def one(body, **options):
        server.lmi = body == "lmi"
        options = {"region": "us-east-1", "endpoint_url": server.url, "timeout": 5,
                   "accept_eula": True, "session": session, **options}  # fmt: skip
        made.append(SageMakerLLM("llama", body=body, **options))
        return made[-1]

    yield one
    for llm in made:
        llm.close()


def collect(llm, **options):
    return list(llm.stream(ASK, **options))


def test_what_is_sent(server, make):
    options = {"max_tokens": 50, "stop": ["Dogs"], "temperature": 0.5, "top_p": 0.9}
    for form in FORMS:
        text = make(form, inference_component="part-1").generate(ASK, **options).text
        assert text.strip() == TEXT.split("Dogs")[0].strip()
    bodies = [body for _, _, body in server.seen]
    path, headers, _ = server.seen[0]
    assert path == "/endpoints/llama/invocations"
    assert headers["X-Amzn-SageMaker-Inference-Component"] == "part-1"
    assert headers["X-Amzn-SageMaker-Custom-Attributes"] == "accept_eula=true"
    assert bodies[0] == {
        "inputs": [ASK],
        "parameters": {"max_new_tokens": 50, "temperature": 0.5, "top_p": 0.9},
    }
    assert bodies[1] == bodies[2]
    assert bodies[1]["inputs"] == "[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nWhen? [/INST]"
    assert bodies[3] == {"messages": ASK, **options}


def test_what_the_reply_says(make):
    generation = make("string").generate(ASK, max_tokens=2)
    assert (generation.text, generation.finish_reason) == ("The museum", "length")
    assert generation.usage.completion_tokens == 9
    assert make("jumpstart-chat").generate("raw").text == " " + TEXT


def test_the_licence_is_not_accepted_by_itself(make):
    with pytest.raises(EndpointError, match="accept_eula") as caught:
        make("jumpstart-chat", accept_eula=False, retries=0).generate(ASK)
    assert caught.value.status == 424


def test_a_seed_where_there_is_none(make):
    with pytest.raises(InvalidInputError, match="seed"):
        make("jumpstart-chat").generate(ASK, seed=1, temperature=1.0)


@pytest.mark.parametrize("body", STREAMED)
@pytest.mark.parametrize("size", [1, 7, 4096])
def test_parts_cut_anywhere(server, make, body, size):
    server.part = size
    llm = make(body)
    assert "".join(collect(llm)) == TEXT

    async def later():
        return "".join([piece async for piece in llm.astream(ASK)])

    assert asyncio.run(later()) == TEXT


def test_other_line_ends_and_none_at_the_end(server, make):
    last = b'data:{"token": {"text": " it"}, "generated_text": "Half it"}'
    whole = b": ping\n\n" + HALF["string"] + last
    crlf = whole.replace(b"\n", b"\r\n")
    server.faults += [stream_of(part(whole), kind=EVENTS), stream_of(part(crlf), kind=EVENTS)]
    llm = make("string")
    assert "".join(collect(llm)) == "Half it"
    assert "".join(collect(llm)) == "Half it"


@pytest.mark.parametrize(
    ("body", "reply"),
    [("lmi", {"generated_text": "All."}), ("string", [{"generated_text": "All."}]),
     ("openai", {"choices": [{"message": {"content": "All."}, "finish_reason": "stop"}]})],
)  # fmt: skip
def test_a_container_that_does_not_stream_after_all(server, make, body, reply):
    server.faults += [stream_of(part(json.dumps(reply).encode()), kind=EVENTS)]
    assert collect(make(body)) == ["All."]


@pytest.mark.parametrize("body", STREAMED)
def test_streams_that_go_wrong(server, make, body):
    llm, half = make(body), part(HALF[body])
    server.faults += [stream_of(half, kind=EVENTS)]
    with pytest.raises(EndpointReplyError, match=r"end mark.*'Half'") as caught:
        collect(llm)
    assert caught.value.body == "Half"
    server.faults += [stream_of(half, kind=EVENTS, cut=True)]
    with pytest.raises(EndpointConnectionError, match="so far: 'Half'"):
        collect(llm)
    server.faults += [
        stream_of(half, exception("ModelStreamError", "broke", name="Message"), kind=EVENTS)
    ]
    with pytest.raises(EndpointError, match=r"broke.*so far: 'Half'"):
        collect(llm)
    error = b'data: {"error": "out of memory"}\n\n'
    server.faults += [stream_of(half, part(error), kind=EVENTS)]
    with pytest.raises(EndpointError, match=r"out of memory.*so far: 'Half'"):
        collect(llm)
    server.faults += [stream_of(part(b"<html>Log in</html>"), kind=EVENTS)]
    with pytest.raises(EndpointReplyError, match=r"<html>.*body="):
        collect(llm)


@pytest.mark.parametrize("body", FORMS)
def test_replies_in_no_format(server, make, body):
    llm = make(body, retries=0)
    server.faults += [page, refuse(200, {"no": "text"})]
    with pytest.raises(EndpointReplyError, match=r"<html>.*body="):
        llm.generate(ASK)
    with pytest.raises(EndpointReplyError, match=r"no.*body="):
        llm.generate(ASK)
    server.faults += [page]
    with pytest.raises(EndpointReplyError):
        collect(llm)


def test_busy_and_hanging_services(server, make):
    server.faults += [aws_error(429, "ThrottlingException"), refuse(500), refuse(503)]
    assert make("string", retries=3).generate(ASK).text == TEXT
    server.faults += [hang, hang]
    silent = make("string", timeout=0.2, retries=0)
    with pytest.raises(EndpointTimeoutError):
        silent.generate(ASK)
    with pytest.raises(EndpointTimeoutError):
        collect(silent)


def test_what_the_container_says(server, make):
    said = {"Message": "Received error", "OriginalStatusCode": 422, "OriginalMessage": "too long"}
    head = [("x-amzn-ErrorType", "ModelError")]
    server.faults += [refuse(424, said, headers=head)]
    with pytest.raises(EndpointError, match="too long"):
        make("string", retries=0).generate(ASK)


def test_leaving_a_stream_hangs_up(server, make):
    server.faults += [endless(part(HALF["lmi"]), kind=EVENTS)]
    pieces = make("lmi").stream(ASK)
    assert next(pieces) == "Half"
    pieces.close()
    assert server.hung_up.wait(5)


def test_functions_of_ones_own(server, make):
    llm = make(
        "string",
        request=lambda messages, options: {"q": messages[-1]["content"], "n": options.max_tokens},
        response=lambda data: json.loads(data)["a"],
    )
    server.faults += [refuse(200, {"a": "Nine. Or ten."})] * 2
    assert llm.generate(ASK, stop=[" Or"], max_tokens=3).text == "Nine."
    assert collect(llm) == ["Nine. Or ten."]
    assert server.seen[0][2] == {"q": "When?", "n": 3}
    for body in (b'{"x": 1}', '{"x": 1}'):
        server.faults += [refuse(200, {"a": "Nine."})]
        own = make("string", request=lambda *_, b=body: b, response=lambda data: "y")
        assert own.invoke(ASK) == "y"
        assert server.seen[-1][2] == {"x": 1}


def test_one_string_names_it(server):
    llm = load_llm("sagemaker:llama", body="lmi", region="eu-central-1", endpoint_url=server.url)
    server.lmi = True
    assert llm.invoke(ASK) == TEXT
    assert repr(llm) == "SageMakerLLM('llama', body='lmi', region='eu-central-1')"
    llm.close()


@pytest.mark.parametrize(
    "options",
    [{"endpoint_name": ""}, {"body": "tgi"}, {"request": 1}, {"response": "x"},
     {"inference_component": ""}, {"template": "x"}, {"bodi": "lmi"}],
)  # fmt: skip
def test_arguments_that_cannot_work(options):
    with pytest.raises(InvalidInputError):
        SageMakerLLM(**{"endpoint_name": "m", "region": "us-east-1", **options})


def test_a_reply_that_is_too_long_is_refused_and_not_cut(make, monkeypatch):
    monkeypatch.setattr("ragkit.llms.sagemaker._MOST_BYTES", 10)
    with pytest.raises(EndpointReplyError, match="more than 10 bytes"):
        make("string", response=lambda data: data.decode()).generate(ASK)
