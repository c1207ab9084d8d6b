"""How alike texts are, offline: heat map, nearest neighbours, FAQ accuracy, a file as a batch job.

python examples/similarity.py [HEATMAP.png]

With $RAGKIT_DATA set, the accuracy is also that of a real FAQ of 154 questions.
"""

import csv
import json
import os
import sys
import tempfile
from pathlib import Path

from ragkit import load_embedder
from ragkit.embedding import CachedEmbedder
from ragkit.jobs import embed_jsonl
from ragkit.similarity import (
    NearestNeighbors,
    heatmap,
    nearest,
    similarity_matrix,
    top_k_accuracy,
)

SENTENCES = [
    "My dog is the sweetest of all.",
    "What a sweet dog you have!",
    "This dog is so sweet that everybody strokes it.",
    "I work for a bank in Sydney.",
    "Sydney is where I have my office.",
    "Green is the colour that I like best.",
    "My favourite colour is yellow.",
]
FAQ = [
    ("When does the boat go?", "The ferry to the island leaves at nine and at noon."),
    ("What do I pay for my bike?", "Bicycles travel free of charge on Sundays."),
    ("Can I see the paintings on Monday?", "The museum is closed on Mondays."),
    ("Where can I borrow a novel?", "The library in Mill Street lends books for four weeks."),
    (
        "Who repairs a broken street lamp?",
        "Report damaged lighting to the town's works department.",
    ),
]


def main(picture: str | None = None) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        embedder = CachedEmbedder(load_embedder("minilm"), Path(scratch, "vectors.sqlite"))
        show_similarity(embedder, picture)
        find_neighbours(embedder, Path(scratch))
        measure_accuracy(embedder)
        embed_a_file(embedder, Path(scratch))
        print(f"\nEmbedded {embedder.misses} texts, {embedder.hits} were there already.")
        embedder.close()


def show_similarity(embedder: CachedEmbedder, picture: str | None) -> None:
    print("How alike seven sentences are:")
    for row, sentence in zip(
        similarity_matrix(SENTENCES, embedder=embedder), SENTENCES, strict=True
    ):
        print("  ", *(f"{value:5.2f}" for value in row), " ", sentence)
    if picture is None:
        print("(A file name as the argument gets the heat map.)")
    else:
        heatmap(SENTENCES, embedder=embedder).savefig(picture)
        print(f"The heat map is in {picture}.")


def find_neighbours(embedder: CachedEmbedder, scratch: Path) -> None:
    corpus = [answer for _, answer in FAQ]
    questions = [question for question, _ in FAQ[:3]]
    print("\nNearest in a corpus at hand:")
    for question, found in zip(
        questions, nearest(questions, corpus, 3, embedder=embedder), strict=True
    ):
        print(f"   {question} {found}")

    NearestNeighbors(embedder, store_text=True).fit(corpus).save(scratch / "corpus")
    saved = NearestNeighbors.load(scratch / "corpus", embedder)
    print("Nearest in one that was embedded once and saved:")
    print("  ", saved.query(questions[:1], top_k=1))


def measure_accuracy(embedder: CachedEmbedder) -> None:
    questions, answers = zip(*FAQ, strict=True)
    print("\nIs a question's own answer the nearest?", end=" ")
    print(top_k_accuracy(questions, answers, 1, embedder=embedder))
    for file in sorted(Path(os.environ.get("RAGKIT_DATA") or "nothing", "qa/faq").glob("*.csv")):
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = [[cell.strip() for cell in row] for row in csv.reader(lines)]
        result = top_k_accuracy([r[0] for r in rows], [r[1] for r in rows], 3, embedder=embedder)
        print(f"{file.name}: {result}")


def embed_a_file(embedder: CachedEmbedder, scratch: Path) -> None:
    source, target = scratch / "texts.jsonl", scratch / "vectors.jsonl"
    lines = [json.dumps({"id": n, "text_inputs": text}) for n, text in enumerate(SENTENCES)]
    source.write_text("\n".join(lines) + "\n", encoding="utf-8")
    report = embed_jsonl(source, target, embedder, progress=False)
    print(f"\nAs a batch job: {report.rows} rows of {source.name} in {target.name}")


if __name__ == "__main__":
    main(*sys.argv[1:])
