"""CPU time of importing ragkit against a bare interpreter, interleaved, medians.

python benchmarks/import_cost.py
"""

from __future__ import annotations

import resource
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
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


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
