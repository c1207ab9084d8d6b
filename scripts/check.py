"""Runs every check that a change has to pass; stops at the first that fails."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CHECKS = [
    ["ruff", "check", "."],
    ["ruff", "format", "--check", "."],
    ["mypy"],
    ["mkdocs", "build", "--strict", "--quiet", "--site-dir", "build/site"],
    ["pytest", "-n", "auto", "--cov", "--cov-report=term:skip-covered", "--cov-fail-under=95"],
]


def main() -> int:
    for command in CHECKS:
        print("+", *command, flush=True)
        # mkdocs-material prints an advertisement for its successor otherwise.
        env = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
        code = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, env=env).returncode
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
