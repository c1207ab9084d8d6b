"""The code of the guide that needs an account, run against a service on this machine."""

import re
from pathlib import Path

import pytest

pytest.importorskip("boto3", reason="the extra aws is not installed")

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "how-to" / "textract.md"
BLOCK = re.compile(r"^```py(?:thon)?\n(.*?)^```$", re.M | re.S)


def test_the_guide_runs_from_its_first_line_to_its_last(tmp_path, monkeypatch, capsys):
    import PIL.Image
    from textract_service import textract_service

    monkeypatch.chdir(tmp_path)
    PIL.Image.new("L", (50, 50), "white").save("scan.png")
    report = (ROOT / "examples/data/report.pdf").read_bytes()
    (tmp_path / "data").mkdir()
    for name in ("report.pdf", "data/report.pdf"):
        (tmp_path / name).write_bytes(report)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAABCDEFGHIJKLMNOP")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-key-8")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    blocks = [
        {"BlockType": "PAGE", "Id": "p", "Relationships": [{"Type": "CHILD", "Ids": ["l"]}]},
        {"BlockType": "LINE", "Id": "l", "Relationships": [{"Type": "CHILD", "Ids": ["w"]}]},
        {"BlockType": "WORD", "Id": "w", "Text": "Hello"},
    ]
    text = PAGE.read_text(encoding="utf-8")
    namespace = {"__name__": "page"}
    with textract_service(blocks) as service:
        monkeypatch.setenv("AWS_ENDPOINT_URL", service.url)
        stored = {f"/bucket/{name}.pdf": b"%PDF-" for name in ("a", "b", "report")}
        service.objects |= stored
        for match in BLOCK.finditer(text):
            line = text.count("\n", 0, match.start(1))
            exec(compile("\n" * line + match[1], str(PAGE), "exec"), namespace)
        assert service.objects == stored  # uploads are gone, what was there is not
        assert len(service.jobs) == 5

    printed = capsys.readouterr().out
    assert "TITLE Opening hours" in printed
    assert "so that the last is missing" in printed
    assert "PAGE_SIZE_EXCEEDED (2,)" in printed
    assert "s3://bucket/b.pdf 1" in printed
    assert namespace["layout"].text == "Hello"
