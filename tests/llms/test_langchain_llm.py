"""LangChain's models as language models of ragkit's: what they say, and when they fail."""

import asyncio
import threading
import time

import pytest

pytest.importorskip("langchain_core")

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.language_models import (
    BaseChatModel,
    FakeListChatModel,
    FakeListLLM,
    FakeStreamingListLLM,
    GenericFakeChatModel,
)
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import RunnableLambda

from ragkit import Document, LocalStore, RetrievalQA
from ragkit.errors import GenerationError, InvalidInputError
from ragkit.llms import LangChainLLM
from ragkit.llms.conformance import LLMConformance
from ragkit.types import Usage

REPLY = "The museum opens at nine o'clock 🙂. Dogs may not come in."
ASK = [{"role": "system", "content": "S"}, {"role": "user", "content": "U"}]


class TestChatModel(LLMConformance):
    @pytest.fixture
    def llm(self):
        return LangChainLLM(FakeListChatModel(responses=[REPLY]))


class TestLLM(LLMConformance):
    @pytest.fixture
    def llm(self):
        return LangChainLLM(FakeListLLM(responses=[REPLY]))


class TestStreamingLLM(LLMConformance):
    @pytest.fixture
    def llm(self):
        return LangChainLLM(FakeStreamingListLLM(responses=[REPLY]))


class Native(BaseChatModel):
    """Asynchronous by nature; notes in which thread it ran and how it ended."""

    ran: list
    ended: list
    stops: list
    pause: float = 0.0

    @property
    def _llm_type(self):
        return "native"

    def _generate(self, messages, stop=None, run_manager=None, **kwargs):
        raise NotImplementedError("asked without async")

    async def _agenerate(self, messages, stop=None, run_manager=None, **kwargs):
        self.stops.append(stop)
        self.ran.append(threading.current_thread())
        try:
            await asyncio.sleep(self.pause)
        except asyncio.CancelledError:
            self.ended.append("cancelled")
            raise
        return ChatResult(generations=[ChatGeneration(message=AIMessage("one two"))])

    async def _astream(self, messages, stop=None, run_manager=None, **kwargs):
        self.stops.append(stop)
        self.ran.append(threading.current_thread())
        try:
            for text in ["one", " two"] * 50:
                yield ChatGenerationChunk(message=AIMessageChunk(content=text))
                await asyncio.sleep(self.pause)
        finally:
            self.ended.append("closed")


def native(**fields):
    return Native(ran=[], ended=[], stops=[], **fields)


async def test_asynchronous_methods_are_the_models_own():
    model = native()
    llm = LangChainLLM(model)
    assert (await llm.agenerate(ASK)).text == "one two"
    assert "".join([piece async for piece in llm.astream(ASK)]) == "one two" * 50
    assert set(model.ran) == {threading.current_thread()}


async def test_cancelling_reaches_the_model():
    model = native(pause=60)
    task = asyncio.create_task(LangChainLLM(model).agenerate(ASK))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert model.ended == ["cancelled"]


async def test_a_stream_that_is_left_or_ended_here_ends_the_models():
    model = native()
    async with LangChainLLM(model).astream(ASK) as stream:
        assert await anext(stream) == "one"
    stream = LangChainLLM(model).astream(ASK, stop=["oo"])
    assert [piece async for piece in stream] == ["one", " tw"]
    await asyncio.sleep(0.05)  # LangChain leaves its own generators to the event loop
    assert model.ended == ["closed", "closed"]


async def test_streams_are_closed_where_the_text_is_ended_here():
    closed = []

    class Chunks:
        def __iter__(self):
            return iter(["one", " two"])

        async def __aiter__(self):
            for text in ["one", " two"]:
                yield text

        def close(self):
            closed.append("close")

        async def aclose(self):
            closed.append("aclose")

    class Streaming:
        chunks = Chunks()
        invoke = print

        def stream(self, messages):
            return self.chunks

        astream = stream

    llm = LangChainLLM(Streaming())
    assert list(llm.stream("x", max_tokens=1)) == ["one"]
    assert [piece async for piece in llm.astream("x", stop=[" "])] == ["one"]
    assert closed == ["close", "aclose"]


def test_what_has_no_asynchronous_methods_runs_in_a_thread():
    class Plain:
        def invoke(self, messages):
            time.sleep(0.2)
            return "one two"

    async def at_once():
        llm, began = LangChainLLM(Plain()), time.monotonic()
        answers = await asyncio.gather(*(llm.agenerate("x") for _ in range(3)))
        pieces = [piece async for piece in llm.astream("x")]
        return [answer.text for answer in answers], pieces, time.monotonic() - began

    texts, pieces, seconds = asyncio.run(at_once())
    assert (texts, pieces) == (["one two"] * 3, ["one two"])
    assert seconds < 0.7


async def test_stop_strings_are_passed_on_and_applied():
    model = native()
    llm = LangChainLLM(model)
    generation = await llm.agenerate(ASK, stop=[" two"])
    assert (generation.text, generation.finish_reason) == ("one", "stop")
    pieces = [piece async for piece in llm.astream(ASK, stop=["ne t"])]
    assert pieces == ["o"]
    assert model.stops == [[" two"], ["ne t"]]


async def test_an_error_in_the_middle_of_a_stream_comes_after_its_pieces():
    llm = LangChainLLM(FakeListChatModel(responses=["abcdef"], error_on_chunk_number=3))
    pieces = []

    async def consume():
        async for piece in llm.astream(ASK):
            pieces.append(piece)  # noqa: PERF401 - those before the error are wanted

    with pytest.raises(GenerationError, match="FakeListChatModelError") as caught:
        pieces.extend(llm.stream(ASK))
    assert type(caught.value.__cause__).__name__ == "FakeListChatModelError"
    with pytest.raises(GenerationError, match="FakeListChatModelError"):
        await consume()
    assert pieces == ["a", "b", "c"] * 2


async def test_an_asynchronous_models_error_is_a_generation_error():
    async def failing(messages):
        raise KeyError("no such model")

    async def empty(messages):
        return AIMessage(" ")

    for function, said in ((failing, "KeyError: 'no such model'"), (empty, "empty")):
        llm = LangChainLLM(RunnableLambda(function))
        with pytest.raises(GenerationError, match=said):
            await llm.agenerate(ASK)
        with pytest.raises(GenerationError, match=said):
            [piece async for piece in llm.astream(ASK)]


class Chunks(BaseChatModel):
    """Streams these messages."""

    chunks: list

    @property
    def _llm_type(self):
        return "chunks"

    def _generate(self, messages, stop=None, run_manager=None, **kwargs):
        whole = self.chunks[0]
        for chunk in self.chunks[1:]:
            whole = whole + chunk
        fields = whole.model_dump(include={"content", "usage_metadata", "response_metadata"})
        return ChatResult(generations=[ChatGeneration(message=AIMessage(**fields))])

    def _stream(self, messages, stop=None, run_manager=None, **kwargs):
        for chunk in self.chunks:
            yield ChatGenerationChunk(message=chunk.model_copy(deep=True))


def counted(content, read, written, **metadata):
    usage = {"input_tokens": read, "output_tokens": written, "total_tokens": read + written}
    return AIMessageChunk(content, usage_metadata=usage, response_metadata=metadata)


async def test_counts_of_chunks_are_added_up():
    # As services do that count the prompt in their first event and the answer in their last.
    chunks = [
        counted("one", 7, 0),
        AIMessageChunk(" two"),
        counted("", 0, 3, stop_reason="end_turn"),
    ]
    llm = LangChainLLM(Chunks(chunks=chunks))
    stream, later = llm.stream(ASK), llm.astream(ASK)
    assert list(stream) == [piece async for piece in later] == ["one", " two"]
    for said in (llm.generate(ASK), await llm.agenerate(ASK), stream.result, later.result):
        assert (said.text, said.usage, said.finish_reason) == ("one two", Usage(7, 3), "stop")


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ({"finish_reason": "length"}, "length"),
        ({"finish_reason": "MAX_TOKENS"}, "length"),
        ({"stop_reason": "max_tokens"}, "length"),
        ({"stopReason": "end_turn"}, "stop"),
        ({"done_reason": "stop"}, "stop"),
        ({"incomplete_details": {"reason": "max_output_tokens"}}, "length"),
        ({"incomplete_details": None}, "stop"),
        ({"finish_reason": "content_filter"}, "content_filter"),
    ],
)
def test_reasons_have_ragkits_words(metadata, reason):
    llm = LangChainLLM(Chunks(chunks=[counted("one two", 1, 2, **metadata)]))
    stream = llm.stream(ASK)
    list(stream)
    assert stream.result.finish_reason == llm.generate(ASK).finish_reason == reason
    assert llm.generate(ASK, max_tokens=1).finish_reason == "length"
    assert llm.generate(ASK, stop=["two"]).finish_reason == "stop"  # it was ended here


def test_of_content_blocks_the_text_is_the_answer():
    blocks = [
        {"type": "reasoning", "reasoning": "Hm."},
        {"type": "thinking", "thinking": "Hm.", "text": "Hm."},
        {"type": "text", "text": "one", "index": 0},
        " ",
        {"text": "two"},
    ]
    llm = LangChainLLM(Chunks(chunks=[AIMessageChunk(blocks)]))
    assert llm.generate(ASK).text == "".join(llm.stream(ASK)) == "one two"
    as_blocks = GenericFakeChatModel(messages=iter([AIMessage("a b"), "c d"]), output_version="v1")
    assert LangChainLLM(as_blocks).generate(ASK).text == "a b"
    assert "".join(LangChainLLM(as_blocks).stream(ASK)) == "c d"


@pytest.fixture
def retriever():
    documents = [Document("Doors open at nine.", {"source": "hours.txt"})]
    return LocalStore.from_documents(documents, "minilm").as_retriever(k=1)


@pytest.mark.parametrize(
    "model",
    [
        FakeListChatModel(responses=["They open at nine [1]."]),
        FakeListLLM(responses=["They open at nine [1]."]),
        RunnableLambda(lambda messages: AIMessage("They open at nine [1].")),
        FakeListChatModel(responses=["They open at nine [1]."]).with_retry(),
    ],
    ids=["chat", "llm", "lambda", "retrying"],
)
async def test_any_of_them_answers_questions(model, retriever):
    qa = RetrievalQA(model, retriever)
    stream = qa.stream("When do the doors open?")
    later = qa.astream("When do the doors open?")
    assert "".join(stream) == "".join([piece async for piece in later]) == "They open at nine [1]."
    asked, awaited = qa.ask("When do the doors open?"), await qa.aask("When do the doors open?")
    for answer in (asked, awaited, stream.result, later.result):
        assert answer.text == "They open at nine [1]."
        assert [citation.quote for citation in answer.citations] == ["open at nine."]


def test_the_callbacks_of_a_model_are_heard(retriever):
    class Listener(BaseCallbackHandler):
        def __init__(self):
            self.tokens = []

        def on_llm_new_token(self, token, **kwargs):
            self.tokens.append(token)

    heard = Listener()
    model = FakeListChatModel(responses=["Nine [1]."], callbacks=[heard])
    assert "".join(RetrievalQA(model, retriever).stream("When?")) == "Nine [1]."
    assert "".join(heard.tokens) == "Nine [1]."


@pytest.mark.parametrize("option", [{"temperature": 0.5}, {"top_p": 0.5}, {"seed": 3}])
def test_what_is_set_where_the_model_is_made_is_an_error_here(option):
    llm = LangChainLLM(FakeListChatModel(responses=[REPLY] * 4))
    for ask in (llm.generate, lambda *a, **o: list(llm.stream(*a, **o))):
        with pytest.raises(InvalidInputError, match=next(iter(option))):
            ask(ASK, **option)
    assert llm.generate(ASK, temperature=0.0, top_p=1.0, seed=None).text == REPLY
