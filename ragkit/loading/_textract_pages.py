"""Pages of a Textract response: its layout in the service's order, tables and fields in place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ragkit.layout.model import Element, ElementKind, Line, Page, Word
from ragkit.loading._textract_blocks import Block, Blocks, box_of, confidence_of, entities
from ragkit.loading._textract_tables import Part, field_parts, table_parts
from ragkit.provenance import Box

__all__ = ["read_pages"]

_LAYOUT = "LAYOUT_"
_KINDS = {f"{_LAYOUT}{kind.value}": kind for kind in ElementKind}
_HOLDERS = {ElementKind.TABLE: "LAYOUT_TABLE", ElementKind.KEY_VALUE: "LAYOUT_KEY_VALUE"}


@dataclass(slots=True)
class _Region:
    """A layout block with its lines, and the tables and fields that stand in it."""

    block: Block
    kind: ElementKind
    lines: list[list[Word]]
    parts: list[Part] = field(default_factory=list)
    items: list[_Region] = field(default_factory=list)

    @property
    def words(self) -> set[int]:
        own = {id(word) for line in self.lines for word in line}
        return own.union(*(item.words for item in self.items)) if self.items else own


def read_pages(blocks: Blocks) -> list[Page]:
    """All pages, every word of each once."""
    return [_page(blocks, block, number) for number, block in enumerate(blocks.pages())]


def _page(blocks: Blocks, page: Block, number: int) -> Page:
    children = blocks.children(page)
    taken: set[int] = set()
    tables = [block for block in children if block["BlockType"] == "TABLE"]
    keys = [block for block in children if _is_key(block)]
    parts = table_parts(blocks, tables, taken) + field_parts(blocks, keys, taken)
    regions = _regions(blocks, children)
    lines = [blocks.words(block) for block in children if block["BlockType"] == "LINE"]
    _fill_figures(regions, lines)
    loose = _assign(parts, regions)
    elements = [element for region in regions for element in _elements(region, taken)]
    for part in _grouped(loose):
        _insert(elements, part)
    for words in lines:
        left = _left(words, taken)
        if left:
            _insert(elements, _with_box(Element(ElementKind.TEXT, [Line(left)])))
    return Page(number, str(number + 1), elements=elements)


def _is_key(block: Block) -> bool:
    return block["BlockType"] == "KEY" or (
        block["BlockType"] == "KEY_VALUE_SET" and "KEY" in entities(block)
    )


def _regions(blocks: Blocks, children: Sequence[Block]) -> list[_Region]:
    """The page's layout blocks in their order; items of a list in the list alone."""
    found = [block for block in children if block["BlockType"] in _KINDS]
    inner = {
        id(item)
        for block in found
        if block["BlockType"] == "LAYOUT_LIST"
        for item in blocks.children(block, *_KINDS)
    }
    return [_region(blocks, block) for block in found if id(block) not in inner]


def _region(blocks: Blocks, block: Block) -> _Region:
    items = [_region(blocks, item) for item in blocks.children(block, *_KINDS)]
    lines = [blocks.words(line) for line in blocks.children(block, "LINE")]
    return _Region(block, _KINDS[block["BlockType"]], lines, items=items)


def _fill_figures(regions: Sequence[_Region], lines: Sequence[list[Word]]) -> None:
    """Gives figures the lines in their boxes that no region has: some come without relations."""
    known = {one for region in regions for one in region.words}
    for region in regions:
        area = box_of(region.block)
        if region.kind is not ElementKind.FIGURE or area is None:
            continue
        for words in lines:
            box = _box(words)
            if box is not None and not known & {id(w) for w in words} and _is_in(box, area):
                region.lines.append(words)
                known |= {id(word) for word in words}


def _is_in(box: Box, area: Box) -> bool:
    x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    return area.x0 <= x <= area.x1 and area.y0 <= y <= area.y1


def _assign(parts: Iterable[Part], regions: Sequence[_Region]) -> list[Part]:
    """Gives each part to the region that has most of its words; those that none has are left."""
    owned = [(region, region.words) for region in regions]
    left = []
    for part in parts:
        words = {id(word) for word in part.words}
        shares = [
            (len(words & own), region.block["BlockType"] == _HOLDERS[part.element.kind], -place)
            for place, (region, own) in enumerate(owned)
        ]
        best = max(shares, default=(0, False, 0))
        if best[0]:
            owned[-best[2]][0].parts.append(part)
        else:
            left.append(part)
    return left


def _elements(region: _Region, taken: set[int]) -> list[Element]:
    """The region as elements: its own lines, and the tables and fields that stand among them."""
    if not region.parts:
        own = _own(region, taken)
        return [own] if own is not None else []
    elements = _grouped(region.parts)
    kind = ElementKind.TEXT if region.kind in _HOLDERS else region.kind
    for words in _all_lines(region):
        left = _left(words, taken)
        if left:
            level = {ElementKind.TITLE: 1, ElementKind.SECTION_HEADER: 2}.get(kind)
            line = Element(kind, [Line(left)], _box(left), level=level)
            _add_line(elements, line)
    return elements


def _all_lines(region: _Region) -> list[list[Word]]:
    return [*region.lines, *(line for item in region.items for line in _all_lines(item))]


def _add_line(elements: list[Element], line: Element) -> None:
    """Puts a line among tables and fields where it stands; lines that follow each other join."""
    place = next(
        (n for n, other in enumerate(elements) if _top(other) > _place(line.box)[0]), len(elements)
    )
    before = elements[place - 1] if place else None
    if before is not None and before.kind is line.kind and before.lines:
        before.lines += line.lines
        before.box = _box(word for one in before.lines for word in one.words)
    else:
        elements.insert(place, line)


def _top(element: Element) -> float:
    return element.box.y0 if element.box is not None else 0.0


def _own(region: _Region, taken: set[int]) -> Element | None:
    """The region's own words as an element; None where tables and fields have all."""
    lines = [Line(left) for line in region.lines if (left := _left(line, taken))]
    items = [own for item in region.items if (own := _own(item, taken)) is not None]
    figure = region.kind is ElementKind.FIGURE
    if not lines and not items and not figure:
        return None
    element = Element(region.kind, lines, box_of(region.block))
    element.confidence = confidence_of(region.block)
    if region.kind is ElementKind.TITLE:
        element.level = 1
    elif region.kind is ElementKind.SECTION_HEADER:
        element.level = 2
    elif region.kind in _HOLDERS:
        element.kind = ElementKind.TEXT
    for item in items:
        item.kind, item.level = ElementKind.TEXT, 1
    element.children = items
    return element


def _left(words: Iterable[Word], taken: set[int]) -> list[Word]:
    """The words that are nowhere yet; now they are."""
    left = [word for word in words if id(word) not in taken and word.text]
    taken.update(id(word) for word in left)
    return left


def _grouped(parts: Iterable[Part]) -> list[Element]:
    """Elements from top to bottom; fields that follow each other become one."""
    elements: list[Element] = []
    for part in sorted(parts, key=lambda part: _place(_box(part.words) or part.element.box)):
        element = part.element
        if elements and element.kind is ElementKind.KEY_VALUE is elements[-1].kind:
            elements[-1].key_values += element.key_values
            continue
        elements.append(element)
    return [_with_box(element) for element in elements]


def _insert(elements: list[Element], element: Element) -> None:
    """Puts an element where it stands on the page: before the first that is below it."""
    box = element.box
    if box is None:
        elements.append(element)
        return
    middle = (box.y0 + box.y1) / 2
    for place, other in enumerate(elements):
        if other.box is not None and other.box.y0 > middle and _share_width(box, other.box):
            elements.insert(place, element)
            return
    elements.append(element)


def _share_width(a: Box, b: Box) -> bool:
    return min(a.x1, b.x1) > max(a.x0, b.x0)


def _place(box: Box | None) -> tuple[float, float]:
    """For sorting: lines of a height from left to right."""
    return (round((box.y0 + box.y1) / 2, 2), box.x0) if box else (0.0, 0.0)


def _box(words: Iterable[Word]) -> Box | None:
    return Box.around_any(word.box for word in words)


def _with_box(element: Element) -> Element:
    if element.box is None:
        element.box = _box(word for line in element.iter_lines() for word in line.words)
    return element
