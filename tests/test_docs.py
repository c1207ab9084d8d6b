"""The code in the README and the docs runs, in order, page by page."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.M | re.S)
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
RUNNABLE = [page for page in PAGES if BLOCK.search(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("page", RUNNABLE, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_code_of_a_page_runs(page, tmp_path, monkeypatch, capsys):
    shutil.copytree(ROOT / "examples" / "data", tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    text = page.read_text(encoding="utf-8")
    namespace: dict[str, object] = {"__name__": "page"}
    for match in BLOCK.finditer(text):
        line = text.count("\n", 0, match.start(1))
        # Padded so that a traceback names the page's own line.
        exec(compile("\n" * line + match[1], str(page), "exec"), namespace)


def test_the_readme_shows_code_before_line_30():
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert next(n for n, line in enumerate(lines, 1) if line.startswith("```")) < 30


def test_every_public_name_is_in_the_reference():
    import ragkit

    reference = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "docs/reference").glob("*"))
    whole = ("ragkit.types", "ragkit.protocols", "ragkit.adapters", "ragkit.errors")
    missing = [
        name
        for name in ragkit.__all__
        if name != "__version__"
        and not re.search(rf"::: ragkit\.(\w+\.)*{name}\b", reference)
        and not any(hasattr(__import__(m, fromlist=["_"]), name) for m in whole)
    ]
    assert not missing
