"""CPU time of importing ragkit against a bare interpreter, interleaved, medians.

python benchmarks/import_cost.py
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys

RUNS = 15
CASES = {
    "bare interpreter": "pass",
    "import ragkit": "import ragkit",
    "from ragkit import RetrievalQA": "from ragkit import RetrievalQA",
    "from ragkit import Index": "from ragkit import Index",
}


def cpu_seconds(code: str) -> float:
    before = os.times()
    subprocess.run([sys.executable, "-c", code], check=True)
    after = os.times()
    return (after.children_user - before.children_user) + (
        after.children_system - before.children_system
    )


def main() -> None:
    times: dict[str, list[float]] = {name: [] for name in CASES}
    for _ in range(RUNS):
        for name, code in CASES.items():
            times[name].append(cpu_seconds(code))
    medians = {name: statistics.median(values) for name, values in times.items()}
    bare = medians["bare interpreter"]
    print("| what | CPU ms, median | ratio |\n| --- | --- | --- |")
    for name, value in medians.items():
        print(f"| `{name}` | {1000 * value:.0f} | {value / bare:.1f} |")


if __name__ == "__main__":
    main()
