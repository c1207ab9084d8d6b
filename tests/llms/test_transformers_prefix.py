"""TransformersLLM's kept prefixes: the same answers, with less of the prompt run."""

from __future__ import annotations

import asyncio
import statistics
import threading
import time

import pytest

from ragkit import TransformersLLM
from ragkit.errors import GenerationError, InvalidInputError

torch = pytest.importorskip("torch", reason="needs the extra 'transformers'")
transformers = pytest.importorskip("transformers", reason="needs the extra 'transformers'")

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("one_torch_thread")]

HEAD = (
    "Once upon a time there was a little girl named Lily. She had a big red ball and a dog. "
    "One day she went to the park with her mom. "
)
OTHER = "The cat sat on the mat and the sun was very warm. The cat was happy to see the bird. "
TAILS = ["She saw a", "The dog ran to the ball and", "Tom", "It was a sunny day. Lily said to her"]
PROMPTS = [head + tail for head in (HEAD, OTHER, HEAD + OTHER) for tail in TAILS]


@pytest.fixture(scope="module")
def cold(folder):
    """A model that keeps nothing."""
    return TransformersLLM(folder, prefix_cache=0)


@pytest.fixture(scope="module")
def wanted(cold):
    return [cold.generate(prompt, max_tokens=40) for prompt in PROMPTS]


def random_model(config, folder, **options):
    torch.manual_seed(0)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModelForCausalLM.from_config(config)
    return TransformersLLM(model, tokenizer=tokenizer, **options)


def small(kind, **options):
    return kind(
        vocab_size=512, hidden_size=64, intermediate_size=128, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=512,
        bos_token_id=1, eos_token_id=2, pad_token_id=2, **options,
    )  # fmt: skip


def texts(answers):
    return [(answer.text, answer.finish_reason, answer.usage) for answer in answers]


@pytest.mark.parametrize("prompt_lookup", [False, True])
@pytest.mark.parametrize("prefix_cache", [20, 100, 2048])
def test_the_text_is_that_without(folder, cold, wanted, prompt_lookup, prefix_cache):
    llm = TransformersLLM(folder, prefix_cache=prefix_cache, prompt_lookup=prompt_lookup)
    for _ in range(2):
        answers = [llm.generate(prompt, max_tokens=40) for prompt in PROMPTS]
        assert texts(answers) == texts(wanted)
        assert len(llm._runner.prefixes) <= prefix_cache
    assert [answer.usage.cached_tokens for answer in wanted] == [0] * len(PROMPTS)
    again = llm.generate(PROMPTS[-1], max_tokens=40)
    assert again.text == wanted[-1].text
    assert again.usage.cached_tokens == min(again.usage.prompt_tokens - 1, prefix_cache)
    for prompt, answer in zip(PROMPTS, wanted, strict=True):
        assert "".join(llm.stream(prompt, max_tokens=40)) == answer.text
    drawn = {"temperature": 0.9, "top_p": 0.9, "seed": 5, "max_tokens": 40}
    assert texts(llm.generate(p, **drawn) for p in PROMPTS) == texts(
        cold.generate(p, **drawn) for p in PROMPTS
    )


@pytest.mark.parametrize("prompt_lookup", [False, True])
def test_a_batch_runs_its_common_head_once(folder, cold, wanted, prompt_lookup):
    llm = TransformersLLM(folder, prompt_lookup=prompt_lookup)
    for size in (1, 3, 8):
        llm._max_batch = size
        llm.clear_cache()
        assert texts(llm.batch(PROMPTS, max_tokens=40)) == texts(wanted)
        assert texts(llm.batch(PROMPTS, max_tokens=40)) == texts(wanted)
    llm.clear_cache()
    shared = llm.count_prompt(HEAD) - 2
    answers = llm.batch(PROMPTS[:4], max_tokens=10)
    # Rows are as long as the longest, so that shorter ones take less from the cache.
    assert max(answer.usage.cached_tokens for answer in answers) >= shared
    longest = max(answers, key=lambda answer: answer.usage.prompt_tokens)
    assert longest.usage.cached_tokens >= shared


def test_rows_take_from_different_prompts(folder, cold, wanted):
    llm = TransformersLLM(folder)
    llm.generate(PROMPTS[0], max_tokens=1)
    llm.generate(PROMPTS[4], max_tokens=1)
    pair = [PROMPTS[1], PROMPTS[5]]
    answers = llm.batch(pair, max_tokens=40)
    assert texts(answers) == texts([wanted[1], wanted[5]])
    assert all(answer.usage.cached_tokens > 16 for answer in answers)


def test_async_calls_take_from_it_too(folder, wanted):
    llm = TransformersLLM(folder)

    async def ask():
        first = await asyncio.gather(*(llm.agenerate(p, max_tokens=40) for p in PROMPTS))
        pieces = [piece async for piece in llm.astream(PROMPTS[0], max_tokens=40)]
        return first, "".join(pieces)

    answers, streamed = asyncio.run(ask())
    assert texts(answers) == texts(wanted)
    assert streamed == wanted[0].text
    assert sum(answer.usage.cached_tokens for answer in answers) > 100


def test_threads_at_once(folder, wanted):
    llm = TransformersLLM(folder, prefix_cache=150)
    found = {}

    def ask(number):
        for at in range(number, number + len(PROMPTS)):
            at %= len(PROMPTS)
            found[number, at] = llm.generate(PROMPTS[at], max_tokens=40).text

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3 * len(PROMPTS)
    assert all(text == wanted[at].text for (_, at), text in found.items())


class Breaks(torch.nn.Module):
    """Fails once a number of layers' calls is used up, like a device that is out of memory."""

    def __init__(self, inner, calls):
        super().__init__()
        self.inner, self.calls = inner, calls

    def forward(self, *args, **kwargs):
        self.calls -= 1
        if self.calls < 0:
            raise RuntimeError("out of memory")
        return self.inner(*args, **kwargs)


def test_failures_and_cancelled_streams_spoil_nothing(folder, wanted):
    llm = TransformersLLM(folder)
    head = llm._model.lm_head
    for calls in (0, 1, 5):
        llm.generate(PROMPTS[0], max_tokens=2)
        llm._model.lm_head = Breaks(head, calls)
        with pytest.raises(GenerationError, match="out of memory"):
            llm.generate(PROMPTS[1], max_tokens=40)
        with pytest.raises(GenerationError, match="out of memory"):
            llm.batch(PROMPTS[4:8], max_tokens=40)
        llm._model.lm_head = head
        pieces = llm.stream(PROMPTS[2], max_tokens=40)
        next(pieces)
        pieces.close()
    assert texts(llm.generate(prompt, max_tokens=40) for prompt in PROMPTS) == texts(wanted)
    assert texts(llm.batch(PROMPTS, max_tokens=40)) == texts(wanted)


def test_what_is_kept_does_not_change(folder):
    llm = TransformersLLM(folder)
    llm.generate(PROMPTS[0], max_tokens=40)
    kept = llm._runner.prefixes._kept
    (ids,) = kept
    before = [(keys.clone(), values.clone()) for keys, values in kept[ids]]
    assert ids == tuple(llm._encoder.encode(PROMPTS[0]))
    llm.generate(PROMPTS[0], max_tokens=40)
    llm.batch(PROMPTS[:4], max_tokens=40)
    for pair, same in zip(kept[ids], before, strict=True):
        assert all(torch.equal(*both) for both in zip(pair, same, strict=True))


def test_the_latest_are_kept_and_memory_is_what_is_documented(folder):
    llm = TransformersLLM(folder, prefix_cache=120)
    for prompt in PROMPTS[:8]:
        llm.generate(prompt, max_tokens=1)
    prefixes = llm._runner.prefixes
    assert 0 < len(prefixes) <= 120
    assert llm.generate(PROMPTS[7], max_tokens=1).usage.cached_tokens > 30
    tensors = [tensor for layers in prefixes._kept.values() for pair in layers for tensor in pair]
    storages = {tensor.untyped_storage().data_ptr(): tensor for tensor in tensors}
    size = sum(tensor.untyped_storage().nbytes() for tensor in storages.values())
    assert size == len(prefixes) * 2 * 5 * 4 * 8 * 4  # layers, heads, head size, bytes
    llm.clear_cache()
    assert llm.generate(PROMPTS[7], max_tokens=1).usage.cached_tokens == 0


def test_a_prompt_longer_than_what_is_kept(folder, cold):
    llm = TransformersLLM(folder, prefix_cache=64)
    long = (HEAD + OTHER) * 3
    for prompt in (HEAD, long, long + "She", long):
        assert llm.invoke(prompt, max_tokens=20) == cold.invoke(prompt, max_tokens=20)
    assert llm.generate(long, max_tokens=1).usage.cached_tokens == 64


def test_a_few_tokens_in_common_are_not_worth_it(folder):
    llm = TransformersLLM(folder)
    llm.generate("Once upon a time", max_tokens=1)
    assert llm.generate("Once upon a day", max_tokens=1).usage.cached_tokens == 0


KINDS = {
    "Qwen2": (small(transformers.Qwen2Config, use_sliding_window=False), True),
    "GPT2, learned positions": (
        transformers.GPT2Config(vocab_size=512, n_embd=64, n_layer=2, n_head=4, n_positions=512),
        True,
    ),
    "OPT, positions from the mask": (
        transformers.OPTConfig(
            vocab_size=512, hidden_size=64, ffn_dim=128, num_hidden_layers=2,
            num_attention_heads=4, max_position_embeddings=512, word_embed_proj_dim=64,
        ),
        True,
    ),
    "Bloom, alibi": (
        transformers.BloomConfig(vocab_size=512, hidden_size=64, n_layer=2, n_head=4), True,
    ),
    "MPT, alibi by place": (
        transformers.MptConfig(vocab_size=512, d_model=64, n_layers=2, n_heads=4, max_seq_len=512),
        True,
    ),
    "sliding window": (small(transformers.MistralConfig, sliding_window=24), False),
    "some layers slide": (
        small(transformers.Gemma2Config, head_dim=16, sliding_window=24, query_pre_attn_scalar=16),
        False,
    ),
    "positions by length": (
        small(
            transformers.LlamaConfig,
            rope_parameters={"rope_type": "dynamic", "rope_theta": 1e4, "factor": 4.0},
        ),
        False,
    ),
    "recurrent": (
        transformers.MambaConfig(vocab_size=512, hidden_size=64, num_hidden_layers=2), False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_of_models(folder, kind):
    config, keeps = KINDS[kind]
    llm = random_model(config, folder)
    without = TransformersLLM(llm._model, tokenizer=llm._tokenizer, prefix_cache=0)
    alone = [without.generate(prompt, max_tokens=12) for prompt in PROMPTS[:8]]
    for _ in range(2):
        answers = [llm.generate(prompt, max_tokens=12) for prompt in PROMPTS[:8]]
        assert texts(answers) == texts(alone)
    assert (sum(answer.usage.cached_tokens for answer in answers) > 0) == keeps
    llm.clear_cache()
    assert texts(llm.batch(PROMPTS[:8], max_tokens=12)) == texts(alone)


def test_an_encoder_decoder_keeps_none(folder):
    config = transformers.T5Config(
        vocab_size=512, d_model=32, d_kv=8, d_ff=64, num_layers=2, num_heads=4,
        decoder_start_token_id=0, pad_token_id=0, eos_token_id=2, n_positions=512,
    )  # fmt: skip
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    llm = TransformersLLM(transformers.T5ForConditionalGeneration(config), tokenizer=tokenizer)
    answers = [llm.generate(HEAD, max_tokens=5) for _ in range(2)]
    assert answers[0].text == answers[1].text
    assert answers[1].usage.cached_tokens == 0
    llm.clear_cache()


def test_settings_of_the_model_stay_in_force(folder):
    plain = TransformersLLM(folder, prefix_cache=0)
    for prompt_lookup in (False, True):
        llm = TransformersLLM(folder, prompt_lookup=prompt_lookup)
        for one in (plain, llm):
            one._model.generation_config.repetition_penalty = 1.3
            one._model.generation_config.use_cache = False
        for _ in range(2):
            for prompt in PROMPTS[:3]:
                assert llm.invoke(prompt, max_tokens=30) == plain.invoke(prompt, max_tokens=30)
    unpenalised = TransformersLLM(folder).invoke(PROMPTS[0], max_tokens=30)
    assert unpenalised != plain.invoke(PROMPTS[0], max_tokens=30)


def test_arguments_that_cannot_work(folder):
    for value in (-1, 2.5, True, "many"):
        with pytest.raises(InvalidInputError, match="prefix_cache"):
            TransformersLLM(folder, prefix_cache=value)


def test_a_kept_prefix_brings_the_first_token_sooner(folder):
    """The bound of the benchmark, with room for a busy machine: benchmarks/llm_local.py."""
    config = transformers.LlamaConfig(
        vocab_size=512, hidden_size=512, intermediate_size=1408, num_hidden_layers=8,
        num_attention_heads=8, max_position_embeddings=2048,
    )  # fmt: skip
    llm = random_model(config, folder)
    ids = list(range(3, 503))
    llm._encoder.encode = lambda prompt: [int(part) for part in prompt.split()]
    prompt = " ".join(map(str, ids))
    other = " ".join(map(str, ids[:400] + ids[400:][::-1]))

    def seconds(before):
        llm.clear_cache()
        if before:
            llm.generate(before, max_tokens=1)
        began = time.perf_counter()
        answer = llm.generate(prompt, max_tokens=1)
        assert answer.usage.cached_tokens == (400 if before else 0)
        return time.perf_counter() - began

    pairs = [(seconds(None), seconds(other)) for _ in range(5)]
    cold, warm = (statistics.median(times) for times in zip(*pairs, strict=True))
    assert warm < 0.5 * cold
