"""Other people's clients read the same from the loopback servers: these are faithful."""

import json

import pytest
from aws_server import LMI, Bedrock, JumpStart, OpenAIContainer, TGIContainer
from backends import session
from loopback import TEXT, running
from openai_server import OpenAI
from tgi_server import TGI

ASK = [{"role": "user", "content": "When?"}]
WORDS = len(TEXT.split())


@pytest.fixture
def serve():
    """Starts a server."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        yield lambda handler: stack.enter_context(running(handler))


# OpenAI's own client.


@pytest.fixture
def openai_client(serve):
    openai = pytest.importorskip("openai", reason="the real client is not installed")
    server = serve(OpenAI)
    with openai.OpenAI(base_url=server.url, api_key="x", max_retries=0) as client:
        yield openai, server, client


@pytest.mark.slow
def test_openai_chats(openai_client):
    _, _, client = openai_client
    ask = {"model": "m", "messages": ASK, "max_tokens": 50}
    whole = client.chat.completions.create(**ask)
    assert (whole.choices[0].message.content, whole.choices[0].finish_reason) == (TEXT, "stop")
    assert (whole.usage.prompt_tokens, whole.usage.completion_tokens) == (7, WORDS)
    counted = {"include_usage": True}
    chunks = list(client.chat.completions.create(**ask, stream=True, stream_options=counted))
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == TEXT
    assert [c.usage.completion_tokens for c in chunks if c.usage] == [WORDS]
    short = client.chat.completions.create(**{**ask, "max_tokens": 2})
    assert short.choices[0].finish_reason == "length"


@pytest.mark.slow
def test_openai_completions(openai_client):
    _, _, client = openai_client
    ask = {"model": "m", "prompt": "x", "max_tokens": 50}
    whole = client.completions.create(**ask)
    assert (whole.choices[0].text, whole.usage.completion_tokens) == (TEXT, WORDS)
    counted = {"include_usage": True}
    chunks = list(client.completions.create(**ask, stream=True, stream_options=counted))
    assert "".join(c.choices[0].text for c in chunks if c.choices) == TEXT
    assert [c.usage.completion_tokens for c in chunks if c.usage] == [WORDS]


@pytest.mark.slow
def test_openai_errors(openai_client):
    openai, server, client = openai_client
    for status, kind in ((429, openai.RateLimitError), (500, openai.InternalServerError)):
        for stream in (False, True):
            server.fail(status)
            with pytest.raises(kind, match="later"):
                client.chat.completions.create(model="m", messages=ASK, stream=stream)


# Hugging Face's.


@pytest.fixture
def tgi(serve):
    from huggingface_hub import InferenceClient

    server = serve(TGI)
    return server, InferenceClient(server.url)


def test_tgi(tgi):
    _, client = tgi
    whole = client.text_generation("x", max_new_tokens=50, details=True)
    assert whole.generated_text == client.text_generation("x", max_new_tokens=50) == TEXT
    assert (whole.details.finish_reason, whole.details.generated_tokens) == ("eos_token", WORDS)
    # With stream=True alone it passes special tokens on; details tell them apart.
    events = list(client.text_generation("x", max_new_tokens=50, stream=True, details=True))
    assert "".join(e.token.text for e in events if not e.token.special) == TEXT
    assert events[-1].generated_text == TEXT
    assert events[-1].details.generated_tokens == WORDS


def test_tgi_errors(tgi):
    from huggingface_hub import errors

    server, client = tgi
    for status, kind in ((429, errors.OverloadedError), (500, errors.GenerationError)):
        for stream in (False, True):
            server.fail(status)
            with pytest.raises(kind, match="later"):
                list(client.text_generation("x", max_new_tokens=50, stream=stream))


def test_openais_format_by_hugging_faces_client(serve):
    from huggingface_hub import InferenceClient

    client = InferenceClient(base_url=serve(OpenAI).url, api_key="x")
    whole = client.chat_completion(ASK, max_tokens=50)
    assert (whole.choices[0].message.content, whole.usage.completion_tokens) == (TEXT, WORDS)
    chunks = client.chat_completion(ASK, max_tokens=50, stream=True)
    assert "".join(c.choices[0].delta.content for c in chunks if c.choices) == TEXT


# boto3.


@pytest.fixture
def amazon(serve):
    """Starts a server, and gives boto3's client of it."""
    pytest.importorskip("boto3", reason="the extra aws is not installed")
    from botocore.config import Config

    once = Config(retries={"total_max_attempts": 1})
    made = []

    def start(handler, service):
        server = serve(handler)
        options = {"region_name": "us-east-1", "endpoint_url": server.url, "config": once}
        made.append(session().client(service, **options))
        return server, made[-1]

    yield start
    for client in made:
        client.close()


CONVERSE = {
    "modelId": "m",
    "messages": [{"role": "user", "content": [{"text": "When?"}]}],
    "inferenceConfig": {"maxTokens": 50},
}


def test_bedrock(amazon):
    _, client = amazon(Bedrock, "bedrock-runtime")
    whole = client.converse(**CONVERSE)
    assert whole["output"]["message"]["content"] == [{"text": TEXT}]
    assert (whole["stopReason"], whole["usage"]["outputTokens"]) == ("end_turn", WORDS)
    events = list(client.converse_stream(**CONVERSE)["stream"])
    deltas = [e["contentBlockDelta"]["delta"]["text"] for e in events if "contentBlockDelta" in e]
    assert "".join(deltas) == TEXT
    assert events[-2] == {"messageStop": {"stopReason": "end_turn"}}
    assert events[-1]["metadata"]["usage"]["outputTokens"] == WORDS


def test_bedrocks_errors(amazon):
    server, client = amazon(Bedrock, "bedrock-runtime")
    kinds = client.exceptions
    for status, kind in ((429, kinds.ThrottlingException), (500, kinds.InternalServerException)):
        for ask in (client.converse, client.converse_stream):
            server.fail(status)
            with pytest.raises(kind, match="later"):
                ask(**CONVERSE)


GENERATE = {"inputs": "x", "parameters": {"max_new_tokens": 50}}
CHAT = {"inputs": [ASK], "parameters": {"max_new_tokens": 50}}
OPENAI = {"messages": ASK, "max_tokens": 50}


def invoke(client, body):
    arguments = {"EndpointName": "llama", "Body": json.dumps(body).encode()}
    return {**arguments, "CustomAttributes": "accept_eula=true"}


@pytest.mark.parametrize(
    ("handler", "body", "text"),
    [
        (JumpStart, CHAT, lambda reply: reply[0]["generation"]["content"].strip()),
        (TGIContainer, GENERATE, lambda reply: reply[0]["generated_text"]),
        (LMI, GENERATE, lambda reply: reply["generated_text"]),
        (OpenAIContainer, OPENAI, lambda reply: reply["choices"][0]["message"]["content"]),
    ],
)
def test_sagemaker(amazon, handler, body, text):
    server, client = amazon(handler, "sagemaker-runtime")
    reply = client.invoke_endpoint(**invoke(client, body))
    assert text(json.loads(reply["Body"].read())) == TEXT
    for status, code in ((429, "ThrottlingException"), (500, "InternalFailure")):
        server.fail(status)
        with pytest.raises(client.exceptions.ClientError, match=f"{code}.*later"):
            client.invoke_endpoint(**invoke(client, body))


@pytest.mark.parametrize(
    ("handler", "body", "mark"),
    [(TGIContainer, GENERATE, "data:"), (LMI, GENERATE, ""), (OpenAIContainer, OPENAI, "data: ")],
)
def test_sagemakers_streams(amazon, handler, body, mark):
    server, client = amazon(handler, "sagemaker-runtime")
    reply = client.invoke_endpoint_with_response_stream(**invoke(client, body))
    data = b"".join(event["PayloadPart"]["Bytes"] for event in reply["Body"]).decode()
    lines = [line.removeprefix(mark) for line in data.splitlines()]
    events = [json.loads(line) for line in lines if line.startswith("{")]
    if handler is OpenAIContainer:
        assert "".join(event["choices"][0]["delta"]["content"] for event in events) == TEXT
        assert lines[-2:] == ["[DONE]", ""]
    else:
        assert events[-1]["generated_text"] == TEXT
        assert events[-1]["details"]["generated_tokens"] == WORDS
    server.fail(500)
    with pytest.raises(client.exceptions.ClientError, match="InternalFailure"):
        client.invoke_endpoint_with_response_stream(**invoke(client, body))
