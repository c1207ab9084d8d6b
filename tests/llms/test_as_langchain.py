"""ragkit's language models as LangChain's chat models."""

import asyncio
import json
import logging
import sys
import threading
import time

import pytest

pytest.importorskip("langchain_core")

from langchain_core.caches import InMemoryCache
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.load import dumps
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    ChatMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import ConfigurableField
from loopback import HALF, TEXT, Handler, deny, endless, midway, running
from openai_server import OpenAI
from tgi_server import TGI

from ragkit import (
    TGILLM,
    Document,
    ExtractiveLLM,
    Grounding,
    Hit,
    LocalStore,
    OpenAILLM,
    RetrievalQA,
    as_llm,
)
from ragkit.errors import (
    EndpointError,
    EndpointReplyError,
    GenerationError,
    InvalidInputError,
    MissingExtraError,
    PromptError,
    UnknownOptionError,
)
from ragkit.llms import FunctionLLM, LangChainLLM
from ragkit.llms.as_langchain import ChatRagkit
from ragkit.types import Generation

KEY = "sk-secret-0123456789"
ASK = [SystemMessage("S"), HumanMessage("U")]


@pytest.fixture
def server():
    with running(OpenAI) as instance:
        yield instance


@pytest.fixture
def openai(server):
    with_key = OpenAILLM("llama", url=server.url, api_key=KEY, retries=0)
    yield with_key
    with_key.close()


def messages_llm(seen):
    return FunctionLLM(lambda messages: seen.append(messages) or "x", takes="messages")


def body(server):
    return server.seen[-1][2]


# What it says


@pytest.mark.parametrize("which", ["function", "openai"])
async def test_each_way_of_asking_gives_ragkits_text(which, openai):
    llm = openai if which == "openai" else FunctionLLM(lambda text: ["Nine ", "o'clock."])
    text = llm.generate("When?").text
    chat = llm.as_langchain()
    assert chat.invoke("When?").content == text
    assert (await chat.ainvoke("When?")).content == text
    pieces = [chunk.content for chunk in chat.stream("When?")]
    assert "".join(pieces) == text
    assert pieces[:-1] == list(llm.stream("When?"))
    assert [chunk.content async for chunk in chat.astream("When?")] == pieces
    assert [reply.content for reply in chat.batch(["When?"] * 3)] == [text] * 3
    assert [reply.content for reply in await chat.abatch(["When?"] * 3)] == [text] * 3


async def test_it_is_a_link_of_a_chain(server, openai):
    prompt = ChatPromptTemplate([("system", "Answer {how}."), ("human", "{question}")])
    chain = prompt | openai.as_langchain() | StrOutputParser()
    given = {"how": "briefly", "question": "When?"}
    assert chain.invoke(given) == TEXT
    assert "".join(chain.stream(given)) == TEXT
    assert await chain.ainvoke(given) == TEXT
    assert "".join([piece async for piece in chain.astream(given)]) == TEXT
    assert body(server)["messages"] == [
        {"role": "system", "content": "Answer briefly."},
        {"role": "user", "content": "When?"},
    ]


async def test_reason_and_usage_come_with_the_last_word(openai):
    chat = openai.as_langchain(max_tokens=3)
    wanted = openai.generate("When?", max_tokens=3).usage
    usage = {
        "input_tokens": wanted.prompt_tokens,
        "output_tokens": wanted.completion_tokens,
        "total_tokens": wanted.prompt_tokens + wanted.completion_tokens,
    }
    whole = await chat.ainvoke("When?")
    chunks = list(chat.stream("When?"))
    later = [chunk async for chunk in chat.astream("When?")]
    for last in (whole, chunks[-1], later[-1]):
        assert last.usage_metadata == usage
        assert last.response_metadata == {"model_name": "llama", "finish_reason": "length"}
    assert not any(chunk.usage_metadata or chunk.response_metadata for chunk in chunks[:-1])
    merged = chunks[0]
    for chunk in chunks[1:]:
        merged += chunk
    assert (merged.content, merged.usage_metadata) == (whole.content, usage)


def test_what_does_not_count_tokens_makes_none_up():
    chat = FunctionLLM(str.upper).as_langchain()
    reply, *_, last = [chat.invoke("x"), *chat.stream("x")]
    assert reply.usage_metadata is last.usage_metadata is None
    assert reply.response_metadata == {"model_name": "FunctionLLM", "finish_reason": "stop"}


def test_what_counts_one_side_alone_says_so():
    with running(TGI) as server:
        reply = TGILLM(server.url).as_langchain().invoke("x", max_tokens=2)
    assert reply.usage_metadata is None
    assert reply.response_metadata["token_usage"] == {"completion_tokens": 2}


def test_passages_for_a_model_that_quotes():
    found = Grounding("When does it open?", (Hit(Document("It opens at nine."), 0.5),))
    chat = ExtractiveLLM().as_langchain()
    assert chat.invoke("-", context=found).content == "It opens at nine. [1]"
    assert chat.bind(context=found).invoke("-").content == "It opens at nine. [1]"


def test_another_makers_model_whose_streams_have_no_result():
    class Other:
        def generate(self, messages, **options):
            return Generation(f"{len(messages)} {sorted(options)}")

        def stream(self, messages, **options):
            yield from ["a", "b"]

        agenerate = astream = None

    chunks = list(ChatRagkit(Other(), seed=3).stream("x"))
    assert [chunk.content for chunk in chunks] == ["a", "b", ""]
    assert chunks[-1].response_metadata == {"model_name": "Other"}
    assert ChatRagkit(Other(), seed=3).invoke("x").content == "1 ['seed']"  # its own defaults


async def test_another_makers_streams_are_closed_where_they_are_left():
    closed = []

    class Pieces:
        def __iter__(self):
            return iter("abc")

        async def __aiter__(self):
            for piece in "abc":
                yield piece

        def close(self):
            closed.append("close")

        async def aclose(self):
            closed.append("aclose")

    class Other:
        generate = agenerate = None
        pieces = Pieces()

        def stream(self, messages, **options):
            return self.pieces

        astream = stream

    for _ in ChatRagkit(Other()).stream("x"):
        break
    stream = ChatRagkit(Other()).astream("x")
    await anext(stream)
    await stream.aclose()
    await asyncio.sleep(0.05)  # LangChain leaves its own generators to the event loop
    assert closed == ["close", "aclose"]


# Options


def test_options_are_set_bound_and_given(server, openai):
    openai.as_langchain().invoke("x")
    openai.invoke([{"role": "user", "content": "x"}])
    bodies = [sent for _, _, sent in server.seen]
    assert bodies[0] == bodies[1]  # nothing set: ragkit's own defaults
    chat = openai.as_langchain(temperature=0.5, top_p=0.9, seed=1, max_tokens=7, stop=["q"])
    chat.invoke("x")
    named = ("temperature", "top_p", "seed", "max_tokens", "stop")
    assert [body(server)[name] for name in named] == [0.5, 0.9, 1, 7, ["q"]]
    bound = chat.bind(temperature=0.1, stop=["z"])
    bound.invoke("x")
    assert [body(server)[name] for name in named] == [0.1, 0.9, 1, 7, ["z"]]
    list(bound.stream("x", seed=2))
    assert [body(server)[name] for name in named] == [0.1, 0.9, 2, 7, ["z"]]
    chat.invoke("x", stop=[])
    assert "stop" not in body(server)
    assert chat.invoke("x", stream=True).content  # LangChain's own option, for callbacks
    assert body(server)["stream"] is True


def test_stop_strings_end_the_text(openai):
    assert openai.as_langchain(stop=[" opens"]).invoke("x").content == "The museum in Zürich"
    chat = FunctionLLM(lambda text: ["on", "e E", "ND two"]).as_langchain()
    assert chat.invoke("x", stop=["END"]).content == "one "
    assert "".join(chunk.content for chunk in chat.stream("x", stop=["END"])) == "one "
    assert [chunk.content for chunk in chat.stream("x", stop=["o"])] == [""]  # and no error


def test_an_option_by_configuration(server, openai):
    field = ConfigurableField("warmth")
    chat = openai.as_langchain(max_tokens=7).configurable_fields(temperature=field)
    assert len(list(chat.stream("x", {"configurable": {"warmth": 0.7}}))) > 2
    assert (body(server)["temperature"], body(server)["max_tokens"]) == (0.7, 7)


@pytest.mark.parametrize("options", [{"temprature": 1}, {"tools": []}, {"model": "other"}])
async def test_unknown_options_are_errors(options, server, openai):
    name = next(iter(options))
    for refused in (openai.as_langchain, lambda **given: ChatRagkit(openai, **given)):
        with pytest.raises(UnknownOptionError, match=name):
            refused(**options)
    chat = openai.as_langchain()
    with pytest.raises(UnknownOptionError, match=name):
        chat.bind(**options).invoke("x")
    with pytest.raises(UnknownOptionError, match=name):
        list(chat.stream("x", **options))
    with pytest.raises(UnknownOptionError, match=name):
        await chat.ainvoke("x", **options)
    with pytest.raises(UnknownOptionError, match=name):
        async for _ in chat.astream("x", **options):
            pass
    assert not server.seen


@pytest.mark.parametrize(
    "options",
    [{"temperature": -1}, {"max_tokens": 1.5}, {"top_p": 0}, {"stop": "x"}, {"seed": "x"}],
)
def test_bad_values_are_errors(options):
    llm = FunctionLLM(str.upper)
    with pytest.raises(InvalidInputError, match=next(iter(options))):
        llm.as_langchain(**options)
    with pytest.raises(InvalidInputError, match=next(iter(options))):
        llm.as_langchain().invoke("x", **options)


def test_what_is_set_elsewhere_is_said_to_be_of_no_use(caplog):
    with caplog.at_level(logging.WARNING, logger="ragkit"):
        chat = ChatRagkit("extractive", timeout=5, api_key=KEY, max_tokens=3)
    assert "api_key, timeout" in caplog.text
    assert KEY not in caplog.text + repr(chat)
    with pytest.raises(UnknownOptionError, match="timeout"):
        FunctionLLM(str.upper).as_langchain(timeout=5)


def test_tools_are_refused_and_said_to_be():
    chat = FunctionLLM(str.upper).as_langchain()
    with pytest.raises(NotImplementedError, match="no tools"):
        chat.bind_tools([])
    with pytest.raises(NotImplementedError, match="with_structured_output"):
        chat.with_structured_output({"title": "A", "type": "object"})


# Messages


def test_messages_become_roles_and_texts():
    seen = []
    blocks = [{"type": "text", "text": "a"}, "b"]
    said = [
        SystemMessage("S"),
        HumanMessage(blocks, name="Ada"),
        AIMessage("A"),
        AIMessageChunk("B"),
        ChatMessage("C", role="critic"),
        {"role": "user", "content": "D"},
        ("ai", "E"),
    ]
    messages_llm(seen).as_langchain().invoke(said)
    roles = ["system", "user", "assistant", "assistant", "critic", "user", "assistant"]
    texts = ["S", "ab", "A", "B", "C", "D", "E"]
    assert seen == [
        [{"role": role, "content": text} for role, text in zip(roles, texts, strict=True)]
    ]


CALL = {"name": "f", "args": {}, "id": "1", "type": "tool_call"}
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (ToolMessage("x", tool_call_id="1"), "ToolMessage"),
        (AIMessage("", tool_calls=[CALL]), "calls tools"),
        (HumanMessage([{"type": "text", "text": "What is it?"}, IMAGE]), "'image_url'"),
        (AIMessage([{"type": "reasoning", "reasoning": "Hm."}]), "'reasoning'"),
    ],
)
async def test_what_is_no_text_is_refused(message, said):
    seen = []
    chat = messages_llm(seen).as_langchain()
    for ask in (chat.invoke, lambda given: list(chat.stream(given))):
        with pytest.raises(PromptError, match=said) as caught:
            ask([message])
        assert "iVBOR" not in str(caught.value)
    with pytest.raises(PromptError, match=said):
        await chat.ainvoke([message])
    assert not seen


# When things go wrong


async def test_errors_are_ragkits_own(server, openai):
    chat = openai.as_langchain()
    server.faults += [deny(401)] * 2
    with pytest.raises(EndpointError, match="401"):
        chat.invoke("x")
    with pytest.raises(EndpointError, match="401"):
        await chat.ainvoke("x")


async def test_a_stream_that_breaks_off_is_an_error_after_its_pieces(server, openai):
    server.faults += [midway(Handler.end_stream)] * 2
    chat, pieces = openai.as_langchain(), []

    async def consume():
        async for chunk in chat.astream("x"):
            pieces.append(chunk.content)  # noqa: PERF401 - those before the error are wanted

    with pytest.raises(EndpointReplyError):
        pieces.extend(chunk.content for chunk in chat.stream("x"))
    with pytest.raises(EndpointReplyError):
        await consume()
    assert "".join(pieces) == 2 * HALF


async def cancel_soon(work):
    task = asyncio.create_task(work)
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_cancelled_task_cancels_the_ragkit_model():
    cancelled = []

    class Slow(FunctionLLM):
        async def agenerate(self, messages, **options):
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                cancelled.append(messages[0]["content"])
                raise

    await cancel_soon(Slow(str.upper).as_langchain().ainvoke("x"))
    assert cancelled == ["x"]


async def test_a_cancelled_stream_hangs_up(server, openai):
    async def consume():
        async for _ in openai.as_langchain(max_tokens=10**9).astream("x"):
            pass

    server.faults += [endless]
    await cancel_soon(consume())
    assert await asyncio.to_thread(server.hung_up.wait, 5)


async def test_leaving_a_stream_hangs_up(server, openai):
    chat = openai.as_langchain(max_tokens=10**9)
    server.faults += [endless]
    stream = chat.stream("x")
    next(stream)
    stream.close()
    assert await asyncio.to_thread(server.hung_up.wait, 5)
    server.hung_up.clear()
    server.faults += [endless]
    stream = chat.astream("x")
    await anext(stream)
    await stream.aclose()
    assert await asyncio.to_thread(server.hung_up.wait, 5)


def test_leaving_a_stream_of_a_local_model_ends_its_thread():
    def pieces(prompt):
        while True:
            yield "word "
            time.sleep(0.005)

    async def leave():
        stream = FunctionLLM(pieces).as_langchain(max_tokens=10**9).astream("x")
        await anext(stream)
        await stream.aclose()

    before = set(threading.enumerate())
    asyncio.run(leave())
    end = time.monotonic() + 5
    while set(threading.enumerate()) - before and time.monotonic() < end:
        time.sleep(0.02)
    assert not set(threading.enumerate()) - before


# What LangChain does around it


class Listener(BaseCallbackHandler):
    def __init__(self):
        self.tokens, self.ends, self.errors, self.started = [], [], [], []

    def on_chat_model_start(self, serialized, messages, **kwargs):
        self.started.append(json.dumps([serialized, kwargs], default=repr))

    def on_llm_new_token(self, token, **kwargs):
        self.tokens.append(token)

    def on_llm_end(self, response, **kwargs):
        self.ends.append(response.generations[0][0].text)

    def on_llm_error(self, error, **kwargs):
        self.errors.append(error)


@pytest.mark.parametrize("streaming", [False, True])
async def test_callbacks_hear_tokens_and_ends(streaming, openai):
    heard = Listener()
    chat = ChatRagkit(openai, callbacks=[heard], streaming=streaming or None)
    if streaming:
        chat.invoke("x")
        await chat.ainvoke("x")
    else:
        list(chat.stream("x"))
        [chunk async for chunk in chat.astream("x")]
    assert heard.ends == [TEXT, TEXT]
    assert "".join(heard.tokens) == TEXT * 2
    assert len(heard.tokens) > 20


@pytest.mark.filterwarnings("ignore:.*beta")
async def test_callbacks_hear_the_tokens_of_event_streams(openai):
    heard = Listener()
    chat = ChatRagkit(openai, callbacks=[heard])
    assert chat.stream_events("x", version="v3").output.text == TEXT
    assert "".join(heard.tokens) == TEXT
    stream = await chat.astream_events("x", version="v3")
    assert (await stream.output).text == TEXT
    assert "".join(heard.tokens) == TEXT * 2


def test_callbacks_hear_errors():
    heard, ours = Listener(), GenerationError("nothing to say")

    def failing(text):
        raise ours

    with pytest.raises(GenerationError):
        FunctionLLM(failing).as_langchain().invoke("x", {"callbacks": [heard]})
    assert heard.errors == [ours]


def test_a_cache_keeps_models_and_options_apart():
    counts = [0, 0]

    def counting(which):
        def function(text):
            counts[which] += 1
            return f"{which} {text}"

        return FunctionLLM(function)

    cache, first, second = InMemoryCache(), counting(0), counting(1)
    assert ChatRagkit(first, cache=cache).invoke("x").content == "0 x"
    assert ChatRagkit(first, cache=cache).invoke("x").content == "0 x"
    assert counts == [1, 0]
    assert ChatRagkit(second, cache=cache).invoke("x").content == "1 x"
    ChatRagkit(first, cache=cache, max_tokens=1).invoke("x")
    ChatRagkit(first, cache=cache).invoke("x", max_tokens=1, stop=["0"])
    assert counts == [3, 1]


def test_a_cache_finds_nothing_of_a_model_that_it_cannot_tell_from_others():
    class Unhashable(FunctionLLM):
        __hash__ = None

    asked = []
    chat = ChatRagkit(Unhashable(lambda text: asked.append(text) or "x"), cache=InMemoryCache())
    assert [chat.invoke("a").content, chat.invoke("a").content, asked] == ["x", "x", ["a", "a"]]


def test_the_key_shows_up_nowhere(openai):
    heard = Listener()
    chat = openai.as_langchain(seed=1)
    chat.invoke("x", {"callbacks": [heard]})
    shown = [repr(chat), str(chat), dumps(chat), str(chat.asdict()), chat.model_dump_json()]
    shown += [str(chat.model_dump()), str(chat._get_ls_params()), str(chat.lc_attributes)]
    assert heard.started
    assert not [text for text in shown + heard.started if KEY in text]
    assert "llama" in repr(chat)


def test_what_a_trace_is_told(openai):
    chat = openai.as_langchain(max_tokens=10, temperature=0.5, stop=["x"])
    assert chat._get_ls_params() == {
        "ls_provider": "ragkit",
        "ls_model_type": "chat",
        "ls_model_name": "llama",
        "ls_max_tokens": 10,
        "ls_temperature": 0.5,
        "ls_stop": ["x"],
    }


def test_tokens_are_counted_without_a_download():
    class Counting(FunctionLLM):
        def count_tokens(self, text):
            return 42

    assert Counting(str.upper).as_langchain().get_num_tokens("x") == 42
    assert 2 <= FunctionLLM(str.upper).as_langchain().get_num_tokens("two words") < 10


# And back


def test_as_llm_gives_back_what_it_was_made_of():
    llm = FunctionLLM(str.upper)
    assert as_llm(llm.as_langchain()) is llm
    assert ChatRagkit(llm.as_langchain()).llm is llm
    for other in (llm.as_langchain(max_tokens=1), ChatRagkit(llm, callbacks=[Listener()])):
        again = as_llm(other)  # which does more than the model alone
        assert isinstance(again, LangChainLLM)
    assert as_llm(llm.as_langchain(max_tokens=1)).invoke("one two") == "ONE"


def test_questions_are_answered_through_it():
    store = LocalStore.from_documents([Document("Doors open at nine.", {"source": "a"})], "minilm")
    retriever = store.as_retriever(k=1)
    asked = RetrievalQA("extractive", retriever).ask("When do the doors open?").text
    chat = ExtractiveLLM().as_langchain()
    assert RetrievalQA(chat, retriever).ask("When do the doors open?").text == asked


def test_without_langchain_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "langchain_core", None)
    monkeypatch.delitem(sys.modules, "langchain_core.language_models", raising=False)
    with pytest.raises(MissingExtraError, match=r"ragkit\[langchain\]"):
        FunctionLLM(str.upper).as_langchain()


def test_what_is_no_model_is_refused():
    with pytest.raises(InvalidInputError, match="can't answer"):
        ChatRagkit(5)
