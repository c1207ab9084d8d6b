"""Blocks to elements of the layout model."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence

from ragkit.layout.analysis.blocks import Block
from ragkit.layout.analysis.drawn import Area
from ragkit.layout.analysis.grids import Grid, GridCell
from ragkit.layout.analysis.running import Margin
from ragkit.layout.analysis.strip import Strip
from ragkit.layout.model import Cell, Element, ElementKind, KeyValue, Line, Page, Table
from ragkit.provenance import Box

__all__ = ["build_elements", "join_across_columns", "join_across_pages", "unstructured"]

_SHIFT = 0.03
"""Part of the page's width that a column's edge may move by from one page to the next."""
_NOTES = 4
"""Footnotes at the end of a column, at most; more are references."""
_CONTINUED = re.compile(r"\bcont(?:\b|inue|['’]d)|\bfortsetzung|\bsuite\b")
"""What the caption says of a table that goes on."""
_RUNNING = (ElementKind.HEADER, ElementKind.FOOTER, ElementKind.PAGE_NUMBER)


def build_elements(
    blocks: Sequence[Block], margin: Margin, width: float, height: float
) -> list[Element]:
    """The page's elements in reading order: headers, body, footers and page numbers.

    Args:
        blocks: Of its body, in reading order.
        margin: Strips of its margins.
        width: Of the page, in points.
        height: The same.
    """
    body = _body(blocks, width, height)
    running = sorted(margin.items(), key=lambda item: (item[0].middle, item[0].x0))
    middle = _middle_of(blocks)
    above = [_running(s, kind) for s, kind in running if s.middle < middle]
    below = [_running(s, kind) for s, kind in running if s.middle >= middle]
    return [*above, *body, *below]


def unstructured(lines: list[Line]) -> list[Element]:
    """The lines as one TEXT, for a page whose layout is not known; nothing without lines."""
    return [_with_box(Element(ElementKind.TEXT, lines))] if lines else []


def _middle_of(blocks: Sequence[Block]) -> float:
    """Height that parts the top margin from the bottom one."""
    lines = [line for block in blocks for line in _lines(block) if not line.vertical]
    if not lines:
        return 0.0
    return (min(s.y0 for s in lines) + max(s.y1 for s in lines)) / 2


def _lines(block: Block) -> Iterable[Strip]:
    if block.figure is not None:
        return [block.figure]
    if block.grid is None:
        return block.lines
    return [s for row in block.grid.rows for cell in row for s in cell.strips]


def _running(strip: Strip, kind: ElementKind) -> Element:
    return _with_box(Element(kind, [strip.line()]))


def _body(blocks: Sequence[Block], width: float, height: float) -> list[Element]:
    """Elements; items that follow each other become one list."""
    elements: list[Element] = []
    items: list[Block] = []
    for block in blocks:
        if block.marker is not None and not block.is_heading:
            items.append(block)
            continue
        elements += map(_with_box, _list(items))
        items = []
        element = _with_box(_element(block))
        area = _area_of(block)
        if area is not None:
            element.box = Box.around_any([element.box, _as_box(area, width, height)])
        elements.append(element)
    elements += map(_with_box, _list(items))
    return elements


def _element(block: Block) -> Element:
    lines = [strip.line() for strip in block.lines]
    if block.grid is not None:
        return _table(block.grid)
    if block.figure is not None:
        return _figure(block.figure)
    if block.is_heading:
        kind = ElementKind.TITLE if block.level == 1 else ElementKind.SECTION_HEADER
        return Element(kind, lines, level=block.level)
    return Element(ElementKind.TEXT, lines)


def _area_of(block: Block) -> Area | None:
    """What a figure or a ruled table covers, in points."""
    if block.figure is not None:
        strip = block.figure
        return Area(strip.x0, strip.y0, strip.x1, strip.y1)
    return block.grid.area if block.grid is not None else None


def _as_box(area: Area, width: float, height: float) -> Box:
    x0, x1 = (min(max(x / width, 0.0), 1.0) for x in (area.x0, area.x1))
    y0, y1 = (min(max(y / height, 0.0), 1.0) for y in (area.y0, area.y1))
    return Box(x0, y0, x1, y1)


def _figure(strip: Strip) -> Element:
    """A figure; the text in it as its children."""
    children = [
        _with_box(Element(ElementKind.TEXT, [inside.line()])) for inside in strip.figure or ()
    ]
    return Element(ElementKind.FIGURE, children=children)


def _list(items: Sequence[Block]) -> list[Element]:
    """The items as one LIST, nested by their indent; nothing where there are none."""
    if not items:
        return []
    indents: list[float] = []
    children = []
    for item in items:
        x0 = item.lines[0].x0
        while indents and x0 < indents[-1] - 3:
            indents.pop()
        if not indents or x0 > indents[-1] + 3:
            indents.append(x0)
        lines = [strip.line() for strip in item.lines]
        child = Element(ElementKind.TEXT, lines, level=len(indents), marker=item.marker)
        children.append(_with_box(child))
    return [Element(ElementKind.LIST, children=children)]


def _table(grid: Grid) -> Element:
    """A table; or fields of a form, where bold or colon-ended labels stand beside values."""
    pairs = _key_values(grid)
    if pairs:
        sure = 1.0 if grid.is_form else 0.8
        return Element(ElementKind.KEY_VALUE, key_values=pairs, confidence=sure)
    cells = [
        Cell(
            row,
            cell.column,
            _cell_lines(cell),
            row_span=cell.row_span,
            column_span=cell.span,
            is_header=row < grid.n_header,
        )
        for row, found in enumerate(grid.rows)
        for cell in found
    ]
    for cell in cells:
        cell.box = _box_of(cell.lines)
    return Element(ElementKind.TABLE, table=Table(cells), confidence=grid.confidence)


def _cell_lines(cell: GridCell) -> list[Line]:
    return [strip.line() for strip in cell.strips]


def _key_values(grid: Grid) -> list[KeyValue]:
    """Labels and values of a grid, in pairs of columns; empty where it is a plain table."""
    pairs = _pairs(grid) if grid.n_columns % 2 == 0 else []
    keys, values = [key for key, _ in pairs], [value for _, value in pairs]
    is_sure = all(key[-1].text.endswith(":") for key in keys) and _say_something(keys)
    if not is_sure:
        if grid.n_columns != 2 or len(pairs) < len(grid.rows):
            return []
        by_weight = all(s.bold for key in keys for s in key)
        by_weight = by_weight and not any(s.bold for value in values for s in value)
        is_sure = by_weight or grid.is_form
    if not is_sure:
        return []
    return [KeyValue([s.line() for s in key], [s.line() for s in value]) for key, value in pairs]


def _say_something(keys: Iterable[Sequence[Strip]]) -> bool:
    """Whether labels have letters, as the numbers of a listing's lines have not."""
    return any(char.isalpha() for key in keys for strip in key for char in strip.text)


def _pairs(grid: Grid) -> list[tuple[list[Strip], list[Strip]]]:
    """What stands in its first and second columns, its third and fourth, row by row.

    A row without a label goes on with the value above; without any above there are no pairs.
    """
    pairs: list[tuple[list[Strip], list[Strip]]] = []
    latest: dict[int, list[Strip]] = {}  # the last value in each pair of columns
    for row in grid.rows:
        for place in sorted({cell.column // 2 for cell in row}):
            key = [s for cell in row if cell.column == 2 * place for s in cell.strips]
            value = [s for cell in row if cell.column == 2 * place + 1 for s in cell.strips]
            if key:
                latest[place] = value
                pairs.append((key, value))
            elif place in latest:
                latest[place] += value
            else:
                return []
    return pairs


def join_across_columns(blocks: Sequence[Block], elements: Sequence[Element]) -> None:
    """Marks paragraphs that go on at the top of the next column, past footnotes.

    Args:
        blocks: Of the page, which know their columns.
        elements: What they became, with their roles.
    """
    column = {id(b.lines[0].words[0]): b.column for b in blocks if b.lines}
    texts = [(i, e) for i, e in enumerate(elements) if e.role != "footnote"]
    for (i, a), (j, b) in itertools.pairwise(texts):
        if not (_is_running_text(a) and _is_running_text(b)) or j - i > 1 + _NOTES:
            continue
        here, there = (column.get(id(e.lines[0].words[0])) for e in (a, b))
        if here != there and goes_on(a, b):
            a.continued = True


def _is_running_text(element: Element) -> bool:
    return element.kind is ElementKind.TEXT and element.role is None


def goes_on(a: Element, b: Element) -> bool:
    """Whether text `b` goes on with the sentence that text `a` breaks off."""
    last, first = a.lines[-1].words[-1].text, b.lines[0].words[0].text
    return last[-1:] not in '.!?:;”"' and first[:1].islower()


def join_across_pages(pages: Sequence[Page]) -> None:
    """Marks paragraphs that go on at the top of the next page."""
    for page, following in itertools.pairwise(pages):
        body = [e for e in page.elements if e.kind not in _RUNNING and e.role is None]
        after = [e for e in following.elements if e.kind not in _RUNNING and e.role is None]
        if not body or not after:
            continue
        a, b = body[-1], after[0]
        if a.kind is ElementKind.TEXT and b.kind is ElementKind.TEXT and goes_on(a, b):
            a.continued = True
        if a.table is not None and b.table is not None and _is_one_table(a, b):
            b.table.continues = a.table
            if not _has_header(b.table, a.table):
                for cell in b.table.cells:
                    cell.is_header = False


def _is_one_table(a: Element, b: Element) -> bool:
    """Whether table `b` at the top of a page goes on with `a` at the end of the one before."""
    if a.table is None or b.table is None or a.table.n_columns != b.table.n_columns:
        return False
    if _begins_anew(a, b):
        return False
    here, there = _edges(a.table), _edges(b.table)
    return here.keys() == there.keys() and all(
        min(abs(x - y) for x, y in zip(here[column], there[column], strict=True)) < _SHIFT
        for column in here
    )


def _begins_anew(a: Element, b: Element) -> bool:
    """Whether table `b` has a caption or a bold header of its own."""
    if a.table is None or b.table is None or _has_header(b.table, a.table):
        return False
    if b.caption is not None:
        named = b.caption.text.casefold()
        is_same = a.caption is not None and a.caption.text.casefold() == named
        return not is_same and not _CONTINUED.search(named)
    heads, *others = _bold_rows(b.table)
    above = _bold_rows(a.table)[max(1, a.table.n_header_rows) :]
    # Where rows within a table are bold too, they are sums or groups, and no header.
    return heads and not any(others) and not any(above)


def _bold_rows(table: Table) -> list[bool]:
    """For each row, whether all its text is bold, and stands in most columns."""
    rows = []
    for row in table.grid():
        cells = [cell for cell in row if cell is not None and cell.lines]
        words = [word for cell in cells for line in cell.lines for word in line.words]
        is_wide = len(cells) > 1 and 2 * len(cells) > table.n_columns
        rows.append(is_wide and all(word.bold for word in words))
    return rows


def _edges(table: Table) -> dict[int, tuple[float, float]]:
    """Left and right edge of each column's text."""
    edges: dict[int, tuple[float, float]] = {}
    for cell in table.cells:
        if cell.box is not None and cell.column_span == 1:
            x0, x1 = edges.get(cell.column, (1.0, 0.0))
            edges[cell.column] = min(x0, cell.box.x0), max(x1, cell.box.x1)
    return edges


def _has_header(table: Table, origin: Table) -> bool:
    """Whether a table begins with the header of another."""
    count = origin.n_header_rows
    return count > 0 and table.to_rows()[:count] == origin.to_rows()[:count]


def _with_box(element: Element) -> Element:
    element.box = _box_of(element.iter_lines())
    return element


def _box_of(lines: Iterable[Line]) -> Box | None:
    return Box.around_any([word.box for line in lines for word in line.words])
