"""Jobs on a real Ray cluster, which is started on this machine."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import cheap_embedders
import pytest

from ragkit import FunctionEmbedder
from ragkit.errors import InvalidInputError, JobError
from ragkit.jobs import embed_jsonl

ray = pytest.importorskip("ray", reason="the extra ray is not installed")

pytestmark = [
    pytest.mark.slow,
    # Ray leaves sockets and files to the end of the process.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning:ray"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:ray"),
]


@pytest.fixture(autouse=True)
def modules(monkeypatch):
    """The actors import the embedders from here."""
    here, root = Path(__file__).parent, Path(__file__).parents[2]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(here), str(root)]))
    monkeypatch.delenv("RAY_ADDRESS", raising=False)


def embedded(texts, tmp_path, name, function, **options):
    out = tmp_path / f"{name}.jsonl"
    embedder = FunctionEmbedder(function, dimension=26, name="letters")
    report = embed_jsonl(texts, out, embedder, **{"shard_rows": 16, **options})
    return report, out.read_bytes()


def test_ray_gives_the_bytes_of_the_local_job_with_an_actor_killed(texts, tmp_path):
    _, expected = embedded(texts, tmp_path, "local", cheap_embedders.letters)
    killed = []

    def kill():
        while not killed:
            for pid in embedding_actors():
                killed.append(pid)
                os.kill(pid, signal.SIGKILL)
                return
            time.sleep(0.05)

    thread = threading.Thread(target=kill)

    def start(done, total, what):
        if not thread.ident:
            thread.start()

    report, data = embedded(
        texts, tmp_path, "ray", cheap_embedders.very_slow, executor="ray", progress=start,
        workers=2, shard_rows=16,
    )  # fmt: skip
    thread.join()
    assert killed
    assert data == expected
    assert report.rows == 200
    assert not ray.is_initialized()


def test_a_cluster_that_is_there_is_used_and_kept(texts, tmp_path):
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="error")
    try:
        _, expected = embedded(texts, tmp_path, "local", cheap_embedders.letters)
        _, data = embedded(texts, tmp_path, "ray", cheap_embedders.letters, executor="ray")
        assert data == expected
        assert ray.is_initialized()
        with pytest.raises(JobError, match=r"shard 0 \(lines 1 to 16\).*row seven is cursed"):
            embedded(texts, tmp_path, "failing", cheap_embedders.failing, executor="ray")
        with pytest.raises(JobError, match=r"shard 0 .* was given up: its worker died in Ray"):
            embedded(texts, tmp_path, "dying", cheap_embedders.dying, executor="ray", attempts=2)
    finally:
        ray.shutdown()


def test_an_embedder_that_can_t_be_sent(texts, tmp_path):
    with pytest.raises(InvalidInputError, match="can't be pickled"):
        embed_jsonl(texts, tmp_path / "out.jsonl", lambda text: [1.0], executor="ray")


def test_the_command_prints_the_report_alone(tmp_path):
    (tmp_path / "in.jsonl").write_text('{"id": 1, "text_inputs": "a cute dog"}\n')
    paths = [str(tmp_path / name) for name in ("in.jsonl", "out.jsonl")]
    command = [sys.executable, "-m", "ragkit", "embed", *paths, "--executor", "ray", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["rows"] == 1


def embedding_actors():
    """The processes of the actors, which Ray names by their class."""
    found = []
    for status in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            name = status.read_bytes()
        except OSError:
            continue
        if name.startswith(b"ray::_Embedding"):
            found.append(int(status.parent.name))
    return found
