"""Any layouts: pages with everything in them, each word another."""

from __future__ import annotations

from hypothesis import strategies as st

from ragkit.layout import (
    Cell,
    Element,
    ElementKind,
    KeyValue,
    LayoutDocument,
    Line,
    Page,
    Table,
    Word,
)
from ragkit.types import Box

KINDS = [kind for kind in ElementKind if kind is not ElementKind.LIST]
SHOWN = {f"hide_{name}_layout": False for name in ("header", "footer", "page_num")}
"""Options with which nothing is hidden."""


class Made:
    """Pages with everything in them, each word another."""

    def __init__(self, draw):
        self.draw, self.boxes = draw, {}

    def word(self):
        number = len(self.boxes)
        box = Box(
            number % 10 / 10, number // 10 / 60, number % 10 / 10 + 0.05, number // 10 / 60 + 0.01
        )
        self.boxes[f"w{number}w"] = box
        return Word(f"w{number}w", box)

    def line(self):
        return Line([self.word() for _ in range(self.draw(st.integers(1, 3)))])

    def lines(self, least=1):
        return [self.line() for _ in range(self.draw(st.integers(least, 3)))]

    def fields(self):
        pairs = []
        for _ in range(self.draw(st.integers(1, 3))):
            pair = KeyValue(self.lines(0), self.lines(0))
            pair.key = pair.key or ([] if pair.value else [self.line()])
            pairs.append(pair)
        return pairs

    def table(self):
        n_columns, cells = self.draw(st.integers(1, 3)), []
        for row in range(self.draw(st.integers(1, 3))):
            for column in range(n_columns):
                cell = Cell(row, column, self.lines(0), is_header=self.draw(st.booleans()))
                if self.draw(st.integers(0, 4)) == 0:
                    cell.key_values = [KeyValue([self.line()], [self.line()])]
                    cell.lines += [*cell.key_values[0].key, *cell.key_values[0].value]
                cells.append(cell)
        if n_columns > 1 and self.draw(st.booleans()):
            cells[0].column_span = 2
            cells[0].lines += cells[1].lines
            cells[0].key_values += cells[1].key_values
            del cells[1]
        kind = self.draw(st.sampled_from(["structured", "semi-structured"]))
        return Table(cells, kind=kind, id="t")

    def element(self):
        kind = self.draw(st.sampled_from([*KINDS, ElementKind.LIST, ElementKind.TABLE]))
        element = Element(kind, level=self.draw(st.integers(1, 3)), id="e")
        if kind is ElementKind.LIST:
            element.lines = self.lines(0)
            for _ in range(self.draw(st.integers(1, 4))):
                item = Element(ElementKind.TEXT, level=self.draw(st.integers(1, 3)))
                self.fill(item)
                element.children.append(item)
        else:
            if kind is ElementKind.TEXT and self.draw(st.booleans()):
                element.role = "entity"
            self.fill(element)
        return element

    def fill(self, element):
        what = self.draw(st.sampled_from(["lines", "fields", "table", "parts"]))
        if what == "lines":
            element.lines = self.lines()
        elif what == "fields":
            element.key_values = self.fields()
        elif what == "table" and element.kind is ElementKind.TABLE:
            element.table = self.table()
        else:
            element.children = [
                Element(ElementKind.TEXT, self.lines()),
                Element(ElementKind.KEY_VALUE, key_values=self.fields()),
                Element(ElementKind.TABLE, table=self.table()),
                Element(ElementKind.TEXT, self.lines()),
            ]

    def page(self, number):
        page = Page(number, str(number + 1), elements=[])
        for _ in range(self.draw(st.integers(0, 4))):
            page.elements.append(self.element())
        tables = [e.table for e in page.elements if e.table is not None]
        loose = [e for e in page.elements if e.lines]
        for table in tables[:1]:
            if loose:
                table.title = [Line(loose[0].lines[0].words[:2])]
                table.footers = [Line(loose[-1].lines[-1].words[-1:])]
        return page


@st.composite
def layouts(draw):
    made = Made(draw)
    return LayoutDocument(
        "a.pdf", [made.page(n) for n in range(draw(st.integers(1, 2)))]
    ), made.boxes
