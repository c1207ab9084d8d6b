"""Streams say at their end what the call without streaming says."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from ragkit import Document, LocalStore, RetrievalQA
from ragkit.errors import GenerationError
from ragkit.llms import FunctionLLM
from ragkit.llms.base import LocalLLM
from ragkit.types import ABSTAIN, Generation, Usage


class Plain(LocalLLM):
    """Gives pieces and nothing more, as a class of a user's may."""

    def __init__(self):
        self.left = False

    def _generate(self, messages, options):
        return Generation("One two", "stop", Usage(1, 2))

    def _stream(self, messages, options):
        try:
            yield "One "
            yield "two"
        finally:
            self.left = True


class NoClose(Plain):
    def _stream(self, messages, options):
        return iter(["One ", "two"])


class Whole(LocalLLM):
    def _generate(self, messages, options):
        return Generation("One two", "length", Usage(1, 2), {"total": 1.0})


def test_the_result_comes_with_the_end():
    stream = FunctionLLM(lambda prompt: ["One ", "two ", "three"]).stream("x", max_tokens=2)
    assert next(stream) == "One"
    with pytest.raises(GenerationError, match="no result yet"):
        stream.result  # noqa: B018
    assert list(stream) == [" two"]
    assert (stream.result.text, stream.result.finish_reason) == ("One two", "length")
    assert list(stream) == []


def test_what_generate_says_is_the_result_of_a_stream_in_one_piece():
    stream = Whole().stream("x")
    assert list(stream) == ["One two"]
    assert stream.result == Generation("One two", "length", Usage(1, 2), {"total": 1.0})


@pytest.mark.parametrize("kind", [Plain, NoClose])
def test_pieces_alone_leave_the_reason_unknown(kind):
    async def later():
        stream = kind().astream("x")
        return [piece async for piece in stream], stream.result

    stream = kind().stream("x")
    assert list(stream) == ["One ", "two"]
    assert stream.result == Generation("One two", None)
    assert asyncio.run(later()) == (["One ", "two"], Generation("One two", None))


def test_leaving_the_block_ends_the_work():
    llm = Plain()
    with llm.stream("x") as stream:
        assert next(stream) == "One "
        assert not llm.left
    assert llm.left

    async def leave():
        other = Plain()
        async with other.astream("x") as pieces:
            assert await anext(pieces) == "One "
        for _ in range(100):
            if other.left:
                return True
            await asyncio.sleep(0.02)
        return False

    assert asyncio.run(leave())


def test_a_stream_that_fails_has_no_result():
    def fail(prompt):
        yield "One "
        raise ValueError("broken")

    stream = FunctionLLM(fail).stream("x")
    with pytest.raises(GenerationError, match="broken"):
        list(stream)
    with pytest.raises(GenerationError, match="no result"):
        stream.result  # noqa: B018


class Locked(LocalLLM):
    """One text at a time, as a model in this process; waits inside a stream."""

    lock = threading.Lock()

    def _generate(self, messages, options):
        return Generation("abab")

    def _stream(self, messages, options):
        with self.lock:
            for _ in range(2):
                time.sleep(0.001)
                yield "ab"


def test_more_streams_than_the_event_loop_has_threads():
    async def several():
        streams = [Locked().astream("x") for _ in range(60)]

        async def text(stream):
            return "".join([piece async for piece in stream])

        async with asyncio.timeout(20):
            return await asyncio.gather(*map(text, streams))

    assert asyncio.run(several()) == ["abab"] * 60


@pytest.mark.parametrize("piece", [None, b"two", 2])
def test_what_is_no_text_is_no_end(piece):
    class Odd(Plain):
        def _stream(self, messages, options):
            yield from ("One ", piece, "three")

    with pytest.raises(GenerationError, match=f"{type(piece).__name__} .* as a piece"):
        list(Odd().stream("x"))


def test_a_worker_that_raises_stop_iteration_keeps_nobody_waiting(store):
    class Exhausted(Plain):
        def _generate(self, messages, options):
            return next(iter([]))

        def _stream(self, messages, options):
            yield next(iter([]))

    class Retriever:
        def retrieve(self, question):
            return next(iter([]))

    async def ask(awaitable):
        async with asyncio.timeout(5):
            await awaitable

    for make in (
        lambda: Exhausted().agenerate("x"),
        lambda: anext(Exhausted().astream("x")),
        lambda: RetrievalQA(Plain(), Retriever()).aask("x"),
    ):
        with pytest.raises(RuntimeError, match="StopIteration"):
            asyncio.run(ask(make()))


@pytest.fixture
def store():
    texts = ["Doors open at nine. Dogs may come in.", "The museum opens at ten. Tickets are free."]
    return LocalStore.from_documents([Document(text) for text in texts], "minilm")


def test_a_streamed_answer_is_checked_at_its_end(store):
    answers = ["Doors open at nine [1]. Lies [7]."]
    qa = RetrievalQA(lambda prompt: answers[0], store.as_retriever(k=2), max_context_tokens=20)
    stream = qa.stream("When do the doors open?")
    text = "".join(stream)
    whole = qa.ask("When do the doors open?")
    assert "[7]" in text
    assert stream.result.text == whole.text == "Doors open at nine [1]. Lies."
    assert stream.result.invalid_citations == [7]
    assert stream.result.dropped + stream.result.trimmed == whole.dropped + whole.trimmed != []
    assert [c.quote for c in stream.result.citations] == [c.quote for c in whole.citations]

    async def later():
        stream = qa.astream("When do the doors open?")
        assert "".join([piece async for piece in stream]) == text
        return stream.result

    assert asyncio.run(later()).citations == stream.result.citations


def test_a_streamed_answer_of_a_model_of_another_kind(store):
    class Other:
        """Fulfils the protocol, with plain iterators."""

        def generate(self, messages, **options):
            return Generation("Nine [1].")

        def stream(self, messages, **options):
            return iter(["Nine ", "[1]."])

        async def agenerate(self, messages, **options):
            return Generation("Nine [1].")

        async def astream(self, messages, **options):
            yield "Nine [1]."

    stream = RetrievalQA(Other(), store.as_retriever(k=1)).stream("When do the doors open?")
    assert list(stream) == ["Nine ", "[1]."]
    assert (stream.result.text, stream.result.finish_reason) == ("Nine [1].", None)


def test_abstaining_has_a_result_too(store):
    qa = RetrievalQA("extractive", store.as_retriever(k=1, score_threshold=0.99))
    stream = qa.stream("What is the boiling point of tungsten?")
    assert list(stream) == [ABSTAIN]
    assert stream.result.abstained

    async def later():
        stream = qa.astream("What is the boiling point of tungsten?")
        assert [piece async for piece in stream] == [ABSTAIN]
        return stream.result

    assert asyncio.run(later()).abstained
