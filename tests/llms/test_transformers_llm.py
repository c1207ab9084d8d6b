"""TransformersLLM with a real small model, and with random ones of other kinds."""

from __future__ import annotations

import asyncio
import shutil
import threading
import time

import pytest
from tiny_llama import CHATML, ONCE, PROMPTS, by_hand, ready

from ragkit import TransformersLLM, load_llm
from ragkit.errors import (
    GenerationError,
    InvalidInputError,
    TokenBudgetError,
)
from ragkit.llms.base import Options
from ragkit.llms.conformance import TokenizingLLMConformance
from ragkit.llms.transformers_steps import Row
from ragkit.prompting import TokenBudget
from ragkit.types import LLMFingerprint

torch = pytest.importorskip("torch", reason="needs the extra 'transformers'")
transformers = pytest.importorskip("transformers", reason="needs the extra 'transformers'")

pytestmark = pytest.mark.usefixtures("one_torch_thread")


@pytest.fixture(scope="module")
def llm(folder):
    return TransformersLLM(folder)


@pytest.fixture(scope="module")
def chat(folder):
    return ready(folder, CHATML)


class Conformance(TokenizingLLMConformance):
    max_tokens = 100

    def token_ids(self, llm, prompt):
        return llm._encoder.encode(prompt)

    def bos_id(self, llm):
        return llm._tokenizer.bos_token_id


class TestConformance(Conformance):
    @pytest.fixture
    def llm(self, llm):
        return llm


def test_the_fingerprint(llm, folder, tmp_path):
    assert llm.fingerprint == LLMFingerprint(str(folder), None, "float32")
    copy = shutil.copytree(folder, tmp_path / "copy")
    other = TransformersLLM(copy, dtype="bfloat16", revision="v1").fingerprint
    assert (other.revision, other.dtype) == ("v1", "bfloat16")


@pytest.mark.slow
class TestConformanceWithAChatTemplate(Conformance):
    @pytest.fixture
    def llm(self, chat):
        return chat


@pytest.mark.parametrize("prompt", PROMPTS)
def test_greedy_is_generate_by_hand(llm, prompt):
    ids = llm._tokenizer(prompt)["input_ids"]
    text, new = by_hand(llm, ids, max_new_tokens=80)
    answer = llm.generate(prompt, max_tokens=80)
    assert answer.text == text
    assert answer.usage.prompt_tokens == len(ids)
    assert answer.usage.completion_tokens == len(new)
    assert 0 < answer.timings["first_token"] <= answer.timings["total"]


@pytest.mark.slow
def test_the_text_to_the_end_of_the_window_is_that_by_hand_too(llm):
    ids = llm._tokenizer(ONCE)["input_ids"]
    text, new = by_hand(llm, ids, max_length=llm.window)
    answer = llm.generate(ONCE)
    assert answer.text == "".join(llm.stream(ONCE)) == text
    assert answer.finish_reason == ("stop" if new[-1] == 2 else "length")


@pytest.mark.slow
def test_a_batch_is_the_same_as_one_by_one(llm):
    alone = [llm.generate(prompt, max_tokens=60) for prompt in PROMPTS]
    for size in (8, 3):
        llm._max_batch = size
        together = llm.batch(PROMPTS, max_tokens=60)
        assert [(a.text, a.finish_reason, a.usage) for a in together] == [
            (a.text, a.finish_reason, a.usage) for a in alone
        ]
    llm._max_batch = 8
    assert llm.batch([ONCE, "Lily"])[0].text == llm.generate(ONCE).text  # to the window's end
    stop = ["ball", ". She"]
    wanted = [llm.generate(prompt, stop=stop, max_tokens=60).text for prompt in PROMPTS]
    assert [a.text for a in llm.batch(PROMPTS, stop=stop, max_tokens=60)] == wanted
    drawn = {"temperature": 0.9, "top_p": 0.9, "seed": 5, "max_tokens": 30}
    wanted = [llm.generate(prompt, **drawn).text for prompt in PROMPTS]
    assert [a.text for a in llm.batch(PROMPTS, **drawn)] == wanted


@pytest.mark.slow
def test_prompt_lookup_gives_the_same_text(llm, folder):
    lookup = TransformersLLM(folder, prompt_lookup=True)
    for prompt in [*PROMPTS, "Lily saw a ball. Lily saw a ball. Lily"]:
        for stop in ([], ["ball"]):
            one, other = (m.generate(prompt, max_tokens=90, stop=stop) for m in (llm, lookup))
            assert (one.text, one.finish_reason) == (other.text, other.finish_reason)
            assert one.usage == other.usage or stop
    assert [a.text for a in lookup.batch(PROMPTS[:3], max_tokens=20)] == [
        llm.invoke(prompt, max_tokens=20) for prompt in PROMPTS[:3]
    ]


@pytest.mark.parametrize("kind", ["static", "hybrid", "dynamic"])
def test_prompt_lookup_with_a_model_that_asks_for_a_cache(llm, folder, kind):
    """What was guessed wrong can't be cut off a cache of fixed size."""
    lookup = TransformersLLM(folder, prompt_lookup=True)
    lookup._model.generation_config.cache_implementation = kind
    lookup = TransformersLLM(lookup._model, tokenizer=folder, prompt_lookup=True)
    prompt = "Lily saw a ball. Lily saw a ball. Lily"
    for _ in range(2):
        assert lookup.invoke(prompt, max_tokens=60) == llm.invoke(prompt, max_tokens=60)
    drawn = {"temperature": 0.9, "seed": 5, "max_tokens": 9}
    assert len(lookup.invoke(prompt, **drawn)) > 0


@pytest.mark.parametrize("kind", ["offloaded", "offloaded_static", "quantized"])
def test_prompt_lookup_refuses_a_model_that_asks_for_a_small_cache(folder, kind):
    model = TransformersLLM(folder)._model
    model.generation_config.cache_implementation = kind
    with pytest.raises(InvalidInputError, match=f"asks for the cache '{kind}'"):
        TransformersLLM(model, tokenizer=folder, prompt_lookup=True)
    TransformersLLM(model, tokenizer=folder)


def test_a_stop_string_across_tokens(llm):
    pieces = list(llm.stream(ONCE, max_tokens=60))
    text = "".join(pieces)
    at = text.index("girl named Lily")
    assert "girl named Lily" not in pieces
    for answer in (
        llm.generate(ONCE, stop=["girl named Lily"]).text,
        "".join(llm.stream(ONCE, stop=["girl named Lily"])),
    ):
        assert answer == text[:at]
    stopped = llm.generate(ONCE, stop=["girl named Lily"])
    assert stopped.finish_reason == "stop"
    assert stopped.usage.completion_tokens < 20  # it was ended there, not cut afterwards


def test_drawing(llm):
    draw = {"temperature": 1.0, "max_tokens": 40}
    one = llm.generate(ONCE, seed=1, **draw).text
    assert (
        llm.generate(ONCE, seed=1, **draw).text == one == "".join(llm.stream(ONCE, seed=1, **draw))
    )
    assert len({llm.generate(ONCE, seed=seed, **draw).text for seed in range(6)}) > 3
    assert llm.generate(ONCE, **draw).text != llm.generate(ONCE, **draw).text
    state = torch.get_rng_state()
    llm.generate(ONCE, seed=1, **draw)
    assert torch.equal(state, torch.get_rng_state())
    greedy = llm.generate(ONCE, max_tokens=40).text
    assert llm.generate(ONCE, temperature=1.0, top_p=1e-6, seed=1, max_tokens=40).text == greedy


def test_draws_are_as_likely_as_the_model_says(llm):
    from ragkit.llms.base import Options
    from ragkit.llms.transformers_steps import Sampler

    scores = torch.tensor([[2.0, 1.0, 0.0, -1.0]])
    sampler = Sampler(torch, Options(temperature=0.7, top_p=0.9, seed=3), 1)
    draws = [int(sampler(None, scores).argmax()) for _ in range(4000)]
    share = (scores / 0.7).softmax(-1)[0]
    kept = share[:2] / share[:2].sum()  # 0.77, 0.18 | 0.04, 0.01
    assert set(draws) == {0, 1}
    assert abs(draws.count(0) / len(draws) - float(kept[0])) < 0.03


def test_over_the_window(llm):
    long = "a " * 600
    for call in (llm.generate, lambda p: list(llm.stream(p)), lambda p: llm.batch([p])):
        with pytest.raises(TokenBudgetError, match=r"The prompt has \d+ tokens.* window of 512"):
            call(long)
    short = llm.generate("a" * 300, max_tokens=2)
    assert short.finish_reason == "length"


def test_leaving_a_stream_ends_the_work_within_two_steps(llm):
    before = set(threading.enumerate())
    steps = []
    decode = llm._decode
    llm._decode = lambda ids: steps.append(1) or decode(ids)
    try:
        pieces = llm.stream(ONCE)
        next(pieces)
        pieces.close()
        count = len(steps)
        assert not set(threading.enumerate()) - before
        time.sleep(0.3)
        assert len(steps) == count
    finally:
        del llm._decode


def test_cancelling_a_task_ends_the_work(llm):
    async def cancel():
        task = asyncio.ensure_future(llm.agenerate(ONCE))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        began = time.monotonic()
        await llm.agenerate(ONCE, max_tokens=1)  # would wait for the whole of the first
        return time.monotonic() - began

    began = time.monotonic()
    llm.generate(ONCE)
    whole = time.monotonic() - began
    assert asyncio.run(cancel()) < whole / 2


class Breaks(torch.nn.Module):
    """Stands where a model's last layer is, and fails like a device that runs out of memory."""

    def forward(self, *_):
        raise RuntimeError("out of memory")


def test_an_error_in_the_worker_reaches_the_consumer(folder):
    llm = ready(folder)
    llm._model.lm_head = Breaks()
    with pytest.raises(GenerationError, match="RuntimeError: out of memory"):
        llm.generate(ONCE)
    with pytest.raises(GenerationError, match="out of memory"):
        list(llm.stream(ONCE))

    async def consume():
        return [piece async for piece in llm.astream(ONCE)]

    with pytest.raises(GenerationError, match="out of memory"):
        asyncio.run(consume())


def test_characters_of_several_tokens_come_whole(llm):
    from ragkit.llms.transformers_steps import Detokenizer

    text = "Zürich 東京 🙂 and a  b\n\nc"
    ids = llm._tokenizer(text, add_special_tokens=False)["input_ids"]
    detokenizer = Detokenizer(llm._decode)
    pieces = [detokenizer.feed(token) for token in ids]
    assert not any("\ufffd" in piece for piece in pieces)
    assert "".join(pieces) + detokenizer.finish() == text
    broken = Detokenizer(llm._decode)
    assert [broken.feed(token) for token in ids[:2]] != [""]
    cut = llm._tokenizer("🙂", add_special_tokens=False)["input_ids"][:-1]
    half = Detokenizer(llm._decode)
    assert "".join(map(half.feed, cut)).strip() == ""
    assert "\ufffd" in half.finish()


def test_sampling_defaults_of_a_model_change_nothing_and_nothing_is_said(folder, capfd, caplog):
    llm = TransformersLLM(folder)
    wanted = llm.invoke(ONCE, max_tokens=20)
    config = llm._model.generation_config
    config.do_sample, config.temperature, config.top_p, config.max_length = True, 0.6, 0.5, 20
    config.eos_token_id = [2, 1]
    assert llm.invoke(ONCE, max_tokens=20) == wanted
    llm.generate(ONCE, temperature=0.5, seed=1, max_tokens=5)
    llm.generate(ONCE)
    out, err = capfd.readouterr()
    assert (out, err, caplog.text) == ("", "", "")


def test_it_answers_a_question(folder, t5):
    from ragkit import Document, LocalStore, RetrievalQA

    store = LocalStore.from_documents([Document("The museum opens at nine.")], "minilm")
    llm = load_llm(f"transformers:{folder}", max_batch=2)
    answer = RetrievalQA(llm, store.as_retriever(k=1), max_tokens=60).ask("When does it open?")
    assert isinstance(answer.text, str)
    # An encoder-decoder's answer takes no room in its window of 512. This one has learned nothing
    # and writes padding, which is no text.
    assert TokenBudget.of_model(t5, max_tokens=512).room == 512
    with pytest.raises(GenerationError, match="no text within max_tokens=512"):
        RetrievalQA(t5, store.as_retriever(k=1), max_tokens=512).ask("When?")
    with pytest.raises(TokenBudgetError, match="512"):
        RetrievalQA(llm, store.as_retriever(k=1), max_tokens=512).ask("When?")


def test_prompt_lookup_is_for_decoders(folder, t5):
    for wrong in ({"prompt_lookup": "yes"}, {"prompt_lookup": 1}):
        with pytest.raises(InvalidInputError, match="prompt_lookup"):
            TransformersLLM(folder, **wrong)
    with pytest.raises(InvalidInputError, match="prompt_lookup=True is for decoder-only"):
        TransformersLLM(t5._model, tokenizer=t5._tokenizer, prompt_lookup=True)


def test_half_a_character_at_the_end_is_no_text(llm):
    ids = llm._tokenizer("🙂", add_special_tokens=False)["input_ids"]
    assert len(ids) > 2

    def ended(*tokens):
        row = Row([1], Options(max_tokens=len(tokens)), limit=len(tokens), ends=frozenset({2}),
                  decode=llm._decode)  # fmt: skip
        for token in tokens:
            row.feed(token)
        return row.generation(0).text

    assert ended(*ids).strip() == "🙂"
    assert ended(*ids[:-1]).strip() == ""
