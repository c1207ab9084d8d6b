"""Top-3 accuracy on the seed's FAQ: is a question's own answer among the three nearest?

python benchmarks/faq.py [EMBEDDER]

The data are $RAGKIT_DATA/qa/faq (154 questions); EMBEDDER is a backend string, by default
"minilm". The seed reports 81.17 % for bge-large-en.
"""

from __future__ import annotations

import csv
import os
import sys
import time
from pathlib import Path

from ragkit import load_embedder
from ragkit.similarity import top_k_accuracy


def read_faq(folder: Path) -> tuple[list[str], list[str]]:
    """Questions and answers; the file has no header row, and some cells end in a newline."""
    (file,) = folder.glob("*.csv")
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = [[cell.strip() for cell in row] for row in csv.reader(lines)]
    return [row[0] for row in rows], [row[1] for row in rows]


def main(spec: str = "minilm") -> None:
    questions, answers = read_faq(Path(os.environ["RAGKIT_DATA"]) / "qa" / "faq")
    embedder = load_embedder(spec)
    began = time.perf_counter()
    result = top_k_accuracy(questions, answers, 3, embedder=embedder)
    seconds = time.perf_counter() - began
    print(f"{spec}: {result}, in {seconds:.1f} s")
    for k in (1, 5, 10):
        share = sum(rank <= k for rank in result.ranks) / len(result.ranks)
        print(f"  among the first {k}: {100 * share:.1f} %")


if __name__ == "__main__":
    main(*sys.argv[1:])
