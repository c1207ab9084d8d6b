"""A job killed at any moment, and started again, gives the bytes of one that was not."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cheap_embedders import slow_letters

from ragkit.jobs import embed_jsonl

PROGRAM = """
import sys
sys.path.insert(0, sys.argv[4])
from cheap_embedders import slow_letters
from ragkit.jobs import embed_jsonl
embed_jsonl(sys.argv[1], sys.argv[2], slow_letters, shard_rows=8, workers=int(sys.argv[3]))
"""


def start(texts, out, workers):
    folder = str(Path(__file__).parent)
    command = [sys.executable, "-c", PROGRAM, str(texts), str(out), str(workers), folder]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def killed_after(process, seconds):
    """Whether it was still at work."""
    time.sleep(seconds)
    process.kill()
    process.communicate()
    return process.returncode != 0


def finished(out):
    return len(list(out.with_name(f"{out.name}.work").glob("shards/*.json")))


def whole(texts, tmp_path):
    out = tmp_path / "whole.jsonl"
    embed_jsonl(texts, out, slow_letters, shard_rows=8)
    return out.read_bytes(), (tmp_path / "whole.jsonl.manifest.json").read_bytes()


def test_a_killed_job_goes_on(texts, tmp_path):
    out = tmp_path / "out.jsonl"
    process = start(texts, out, 1)
    while not finished(out):
        time.sleep(0.01)
    assert killed_after(process, 0.05)
    assert not out.exists()
    report = embed_jsonl(texts, out, slow_letters, shard_rows=8)
    assert 0 < report.reused < report.shards
    assert (out.read_bytes(), (tmp_path / "out.jsonl.manifest.json").read_bytes()) == whole(
        texts, tmp_path
    )
    assert not (tmp_path / "out.jsonl.work").exists()


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_twenty_killed_jobs(texts, tmp_path, workers):
    """At random moments of a whole run: of start, work, and end."""
    expected = whole(texts, tmp_path)
    began = time.monotonic()
    process = start(texts, tmp_path / "timed.jsonl", workers)
    _, complaint = process.communicate()
    assert process.returncode == 0, complaint
    most = 1.2 * (time.monotonic() - began)

    rng, killed = random.Random(7), 0
    for number in range(20):
        out = tmp_path / f"{number}.jsonl"
        if killed_after(start(texts, out, workers), rng.uniform(0, most)):
            killed += 1
            killed_after(start(texts, out, workers), rng.uniform(0, most))
        process = start(texts, out, workers)
        _, complaint = process.communicate()
        assert process.returncode == 0, complaint
        manifest = tmp_path / f"{number}.jsonl.manifest.json"
        assert (out.read_bytes(), manifest.read_bytes()) == expected
        assert not (tmp_path / f"{number}.jsonl.work").exists()
    assert killed > 5


@pytest.mark.slow
def test_a_job_killed_at_each_step_of_its_end(texts, tmp_path):
    """Between any two of the renames and deletions that publish the output."""
    program = """
import os, sys
from pathlib import Path
count = int(sys.argv.pop())
def counted(event, args):
    global count
    if event in ("os.rename", "os.remove", "shutil.rmtree", "os.rmdir"):
        count -= 1
        if not count:
            os.kill(os.getpid(), 9)
sys.addaudithook(counted)
"""
    out = tmp_path / "out.jsonl"
    embed = "embed_jsonl(sys.argv[1], sys.argv[2], slow_letters, shard_rows=100)"
    step, code = 0, 1
    while code:
        step += 1
        for path in tmp_path.glob("out.jsonl*"):
            subprocess.run(["rm", "-r", str(path)], check=True)
        command = [sys.executable, "-c", program + PROGRAM.rpartition("embed_jsonl(")[0] + embed]
        command += [str(texts), str(out), "1", str(Path(__file__).parent), str(step)]
        code = subprocess.run(command, check=False).returncode
        embed_jsonl(texts, out, slow_letters, shard_rows=100)
        assert out.exists()
    embed_jsonl(texts, tmp_path / "other.jsonl", slow_letters, shard_rows=100)
    assert out.read_bytes() == (tmp_path / "other.jsonl").read_bytes()
    assert step > 8
