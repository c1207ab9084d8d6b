"""The benchmarks' command lines; what they measure, a quiet machine has to say."""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1] / "benchmarks"
needs_torch = [
    pytest.mark.slow,
    pytest.mark.skipif(
        find_spec("torch") is None or find_spec("transformers") is None,
        reason="needs the extra 'transformers'",
    ),
]

needs_boto3 = pytest.mark.skipif(find_spec("boto3") is None, reason="needs the extra 'aws'")


@pytest.mark.parametrize(
    ("script", "option", "least"),
    [
        ("overhead.py", "--rounds", 1),
        ("stores.py", "--rounds", 1),
        ("stores.py", "--chunks", 60),
        ("embedding.py", "--rounds", 1),
        ("embedding.py", "--threads", 1),
        pytest.param("embedding_endpoint.py", "--repeats", 1, marks=needs_boto3),
        pytest.param("embedding_endpoint.py", "--texts", 1, marks=needs_boto3),
        pytest.param("llm_local.py", "--repeats", 1, marks=needs_torch),
        pytest.param("llm_local.py", "--threads", 1, marks=needs_torch),
        pytest.param("llm_gpu.py", "--repeats", 1, marks=needs_torch),
    ],
)
def test_a_benchmark_of_nothing_is_refused(script, option, least):
    wrong = str(least - 1)
    command = [sys.executable, str(FOLDER / script), option, wrong]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert run.returncode == 2
    assert f"argument {option}: '{wrong}' is no whole number of at least {least}" in run.stderr


def test_what_is_no_count(monkeypatch):
    monkeypatch.syspath_prepend(FOLDER)
    read = importlib.import_module("counts").at_least(2)
    assert [read(text) for text in ("2", "300")] == [2, 300]
    for wrong in ("1", "-2", "2.5", "many", ""):
        with pytest.raises(argparse.ArgumentTypeError, match="no whole number of at least 2"):
            read(wrong)
