"""Pages of a Textract response: its layout in the service's order, tables and fields in place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ragkit.layout.grouping import rows_of
from ragkit.layout.model import ElementKind, Page, Query, QueryAnswer, Signature, Word
from ragkit.loading._textract_blocks import Block, Blocks
from ragkit.loading._textract_elements import elements_of
from ragkit.loading._textract_fields import is_key, read_fields
from ragkit.loading._textract_placing import place_fields, place_signatures, place_tables
from ragkit.loading._textract_regions import Part, Region
from ragkit.loading._textract_tables import TableReader
from ragkit.loading._textract_words import PageWords

__all__ = ["read_pages"]

_LAYOUT = "LAYOUT_"
_DEEPEST = 30
"""Lists in each other that are looked into; the lines of those below stand by themselves."""
_KINDS = {f"{_LAYOUT}{kind.value}": kind for kind in ElementKind}


def read_pages(blocks: Blocks) -> Iterator[Page]:
    """All pages, every word of each once."""
    for number, page, texts in blocks.pages():
        yield _page(blocks, page, number, texts)


def _page(blocks: Blocks, page: Block, number: int, texts: Sequence[Block]) -> Page:
    """One page.

    Args:
        blocks: Of the document.
        page: Its PAGE block.
        number: Its number, from 0.
        texts: Lines and words that are on it, and that the PAGE block does not name.
    """
    children = blocks.children(page)
    by_type: dict[str, list[Block]] = {}
    for block in [*children, *texts]:
        by_type.setdefault(block.block_type, []).append(block)
    words = PageWords(blocks, by_type.get("LINE", ()))
    fields = read_fields(blocks, [block for block in children if is_key(block)], words)
    # Elements share out the words, and cut lines.
    whole = [one for row in rows_of([f.copy() for f in fields]) for one in row]
    tables = TableReader(blocks, words, fields)
    parts = tables.read(by_type.get("TABLE", ()))
    celled = tables.words_in_cells
    done = tables.fields_in_cells
    if parts:
        done |= {f for f in fields if all(id(word) in celled for word in f.printed)}
    regions = place_tables(_regions(blocks, children, words), parts)
    regions = place_fields(regions, fields, done, celled)
    signatures = by_type.get("SIGNATURE", ())
    regions = place_signatures(regions, [_signed(block) for block in signatures])
    loose = words.made(by_type.get("WORD", ()))
    found = Page(number, str(number + 1), elements=elements_of(regions, words, loose))
    found.fields = whole
    words.close()
    found.signatures = [Signature(s.box, s.certainty, s.polygon) for s in signatures]
    found.queries = [_query(blocks, block) for block in by_type.get("QUERY", ()) if block.query]
    return found


def _kind(block: Block) -> ElementKind | None:
    """What a layout block is; None for one that is none."""
    name = block.block_type
    if not name.startswith(_LAYOUT) or block.has_entity("CONTAINER"):
        return None
    if name.startswith(f"{_LAYOUT}FIGURE_"):
        return ElementKind.TEXT  # text in a figure
    return _KINDS.get(name, ElementKind.FIGURE)  # kinds that came after the ten hold pictures


def _regions(blocks: Blocks, children: Sequence[Block], words: PageWords) -> list[Region]:
    """The page's layout blocks in their order; without any, one for each line."""
    found = [block for block in children if _kind(block) is not None]
    inner = {
        item.id
        for block in found
        if _kind(block) is ElementKind.LIST
        for item in blocks.children(block)
    }
    outer = [block for block in found if block.id not in inner]
    regions = [_region(blocks, block, place, words) for place, block in enumerate(outer)]
    if regions:
        return regions
    lines = [(key, Part.line(line)) for key, line in words.by_line.items()]
    return [
        Region(None, line.box, place, [line], id=key) for place, (key, line) in enumerate(lines)
    ]


def _region(
    blocks: Blocks, block: Block, place: int, words: PageWords, above: frozenset[str] = frozenset()
) -> Region:
    """A layout block with its lines and items.

    Args:
        blocks: Of the document.
        block: The block.
        place: In the reading order.
        words: Of the page.
        above: Ids of the lists that it is an item in, which can't be its items.
    """
    above |= {block.id}
    region = Region(_kind(block), block.box, place, block=block, id=block.id)
    for child in blocks.children(block):
        if child.id in words.by_line:
            region.parts.append(Part.line(words.by_line[child.id]))
        elif child.id in above or len(above) > _DEEPEST:
            continue
        elif region.kind is ElementKind.LIST and _kind(child) is not None:
            region.parts.append(_region(blocks, child, place, words, above))
    return region


def _signed(block: Block) -> Part:
    word = Word("[SIGNATURE]", block.box, confidence=block.certainty, signature=True)
    word.polygon = block.polygon
    return Part.line([word])


def _query(blocks: Blocks, block: Block) -> Query:
    assert block.query is not None
    answers = [
        QueryAnswer(one.text or "", one.box, one.certainty, one.polygon)
        for one in blocks.related(block, "ANSWER")
    ]
    answers.sort(key=lambda answer: -answer.confidence)
    return Query(block.query.text, block.query.alias or "", answers)
