"""Worker processes: watched, replaced when they die, and none of them left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cheap_embedders
import pytest

from ragkit import FunctionEmbedder
from ragkit.errors import JobError
from ragkit.jobs import embed_jsonl

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs signals")


def named(function):
    """An embedder with one fingerprint for all functions."""
    return FunctionEmbedder(function, dimension=26, name="letters")


def embedded(texts, tmp_path, name, function, **options):
    out = tmp_path / f"{name}.jsonl"
    options = {"workers": 2, "shard_rows": 16, **options}
    report = embed_jsonl(texts, out, named(function), **options)
    return report, out.read_bytes()


def test_two_processes_give_the_bytes_of_one_and_a_dead_one_is_replaced(
    texts, tmp_path, monkeypatch
):
    monkeypatch.setenv("DIED_ONCE", str(tmp_path / "died"))
    _, expected = embedded(texts, tmp_path, "one", cheap_embedders.letters, workers=1)
    _, data = embedded(texts, tmp_path, "two", cheap_embedders.dying_once)
    assert (tmp_path / "died").exists()
    assert data == expected


@pytest.mark.slow
def test_the_number_of_workers_changes_no_byte_of_a_real_model_s_vectors(texts, tmp_path):
    outputs = []
    for workers in (1, 2, 3):
        out = tmp_path / f"{workers}.jsonl"
        embed_jsonl(texts, out, "minilm", workers=workers, shard_rows=30)
        outputs.append(out.read_bytes())
    assert outputs[1:] == outputs[:1] * 2


@pytest.mark.slow
def test_a_shard_that_its_workers_die_of_is_given_up_by_name(texts, tmp_path):
    with pytest.raises(
        JobError, match=r"shard 0 \(lines 1 to 16\) was given up: its worker was"
    ) as e:
        embedded(texts, tmp_path, "out", cheap_embedders.dying, attempts=2)
    assert "killed (signal 9" in str(e.value)
    assert "2 time(s) in a row" in str(e.value)


@pytest.mark.slow
def test_an_error_in_a_worker_comes_with_its_message_and_what_was_done_is_kept(texts, tmp_path):
    with pytest.raises(JobError, match=r"shard 0 \(lines 1 to 16\).*row seven is cursed"):
        embedded(texts, tmp_path, "out", cheap_embedders.failing)
    report, _ = embedded(texts, tmp_path, "out", cheap_embedders.letters)
    assert report.shards == 13


@pytest.mark.slow
def test_an_embedder_that_a_worker_can_t_make(tmp_path, texts):
    program = (
        "import sys; from ragkit.jobs import embed_jsonl\n"
        "def mine(text): return [1.0, 2.0]\n"
        "embed_jsonl(sys.argv[1], sys.argv[2], mine, workers=2)"
    )
    command = [sys.executable, "-c", program, str(texts), str(tmp_path / "out.jsonl")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "JobError: The embedder can't be made again in a worker" in done.stderr


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="reads /proc")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_is_left_behind(texts, tmp_path, sent):
    program = (
        "import sys; sys.path.insert(0, sys.argv[3]); from ragkit.jobs import embed_jsonl\n"
        "from cheap_embedders import slow_letters\n"
        "embed_jsonl(sys.argv[1], sys.argv[2], slow_letters, workers=2, shard_rows=200)"
    )
    command = [sys.executable, "-c", program, str(texts), str(tmp_path / "out.jsonl")]
    texts.write_text(texts.read_text() * 100)  # enough for a minute
    process = subprocess.Popen([*command, str(Path(__file__).parent)], stderr=subprocess.PIPE)
    workers = wait_for(lambda: len(children(process.pid)) == 2 and children(process.pid))
    time.sleep(0.5)
    process.send_signal(sent)
    process.communicate(timeout=10)
    assert process.returncode != 0
    assert wait_for(lambda: not any(is_running(pid) for pid in workers))


def wait_for(look, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.02)
    return None


def children(pid):
    try:
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split() or threads_(pid)
    except OSError:
        return []


def threads_(pid):
    """Children that other threads of it started."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += (task / "children").read_text().split()
    return found


def is_running(pid):
    try:
        os.kill(int(pid), 0)
        return "zombie" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
