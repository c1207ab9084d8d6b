"""SentenceTransformerEmbedder against sentence-transformers' own encode, in tokens per second.

    python benchmarks/embedding_gpu.py [--shape bge-large] [--texts 20000] [--rounds 3]

Random weights of bge-large's shape in bfloat16, texts of 20 to 400 words. "default" is what
``SentenceTransformer(folder).encode(texts)`` does: float32, batches of 32. Where there is no GPU it
runs a tiny shape on the CPU, which shows that it works and no more; the first line says which.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from pathlib import Path

from random_bert import SHAPES, write_random_bert


def main() -> None:
    import torch
    from sentence_transformers import SentenceTransformer

    from ragkit import SentenceTransformerEmbedder

    gpu = torch.cuda.is_available()
    arguments = parsed(gpu=gpu)
    where = torch.cuda.get_device_name() if gpu else "the CPU: NO GPU HERE, a tiny shape instead"
    print(f"{arguments.shape} on {where}, torch {torch.__version__}\n")
    texts = made_texts(arguments.texts)
    with tempfile.TemporaryDirectory() as scratch:
        folder = write_random_bert(Path(scratch) / arguments.shape, arguments.shape)
        dtype = {"dtype": torch.float32}  # transformers 5 would take the file's halves
        default = SentenceTransformer(str(folder), model_kwargs=dtype)
        half = SentenceTransformer(str(folder), model_kwargs={"dtype": torch.bfloat16})
        ours = SentenceTransformerEmbedder(folder, dtype="bfloat16" if gpu else "auto")
        runs = {
            "sentence-transformers, default": lambda t: default.encode(t, show_progress_bar=False),
            "sentence-transformers, bfloat16": lambda t: half.encode(t, show_progress_bar=False),
            f"ragkit, {ours.dtype}": ours.embed,
        }
        tokens = sum(min(n, ours.max_tokens) for n in ours.count_tokens_batch(texts))
        report(runs, texts, tokens, arguments.rounds)


def report(runs, texts, tokens: int, rounds: int) -> None:
    """A row for each, all in turn."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for run in runs.values():
        run(texts[: max(1, len(texts) // 10)])
    for _ in range(rounds):
        for name, run in runs.items():
            start = time.perf_counter()
            run(texts)
            times[name].append(time.perf_counter() - start)
    rates = {name: tokens / statistics.median(some) for name, some in times.items()}
    base = next(iter(rates.values()))
    print(f"| {len(texts):,} texts, {tokens:,} tokens | tokens/s | ratio |")
    print("|---|---|---|")
    for name, rate in rates.items():
        print(f"| {name} | {rate:,.0f} | {rate / base:.2f}× |")


def made_texts(count: int) -> list[str]:
    chosen = random.Random(0)
    sentence = "the report says that revenue of our segment rose while costs fell in each year"
    words = sentence.split()
    return [" ".join(chosen.choices(words, k=chosen.randint(20, 400))) for _ in range(count)]


def parsed(*, gpu: bool) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shape", choices=SHAPES, default="bge-large" if gpu else "tiny")
    parser.add_argument("--texts", type=int, default=20_000 if gpu else 200)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    main()
