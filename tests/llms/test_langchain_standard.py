"""LangChain's own tests for chat models, run on ragkit's language models."""

import pytest

pytest.importorskip(
    "langchain_tests", reason="langchain-tests, of the group `peers`, is not installed"
)

from langchain_tests.integration_tests import ChatModelIntegrationTests
from langchain_tests.unit_tests import ChatModelUnitTests
from loopback import running
from openai_server import OpenAI

from ragkit import ExtractiveLLM, OpenAILLM
from ragkit.llms import FunctionLLM
from ragkit.llms.as_langchain import ChatRagkit

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def openai():
    with running(OpenAI) as server:
        yield OpenAILLM("m", url=server.url, api_key="k")


@pytest.fixture(scope="module")
def extractive():
    return ExtractiveLLM()


@pytest.fixture(scope="module")
def function():
    return FunctionLLM(str.upper)


class Ours:
    """What the suites make their models of; all else is as they have it."""

    chat_model_class = ChatRagkit
    which: str

    @pytest.fixture(autouse=True)
    def _llm(self, request):
        self.llm = request.getfixturevalue(self.which)

    @property
    def chat_model_params(self):
        return {"llm": self.llm}


class TestFunction(Ours, ChatModelUnitTests):
    which = "function"


class TestExtractive(Ours, ChatModelUnitTests):
    which = "extractive"


class TestOpenAI(Ours, ChatModelUnitTests):
    which = "openai"


class TestOpenAIAnswers(Ours, ChatModelIntegrationTests):
    """Tools, pictures and structured output are skipped, since ragkit has none."""

    which = "openai"
