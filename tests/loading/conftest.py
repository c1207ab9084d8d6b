"""PDFs made for a test."""

from __future__ import annotations

import io
from pathlib import Path

import pypdf
import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas


class PDFMaker:
    """Writes small PDFs; a page is a list of (x, y from the top, text[, font, size])."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, name, pages, *, size=(400, 500), password=None, title=None):
        path = self.folder / name
        path.write_bytes(self.data(pages, size=size, password=password, title=title))
        return path

    def data(self, pages, *, size=(400, 500), password=None, title=None) -> bytes:
        out = io.BytesIO()
        encrypt = StandardEncryption(password, strength=128) if password else None
        canvas = Canvas(out, pagesize=size, invariant=1, encrypt=encrypt)
        if title:
            canvas.setTitle(title)
        for page in pages:
            for x, y, text, *style in page:
                font, points = style or ("Helvetica", 12)
                canvas.setFont(font, points)
                canvas.drawString(x, size[1] - y, text)
            canvas.showPage()
        canvas.save()
        return out.getvalue()

    def changed(self, name, pages, change):
        """The PDF with each page changed by pypdf."""
        writer = pypdf.PdfWriter(clone_from=io.BytesIO(self.data(pages)))
        for page in writer.pages:
            change(page)
        path = self.folder / name
        with path.open("wb") as out:
            writer.write(out)
        return path


@pytest.fixture
def make_pdf(tmp_path):
    return PDFMaker(tmp_path)
