"""Regions of a Textract page as elements, in reading order, every word in one of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ragkit.layout.grouping import rows_of
from ragkit.layout.model import Element, ElementKind, KeyValue, Line, Table, Word
from ragkit.loading._textract_regions import NOWHERE, Part, Region
from ragkit.loading._textract_words import PageWords
from ragkit.provenance import Box

__all__ = ["elements_of"]

_MOST_LOOSE = 1_000
"""Lines without an element that are put where they stand; more than these come last."""
_LEVELS = {ElementKind.TITLE: 1, ElementKind.SECTION_HEADER: 2}


def elements_of(
    regions: Sequence[Region], words: PageWords, loose: Iterable[Word]
) -> list[Element]:
    """The page's elements.

    Args:
        regions: With everything that is on the page.
        words: Of the page; those that are in no region get a TEXT of their own.
        loose: Words that may be in no line either.
    """
    taken: set[int] = set()
    ordered = sorted((r for r in regions if r.order != NOWHERE), key=lambda region: region.order)
    elements = [one for region in ordered if (one := _element(region, taken)) is not None]
    for region in sorted((r for r in regions if r.order == NOWHERE), key=_top):
        one = _element(region, taken)
        if one is not None:
            _insert(elements, one)
    lines = [*words.by_line.values(), *([word] for word in loose)]
    left = [line for words_of in lines if (line := _free(words_of, taken))]
    for line in left[:_MOST_LOOSE]:
        _insert(elements, _line_element(line))
    return elements + [_line_element(line) for line in left[_MOST_LOOSE:]]


def _element(region: Region, taken: set[int]) -> Element | None:
    """A region as an element; None where nothing of it is left."""
    element = Element(region.kind or ElementKind.TEXT, box=region.box)
    element.role = "entity" if region.kind is None else None
    element.level = _LEVELS.get(element.kind)
    element.id = region.id
    if region.block is not None:
        element.confidence, element.polygon = region.block.certainty, region.block.polygon
    if region.kind is ElementKind.LIST:
        _fill_list(element, region, taken)
    else:
        parts = [part for part in region.parts if isinstance(part, Part)]
        _fill(element, [part for part in parts if _claim(part, taken)])
    is_empty = not (element.lines or element.children or element.key_values or element.table)
    return None if is_empty and element.kind is not ElementKind.FIGURE else element


def _fill_list(element: Element, region: Region, taken: set[int]) -> None:
    for part in region.parts:
        if isinstance(part, Region):
            item = _element(part, taken)
            if item is not None:
                item.kind, item.level = ElementKind.TEXT, 1
                element.children.append(item)
        elif _claim(part, taken):
            _fill(element, [part])


def _fill(element: Element, parts: Sequence[Part]) -> None:
    """Puts parts into an element: plainly where they are of one sort, else as its children."""
    contents = [part.content for part in parts]
    if all(isinstance(content, Line) for content in contents):
        element.lines += [content for content in contents if isinstance(content, Line)]
    elif element.kind is ElementKind.TABLE and len(contents) == 1:
        (content,) = contents
        element.table = content if isinstance(content, Table) else None
        element.key_values = [content] if isinstance(content, KeyValue) else []
    elif element.kind is ElementKind.KEY_VALUE and all(
        isinstance(content, KeyValue) for content in contents
    ):
        pairs = [part.content for row in rows_of(parts) for part in row]
        element.key_values = [pair for pair in pairs if isinstance(pair, KeyValue)]
    else:
        element.children += _as_children(parts)


def _as_children(parts: Sequence[Part]) -> list[Element]:
    """Lines, fields and tables as they follow each other on the page."""
    children: list[Element] = []
    tables = [part for part in parts if isinstance(part.content, Table)]
    for part in (part for row in rows_of(parts, alone=tables) for part in row):
        before = children[-1] if children else None
        content = part.content
        if isinstance(content, Table):
            children.append(Element(ElementKind.TABLE, table=content, box=part.box))
        elif isinstance(content, KeyValue):
            if before is None or before.kind is not ElementKind.KEY_VALUE:
                before = Element(ElementKind.KEY_VALUE)
                children.append(before)
            before.key_values.append(content)
            before.box = Box.around_any([before.box, part.box])
        else:
            if before is None or before.kind is not ElementKind.TEXT:
                before = Element(ElementKind.TEXT)
                children.append(before)
            before.lines.append(content)
            before.box = Box.around_any([before.box, part.box])
    return children


def _claim(part: Part, taken: set[int]) -> bool:
    """Takes the words that are nowhere yet for a part; whether it has any, or is a table."""
    content = part.content
    if isinstance(content, Table):
        for cell in content.cells:
            cell.lines = [line for line in cell.lines if _keep_free(line, taken)]
        return True
    lines = [content] if isinstance(content, Line) else [*content.key, *content.value]
    kept = [line for line in lines if _keep_free(line, taken)]
    if isinstance(content, KeyValue):
        content.key = [line for line in content.key if line.words]
        content.value = [line for line in content.value if line.words]
    return bool(kept)


def _keep_free(line: Line, taken: set[int]) -> bool:
    line.words = _free(line.words, taken)
    return bool(line.words)


def _free(words: Iterable[Word], taken: set[int]) -> list[Word]:
    """The words that are nowhere yet; now they are."""
    free = []
    for word in words:
        if id(word) not in taken:
            taken.add(id(word))
            free.append(word)
    return free


def _line_element(words: list[Word]) -> Element:
    return Element(
        ElementKind.TEXT,
        [Line(words)],
        Box.around_any(word.box for word in words),
        role="entity",
    )


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


def _top(region: Region) -> tuple[float, float]:
    return (region.box.y0, region.box.x0) if region.box is not None else (0.0, 0.0)
