"""What every language model behind an endpoint has to fulfil, as tests for pytest.

They need a stand-in for the service that can be made to fail: any object with the methods of
`Service`, such as a small HTTP server on the loopback interface. Subclass `EndpointConformance`, or
`StreamingEndpointConformance` where the service streams, and give three fixtures::

    import pytest
    from ragkit.llms.endpoint_conformance import StreamingEndpointConformance

    class TestMyLLM(StreamingEndpointConformance):
        @pytest.fixture
        def service(self):
            with MyServer() as server:
                yield server

        @pytest.fixture
        def llm(self, service):
            return MyLLM(service.url, retries=2)

        @pytest.fixture
        def impatient(self, service):
            return MyLLM(service.url, retries=0, timeout=0.5)
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, Protocol

from ragkit.errors import EndpointError, EndpointTimeoutError, RagkitError
from ragkit.llms.conformance import QUESTION, LLMConformance

__all__ = ["EndpointConformance", "Service", "StreamingEndpointConformance"]

TEXT = "Zürich, 東京: from nine o'clock 🙂 till five."
_PATIENCE = 10.0
"""Seconds after which a test is taken to hang."""


class Service(Protocol):
    """A stand-in for a service. Each method is about the next request alone, unless it says else.

    Attributes:
        text: What it answers; tests set it.
        prompts: What it was asked, refused requests included: the prompt, or the contents of the
            messages, as they were received.
    """

    text: str
    prompts: list[str]

    def busy(self, retry_after: float) -> None:
        """Refuses with the status 429, and ``Retry-After`` with so many seconds."""

    def fail(self, status: int) -> None:
        """Refuses with this status."""

    def hang(self) -> None:
        """Gives no answer, for longer than the model `impatient` waits."""

    def split(self, size: int) -> None:
        """Sends each reply in parts of so many bytes, from now on."""

    def break_off(self) -> None:
        """Begins an answer, streamed, and ends it without its end mark."""

    def go_on(self) -> None:
        """Streams an answer that never ends."""

    def was_left(self, seconds: float) -> bool:
        """Whether the client of an answer that never ends hangs up within so many seconds."""


class EndpointConformance(LLMConformance):
    """`LLMConformance`, and what a failing service may do.

    Attributes:
        pause: Seconds of ``Retry-After``: more than the model waits without being told to.
    """

    pause = 0.6

    def test_the_answer_is_the_services(self, llm: Any, service: Service) -> None:
        """Whole and streamed; what is asked arrives as it is."""
        service.text = TEXT
        for ask in _ways(llm):
            assert ask(self.messages).strip() == TEXT
            ask(QUESTION)
            assert QUESTION in service.prompts[-1]

    def test_bos_is_left_to_the_service(self, llm: Any, service: Service) -> None:
        """It puts BOS before a prompt itself: one that is written out would make it two."""
        for ask in _ways(llm):
            for prompt in (self.messages, QUESTION, "<s>" + QUESTION):
                ask(prompt)
            assert not [text for text in service.prompts if text.startswith("<s>")]
            assert service.prompts[-1] == service.prompts[-2]

    def test_characters_that_are_split(self, llm: Any, service: Service) -> None:
        """A reply may be cut anywhere, in the middle of a character too."""
        service.text = TEXT
        service.split(1)
        for ask in _ways(llm):
            assert ask(self.messages).strip() == TEXT

    def test_a_busy_service_is_asked_again(self, llm: Any, service: Service) -> None:
        """After the pause that it names."""
        wanted = llm.generate(self.messages).text
        for ask in _ways(llm):
            service.busy(self.pause)
            began = time.monotonic()
            assert ask(self.messages) == wanted
            assert time.monotonic() - began >= self.pause

    def test_a_service_that_fails_is_asked_again(self, llm: Any, service: Service) -> None:
        """The answer comes in the end."""
        wanted = llm.generate(self.messages).text
        for ask in _ways(llm):
            service.fail(500)
            assert ask(self.messages) == wanted

    def test_retries_come_to_an_end(self, impatient: Any, service: Service) -> None:
        """The error has the status, and says that asking again later may help."""
        for ask in _ways(impatient):
            service.fail(503)
            error = _error(ask, self.messages)
            assert (error.status, error.temporary) == (503, True)

    def test_a_refusal_is_final(self, llm: Any, service: Service) -> None:
        """A request that the service takes to be wrong is made once."""
        for ask in _ways(llm):
            service.prompts.clear()
            service.fail(400)
            error = _error(ask, self.messages)
            assert isinstance(error, RagkitError)
            assert (error.status, error.temporary) == (400, False)
            assert len(service.prompts) == 1

    def test_time_out(self, impatient: Any, service: Service) -> None:
        """Silence is an error, of ragkit's and Python's kind."""
        for ask in _ways(impatient):
            service.hang()
            began = time.monotonic()
            error = _error(ask, self.messages)
            assert isinstance(error, EndpointTimeoutError)
            assert isinstance(error, TimeoutError)
            assert time.monotonic() - began < _PATIENCE


class StreamingEndpointConformance(EndpointConformance):
    """`EndpointConformance` for a service that streams."""

    def test_a_stream_that_breaks_off(self, llm: Any, service: Service) -> None:
        """It is not taken for complete; the error has the text so far."""

        def read(pieces: list[str]) -> None:
            for piece in llm.stream(self.messages):
                pieces.append(piece)  # noqa: PERF402 - they stay where the stream fails

        async def aread(pieces: list[str]) -> None:
            async for piece in llm.astream(self.messages):
                pieces.append(piece)  # noqa: PERF401

        for ask in (read, lambda pieces: asyncio.run(aread(pieces))):
            pieces: list[str] = []
            service.break_off()
            error = _error(ask, pieces)
            assert error.body
            assert error.body == "".join(pieces)

    def test_closing_a_stream_hangs_up(self, llm: Any, service: Service) -> None:
        """The service need not write on for nobody."""
        service.go_on()
        pieces = llm.stream(self.messages)
        assert next(iter(pieces))
        pieces.close()
        assert service.was_left(_PATIENCE)

    def test_cancelling_a_stream_hangs_up(self, llm: Any, service: Service) -> None:
        """So does a cancelled task."""

        async def read(begun: asyncio.Event) -> None:
            async for _ in llm.astream(self.messages):
                begun.set()

        async def cancel() -> None:
            begun = asyncio.Event()
            task = asyncio.ensure_future(read(begun))
            await asyncio.wait_for(begun.wait(), _PATIENCE)
            task.cancel()
            await asyncio.wait([task])
            assert task.cancelled()

        service.go_on()
        asyncio.run(cancel())
        assert service.was_left(_PATIENCE)


def _ways(llm: Any) -> list[Callable[[Any], str]]:
    """The text of an answer, by each method."""

    async def read(prompt: Any) -> str:
        return "".join([piece async for piece in llm.astream(prompt)])

    def agenerate(prompt: Any) -> str:
        text: str = asyncio.run(llm.agenerate(prompt)).text
        return text

    return [
        lambda prompt: str(llm.generate(prompt).text),
        lambda prompt: "".join(llm.stream(prompt)),
        agenerate,
        lambda prompt: asyncio.run(read(prompt)),
    ]


def _error(function: Callable[[Any], Any], argument: Any) -> EndpointError:
    """What calling raises."""
    try:
        function(argument)
    except EndpointError as error:
        return error
    raise AssertionError("no error was raised")
