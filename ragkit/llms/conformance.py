"""What every language model has to fulfil, as tests for pytest.

Subclass `LLMConformance` in a test file and give it a fixture::

    import pytest
    from ragkit.llms.conformance import LLMConformance

    class TestMyLLM(LLMConformance):
        @pytest.fixture
        def llm(self):
            return MyLLM()

The answers must be the same each time (temperature is 0). A model that needs a `Grounding`
gets one in every call. A model with a tokenizer in this process is tested by
`TokenizingLLMConformance`, one behind an endpoint by the classes of
`ragkit.llms.endpoint_conformance`.
"""

from __future__ import annotations

import asyncio
import threading
import time
from abc import abstractmethod
from importlib.util import find_spec
from typing import Any
from unittest import SkipTest

from ragkit.errors import InvalidInputError
from ragkit.llms.base import Prompt
from ragkit.protocols import LLM
from ragkit.types import Document, Generation, Grounding, Hit, Message

__all__ = ["LLMConformance", "TokenizingLLMConformance"]

QUESTION = "When does the museum in Zürich (東京) open?"
PASSAGE = "The museum in Zürich (東京) opens at nine o'clock each day 🙂. Dogs may not come in."
MESSAGES: list[Message] = [
    {"role": "system", "content": "Answer in one sentence."},
    {"role": "user", "content": f"[1] {PASSAGE}\n\nQuestion: {QUESTION}"},
]
CONTEXT = Grounding(QUESTION, (Hit(Document(PASSAGE), 1.0),))
BAD_OPTIONS: tuple[dict[str, Any], ...] = (
    {"max_tokens": 0},
    {"max_tokens": 1.5},
    {"temperature": -0.1},
    {"temperature": "hot"},
    {"top_p": 0},
    {"top_p": 1.1},
    {"stop": "a plain str"},
    {"stop": [""]},
    {"seed": "x"},
)
_PATIENCE = 5.0
"""Seconds in which threads have to end once nobody needs them."""
_FEW = 20
"""Tokens, where a beginning of the answer is enough."""


class LLMConformance:
    """Tests of the contract of `ragkit.protocols.LLM`.

    Attributes:
        messages: What is asked in most tests: chat messages, or a raw text.
        context: The question, and what was found, for models that need it.
        max_tokens: For most answers; fewer where the model is slow.
    """

    messages: Prompt = MESSAGES
    context: Grounding = CONTEXT
    max_tokens: int = 512

    def options(self, **more: Any) -> dict[str, Any]:
        """What is passed in each call."""
        return {"context": self.context, "max_tokens": self.max_tokens, **more}

    def threads(self) -> set[threading.Thread]:
        """Threads, of which a model may leave none: leave out those of a server of your own."""
        return set(threading.enumerate())

    def test_is_an_llm(self, llm: LLM) -> None:
        """All methods of the protocol are there."""
        assert isinstance(llm, LLM)

    def test_generate_gives_text(self, llm: LLM) -> None:
        """`generate` gives a `Generation` with text and a reason for its end."""
        generation = llm.generate(self.messages, **self.options())
        assert isinstance(generation, Generation)
        assert generation.text.strip()
        assert generation.finish_reason is None or isinstance(generation.finish_reason, str)
        assert all(seconds >= 0 for seconds in generation.timings.values())

    def test_usage(self, llm: LLM) -> None:
        """Tokens are counted, or None; an answer has at least one."""
        usage = llm.generate(self.messages, **self.options(max_tokens=_FEW)).usage
        for count in (usage.prompt_tokens, usage.completion_tokens):
            assert count is None or (type(count) is int and count >= 1)

    def test_same_answer_each_time(self, llm: LLM) -> None:
        """At temperature 0."""
        first = llm.generate(self.messages, **self.options()).text
        assert llm.generate(self.messages, **self.options()).text == first

    def test_stream_joined_is_generate(self, llm: LLM) -> None:
        """The pieces, joined, are the text."""
        pieces = list(llm.stream(self.messages, **self.options()))
        assert all(isinstance(piece, str) and piece for piece in pieces)
        assert all(piece.encode() for piece in pieces)  # no half of a character
        assert "".join(pieces) == llm.generate(self.messages, **self.options()).text

    def test_a_stream_says_at_its_end_what_generate_says(self, llm: LLM) -> None:
        """Where the stream has a result, it is that of `generate`, but for what took how long."""
        stream: Any = llm.stream(self.messages, **self.options())
        text = "".join(stream)
        whole = llm.generate(self.messages, **self.options())
        result = getattr(stream, "result", None)
        if result is not None:
            assert (result.text, result.finish_reason) == (text, whole.finish_reason)
            assert result.usage.completion_tokens in (None, whole.usage.completion_tokens)

    def test_async_siblings(self, llm: LLM) -> None:
        """`agenerate` and `astream` give the same as `generate`."""

        async def both() -> tuple[str, str]:
            generation = await llm.agenerate(self.messages, **self.options())
            stream = llm.astream(self.messages, **self.options())
            return generation.text, "".join([piece async for piece in stream])

        text = llm.generate(self.messages, **self.options()).text
        assert asyncio.run(both()) == (text, text)

    def test_many_at_once(self, llm: LLM) -> None:
        """Several async answers at the same time do not mix."""

        async def several() -> list[Generation]:
            calls = (llm.agenerate(self.messages, **self.options()) for _ in range(4))
            return list(await asyncio.gather(*calls))

        text = llm.generate(self.messages, **self.options()).text
        assert [generation.text for generation in asyncio.run(several())] == [text] * 4

    def test_two_streams_at_once(self, llm: LLM) -> None:
        """A stream that waits, while another one is read, goes on where it was."""
        options = self.options(max_tokens=_FEW)
        first = llm.stream(self.messages, **options)
        begun = next(iter(first), "")
        text = "".join(llm.stream(self.messages, **options))
        assert begun + "".join(first) == text

    def test_a_raw_prompt(self, llm: LLM) -> None:
        """A str is taken as raw text."""
        assert isinstance(llm.generate(QUESTION, **self.options()).text, str)

    def test_batch_keeps_the_order(self, llm: LLM) -> None:
        """Where there is a `batch`, it gives one answer a prompt, and refuses a single one."""
        batch = getattr(llm, "batch", None)
        if batch is None:
            return
        text = llm.generate(self.messages, **self.options()).text
        answers = batch([self.messages, QUESTION, self.messages], **self.options())
        assert [answers[0].text, answers[2].text] == [text, text]
        assert batch([], **self.options()) == []
        _refuses(batch, QUESTION)
        _refuses(batch, self.messages)

    def test_langchain_hears_the_same(self, llm: LLM) -> None:
        """Where there is an `as_langchain`, and LangChain, its chat model gives the same text."""
        as_langchain: Any = getattr(llm, "as_langchain", None)
        if as_langchain is None or find_spec("langchain_core") is None:
            raise SkipTest("there is no as_langchain(), or langchain-core is not installed")
        chat, messages = as_langchain(), self.messages
        if isinstance(messages, str):  # a chat model makes a message of it
            messages = [{"role": "user", "content": messages}]
        text = llm.generate(messages, **self.options()).text
        assert chat.invoke(messages, **self.options()).content == text
        chunks = list(chat.stream(messages, **self.options()))
        assert "".join(chunk.content for chunk in chunks) == text

    def test_stop_strings_end_the_text(self, llm: LLM) -> None:
        """The text ends before the first stop string, streamed or not."""
        text = llm.generate(self.messages, **self.options()).text
        if len(text) < 3:
            return
        stop = [text[-1] + "\x00never", text[len(text) // 2 :][:2]]
        wanted = text[: text.index(stop[1])]
        options = self.options(stop=stop)
        whole = llm.generate(self.messages, **options)
        assert (whole.text, whole.finish_reason or "stop") == (wanted, "stop")
        stream: Any = llm.stream(self.messages, **options)
        assert "".join(stream) == wanted
        assert getattr(stream, "result", whole).finish_reason == whole.finish_reason

    def test_max_tokens(self, llm: LLM) -> None:
        """One token is a beginning of the answer, and said to be cut."""
        whole = llm.generate(self.messages, **self.options())
        one = llm.generate(self.messages, **self.options(max_tokens=1))
        assert len(one.text) <= len(whole.text)
        if len(whole.text.split()) > 1:
            assert len(one.text) < len(whole.text)
            assert one.finish_reason in ("length", None)
        pieces = llm.stream(self.messages, **self.options(max_tokens=1))
        assert "".join(pieces) == one.text

    def test_bad_options(self, llm: LLM) -> None:
        """Each is an error of ragkit's, before anything is generated."""
        for options in BAD_OPTIONS:
            _refuses(llm.generate, self.messages, **options)
            _refuses(lambda o=options: list(llm.stream(self.messages, **o)))

    def test_an_unknown_option(self, llm: LLM) -> None:
        """It is an error, and not ignored."""
        try:
            llm.generate(self.messages, temprature=0.5)  # type: ignore[call-arg]
        except TypeError:
            return
        raise AssertionError("an unknown option was ignored")

    def test_what_is_no_message(self, llm: LLM) -> None:
        """A list of something else is an error of ragkit's."""
        _refuses(llm.generate, [{"role": "user"}])
        _refuses(llm.generate, ["text"])

    def test_leaving_a_stream_leaves_no_thread(self, llm: LLM) -> None:
        """Closing a stream after its first piece, sync or async, ends what made it."""
        before = self.threads()

        async def leave() -> None:
            stream: Any = llm.astream(self.messages, **self.options())
            async for _ in stream:
                break
            await stream.aclose()

        asyncio.run(leave())
        pieces: Any = llm.stream(self.messages, **self.options())
        next(iter(pieces), None)
        if hasattr(pieces, "close"):
            pieces.close()
        assert not self._left(before)

    def test_cancelling_a_task(self, llm: LLM) -> None:
        """A cancelled task ends as cancelled."""

        async def cancel() -> bool:
            task = asyncio.ensure_future(llm.agenerate(self.messages, **self.options()))
            await asyncio.sleep(0)
            task.cancel()
            try:
                await task
            except asyncio.CancelledError:
                return True
            return False

        assert asyncio.run(cancel())

    def test_cancelling_a_task_that_reads_a_stream(self, llm: LLM) -> None:
        """It ends as cancelled, and so does what makes the stream."""
        before = self.threads()

        async def read(begun: asyncio.Event) -> None:
            async for _ in llm.astream(self.messages, **self.options()):
                begun.set()
                await asyncio.sleep(_PATIENCE)

        async def cancel() -> bool:
            begun = asyncio.Event()
            task = asyncio.ensure_future(read(begun))
            await asyncio.wait([task, asyncio.ensure_future(begun.wait())],
                               return_when=asyncio.FIRST_COMPLETED)  # fmt: skip
            task.cancel()
            try:
                await task
            except asyncio.CancelledError:
                return True
            return False

        assert asyncio.run(cancel())
        assert not self._left(before)

    def _left(self, before: set[threading.Thread]) -> set[threading.Thread]:
        """Threads that were not there before, once they had time to end."""
        end = time.monotonic() + _PATIENCE
        while self.threads() - before and time.monotonic() < end:
            time.sleep(0.02)
        return self.threads() - before


class TokenizingLLMConformance(LLMConformance):
    """`LLMConformance` for a model whose token ids can be looked at.

    Attributes:
        bos: How the model's BOS is written, if it has one.
    """

    bos = "<s>"

    @abstractmethod
    def token_ids(self, llm: Any, prompt: Prompt) -> list[int]:
        """The ids that the model reads for a prompt."""

    @abstractmethod
    def bos_id(self, llm: Any) -> int:
        """The id of BOS."""

    def test_bos_comes_once(self, llm: Any) -> None:
        """At the head of messages and of a raw prompt, also where that is written with it."""
        bos = self.bos_id(llm)
        for prompt in (self.messages, QUESTION, self.bos + QUESTION, self.bos * 2 + QUESTION):
            ids = self.token_ids(llm, prompt)
            assert ids[0] == bos
            assert bos not in ids[1:]

    def test_bos_in_a_message_is_text(self, llm: Any) -> None:
        """What the passages hold can't become the control token."""
        messages: list[Message] = [{"role": "user", "content": f"{self.bos} {QUESTION} {self.bos}"}]
        assert self.token_ids(llm, messages).count(self.bos_id(llm)) == 1


def _refuses(function: Any, *arguments: Any, **options: Any) -> None:
    try:
        function(*arguments, **options)
    except InvalidInputError:
        return
    raise AssertionError(f"accepted: {arguments} {options}")
