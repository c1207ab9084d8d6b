"""An index whose sync was killed at any moment is brought in line by the next one."""

from __future__ import annotations

import random
import subprocess
import sys
import time

import pytest

from ragkit import Index

SYNC = "import sys, ragkit; ragkit.Index(sys.argv[1]).sync(sys.argv[2])"


@pytest.mark.slow
def test_killed_syncs_leave_a_usable_index(tmp_path):
    folder = tmp_path / "docs"
    folder.mkdir()
    for n in range(150):
        (folder / f"{n:03}.txt").write_text(f"Document {n} says {n * n}. " * 30)
    with Index(tmp_path / "whole") as whole:
        whole.sync(folder)
        expected = sorted(whole.store.ids())

    rng = random.Random(7)
    for _ in range(6):
        command = [sys.executable, "-c", SYNC, str(tmp_path / "killed"), str(folder)]
        process = subprocess.Popen(command)
        time.sleep(rng.uniform(0.3, 2.0))
        process.kill()
        process.wait()
    with Index(tmp_path / "killed") as killed:
        report = killed.sync(folder)
        assert not report.failed
        assert sorted(killed.store.ids()) == expected
        assert killed.sync(folder).added == []
