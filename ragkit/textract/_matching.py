"""Which TABLE block a LAYOUT_TABLE is; the service gives no relation between the two."""

from __future__ import annotations

from collections.abc import Iterable

from ragkit.textract._blocks import Block, PageBlocks, ResponseBlocks, box_of

__all__ = ["tables_by_element"]

_TOLERANCE = 0.1
"""Of the page's size, by which place and size may differ; the pretty-printer's."""


def tables_by_element(blocks: ResponseBlocks, page: PageBlocks) -> list[tuple[Block, Block]]:
    """Each LAYOUT_TABLE of a page with its TABLE, where there is one, in the elements' order.

    They lie in the same place and share words. Where that is so for several, those that share
    most belong together. No table belongs to two elements.
    """
    elements = page.of_type("LAYOUT_TABLE")
    tables = page.of_type("TABLE")
    words = [blocks.word_ids(table) for table in tables]
    pairs = []
    for number, element in enumerate(elements):
        own = blocks.word_ids(element)
        for place, table in enumerate(tables):
            shared = len(own & words[place])
            if _may_be(element, table, shared, own):
                pairs.append((-shared, number, place))
    taken = _first_of_each(sorted(pairs))
    return [(elements[number], tables[taken[number]]) for number in sorted(taken)]


def _may_be(element: Block, table: Block, shared: int, own: set[str]) -> bool:
    boxes = box_of(element), box_of(table)
    if boxes[0] is None or boxes[1] is None:
        return bool(own) and shared * 2 >= len(own)
    return (shared > 0 or not own) and _is_near(*_sized(boxes[0], boxes[1]))


def _sized(*boxes: tuple[float, float, float, float]) -> list[tuple[float, ...]]:
    """Left, top, width and height of each."""
    return [(left, top, right - left, bottom - top) for left, top, right, bottom in boxes]


def _is_near(one: Iterable[float], other: Iterable[float]) -> bool:
    return all(abs(a - b) <= _TOLERANCE for a, b in zip(one, other, strict=True))


def _first_of_each(pairs: Iterable[tuple[int, int, int]]) -> dict[int, int]:
    """The table of each element, where the best pairs come first."""
    found: dict[int, int] = {}
    for _, number, place in pairs:
        if number not in found and place not in found.values():
            found[number] = place
    return found
