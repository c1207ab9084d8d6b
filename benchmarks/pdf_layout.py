"""PDF → Markdown: ragkit against other tools without a model, on the same files in one run.

    pip install . liteparse pymupdf4llm opendataloader-pdf pdfplumber pypdf rapidfuzz
    python benchmarks/pdf_layout.py DATA SCORERS [--tools ragkit liteparse] [--repeats 3]

DATA is the folder ``pdf`` of the shared data (RAGKIT_DATA/pdf by default), SCORERS the folder with
convert.py, score_layout.py, score_tables.py and score_facts.py. Each tool converts all files in a
process of its own, in turns; pages per CPU second are medians of the repeats. Prints Markdown.
pymupdf4llm is AGPL: it is measured here, and is no dependency.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from pdf_peers import TOOLS

SETS = ("synth", "jose", "readoc-arxiv", "readoc-github", "docling", "docbank")
FIGURES = (
    *("nid", "cover", "order", "adjacent", "head_f1"),
    *("level", "list_f1", "table_f1", "drop", "kv"),
)
HERE = Path(__file__).parent


def main() -> None:
    arguments = parsed()
    with tempfile.TemporaryDirectory() as folder:
        out = arguments.out or Path(folder)
        times = converted(arguments, out)
        print("| tool | pages | pages per CPU second | peak memory | failed |")
        print("|---|---:|---:|---:|---:|")
        for tool, runs in times.items():
            speed = statistics.median(run["pages"] / run["cpu_s"] for run in runs)
            memory = max(run["rss_mb"] for run in runs)
            print(
                f"| {tool} | {runs[0]['pages']} | {speed:.1f} | {memory:.0f} MB "
                f"| {len(runs[0]['failed'])} |"
            )
        for tool in times:
            print(f"\n### {tool}\n")
            scores(arguments, out / tool, tool)


def parsed() -> argparse.Namespace:
    default = Path(os.environ.get("RAGKIT_DATA", "")) / "pdf"
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", type=Path, default=default)
    parser.add_argument("scorers", type=Path)
    parser.add_argument("--tools", nargs="+", choices=TOOLS, default=list(TOOLS))
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out", type=Path)
    return parser.parse_args()


def converted(arguments: argparse.Namespace, out: Path) -> dict[str, list[dict[str, Any]]]:
    """All files by each tool, in turns; what the converter measured."""
    folders = [arguments.data / name for name in (*SETS, "icdar2013", "facts", "robust")]
    found: dict[str, list[dict[str, Any]]] = {tool: [] for tool in arguments.tools}
    for _ in range(arguments.repeats):
        for tool in arguments.tools:
            run(arguments.scorers / "convert.py", f"pdf_peers:{tool}", out / tool, *folders)
            measured = json.loads((out / tool / "_time.json").read_text(encoding="utf-8"))
            found[tool].append(measured)
    return found


def scores(arguments: argparse.Namespace, out: Path, tool: str) -> None:
    figures = out / "scores.json"
    sets = [arguments.data / name for name in SETS]
    run(arguments.scorers / "score_layout.py", *sets, "--pred", out, "--json", figures)
    print(f"| set | {' | '.join(FIGURES)} |")
    print("|---" * (len(FIGURES) + 1) + "|")
    for name, row in json.loads(figures.read_text(encoding="utf-8")).items():
        cells = [f"{row[f]:.3f}" if f in row else "–" for f in FIGURES]
        print(f"| {name} | {' | '.join(cells)} |")
    tables = arguments.data / "icdar2013"
    print(f"\n{run(arguments.scorers / 'score_tables.py', tables, '--md', out).strip()}  ")
    if tool == "ragkit":
        run(HERE / "pdf_peers.py", tables, out / "tables")
        found = run(arguments.scorers / "score_tables.py", tables, "--tables", out / "tables")
        print(f"{found.strip().splitlines()[-1]}  ")
    facts = arguments.data / "facts"
    print(run(arguments.scorers / "score_facts.py", facts, "--pred", out).strip())


def run(script: Path, *arguments: object) -> str:
    command = [sys.executable, str(script), *map(str, arguments)]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{script.name} failed:\n{done.stderr[-2000:]}")
    return done.stdout


if __name__ == "__main__":
    main()
