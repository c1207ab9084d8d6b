"""The bulk job against the embedder's raw speed on the same texts and threads, and Ray's overhead.

    pip install ".[ray]"
    python benchmarks/bulk.py DATA [--rows 20000] [--characters 1000] [--repeats 3] [--no-ray]

DATA is a folder with PDFs; qa/financebench in RAGKIT_DATA by default. Raw is one call of
`OnnxEmbedder(threads=…).embed` on all texts, in this process; the job has as many workers of one
thread each, and reads, writes, syncs and hashes besides. All take turns. Prints Markdown.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pypdfium2
from embedding import chunks

from ragkit import OnnxEmbedder
from ragkit.jobs import embed_jsonl


def main() -> None:
    arguments = parsed()
    pages = list(pages_of(arguments.data, 1.5 * arguments.rows * arguments.characters))
    texts = chunks(pages, arguments.characters, arguments.rows)
    with tempfile.TemporaryDirectory() as folder:
        runs = ways(texts, Path(folder), arguments)
        seconds = timed(runs, arguments.repeats)
    raw = statistics.median(seconds["raw"])
    print(
        f"{len(texts):,} chunks of {arguments.characters} characters, {arguments.threads} threads, "
        f"median of {arguments.repeats}\n"
    )
    print("| what | seconds | chunks/s | of the raw speed |")
    print("|---|---|---|---|")
    for name, times in seconds.items():
        one = statistics.median(times)
        print(f"| {name} | {one:.1f} | {len(texts) / one:.1f} | {raw / one:.3f} |")


def parsed() -> argparse.Namespace:
    default = Path(os.environ.get("RAGKIT_DATA", "")) / "qa" / "financebench"
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", type=Path, default=default)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--characters", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--no-ray", dest="ray", action="store_false")
    return parser.parse_args()


def pages_of(folder: Path, characters: float) -> Iterator[str]:
    """Pages, until they have that many characters."""
    for path in sorted(folder.rglob("*.pdf")):
        document = pypdfium2.PdfDocument(path)
        for page in document:
            text = page.get_textpage().get_text_bounded()
            yield text
            characters -= len(text)
            if characters < 0:
                return
        document.close()


def ways(
    texts: list[str], folder: Path, arguments: argparse.Namespace
) -> dict[str, Callable[[], object]]:
    source = folder / "in.jsonl"
    with source.open("w", encoding="utf-8") as file:
        for number, text in enumerate(texts):
            file.write(json.dumps({"id": number, "text_inputs": text}) + "\n")
    embedder = OnnxEmbedder(threads=arguments.threads)
    embedder.embed(texts[:64])

    def job(executor: str, name: str) -> Callable[[], object]:
        return lambda: embed_jsonl(
            source, folder / name, executor=executor, workers=arguments.threads, resume=False
        )

    found = {
        "raw": lambda: embedder.embed(texts),
        "local job to .jsonl": job("local", "local.jsonl"),
        "local job to .npy": job("local", "local.npy"),
    }
    if arguments.ray:
        import ray

        # The cluster is there already, as one would be; starting it takes seconds of its own.
        ray.init(num_cpus=arguments.threads, include_dashboard=False, log_to_driver=False)
        found["Ray job to .jsonl"] = job("ray", "ray.jsonl")
    return found


def timed(runs: dict[str, Callable[[], object]], repeats: int) -> dict[str, list[float]]:
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(repeats):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - start)
    return seconds


if __name__ == "__main__":
    main()
