"""The code of the guide that needs an account, run against a control plane on this machine."""

import re
from pathlib import Path

import pytest

pytest.importorskip("boto3", reason="the extra aws is not installed")

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "aws.md"
BLOCK = re.compile(r"^```py(?:thon)?\n(.*?)^```$", re.M | re.S)


def test_the_guide_runs_from_its_first_line_to_its_last(server, monkeypatch, capsys):
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAABCDEFGHIJKLMNOP")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-key-8")
    text = PAGE.read_text(encoding="utf-8")
    namespace = {"__name__": "page"}
    for match in BLOCK.finditer(text):
        line = text.count("\n", 0, match.start(1))
        exec(compile("\n" * line + match[1], str(PAGE), "exec"), namespace)

    printed = capsys.readouterr().out
    assert f"InService {server.text}" in printed
    assert "(2, 2)" in printed  # vectors of two texts
    assert "endpoint 'llama-2-7b' (llm), 0.0 hours old" in printed
    assert "s3://bucket/out/faq-1/output/model.tar.gz" in printed
    assert set(server.kept) == {("TrainingJob", "faq-1")}  # which SageMaker keeps for ever
