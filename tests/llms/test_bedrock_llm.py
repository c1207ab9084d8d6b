"""BedrockLLM: real boto3 against a server on the loopback interface."""

import asyncio

import pytest
from aws_server import EVENTS, Bedrock, aws_error, delta, event, exception
from loopback import TEXT, endless, hang, page, running, stream_of

from ragkit import BedrockLLM, load_llm
from ragkit.errors import (
    EndpointConnectionError,
    EndpointError,
    EndpointReplyError,
    EndpointTimeoutError,
    InvalidInputError,
)

boto3 = pytest.importorskip("boto3", reason="the extra aws is not installed")

ASK = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "When?"}]
TOKEN, ACCESS = "session-token-9", "AKIAABCDEFGHIJKLMNOP"
STOP = event("messageStop", {"stopReason": "end_turn"})
HALF = delta("Half an ") + delta("answer")


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


@pytest.mark.parametrize("piece", [0, 1])
def test_a_stream_in_pieces(server, llm, stream, piece):
    server.piece = piece
    assert "".join(stream(llm)) == TEXT


def test_a_stream_without_its_end(server, llm, stream):
    server.faults += [stream_of(HALF, kind=EVENTS), stream_of(HALF, STOP[:-3], kind=EVENTS)]
    for _ in range(2):
        with pytest.raises(EndpointReplyError, match=r"end mark .*'Half an answer'") as caught:
            stream(llm)
        assert caught.value.body == "Half an answer"


@pytest.mark.parametrize("how", [{"end": False}, {"cut": True}])
def test_a_connection_that_is_lost_midway(server, llm, stream, how):
    server.faults += [stream_of(HALF, kind=EVENTS, **how)]
    with pytest.raises(EndpointConnectionError, match="so far: 'Half an answer'"):
        stream(llm)


def test_an_error_event_midway(server, llm, stream):
    server.faults += [stream_of(HALF, exception("throttlingException", "slow"), kind=EVENTS)]
    with pytest.raises(EndpointError, match=r"slow.*over its rate.*'Half an answer'") as caught:
        stream(llm)
    assert caught.value.body == "Half an answer"


def test_a_damaged_frame(server, llm, stream):
    server.faults += [stream_of(HALF, b"\0" * 40, kind=EVENTS)]
    with pytest.raises(EndpointReplyError, match="so far: 'Half an answer'"):
        stream(llm)


def test_busy_services_are_asked_again(server, llm, stream):
    server.faults += [aws_error(429, "ThrottlingException"), aws_error(500, "InternalServerError")]
    assert llm.generate(ASK).text == TEXT
    server.faults += [aws_error(503, "ServiceUnavailableException")]
    assert "".join(stream(llm)) == TEXT
    assert len(server.seen) == 5


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


def test_a_web_page_instead_of_a_reply(server, make, stream):
    llm = make(retries=0)
    server.faults += [page, page]
    with pytest.raises(EndpointReplyError, match="Bedrock"):
        llm.generate(ASK)
    with pytest.raises(EndpointReplyError, match="bedrock"):
        stream(llm)


def test_a_service_that_hangs_and_one_that_is_not_there(server, make, stream):
    llm = make(timeout=0.2, retries=0)
    server.faults += [hang, hang]
    with pytest.raises(EndpointTimeoutError):
        llm.generate(ASK)
    with pytest.raises(EndpointTimeoutError):
        stream(llm)
    with pytest.raises(EndpointConnectionError):
        make(endpoint_url="http://127.0.0.1:9", retries=0).generate(ASK)


def test_leaving_a_stream_hangs_up(server, llm):
    server.faults += [endless(delta("word "), kind=EVENTS)]
    pieces = llm.stream(ASK)
    assert next(pieces) == "word "
    pieces.close()
    assert server.hung_up.wait(5)


def test_one_string_names_it(server):
    llm = load_llm("bedrock:meta.llama3:0", region="eu-central-1", endpoint_url=server.url)
    assert llm.invoke(ASK) == TEXT
    assert repr(llm) == "BedrockLLM('meta.llama3:0', region='eu-central-1')"
    llm.close()


def test_a_client_and_a_session_of_ones_own(server):
    session = boto3.Session(region_name="eu-west-1")
    client = session.client("bedrock-runtime", endpoint_url=server.url)
    llm = BedrockLLM("m", client=client)
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
