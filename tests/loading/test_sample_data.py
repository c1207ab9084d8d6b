"""The sample data is what its script makes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from ragkit.loading import PDFLoader

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "make_sample_data.py"


def test_the_script_makes_what_is_committed(sample_data, tmp_path):
    subprocess.run([sys.executable, str(SCRIPT), str(tmp_path)], check=True, capture_output=True)
    names = ["form.pdf", "minutes.txt", "newsletter.pdf", "report.pdf", "rules.md"]
    assert sorted(p.name for p in tmp_path.iterdir()) == names
    for name in names:
        made, kept = tmp_path / name, sample_data / name
        if made.suffix != ".pdf":
            assert made.read_bytes() == kept.read_bytes()
            continue
        # Another version of reportlab may write other bytes; the pages have to be the same.
        a, b = PDFLoader(made).load()[0], PDFLoader(kept).load()[0]
        assert a.pages == b.pages
        assert a.metadata["title"] == b.metadata["title"]
