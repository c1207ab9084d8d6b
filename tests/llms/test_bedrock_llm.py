"""BedrockLLM: real boto3 against a server on the loopback interface.

What all backends have in common is in test_endpoint_conformance.py and test_fault_grid.py.
"""

import pytest
from aws_server import Bedrock, aws_error, event, exception
from backends import ASK
from loopback import HALF, TEXT, deny, midway, running

from ragkit import BedrockLLM, load_llm
from ragkit.errors import (
    EndpointConnectionError,
    EndpointError,
    EndpointTimeoutError,
    InvalidInputError,
)

boto3 = pytest.importorskip("boto3", reason="the extra aws is not installed")

TOKEN, ACCESS = "session-token-9", "AKIAABCDEFGHIJKLMNOP"


@pytest.fixture(autouse=True)
def credentials(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-key-8")
    monkeypatch.setenv("AWS_SESSION_TOKEN", TOKEN)
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server():
    with running(Bedrock) as instance:
        yield instance


@pytest.fixture(scope="module")
def session():
    """One for all: each would read boto3's descriptions of services anew."""
    return boto3.Session(ACCESS, "secret-key-8", TOKEN)


@pytest.fixture
def make(server, session):
    made = []

    def one(**options):
        options = {"region": "us-east-1", "endpoint_url": server.url, "timeout": 5,
                   "session": session, **options}  # fmt: skip
        made.append(BedrockLLM("meta.llama3", **options))
        return made[-1]

    yield one
    for llm in made:
        llm.close()


@pytest.fixture
def llm(make):
    return make()


def test_what_is_sent_and_read(server, make):
    llm = make(model_fields={"top_k": 40})
    generation = llm.generate(ASK, stop=["Dogs", "\n"], max_tokens=50, temperature=0.5, top_p=0.9)
    assert (generation.text, generation.finish_reason) == (TEXT.split("Dogs")[0], "stop")
    assert (generation.usage.prompt_tokens, generation.usage.completion_tokens) == (7, 9)
    path, headers, body = server.seen[0]
    assert path == "/model/meta.llama3/converse"
    assert ACCESS in headers["Authorization"]
    assert body == {
        "system": [{"text": "Be brief."}],
        "messages": [{"role": "user", "content": [{"text": "When?"}]}],
        "inferenceConfig": {"maxTokens": 50, "temperature": 0.5, "topP": 0.9,
                            "stopSequences": ["Dogs"]},
        "additionalModelRequestFields": {"top_k": 40},
    }  # fmt: skip
    llm.generate("raw")
    assert server.seen[1][2]["messages"] == [{"role": "user", "content": [{"text": "raw"}]}]
    with pytest.raises(InvalidInputError, match="seed"):
        llm.generate(ASK, seed=1, temperature=0.5)


STOP = event("messageStop", {"stopReason": "end_turn"})


@pytest.mark.parametrize(
    ("last", "said"),
    [(STOP[:-3], "end mark"), (b"\0" * 40, "can't be read"),
     (exception("throttlingException", "slow"), "slow.*over its rate")],
)  # fmt: skip
def test_streams_that_go_wrong(server, llm, last, said):
    server.faults += [midway(lambda handler: (handler.send(last), handler.end_stream()))]
    with pytest.raises(EndpointError, match=f"{said}.*so far: {HALF!r}") as caught:
        list(llm.stream(ASK))
    assert caught.value.body == HALF


def test_codes_that_say_later_whatever_the_status(server, llm):
    server.faults += [aws_error(400, "ThrottlingException", headers=[("Retry-After", "0")])]
    assert llm.generate(ASK).text == TEXT


def test_nobody_is_there(make):
    with pytest.raises(EndpointConnectionError):
        make(endpoint_url="http://127.0.0.1:9", retries=0).generate(ASK)


def test_refusals_say_what_to_do_and_show_no_key(server, make):
    llm = make(retries=0)
    echo = f"x-amz-security-token:{TOKEN} Credential={ACCESS} Signature=0af9"
    server.faults += [
        aws_error(429, "ThrottlingException", headers=[("Retry-After", "7")]),
        aws_error(403, "AccessDeniedException", echo),
        aws_error(404, "ResourceNotFoundException"),
        aws_error(408, "ModelTimeoutException"),
    ]
    with pytest.raises(EndpointError, match="over its rate") as caught:
        llm.generate(ASK)
    assert (caught.value.status, caught.value.retry_after) == (429, 7)
    with pytest.raises(EndpointError, match="may not") as caught:
        llm.generate(ASK)
    shown = str(caught.value) + caught.value.body + repr(llm)
    assert not [secret for secret in (TOKEN, ACCESS, "0af9", "secret-key") if secret in shown]
    with pytest.raises(EndpointError, match="region="):
        llm.generate(ASK)
    with pytest.raises(EndpointTimeoutError):
        llm.generate(ASK)


def test_one_string_names_it(server):
    llm = load_llm("bedrock:meta.llama3:0", region="eu-central-1", endpoint_url=server.url)
    assert llm.invoke(ASK) == TEXT
    assert repr(llm) == "BedrockLLM('meta.llama3:0', region='eu-central-1')"
    llm.close()


def test_a_client_and_a_session_of_ones_own(server):
    from botocore.config import Config

    session = boto3.Session(region_name="eu-west-1")
    config = Config(retries={"total_max_attempts": 2, "mode": "standard"})
    client = session.client("bedrock-runtime", endpoint_url=server.url, config=config)
    llm = BedrockLLM("m", client=client, retries=5)
    server.faults += [deny(500)] * 3
    with pytest.raises(EndpointError):  # after the client's own two attempts, and no more
        llm.invoke(ASK)
    assert len(server.faults) == 1
    server.faults.clear()
    assert llm.invoke(ASK) == TEXT
    llm.close()
    assert "eu-west-1" in repr(BedrockLLM("m", session=session))
    for wrong in ({"client": client, "region": "x"}, {"session": session, "profile": "x"}):
        with pytest.raises(InvalidInputError, match="beside it"):
            BedrockLLM("m", **wrong)


def test_no_credentials(make, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    with pytest.raises(EndpointError, match="credentials"):
        make(session=None).generate(ASK)


@pytest.mark.parametrize(
    "options",
    [{"model_id": ""}, {"region": None}, {"timeout": 0}, {"retries": -1}, {"profile": "nobody"},
     {"endpoint_url": "nonsense"}],
)  # fmt: skip
def test_arguments_that_cannot_work(options):
    with pytest.raises(InvalidInputError):
        BedrockLLM(**{"model_id": "m", "region": "us-east-1", **options})
