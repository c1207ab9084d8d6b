"""The command line: what it prints where, and how it ends."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from ragkit import __version__
from ragkit.cli import main


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_text('{"id": "a", "text_inputs": "a cute dog"}\nnothing\n{"text_inputs": "b"}\n')
    return path


def ragkit(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_embed_writes_vectors_and_prints_the_report_as_json(source, tmp_path):
    out = tmp_path / "out.jsonl"
    done = ragkit("embed", source, out, "--workers", 1, "--json")
    assert done.exit_code == 0
    report = json.loads(done.stdout)
    assert (report["rows"], [bad["line"] for bad in report["bad"]]) == (1, [2, 3])
    row = json.loads(out.read_text())
    assert (row["id"], len(row["embedding"])) == ("a", 384)


def test_the_options_reach_the_job(source, tmp_path):
    source.write_text('{"text": "a cute dog"}\n')
    out = tmp_path / "out.npy"
    done = ragkit("embed", source, out, "--field", "text", "--no-ids", "--workers", 1)
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr.startswith(f"1 rows to {out} in ")
    assert (tmp_path / "out.npy.ids.jsonl").read_text() == "1\n"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("embed", "none.jsonl", "out.jsonl"), 1, "Error: 'none.jsonl' is no file"),
        (("embed", "in.jsonl", "out.csv"), 1, "dst is 'out.csv'"),
        (("embed", "in.jsonl", "o.jsonl", "--embedder", "nobody"), 1, "provider is called"),
        (("embed", "in.jsonl", "o.jsonl", "--workers", "0"), 1, "workers is 0"),
        (("embed", "in.jsonl"), 2, "Missing argument 'DST'"),
        (("embed", "in.jsonl", "o.jsonl", "--executor", "spark"), 2, "'spark' is not one of"),
        (("embed", "in.jsonl", "o.jsonl", "--shards", "3"), 2, "No such option"),
    ],
)
def test_errors_are_told_on_standard_error(source, monkeypatch, arguments, code, said):
    monkeypatch.chdir(source.parent)
    done = ragkit(*arguments)
    assert (done.exit_code, done.stdout) == (code, "")
    assert said in done.stderr
    assert code == 2 or done.stderr.count("\n") == 1


@pytest.mark.parametrize("command", [["-m", "ragkit"], ["-m", "ragkit", "embed", "--help"]])
def test_python_m_ragkit(command):
    done = subprocess.run(
        [sys.executable, *command, "--help"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("Usage: ragkit ")


def test_the_version():
    assert ragkit("--version").stdout == f"ragkit, version {__version__}\n"
