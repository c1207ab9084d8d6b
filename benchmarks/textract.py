"""Responses of Amazon Textract → text: ragkit against Textractor and against `json.loads` alone.

    pip install . amazon-textract-textractor==1.10.0 tabulate
    python benchmarks/textract.py [DATA] [--pages 10 100 500 1000] [--peer-pages 100] [--repeats 3]

DATA is the folder ``textract`` of the shared data (RAGKIT_DATA/textract by default). Its real
pages with a layout are joined to documents of so many pages. Each measurement is a process of its
own, in turns; CPU seconds are medians of the repeats, memory the greatest. Prints Markdown.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

TASKS = {
    "json": "import json; json.loads(open(path, 'rb').read())",
    "ragkit": "import ragkit.textract as t; start(); t.get_text(path)",
    "ragkit-dict": (
        "import json, ragkit.textract as t; d = json.loads(open(path, 'rb').read()); start(); "
        "t.get_text(d)"
    ),
    "textractor": (
        "from textractor.entities.document import Document; start(); Document.open(path).get_text()"
    ),
}
"""What is measured, from `start` on."""

PROGRAM = """
import json, resource, sys, time
path = sys.argv[1]
begun = time.process_time()
def start():
    global begun
    begun = time.process_time()
{task}
seconds = time.process_time() - begun
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([seconds, peak]))
"""


def main() -> None:
    arguments = parsed()
    if arguments.make:
        made = joined(single_pages(arguments.data), arguments.pages[0])
        arguments.make.write_text(json.dumps(made, separators=(",", ":")))
        return
    print("| pages | MB of JSON | what | CPU s | × json.loads | peak MB |")
    print("|---:|---:|---|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        for pages in arguments.pages:
            path = Path(folder) / f"{pages}.json"
            # In another process: this one has to stay small, for children begin with its memory.
            command = [sys.executable, __file__, str(arguments.data), "--pages", str(pages)]
            subprocess.run([*command, "--make", str(path)], check=True)
            tasks = [t for t in TASKS if t != "textractor" or pages <= arguments.peer_pages]
            runs = measured(tasks, path, arguments.repeats)
            loads = statistics.median(seconds for seconds, _ in runs["json"])
            for task, found in runs.items():
                seconds = statistics.median(seconds for seconds, _ in found)
                peak = max(peak for _, peak in found)
                size = path.stat().st_size / 1e6
                print(
                    f"| {pages} | {size:.0f} | {task} | {seconds:.2f} | {seconds / loads:.2f} "
                    f"| {peak:.0f} |"
                )


def parsed() -> argparse.Namespace:
    default = Path(os.environ.get("RAGKIT_DATA", "")) / "textract"
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", type=Path, default=default)
    parser.add_argument("--pages", nargs="+", type=int, default=[10, 100, 500, 1000])
    parser.add_argument("--peer-pages", type=int, default=100, help="Textractor's most pages")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--make", type=Path, help="only write a response of --pages pages there")
    return parser.parse_args()


def measured(tasks: list[str], path: Path, repeats: int) -> dict[str, list[tuple[float, float]]]:
    """CPU seconds and peak megabytes of each task, in turns."""
    runs: dict[str, list[tuple[float, float]]] = {task: [] for task in tasks}
    for _ in range(repeats):
        for task in tasks:
            program = PROGRAM.format(task=TASKS[task])
            command = [sys.executable, "-c", program, str(path)]
            output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            runs[task].append(tuple(json.loads(output.splitlines()[-1])))
    return runs


def single_pages(data: Path) -> list[list[dict[str, Any]]]:
    """The blocks of each real response of one page that has a layout."""
    found = []
    for file in sorted((data / "responses").glob("*.json.gz")):
        blocks = json.loads(gzip.decompress(file.read_bytes()))["Blocks"]
        n_pages = sum(block["BlockType"] == "PAGE" for block in blocks)
        if n_pages == 1 and any(block["BlockType"].startswith("LAYOUT_") for block in blocks):
            found.append(blocks)
    return found


def joined(singles: list[list[dict[str, Any]]], pages: int) -> dict[str, Any]:
    """One response of so many pages, ids made unique."""
    blocks = []
    for number in range(pages):
        for block in singles[number % len(singles)]:
            relations = [
                {**relation, "Ids": [f"{number}-{one}" for one in relation["Ids"]]}
                for relation in block.get("Relationships") or ()
            ]
            own = {"Id": f"{number}-{block['Id']}", "Page": number + 1}
            blocks.append({**block, **own, "Relationships": relations})
    return {"DocumentMetadata": {"Pages": pages}, "Blocks": blocks}


if __name__ == "__main__":
    main()
