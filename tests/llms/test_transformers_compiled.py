"""TransformersLLM with a cache of fixed size: the same answers, compiled or not."""

from __future__ import annotations

import asyncio
import shutil
import threading

import pytest

from ragkit import TransformersLLM
from ragkit.errors import GenerationError, InvalidInputError

torch = pytest.importorskip("torch", reason="needs the extra 'transformers'")
transformers = pytest.importorskip("transformers", reason="needs the extra 'transformers'")

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("one_torch_thread")]

PROMPTS = [
    "Once upon a time",
    "Lily",
    "Once upon a time there was a little girl named Lily. She had a red ball. The dog ran to the",
    "Once upon a time there was a little girl named Lily. She had a red ball. Tom",
    "The cat sat on the mat. The cat was very",
]


@pytest.fixture(scope="module")
def plain(folder):
    return TransformersLLM(folder, prefix_cache=0)


def static(model, **options):
    """A model that decodes with the fixed cache, but is not compiled, which takes long."""
    llm = TransformersLLM(model, compile=True, **options)
    llm._runner._compiled.arguments = {"disable_compile": True}
    return llm


def random_model(config, **options):
    torch.manual_seed(0)
    return transformers.AutoModelForCausalLM.from_config(config(vocab_size=512, **options))


def texts(answers):
    return [(answer.text, answer.finish_reason, answer.usage) for answer in answers]


@pytest.mark.parametrize("prefix_cache", [0, 2048])
def test_the_text_is_that_without(folder, plain, prefix_cache):
    llm = static(folder, prefix_cache=prefix_cache)
    wanted = texts(plain.generate(prompt, max_tokens=40) for prompt in PROMPTS)
    for _ in range(2):
        answers = [llm.generate(prompt, max_tokens=40) for prompt in PROMPTS]
        assert texts(answers) == wanted
        assert texts(llm.batch(PROMPTS, max_tokens=40)) == wanted
        assert ["".join(llm.stream(p, max_tokens=40)) for p in PROMPTS] == [w[0] for w in wanted]
    assert any(answer.usage.cached_tokens for answer in answers) == bool(prefix_cache)
    pair = llm.batch(PROMPTS[2:4], max_tokens=40)  # the shorter is padded within what is kept
    assert texts(pair) == wanted[2:4]
    assert all(answer.usage.cached_tokens for answer in pair) == bool(prefix_cache)
    drawn = {"temperature": 0.9, "top_p": 0.9, "seed": 5, "max_tokens": 30}
    assert texts(llm.batch(PROMPTS, **drawn)) == texts(plain.batch(PROMPTS, **drawn))
    stop = {"stop": ["ball", ". She"], "max_tokens": 40}
    assert texts(llm.batch(PROMPTS, **stop)) == texts(plain.batch(PROMPTS, **stop))
    # To the end of the window, where the cache is full.
    assert texts([llm.generate(PROMPTS[0])]) == texts([plain.generate(PROMPTS[0])])


def test_few_sizes_of_cache_are_made(folder):
    llm = static(folder)
    made = llm._runner._compiled._made
    sizes = []
    llm._runner._compiled._made = lambda size: sizes.append(size) or made(size)
    for tokens in (1, 40, 100, 180):
        for prompt in PROMPTS:
            llm.generate(prompt, max_tokens=tokens)
    assert sizes == [256]
    llm.generate(PROMPTS[0], max_tokens=400)
    llm.generate(PROMPTS[0])
    assert sizes == [256, 512]  # the window, though prompt and answer could be longer than it
    llm.batch(PROMPTS[:3], max_tokens=9)
    llm.batch(PROMPTS[:4], max_tokens=9)
    assert sizes == [256, 512, 256]
    llm.clear_cache()
    llm.batch(PROMPTS[:4], max_tokens=9)
    assert len(sizes) == 4


def test_windows_and_missing_windows():
    from ragkit.llms.transformers_compiled import Compiled

    model = random_model(transformers.LlamaConfig, hidden_size=32, num_hidden_layers=1,
                         num_attention_heads=2, intermediate_size=32)  # fmt: skip
    for window, needed, length in (
        (None, 3, 256), (None, 257, 512), (300, 257, 300), (300, 12, 256), (100, 12, 100),
        (4096, 1025, 2048), (4000, 2049, 4000),
    ):  # fmt: skip
        compiled = Compiled(transformers, torch, model, window)
        assert compiled.cache(1, needed).layers[0].max_cache_len == length


def test_a_sliding_window(folder):
    model = random_model(
        transformers.MistralConfig, hidden_size=64, intermediate_size=128, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=512,
        sliding_window=16,
    )  # fmt: skip
    alone = TransformersLLM(model, tokenizer=folder)
    llm = static(model, tokenizer=folder)
    wanted = texts(alone.generate(prompt, max_tokens=30) for prompt in PROMPTS)
    for _ in range(2):
        assert texts(llm.generate(prompt, max_tokens=30) for prompt in PROMPTS) == wanted
    assert texts(llm.batch(PROMPTS, max_tokens=30)) == wanted


def test_failures_and_cancelled_streams_spoil_nothing(folder, plain):
    llm = static(folder)
    head = llm._model.lm_head

    class Breaks(torch.nn.Module):
        def forward(self, *_):
            raise RuntimeError("out of memory")

    llm._model.lm_head = Breaks()
    with pytest.raises(GenerationError, match="out of memory"):
        llm.generate(PROMPTS[0])
    llm._model.lm_head = head
    pieces = llm.stream(PROMPTS[0])
    next(pieces)
    pieces.close()
    found = {}
    threads = [
        threading.Thread(
            target=lambda at=at: found.update({at: llm.invoke(PROMPTS[at], max_tokens=30)})
        )
        for at in range(len(PROMPTS))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for at, prompt in enumerate(PROMPTS):
        assert found[at] == plain.invoke(prompt, max_tokens=30)
    assert asyncio.run(llm.agenerate(PROMPTS[0], max_tokens=30)).text == found[0]


def test_compiled_code_gives_the_same_text(folder, capfd, caplog):
    if not (shutil.which("g++") or shutil.which("clang++")):
        pytest.skip("compiling for a CPU needs a C++ compiler")
    model = random_model(
        transformers.LlamaConfig, hidden_size=64, intermediate_size=64, num_hidden_layers=1,
        num_attention_heads=2, max_position_embeddings=512,
    )  # fmt: skip
    alone = TransformersLLM(model, tokenizer=folder)
    wanted = texts(alone.generate(prompt, max_tokens=20) for prompt in PROMPTS)
    llm = TransformersLLM(model, tokenizer=folder, compile=True)
    capfd.readouterr()
    caplog.clear()
    before = torch._dynamo.utils.counters["stats"]["unique_graphs"]
    assert texts(llm.generate(prompt, max_tokens=20) for prompt in PROMPTS) == wanted
    assert "".join(llm.stream(PROMPTS[0], max_tokens=20)) == wanted[0][0]
    assert torch._dynamo.utils.counters["stats"]["unique_graphs"] == before + 1
    assert texts(llm.batch(PROMPTS[:4], max_tokens=20)) == wanted[:4]
    assert texts(llm.batch(PROMPTS[:3], max_tokens=20)) == wanted[:3]
    assert torch._dynamo.utils.counters["stats"]["unique_graphs"] == before + 2
    said = [record for record in caplog.records if record.levelname != "DEBUG"]
    assert (*capfd.readouterr(), said) == ("", "", [])


def test_what_cannot_be_compiled(folder):
    with pytest.raises(InvalidInputError, match="prompt_lookup=True contradict"):
        TransformersLLM(folder, compile=True, prompt_lookup=True)
    with pytest.raises(InvalidInputError, match="compile is 'auto'"):
        TransformersLLM(folder, compile="auto")
    t5 = transformers.T5ForConditionalGeneration(
        transformers.T5Config(vocab_size=512, d_model=32, d_ff=64, num_layers=1, num_heads=2)
    )
    with pytest.raises(InvalidInputError, match="decoder-only"):
        TransformersLLM(t5, tokenizer=folder, compile=True)
    mpt = random_model(transformers.MptConfig, d_model=64, n_layers=1, n_heads=2)
    with pytest.raises(InvalidInputError, match="MptForCausalLM can't be compiled"):
        TransformersLLM(mpt, tokenizer=folder, compile=True)
    llama = transformers.AutoModelForCausalLM.from_pretrained(folder)
    llama.hf_device_map = {"model": 0, "lm_head": "cpu"}
    with pytest.raises(InvalidInputError, match="not on the device"):
        TransformersLLM(llama, tokenizer=folder, compile=True)
