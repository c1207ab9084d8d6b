"""PDF → Markdown by each tool, as `convert.py` of the scorers calls it: path in, text out."""

from __future__ import annotations

import json
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["TOOLS"]

TOOLS = ("ragkit", "liteparse", "pymupdf4llm", "opendataloader", "pdfplumber", "pypdf")


def ragkit(path: str) -> str:
    from ragkit import to_markdown

    return to_markdown(path)


@cache
def _liteparse() -> Any:
    from liteparse import LiteParse

    return LiteParse(ocr_enabled=False, output_format="markdown", quiet=True, num_workers=1)


def liteparse(path: str) -> str:
    text: str = _liteparse().parse(path).text
    return text


def pymupdf4llm(path: str) -> str:
    """Measured only: it is AGPL, and no dependency of ragkit."""
    import pymupdf4llm as tool

    text: str = tool.to_markdown(path, show_progress=False)
    return text


def opendataloader(path: str) -> str:
    import tempfile

    from opendataloader_pdf import convert

    with tempfile.TemporaryDirectory() as folder:
        convert(input_path=path, output_dir=folder, format="markdown", quiet=True)
        return "\n".join(p.read_text(encoding="utf-8") for p in Path(folder).rglob("*.md"))


def pdfplumber(path: str) -> str:
    import pdfplumber as tool

    parts = []
    with tool.open(path) as document:
        for page in document.pages:
            parts.append(page.extract_text() or "")
            for rows in page.extract_tables():
                lines = [[(cell or "").replace("\n", " ") for cell in row] for row in rows]
                parts.append("\n".join(f"| {' | '.join(row)} |" for row in lines))
    return "\n\n".join(parts)


def pypdf(path: str) -> str:
    from pypdf import PdfReader

    return "\n\n".join(page.extract_text() for page in PdfReader(path).pages)


def main() -> None:
    """Writes the tables that ragkit finds, for the scorer of table detection."""
    from ragkit import PDFLoader

    source, out = Path(sys.argv[1]), Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.glob("*.pdf")):
        (layout,) = PDFLoader(path).load()
        found = []
        for page in layout.pages:
            for element in page.select("TABLE"):
                box, table = element.box, element.table
                if box is None or table is None:
                    continue
                x0, x1 = box.x0 * page.width, box.x1 * page.width
                y0, y1 = (1 - box.y1) * page.height, (1 - box.y0) * page.height
                bbox = [x0, y0, x1, y1]
                found.append({"page": page.number + 1, "bbox": bbox, "rows": table.to_rows()})
        (out / f"{path.stem}.tables.json").write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
