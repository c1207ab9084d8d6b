"""Pictures for the docs, made when they are built: a hook of MkDocs."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

from ragkit import PDFLoader

DATA = Path(__file__).resolve().parents[1] / "examples" / "data"
PICTURES: dict[str, tuple[str, tuple[str, ...]]] = {
    "report": ("report.pdf", ()),
    "tables": ("report.pdf", ("TABLE",)),
}
"""For each picture, the file whose first page it shows, and the kinds of elements."""


def on_files(files: Files, config: Any) -> Files:
    """Adds the pictures to the files of the site."""
    for name, (file, kinds) in PICTURES.items():
        page = PDFLoader(DATA / file).load()[0].pages[0]
        data = io.BytesIO()
        page.visualize(*kinds, dpi=90).save(data, "PNG")
        files.append(File.generated(config, f"pictures/{name}.png", content=data.getvalue()))
    return files
