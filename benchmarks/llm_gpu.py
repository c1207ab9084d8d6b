"""TransformersLLM on a GPU: compiled decoding, batches, kept prefixes, 4 bits.

    python benchmarks/llm_gpu.py [--repeats 5]

The model has the shape of Llama-2-7b with random weights in bfloat16, made here: nothing is
downloaded. Without a GPU the same is run with a small model on the CPU, which shows that it works
and nothing more. What is compared takes turns; figures are medians. Prints Markdown.
"""

from __future__ import annotations

import argparse
import importlib.util
import tempfile
import time

import torch
import transformers
from counts import at_least
from random_llm import first_tokens, llama, medians, text, word_tokenizer

from ragkit import TransformersLLM

WORDS = 31_997
"""With the special tokens, the vocabulary of Llama 2."""

LLAMA_7B = {
    "hidden_size": 4096,
    "intermediate_size": 11_008,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "max_position_embeddings": 4096,
}
SMALL = {
    "hidden_size": 128,
    "intermediate_size": 256,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": 4096,
}
QUESTIONS = 32
ASKED, WRITTEN = 100, 128
"""Tokens of a question, and of its answer."""

PREFIX, REST = 3500, 100
"""Tokens that are kept, and new ones after them."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=at_least(1), default=5)
    repeats = parser.parse_args().repeats
    gpu = torch.cuda.is_available()
    versions = f"torch {torch.__version__}, transformers {transformers.__version__}"
    if gpu:
        print(f"{torch.cuda.get_device_name()}, Llama-2-7b's shape, bfloat16, {versions}", end="")
        model = llama(WORDS, dtype="bfloat16", device="cuda", **LLAMA_7B)
    else:
        print("**No GPU is at hand.** This is a small model in float32 on the CPU: the figures say")
        print(f"nothing about a GPU, and the targets don't apply. {versions}", end="")
        model = llama(WORDS, **SMALL)
    print(f", median of {repeats}\n")
    print("| | figure | ratio | target |\n|---|---:|---:|---:|")
    tokenizer = word_tokenizer(WORDS)
    ways = {
        "eager": TransformersLLM(model, tokenizer=tokenizer, prefix_cache=0, max_batch=QUESTIONS),
        "compiled": TransformersLLM(
            model, tokenizer=tokenizer, prefix_cache=0, max_batch=QUESTIONS, compile=True
        ),
    }
    decoding(ways, repeats)
    batches(ways, max(1, repeats // 2))
    for llm in ways.values():
        llm.clear_cache()
    prefixes(TransformersLLM(model, tokenizer=tokenizer, prefix_cache=4096), repeats)
    quantized(model, ways["eager"], repeats)


def decoding(ways, repeats: int) -> None:
    """Tokens a second of one answer, without the prompt."""
    prompt = text(ASKED, WORDS, 1)
    warm(ways, lambda llm: llm.generate(prompt, max_tokens=WRITTEN))
    found = medians({name: lambda m=m: decoded(m, prompt) for name, m in ways.items()}, repeats)
    print(f"| decoding, one answer, eager | {found['eager']:,.1f} tok/s | | |")
    ratio = found["compiled"] / found["eager"]
    target = "≥ 2×, ≥ 150 tok/s on an H200"
    print(
        f"| static cache and compiled | {found['compiled']:,.1f} tok/s | {ratio:.2f}× | {target} |"
    )


def decoded(llm, prompt: str) -> float:
    answer = llm.generate(prompt, max_tokens=WRITTEN)
    seconds = answer.timings["total"] - answer.timings["first_token"]
    return (answer.usage.completion_tokens - 1) / seconds


def batches(ways, repeats: int) -> None:
    """Questions a second, one after the other or together."""
    prompts = [text(ASKED + seed, WORDS, seed) for seed in range(QUESTIONS)]
    warm(ways, lambda llm: llm.batch(prompts, max_tokens=WRITTEN))
    for name, llm in ways.items():

        def speed(answer) -> float:
            began = time.perf_counter()
            answer()
            return QUESTIONS / (time.perf_counter() - began)

        def alone(llm=llm) -> None:
            for prompt in prompts:
                llm.generate(prompt, max_tokens=WRITTEN)

        found = medians(
            {
                "alone": lambda: speed(alone),
                "batch": lambda llm=llm: speed(lambda: llm.batch(prompts, max_tokens=WRITTEN)),
            },
            repeats,
        )
        print(f"| {QUESTIONS} questions one by one, {name} | {found['alone']:,.2f}/s | | |")
        ratio = found["batch"] / found["alone"]
        print(f"| as a batch, {name} | {found['batch']:,.2f}/s | {ratio:.1f}× | ≥ 8× |")


def prefixes(llm, repeats: int) -> None:
    """Time to the first token, the head of the prompt kept or not."""
    found = first_tokens(llm, WORDS, PREFIX, REST, repeats)
    print(f"| first token, {PREFIX + REST:,} tokens | {found['cold']:,.1f} ms | | |")
    ratio = found["kept"] / found["cold"]
    print(f"| {PREFIX:,} of them kept | {found['kept']:,.1f} ms | {ratio:.2f}× | ≤ 0.25× |")


def quantized(model, eager, repeats: int) -> None:
    """Memory and speed in 4 bits."""
    if importlib.util.find_spec("bitsandbytes") is None:
        print("\nnf4 was left out: bitsandbytes is not installed.")
        return
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        small = TransformersLLM(
            folder, tokenizer=eager._tokenizer, quantization="nf4", prefix_cache=0
        )
    small._model.generation_config.eos_token_id = None
    prompt = text(ASKED, WORDS, 1)
    ways = {"eager": eager, "nf4": small}
    warm(ways, lambda llm: llm.generate(prompt, max_tokens=8))
    found = medians({name: lambda m=m: decoded(m, prompt) for name, m in ways.items()}, repeats)
    before, after = (one._model.get_memory_footprint() / 1e9 for one in ways.values())
    print(f"| weights in memory | {before:.2f} GB | | |")
    print(f"| nf4 | {after:.2f} GB | {after / before:.2f}× | |")
    ratio = found["nf4"] / found["eager"]
    print(f"| decoding in nf4, eager | {found['nf4']:,.1f} tok/s | {ratio:.2f}× | |")


def warm(ways, work) -> None:
    """Runs each twice: compiled code is made by the first, and its CUDA graph by the second."""
    for llm in ways.values():
        for _ in range(2):
            work(llm)


if __name__ == "__main__":
    main()
