"""Models with random weights and a tokenizer of numbered words, for benchmarks without a download.

A word is a token, so that prompts have the length they are meant to have. What such a model writes
makes no sense; how long it takes does.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable

import tokenizers
import torch
import transformers

SPECIAL = ["<s>", "</s>", "<unk>"]


def llama(words: int, dtype: str = "float32", device: str = "cpu", **shape):
    """A Llama model; `shape` is the rest of its configuration."""
    torch.manual_seed(0)
    config = transformers.LlamaConfig(vocab_size=words + len(SPECIAL), dtype=dtype, **shape)
    default = torch.get_default_dtype()
    torch.set_default_dtype(getattr(torch, dtype))
    try:
        with torch.device(device):
            model = transformers.LlamaForCausalLM(config).eval()
    finally:
        torch.set_default_dtype(default)
    # Answers are to have the length that is asked for, whatever their words.
    model.generation_config.eos_token_id = None
    return model


def word_tokenizer(words: int):
    """Splits at blanks; the words are w0, w1, …"""
    names = SPECIAL + [f"w{number}" for number in range(words)]
    vocabulary = {name: number for number, name in enumerate(names)}
    model = tokenizers.models.WordLevel(vocabulary, unk_token="<unk>")
    backend = tokenizers.Tokenizer(model)
    backend.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=backend, bos_token="<s>", unk_token="<unk>", pad_token="<unk>"
    )


def text(count: int, words: int, seed: int) -> str:
    """So many words, the same ones for the same seed."""
    chosen = random.Random(seed)
    return " ".join(f"w{chosen.randrange(words)}" for _ in range(count))


def quoted(model, words: int, length: int) -> list[str]:
    """Words that the model writes one after the other, once its next depends on its last alone.

    For that the output of its attention is set to zero, which costs as much time as any other.
    """
    for layer in model.model.layers:
        torch.nn.init.zeros_(layer.self_attn.o_proj.weight)
    following = next_ids(model, words)
    longest: list[int] = []
    for start in range(len(SPECIAL), min(words, 500)):
        path = [start]
        while len(path) < length and following[path[-1]] not in (None, *path):
            path.append(following[path[-1]])
        longest = max(longest, path, key=len)
    return [f"w{token - len(SPECIAL)}" for token in longest]


def next_ids(model, words: int) -> list[int | None]:
    """The likeliest id after each; None where rounding could decide, or where it is no word."""
    ids = torch.arange(words + len(SPECIAL), device=model.device)
    found: list[int | None] = []
    with torch.no_grad():
        for part in ids.split(512):
            scores, best = model(part[None]).logits[0].topk(2)
            sure = (scores[:, 0] - scores[:, 1] > 1e-3) & (best[:, 0] >= len(SPECIAL))
            pairs = zip(best[:, 0].tolist(), sure.tolist(), strict=True)
            found += [token if certain else None for token, certain in pairs]
    return found


def medians(ways: dict[str, Callable[[], float]], repeats: int) -> dict[str, float]:
    """What each way measures, taking turns, so that whatever else the machine does hits all."""
    figures: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repeats):
        for name, way in ways.items():
            figures[name].append(way())
    return {name: statistics.median(values) for name, values in figures.items()}


def first_tokens(llm, words: int, kept: int, rest: int, repeats: int) -> dict[str, float]:
    """Milliseconds to the first token, with the head of the prompt kept or not."""
    head = text(kept, words, 1)
    prompt, other = (f"{head} {text(rest, words, seed)}" for seed in (2, 3))

    def first(before: str | None) -> float:
        llm.clear_cache()
        if before:
            llm.generate(before, max_tokens=1)
        answer = llm.generate(prompt, max_tokens=1)
        assert answer.usage.cached_tokens == (kept if before else 0)
        return 1000 * answer.timings["first_token"]

    first(other)  # to warm up
    return medians({"cold": lambda: first(None), "kept": lambda: first(other)}, repeats)
