"""The conformance suite on every backend behind an endpoint."""

import pytest
from backends import BACKENDS, RAW
from loopback import client_threads, running

from ragkit import _retrying
from ragkit.llms.endpoint_conformance import EndpointConformance, StreamingEndpointConformance

CHATS = ["openai chat", "tgi", "sagemaker string", "sagemaker lmi", "sagemaker openai", "bedrock"]


def _slow(name):
    """Two forms that share their transport with "sagemaker openai" are left to the slow tests."""
    return pytest.mark.slow if name in ("sagemaker string", "sagemaker lmi") else ()


class OnLoopback:
    """The fixtures of all."""

    backend = ""
    pause = 0.1

    @pytest.fixture(autouse=True)
    def _short_pauses(self, monkeypatch):
        monkeypatch.setattr(_retrying, "FIRST_PAUSE", 0.01)

    @pytest.fixture
    def name(self):
        return self.backend

    @pytest.fixture
    def service(self, name):
        with running(BACKENDS[name].server) as server:
            yield server

    @pytest.fixture
    def llm(self, name, service):
        yield from made(name, service)

    @pytest.fixture
    def impatient(self, name, service):
        yield from made(name, service, timeout=0.2, retries=0)

    def threads(self):
        return client_threads()


def made(name, service, **options):
    model = BACKENDS[name].make(service.url, **options)
    yield model
    model.close()


@pytest.mark.parametrize("name", [pytest.param(n, marks=_slow(n)) for n in CHATS])
class TestChat(OnLoopback, StreamingEndpointConformance):
    pass


class TestCompletions(OnLoopback, StreamingEndpointConformance):
    backend = "openai completions"
    messages = RAW


class TestWhole(OnLoopback, EndpointConformance):
    backend = "sagemaker jumpstart-chat"


def test_every_backend_is_tested():
    assert {*CHATS, TestCompletions.backend, TestWhole.backend} == {*BACKENDS}
