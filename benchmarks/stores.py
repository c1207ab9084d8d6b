"""LocalStore against embedded Chroma: inserting, searching, filtering, memory on disk.

    python benchmarks/stores.py [--chunks 10000] [--rounds 3]

Both get the same chunks with the same precomputed vectors; rounds alternate between them, so that
whatever else the machine does hits both. Prints a Markdown table of medians.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
from counts import at_least

from ragkit.stores import ChromaStore, LocalStore
from ragkit.stores.conformance import HashingEmbedder
from ragkit.types import Document

DIMENSION = 384
WORDS = 120
BATCH = 500
QUERIES = 60


def corpus(count):
    """Chunks of words as frequent as in text (Zipf), with the metadata that loaders give."""
    generator = np.random.default_rng(0)
    vocabulary = [f"word{i}" for i in range(20_000)]
    frequent = np.minimum(generator.zipf(1.2, size=(count, WORDS)), len(vocabulary)) - 1
    documents = [
        Document(
            " ".join(vocabulary[j] for j in row),
            {
                "source": f"data/file{i // 100}.pdf",
                "page": i % 100,
                "page_label": str(i % 100 + 1),
                "total_pages": 100,
                "title": f"Report {i // 100}",
            },
            str(i),
        )
        for i, row in enumerate(frequent)
    ]
    # Texts have topics: a hundred neighbours around each of some hundred places.
    topics = generator.normal(size=(max(1, count // 100), DIMENSION))
    spread = generator.normal(size=(count, DIMENSION))
    vectors = topics[generator.integers(len(topics), size=count)] + 0.7 * spread
    return documents, vectors.astype(np.float32)


def milliseconds(calls):
    """Median time of the calls."""
    times = []
    for call in calls:
        began = time.perf_counter()
        call()
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times)


def size(path):
    """Megabytes on disk."""
    files = [path, *path.parent.glob(f"{path.name}-*")] if path.is_file() else path.rglob("*")
    return sum(file.stat().st_size for file in files if file.is_file()) / 1e6


def measure(kind, documents, vectors, folder):
    """Figures of one round by name."""
    path = Path(folder) / kind.__name__
    noise = np.random.default_rng(1).normal(size=(QUERIES, DIMENSION))
    queries = (vectors[:: len(vectors) // QUERIES][:QUERIES] + 0.7 * noise).astype(np.float32)
    with kind(path, embedder=HashingEmbedder(DIMENSION)) as store:
        began = time.perf_counter()
        for i in range(0, len(documents), BATCH):
            store.add_documents(documents[i : i + BATCH], vectors[i : i + BATCH])
        inserted = len(documents) / (time.perf_counter() - began)
        store.search(queries[0])
        one_file = [
            lambda q=q, i=i: store.search(q, filter={"source": f"data/file{i % 50}.pdf"})
            for i, q in enumerate(queries)
        ]
        half = [
            lambda q=q, i=i: store.search(q, filter={"page": {"$gte": 40 + i % 20}})
            for i, q in enumerate(queries)
        ]
        figures = {
            "insert, chunks/s": inserted,
            "search, ms": milliseconds(lambda q=q: store.search(q) for q in queries),
            "filter to 1 % of the chunks, ms": milliseconds(one_file),
            "filter to half of the chunks, ms": milliseconds(half),
            "right among the best 10, %": 100 * recall(store, vectors, queries),
        }
        if isinstance(store, LocalStore):
            texts = [" ".join(d.page_content.split()[:8]) for d in documents[:QUERIES]]
            for mode in ("lexical", "hybrid"):
                figures[f"{mode} search, ms"] = milliseconds(
                    lambda t=t, m=mode: store.search(t, mode=m) for t in texts
                )
    figures["on disk, MB"] = size(path)
    return figures


def recall(store, vectors, queries):
    """Share of the exact ten nearest that are found."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    found = 0
    for query in queries[:20]:
        exact = set(map(str, np.argsort(-(unit @ query))[:10].tolist()))
        found += len(exact & {hit.document.id for hit in store.search(query, 10)})
    return found / 200


def main():
    """Runs the rounds and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chunks", type=at_least(QUERIES), default=10_000)
    parser.add_argument("--rounds", type=at_least(1), default=3)
    arguments = parser.parse_args()
    documents, vectors = corpus(arguments.chunks)
    rounds = {LocalStore: [], ChromaStore: []}
    for _ in range(arguments.rounds):
        for kind, figures in rounds.items():
            with tempfile.TemporaryDirectory() as folder:
                figures.append(measure(kind, documents, vectors, folder))
    local, chroma = (
        {name: statistics.median(round_[name] for round_ in figures) for name in figures[0]}
        for figures in rounds.values()
    )
    print(f"{arguments.chunks:,} chunks, {DIMENSION} dimensions, {WORDS} words each\n")
    print("| | LocalStore | ChromaStore | ratio |\n|---|---:|---:|---:|")
    for name, value in local.items():
        other = chroma.get(name)
        if other is None:
            print(f"| {name} | {value:,.2f} | – | – |")
            continue
        ratio = value / other if "/s" in name or "%" in name[-1] else other / value
        print(f"| {name} | {value:,.2f} | {other:,.2f} | {ratio:.1f}× |")


if __name__ == "__main__":
    main()
