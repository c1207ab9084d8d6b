"""Functions and LangChain's models as language models; cutting texts; options."""

import asyncio
import functools
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.language_models import FakeListChatModel, FakeListLLM
from langchain_core.messages import AIMessage
from langchain_core.runnables import RunnableLambda

from ragkit import ExtractiveLLM, load_llm
from ragkit.errors import GenerationError, InvalidInputError, UnknownOptionError
from ragkit.llms import FunctionLLM, LangChainLLM, as_llm
from ragkit.llms.base import LocalLLM, Options, apply_stop
from ragkit.llms.conformance import LLMConformance
from ragkit.llms.cutting import Cutter

REPLY = "The museum opens at nine o'clock 🙂. Dogs may not come in."
ASK = [{"role": "system", "content": "S"}, {"role": "user", "content": "U"}]


class TestFunction(LLMConformance):
    @pytest.fixture
    def llm(self):
        return FunctionLLM(lambda text: REPLY)


class TestPieces(LLMConformance):
    @pytest.fixture
    def llm(self):
        return FunctionLLM(lambda messages: iter(REPLY.split(" ")[0:1] + [" x"] * 50),
                           takes="messages")  # fmt: skip


class TestLangChainChat(LLMConformance):
    @pytest.fixture
    def llm(self):
        return LangChainLLM(RunnableLambda(lambda messages: AIMessage(REPLY)))


def test_what_a_function_is_given():
    seen = []
    text = FunctionLLM(lambda prompt: seen.append(prompt) or "x")
    messages = FunctionLLM(lambda prompt: seen.append(prompt) or "x", takes="messages")
    text.invoke(ASK)
    text.invoke("raw")
    messages.invoke(ASK)
    messages.invoke("raw")
    assert seen == ["S\n\nU", "raw", ASK, [{"role": "user", "content": "raw"}]]


def test_a_function_gets_the_options_that_it_takes():
    seen = []

    def one(prompt, temperature):
        seen.append(temperature)
        return "x"

    def every(seed, /, **options):
        seen.append((seed, options))
        return "x"

    FunctionLLM(one).generate("x")
    FunctionLLM(one).generate("x", temperature=0.7)
    list(FunctionLLM(every).stream("x", top_p=0.5, stop=["q"], max_tokens=3))
    FunctionLLM(functools.partial(one, temperature=0.3)).generate("x")
    assert seen == [0.0, 0.7, ("x", {"temperature": 0.0, "top_p": 0.5}), 0.3]


def test_a_wrapper_gets_no_more_than_it_takes_itself():
    def inner(prompt, temperature=0.4):
        return f"{prompt} {temperature}"

    @functools.wraps(inner)
    def prompt_only(prompt):
        return inner(prompt)

    @functools.wraps(inner)
    def whatever(*arguments, **options):
        return inner(*arguments, **options)

    assert FunctionLLM(prompt_only).generate("x").text == "x 0.4"
    assert FunctionLLM(whatever).generate("x", temperature=0.9).text == "x 0.9"
    assert FunctionLLM(functools.lru_cache(inner)).generate("x", temperature=0.9).text == "x 0.9"


@pytest.mark.parametrize(
    ("function", "options", "said"),
    [
        (lambda prompt: "x", {"temperature": 0.7, "seed": 3}, "temperature is 0.7 and seed is 3,"),
        (lambda prompt, seed=None: "x", {"top_p": 0.5, "seed": 3}, "^top_p is 0.5, but"),
        (lambda seed: "x", {"seed": 0}, "^seed is 0, but"),
        (functools.partial(lambda prompt, seed: "x", seed=1), {"seed": 3}, "^seed is 3, but"),
        (int, {"seed": 3}, "^seed is 3, but"),
    ],
)
def test_options_that_a_function_does_not_take_are_not_ignored(function, options, said):
    llm = FunctionLLM(function)
    for ask in (llm.generate, lambda prompt, **options: list(llm.stream(prompt, **options))):
        with pytest.raises(InvalidInputError, match=said):
            ask("x", **options)


@pytest.mark.parametrize(
    ("result", "said"),
    [(None, "NoneType"), (5, "int"), ([b"x"], "bytes"), (b"x", "returned bytes"),
     ({"text": "a"}, "dict"), (AIMessage("x"), "returned AIMessage"), ("", "empty"),
     (" \n", "empty"), ([], "empty"), (["", ""], "empty")],
)  # fmt: skip
def test_a_function_that_gives_no_text(result, said):
    llm = FunctionLLM(lambda prompt: result)
    for ask in (llm.generate, lambda prompt: list(llm.stream(prompt)), llm.invoke):
        with pytest.raises(GenerationError, match=said):
            ask("x")


@pytest.mark.parametrize(
    ("result", "said"),
    [(None, "NoneType"), (b"x", "bytes"), ("", "empty"), (AIMessage(""), "empty")],
)
def test_a_langchain_model_that_gives_no_text(result, said):
    llm = LangChainLLM(RunnableLambda(lambda _: result))
    for ask in (llm.generate, lambda prompt: list(llm.stream(prompt))):
        with pytest.raises(GenerationError, match=said):
            ask("x")


def test_a_model_that_raises():
    def failing(prompt):
        raise KeyError("no such model")

    ours = GenerationError("said already")

    def knowing(prompt):
        raise ours

    for make in (FunctionLLM, lambda function: LangChainLLM(RunnableLambda(function))):
        llm = make(failing)
        for ask in (llm.generate, lambda prompt, llm=llm: list(llm.stream(prompt))):
            with pytest.raises(GenerationError, match="raised KeyError: 'no such model'") as caught:
                ask("x")
            assert isinstance(caught.value.__cause__, KeyError)
        with pytest.raises(GenerationError) as caught:
            make(knowing).generate("x")
        assert caught.value is ours


def test_an_answer_that_a_stop_string_empties_is_no_error():
    assert FunctionLLM(lambda prompt: "END").generate("x", stop=["END"]).text == ""


def test_a_reply_with_odd_metadata():
    from types import SimpleNamespace

    reply = SimpleNamespace(content="x", usage_metadata=[1], response_metadata="y")
    assert LangChainLLM(RunnableLambda(lambda _: reply)).generate("x").text == "x"


def test_langchain_models():
    chat = LangChainLLM(FakeListChatModel(responses=[REPLY]))
    assert chat.generate(ASK).text == REPLY
    assert "".join(chat.stream(ASK)) == REPLY
    assert LangChainLLM(FakeListLLM(responses=["text"])).invoke("x") == "text"
    reply = AIMessage(
        [{"type": "text", "text": "a"}, {"type": "image"}, "b"],
        usage_metadata={"input_tokens": 3, "output_tokens": 2, "total_tokens": 5},
        response_metadata={"finish_reason": "length"},
    )
    generation = LangChainLLM(RunnableLambda(lambda _: reply)).generate(ASK)
    assert generation.text == "ab"
    assert (generation.usage.prompt_tokens, generation.finish_reason) == (3, "length")
    assert "RunnableLambda" in repr(LangChainLLM(RunnableLambda(lambda _: reply)))
    with pytest.raises(GenerationError):
        LangChainLLM(RunnableLambda(lambda _: 5)).generate("x")
    with pytest.raises(InvalidInputError):
        LangChainLLM(5)

    class OnlyInvoke:
        def invoke(self, messages):
            return "one! two"

    assert list(LangChainLLM(OnlyInvoke()).stream("x", stop=["!"])) == ["one"]
    assert LangChainLLM(FakeListLLM(responses=["one! two"])).invoke("x", stop=["!"]) == "one"


def test_as_llm():
    ours = FunctionLLM(str.upper)
    assert as_llm(ours) is ours
    assert isinstance(as_llm(str.upper), FunctionLLM)
    assert isinstance(as_llm(FakeListChatModel(responses=["x"])), LangChainLLM)
    assert isinstance(as_llm("extractive"), ExtractiveLLM)
    assert isinstance(load_llm("extractive", max_sentences=1), ExtractiveLLM)
    for wrong in (5, FunctionLLM, None):
        with pytest.raises(InvalidInputError):
            as_llm(wrong)


def test_function_arguments():
    assert "FunctionLLM(str.upper" in repr(FunctionLLM(str.upper))
    for options in ({"function": 5}, {"function": str, "takes": "x"}):
        with pytest.raises(InvalidInputError):
            FunctionLLM(**options)
    with pytest.raises(UnknownOptionError, match="temperature"):
        FunctionLLM(str.upper).generate("x", temprature=1)


@given(
    st.text(alphabet="ab c"),
    st.lists(st.text(alphabet="abc", min_size=1, max_size=3), max_size=3),
    st.integers(1, 6),
    st.data(),
)
def test_pieces_are_cut_where_the_whole_is(text, stop, words, data):
    options = Options(stop=stop, max_tokens=words)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    whole, _ = apply_stop(text, stop)
    expected = whole
    if len(whole.split()) > words:
        at = 0
        for word in whole.split()[:words]:
            at = whole.index(word, at) + len(word)
        expected = whole[:at]
    assert "".join(Cutter(options).cut(pieces)) == expected


def endless(ended):
    def pieces(prompt):
        try:
            while True:
                yield "word "
                time.sleep(0.005)
        finally:
            ended.set()

    return FunctionLLM(pieces)


def test_cancelling_stops_the_worker():
    ended = threading.Event()

    async def consume():
        async for _ in endless(ended).astream("x", max_tokens=10**9):
            pass

    async def cancelled():
        task = asyncio.create_task(consume())
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert ended.wait(5)


def test_what_a_worker_raises_reaches_the_consumer():
    def failing(prompt):
        yield "one"
        raise ZeroDivisionError("in the worker")

    async def consume(pieces):
        async for piece in FunctionLLM(failing).astream("x"):
            pieces.append(piece)

    pieces = []
    with pytest.raises(GenerationError, match="in the worker"):
        asyncio.run(consume(pieces))
    assert pieces == ["one"]
    with pytest.raises(GenerationError, match="ZeroDivisionError"):
        asyncio.run(FunctionLLM(failing).agenerate("x"))


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt(), asyncio.CancelledError()])
def test_what_ends_a_worker_otherwise_reaches_the_consumer_too(error):
    def failing(prompt):
        yield "one"
        raise error

    async def consume():
        try:
            return [piece async for piece in FunctionLLM(failing).astream("x")]
        except BaseException as caught:  # asyncio.run() would end the test run
            return caught

    assert asyncio.run(asyncio.wait_for(consume(), 5)) is error


def test_a_stream_that_fails_when_closed_ends():
    class Pieces:
        def __iter__(self):
            return iter(["one"])

        def close(self):
            raise ZeroDivisionError("on closing")

    class Closing(LocalLLM):
        def _generate(self, messages, options):
            raise NotImplementedError

        def _stream(self, messages, options):
            return Pieces()

    async def consume():
        return [piece async for piece in Closing().astream("x")]

    with pytest.raises(ZeroDivisionError, match="on closing"):
        asyncio.run(asyncio.wait_for(consume(), 5))


@pytest.mark.parametrize("messages", ["", [], None, 5, [3], [{"role": 1, "content": "x"}]])
def test_prompts_that_cannot_work(messages):
    with pytest.raises(InvalidInputError):
        FunctionLLM(str.upper).generate(messages)
