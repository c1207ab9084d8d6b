"""The latency of small calls: seven sentences at once, and three queries against three texts.

    python benchmarks/embedding_latency.py [--threads 2] [--calls 100] [--shapes minilm bge-small]

MiniLM has its real weights; the BGE shapes have random ones, which cost the same. The second call
embeds corpus and queries, and finds the nearest of each query. Averages of all calls.
"""

from __future__ import annotations

import argparse
import importlib.util
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from random_bert import SHAPES, write_random_bert

SENTENCES = [
    "That dog of yours is really cute.",
    "What a cute dog!",
    "Your dog is such a cutie.",
    "My office is in Sydney.",
    "I have a job in Sydney.",
    "Blue is the colour I like best.",
    "Which colour do you like most?",
]
CORPUS = """
The service builds, trains and deploys machine learning models behind managed endpoints, so that \
developers and data scientists need no servers of their own to look after.
It offers algorithms and pre-trained models for text, images and tables, and takes models of any \
framework in containers that its users bring along with their code.
Training jobs are billed by the second, and instances that are not used any more are stopped by \
themselves, which makes trying a model on a larger machine affordable.
""".strip().splitlines()
QUERIES = [
    "What does the service do for developers?",
    "Can I bring a model of my own framework?",
    "How are training jobs billed?",
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--calls", type=int, default=100)
    shapes = ["minilm", *SHAPES]
    parser.add_argument("--shapes", nargs="+", choices=shapes, default=shapes[:-1])
    arguments = parser.parse_args()
    tables(arguments.threads, arguments.calls, arguments.shapes)


def tables(threads: int, calls: int, shapes=("minilm", "bge-small", "bge-base", "bge-large")):
    """Prints a row for each model, a pair of columns for each engine."""
    names = list(_loaders())
    print(f"\naverage of {calls} calls, ms\n")
    print("| model |", " | ".join(f"{n}: 7 sentences | {n}: nn_corpus" for n in names), "|")
    print("|---|" + "---|" * 2 * len(names))
    for shape in shapes:
        with tempfile.TemporaryDirectory() as scratch:
            folder = None if shape == "minilm" else write_random_bert(Path(scratch) / shape, shape)
            cells = []
            for load in _loaders().values():
                embedder = load(folder, threads)
                cells += [
                    f"{average(lambda e=embedder: e.embed(SENTENCES), calls):.1f}",
                    f"{average(lambda e=embedder: nearest(e), calls):.1f}",
                ]
                del embedder
            print(f"| {shape} |", " | ".join(cells), "|", flush=True)


def nearest(embedder: Any) -> list[list[dict[str, float]]]:
    """As the seed's ``nn_corpus`` answers: for each query the texts, the nearest first."""
    vectors = embedder.embed(CORPUS + QUERIES)
    scores = vectors[len(CORPUS) :] @ vectors[: len(CORPUS)].T
    return [
        [{"corpus_id": int(n), "score": float(row[n])} for n in np.argsort(-row)] for row in scores
    ]


def average(call: Callable[[], object], calls: int) -> float:
    """Milliseconds of a call, after three that warm up."""
    for _ in range(3):
        call()
    start = time.perf_counter()
    for _ in range(calls):
        call()
    return 1000 * (time.perf_counter() - start) / calls


def _loaders() -> dict[str, Callable[[Path | None, int], Any]]:
    from ragkit import OnnxEmbedder, OpenVINOEmbedder

    loaders = {"onnx": lambda folder, threads: OnnxEmbedder(folder, threads=threads)}
    if importlib.util.find_spec("openvino"):
        loaders["openvino"] = lambda folder, threads: OpenVINOEmbedder(folder, threads=threads)
    return loaders


if __name__ == "__main__":
    main()
