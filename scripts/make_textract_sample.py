"""Makes ``examples/responses/report.json``: what Textract might answer about our sample report.

    python scripts/make_textract_sample.py

The service was not asked: blocks are made of ragkit's own analysis of ``examples/data/report.pdf``,
with the relations that the service gives them. The letterhead is a figure, as the service would
take it for a logo. The same bytes come out each time.
"""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path

from ragkit import PDFLoader
from ragkit.layout.model import Element, ElementKind, Line, Page, Table
from ragkit.provenance import Box

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "examples" / "data" / "report.pdf"
TARGET = ROOT / "examples" / "responses" / "report.json"
SURE = 99.5


class Response:
    """Blocks, made one after the other."""

    def __init__(self) -> None:
        self.blocks: list[dict] = []
        self._ids = count(1)

    def add(self, kind: str, page: Page, box: Box | None, children=(), **fields) -> str:
        key = f"{kind.lower().replace('_', '-')}-{next(self._ids):04d}"
        block = {
            "BlockType": kind,
            "Id": key,
            "Page": page.number + 1,
            "Confidence": SURE,
            **fields,
        }
        if box is not None:
            block["Geometry"] = {
                "BoundingBox": {
                    "Left": round(box.x0, 4),
                    "Top": round(box.y0, 4),
                    "Width": round(box.width, 4),
                    "Height": round(box.height, 4),
                }
            }
        if children:
            block["Relationships"] = [{"Type": "CHILD", "Ids": list(children)}]
        self.blocks.append(block)
        return key

    def line(self, page: Page, line: Line) -> str:
        words = [
            self.add("WORD", page, word.box, Text=word.text, TextType="PRINTED")
            for word in line.words
        ]
        return self.add("LINE", page, line.box, words, Text=line.text)

    def page(self, page: Page) -> None:
        place = len(self.blocks)
        children = [one for element in page.elements for one in self.element(page, element)]
        self.add("PAGE", page, Box(0, 0, 1, 1), children)
        self.blocks.insert(place, self.blocks.pop())

    def element(self, page: Page, element: Element) -> list[str]:
        """Ids of what stands on the page for an element; its layout block comes last."""
        kind = f"LAYOUT_{element.kind.value}"
        if element.kind is ElementKind.HEADER and page.number == 0 and page.elements[0] is element:
            kind = "LAYOUT_FIGURE"
        if element.kind is ElementKind.LIST:
            lines = [[self.line(page, line) for line in item.lines] for item in element.children]
            items = [
                self.add("LAYOUT_TEXT", page, item.box, own)
                for item, own in zip(element.children, lines, strict=True)
            ]
            whole = self.add(kind, page, element.box, items)
            return [*(one for own in lines for one in own), *items, whole]
        lines = [self.line(page, line) for line in element.iter_lines()]
        whole = self.add(kind, page, element.box, lines)
        tables = [self.table(page, element)] if element.table else []
        return [*lines, *tables, whole]

    def table(self, page: Page, element: Element) -> str:
        table = element.table
        assert isinstance(table, Table)
        by_box = {
            tuple(block["Geometry"]["BoundingBox"].values()): block["Id"]
            for block in self.blocks
            if block["BlockType"] == "WORD" and block["Page"] == page.number + 1
        }
        cells = []
        for cell in table.cells:
            words = [
                by_box[round(w.box.x0, 4), round(w.box.y0, 4), round(w.box.width, 4),
                       round(w.box.height, 4)]
                for line in cell.lines for w in line.words
            ]  # fmt: skip
            fields = {
                "RowIndex": cell.row + 1,
                "ColumnIndex": cell.column + 1,
                "RowSpan": cell.row_span,
                "ColumnSpan": cell.column_span,
            }
            if cell.is_header:
                fields["EntityTypes"] = ["COLUMN_HEADER"]
            box = cell.box or Box.around_any(line.box for line in cell.lines)
            cells.append(self.add("CELL", page, box, words, **fields))
        return self.add("TABLE", page, element.box, cells, EntityTypes=["STRUCTURED_TABLE"])


def main() -> None:
    (layout,) = PDFLoader(SOURCE).load()
    response = Response()
    for page in layout.pages:
        response.page(page)
    whole = {
        "DocumentMetadata": {"Pages": len(layout.pages)},
        "JobStatus": "SUCCEEDED",
        "Blocks": response.blocks,
        "AnalyzeDocumentModelVersion": "1.0",
    }
    TARGET.parent.mkdir(exist_ok=True)
    lines = ",\n".join(json.dumps(block, ensure_ascii=False) for block in whole.pop("Blocks"))
    head = json.dumps(whole, ensure_ascii=False)[:-1]
    TARGET.write_text(f'{head}, "Blocks": [\n{lines}\n]}}\n', encoding="utf-8", newline="")
    print(TARGET, TARGET.stat().st_size, "bytes,", len(response.blocks), "blocks")


if __name__ == "__main__":
    main()
