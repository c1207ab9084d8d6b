"""Ctrl-C while several requests to a service that never answers are under way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

SCRIPT = """
import sys
from ragkit import OpenAIEmbedder, SageMakerEmbedder

kind, url = sys.argv[1:]
if kind == "openai":
    embedder = OpenAIEmbedder("m", url=url + "/v1", batch_size=1, concurrency=4)
else:
    import boto3

    session = boto3.Session("AKIAABCDEFGHIJKLMNOP", "secret-key-8", region_name="eu-central-1")
    embedder = SageMakerEmbedder(
        "e", session=session, endpoint_url=url, batch_size=1, concurrency=4
    )
try:
    embedder.embed(["a"] * 12)
except KeyboardInterrupt:
    print("interrupted", flush=True)
    raise
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="SIGINT to another process is POSIX's")
@pytest.mark.parametrize("kind", ["openai", "sagemaker"])
def test_python_ends_without_waiting_for_replies(service, kind):
    if kind == "sagemaker":
        pytest.importorskip("boto3", reason="the extra aws is not installed")
    asked, over = threading.Semaphore(0), threading.Event()

    def hang(_):
        asked.release()
        over.wait(60)

    service.answers = [hang] * 12
    command = [sys.executable, "-c", SCRIPT, kind, service.root]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        try:
            for _ in range(4):
                assert asked.acquire(timeout=30)
            begun = time.monotonic()
            running.send_signal(signal.SIGINT)
            printed, errors = running.communicate(timeout=30)
            took = time.monotonic() - begun
        finally:
            running.kill()
            over.set()
    assert printed == "interrupted\n"
    assert errors.rstrip().endswith("KeyboardInterrupt")
    assert running.returncode not in (0, None)
    assert took < 2
    assert len(service.requests) == 4
