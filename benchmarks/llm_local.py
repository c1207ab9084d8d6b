"""TransformersLLM on a CPU: kept prefixes, batches, prompt lookup, and generate by hand.

    python benchmarks/llm_local.py [--threads 2] [--repeats 5] [--small]

The model is a Llama of 100 million random weights in float32, made here: nothing is downloaded.
What is compared takes turns; figures are medians. Prints Markdown.
"""

from __future__ import annotations

import argparse
import time

import torch
import transformers
from counts import at_least
from random_llm import first_tokens, llama, medians, quoted, text, word_tokenizer

from ragkit import TransformersLLM

SHAPE = {
    "hidden_size": 768,
    "intermediate_size": 2048,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "max_position_embeddings": 2048,
}
SMALL = {**SHAPE, "hidden_size": 192, "intermediate_size": 384, "num_hidden_layers": 2}
WORDS = 10_000

PREFIX, REST = 400, 100
"""Tokens that are kept, and new ones after them."""

BATCH, ASKED, WRITTEN = 8, 120, 64
"""Prompts of a batch, about their tokens, and the tokens of each answer."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=at_least(1), default=2)
    parser.add_argument("--repeats", type=at_least(1), default=5)
    parser.add_argument("--small", action="store_true", help="a tiny model, to try the script")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    model = llama(WORDS, **(SMALL if arguments.small else SHAPE))
    size = sum(weights.numel() for weights in model.parameters()) / 1e6
    print(
        f"Llama of {size:.0f} million random weights, float32, {arguments.threads} threads, "
        f"torch {torch.__version__}, transformers {transformers.__version__}, "
        f"median of {arguments.repeats}\n"
    )
    print("| | without | with | ratio | target |\n|---|---:|---:|---:|---:|")
    for measure in (prefixes, batches, by_hand, lookup):
        measure(model, arguments.repeats)


def row(name: str, without: float, with_: float, ratio: float, unit: str, target: str) -> None:
    print(f"| {name} | {without:,.1f} {unit} | {with_:,.1f} {unit} | {ratio:.2f}× | {target} |")


def prefixes(model, repeats: int) -> None:
    """Time to the first token, the head of the prompt kept or not."""
    llm = TransformersLLM(model, tokenizer=word_tokenizer(WORDS))
    found = first_tokens(llm, WORDS, PREFIX, REST, repeats)
    name = f"first token, {PREFIX} tokens kept and {REST} new"
    row(name, found["cold"], found["kept"], found["kept"] / found["cold"], "ms", "≤ 0.4×")


def batches(model, repeats: int) -> None:
    """Tokens a second, one prompt after the other or together."""
    llm = TransformersLLM(model, tokenizer=word_tokenizer(WORDS), prefix_cache=0, max_batch=BATCH)
    prompts = [text(ASKED + seed, WORDS, seed) for seed in range(BATCH)]
    options = {"max_tokens": WRITTEN}

    def speed(answer) -> float:
        began = time.perf_counter()
        answers = answer()
        texts.append([one.text for one in answers])
        tokens = sum(one.usage.completion_tokens for one in answers)
        return tokens / (time.perf_counter() - began)

    texts: list[list[str]] = []
    ways = {
        "alone": lambda: speed(lambda: [llm.generate(prompt, **options) for prompt in prompts]),
        "batch": lambda: speed(lambda: llm.batch(prompts, **options)),
    }
    found = medians(ways, repeats)
    assert all(one == texts[0] for one in texts)
    name = f"batch of {BATCH}, {ASKED} tokens each, {WRITTEN} written"
    row(name, found["alone"], found["batch"], found["batch"] / found["alone"], "tok/s", "≥ 2.5×")


def by_hand(model, repeats: int) -> None:
    """The same text as transformers' generate, and in which time."""
    tokenizer = word_tokenizer(WORDS)
    llm = TransformersLLM(model, tokenizer=tokenizer, prefix_cache=0)
    prompt = text(ASKED, WORDS, 1)
    ids = torch.tensor([llm._encoder.encode(prompt)])
    texts = set()

    def hand() -> float:
        began = time.perf_counter()
        out = model.generate(
            ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=WRITTEN,
            pad_token_id=0,
        )  # fmt: skip
        texts.add(tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True))
        return 1000 * (time.perf_counter() - began)

    def ours() -> float:
        began = time.perf_counter()
        texts.add(llm.invoke(prompt, max_tokens=WRITTEN))
        return 1000 * (time.perf_counter() - began)

    found = medians({"hand": hand, "ragkit": ours}, repeats)
    assert len(texts) == 1, "greedy text differs"
    name = f"generate by hand, and through TransformersLLM (same text), {WRITTEN} written"
    row(name, found["hand"], found["ragkit"], found["ragkit"] / found["hand"], "ms", "≈ 1×")


def lookup(model, repeats: int) -> None:
    """Tokens a second of an answer that stands in the prompt. Comes last: it changes the model."""
    quote = quoted(model, WORDS, WRITTEN)
    prompt = " ".join([text(200, WORDS, 1), *quote, text(200, WORDS, 2), *quote[:3]])
    written = len(quote) - 3
    ways, texts = {}, set()
    for name, option in (("without", False), ("lookup", True)):
        llm = TransformersLLM(model, tokenizer=word_tokenizer(WORDS), prompt_lookup=option)
        llm.generate(prompt, max_tokens=1)  # kept, so that only the writing is measured

        def speed(llm=llm) -> float:
            began = time.perf_counter()
            texts.add(llm.invoke(prompt, max_tokens=written))
            return written / (time.perf_counter() - began)

        ways[name] = speed
    found = medians(ways, repeats)
    assert texts == {" ".join(quote[3:])}, "the answer is no quote"
    name = f"prompt lookup, {written} tokens quoted"
    ratio = found["lookup"] / found["without"]
    row(name, found["without"], found["lookup"], ratio, "tok/s", "> 1×")


if __name__ == "__main__":
    main()
