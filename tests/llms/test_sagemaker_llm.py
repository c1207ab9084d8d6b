"""SageMakerLLM: real boto3 against a server on the loopback interface, in each body form.

What all backends have in common is in test_endpoint_conformance.py and test_fault_grid.py.
"""

import json
from contextlib import ExitStack

import pytest
from aws_server import exception, part
from backends import ASK, BACKENDS
from loopback import HALF, TEXT, changed, midway, page, refuse, running

from ragkit import SageMakerLLM, load_llm
from ragkit.errors import EndpointError, EndpointReplyError, GenerationError, InvalidInputError

pytest.importorskip("boto3", reason="the extra aws is not installed")

STREAMED = ["string", "lmi", "openai"]
FORMS = ["jumpstart-chat", *STREAMED]


@pytest.fixture
def make():
    """Gives the server of a form, and a model that asks it."""
    with ExitStack() as stack:

        def one(body, **options):
            backend = BACKENDS[f"sagemaker {body}"]
            server = stack.enter_context(running(backend.server))
            llm = backend.make(server.url, timeout=5, **options)
            stack.callback(llm.close)
            return server, llm

        yield one


def collect(llm, **options):
    return list(llm.stream(ASK, **options))


def test_what_is_sent(make):
    options = {"max_tokens": 50, "stop": ["Dogs"], "temperature": 0.5, "top_p": 0.9}
    sent = []
    for form in FORMS:
        server, llm = make(form, inference_component="part-1")
        assert llm.generate(ASK, **options).text.strip() == TEXT.split("Dogs")[0].strip()
        sent += server.seen
    bodies = [body for _, _, body in sent]
    path, headers, _ = sent[0]
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
    generation = make("string")[1].generate(ASK, max_tokens=2)
    assert (generation.text, generation.finish_reason) == ("The museum", "length")
    assert generation.usage.completion_tokens == 2
    assert make("jumpstart-chat")[1].generate("raw").text == " " + TEXT


@pytest.mark.parametrize("body", STREAMED)
def test_a_stream_says_what_it_took(make, body):
    stream = make(body)[1].stream(ASK)
    assert "".join(stream) == TEXT
    assert stream.result.usage.completion_tokens == 14


def test_the_licence_is_not_accepted_by_itself(make):
    with pytest.raises(EndpointError, match="accept_eula") as caught:
        make("jumpstart-chat", accept_eula=False, retries=0)[1].generate(ASK)
    assert caught.value.status == 424


def test_a_seed_where_there_is_none(make):
    with pytest.raises(InvalidInputError, match="seed"):
        make("jumpstart-chat")[1].generate(ASK, seed=1, temperature=1.0)


@pytest.mark.parametrize(
    ("body", "reply"),
    [("lmi", {"generated_text": "All."}), ("string", [{"generated_text": "All."}]),
     ("openai", {"choices": [{"message": {"content": "All."}, "finish_reason": "stop"}]})],
)  # fmt: skip
def test_a_container_that_does_not_stream_after_all(make, body, reply):
    server, llm = make(body)
    server.faults += [changed(lambda _: json.dumps(reply).encode())]
    assert collect(llm) == ["All."]


@pytest.mark.parametrize("body", STREAMED)
def test_streams_that_go_wrong(make, body):
    server, llm = make(body)
    broke = exception("ModelStreamError", "broke", name="Message")
    events = part(b'data: {"error": "out of memory"}\n\n')
    for last, said in ((broke, "broke"), (events, "out of memory")):
        server.faults += [midway(lambda handler, last=last: handler.send(last))]
        with pytest.raises(EndpointError, match=rf"{said}.*so far: {HALF!r}"):
            collect(llm)
    server.faults += [changed(lambda _: b"<html>Log in</html>")]
    with pytest.raises(EndpointReplyError, match=r"<html>.*body="):
        collect(llm)


@pytest.mark.parametrize("body", FORMS)
def test_replies_in_no_format(make, body):
    server, llm = make(body, retries=0)
    server.faults += [page, refuse(200, {"no": "text"})]
    with pytest.raises(EndpointReplyError, match=r"<html>.*body="):
        llm.generate(ASK)
    with pytest.raises(EndpointReplyError, match=r"no.*body="):
        llm.generate(ASK)


def container_said(status, text):
    """What SageMaker answers where the container refuses."""
    said = {"Message": "Received error", "OriginalStatusCode": status, "OriginalMessage": text}
    return refuse(424, said, headers=[("x-amzn-ErrorType", "ModelError")])


def test_what_the_container_says(make):
    server, llm = make("string")
    server.faults += [container_said(503, "loading"), container_said(422, "too long")]
    with pytest.raises(EndpointError, match="too long") as caught:
        llm.generate(ASK)
    assert (caught.value.status, caught.value.temporary) == (424, False)
    assert not server.faults


def test_functions_of_ones_own(make):
    server, llm = make(
        "string",
        request=lambda messages, options: {"inputs": messages[-1]["content"], "n": options.seed},
        response=lambda data: json.loads(data)["a"],
    )
    server.faults += [refuse(200, {"a": "Nine. Or ten."})] * 2
    assert llm.generate(ASK, stop=[" Or"], seed=3).text == "Nine."
    assert collect(llm) == ["Nine. Or ten."]
    assert server.seen[0][2] == {"inputs": "When?", "n": 3}
    for body in (b'{"inputs": "x"}', '{"inputs": "x"}'):
        server, own = make("string", request=lambda *_, b=body: b, response=lambda data: "y")
        server.faults += [refuse(200, {"a": "Nine."})]
        assert own.invoke(ASK) == "y"
        assert server.seen[0][2] == {"inputs": "x"}


def test_one_string_names_it(make, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAABCDEFGHIJKLMNOP")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-key-8")
    url = make("lmi")[0].url
    llm = load_llm("sagemaker:llama", body="lmi", region="eu-central-1", endpoint_url=url)
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
        make("string", response=lambda data: data.decode())[1].generate(ASK)


def test_functions_that_go_wrong(make):
    for response, said in (
        (lambda data: None, "gave NoneType None"),
        (lambda data: {}["text"], "raised KeyError"),
    ):
        with pytest.raises(GenerationError, match=f"response= {said}"):
            make("string", response=response)[1].generate(ASK)
    for request in (lambda *_: object(), lambda *_: {}["text"]):
        with pytest.raises(GenerationError, match="request= raised"):
            make("string", request=request)[1].generate(ASK)
