"""Tables and fields of forms of a Textract response."""

from __future__ import annotations

from dataclasses import dataclass

from ragkit.layout.model import Cell, Element, ElementKind, KeyValue, Line, Table, Word
from ragkit.loading._textract_blocks import Block, Blocks, box_of, confidence_of, entities
from ragkit.provenance import Box

__all__ = ["Part", "field_parts", "table_parts"]

_TITLES = ("TABLE_TITLE", "TITLE")
_FOOTERS = ("TABLE_FOOTER", "FOOTER")


@dataclass(slots=True)
class Part:
    """A table or a field, before it has its place among the page's elements.

    Attributes:
        element: As it will be.
        words: All its words, each in no other part.
    """

    element: Element
    words: list[Word]


def table_parts(blocks: Blocks, tables: list[Block], taken: set[int]) -> list[Part]:
    """The tables; a word that several have is in the first.

    Args:
        blocks: Of the document.
        tables: TABLE blocks of the page.
        taken: Ids of the word objects that are in a part already; added to.
    """
    found = []
    for block in tables:
        cells = _cells(blocks, block, taken)
        words = [word for cell in cells for line in cell.lines for word in line.words]
        if not words:
            continue
        table = Table(cells)
        element = Element(ElementKind.TABLE, table=table, box=box_of(block))
        element.confidence = confidence_of(block)
        found.append(Part(element, words))
    return found


def _cells(blocks: Blocks, table: Block, taken: set[int]) -> list[Cell]:
    """The table's cells; those that are merged as one, and one at each place."""
    merged: dict[int, Cell] = {}
    found: dict[tuple[int, int], Cell] = {}
    for block in blocks.related(table, "MERGED_CELL"):
        parts = blocks.children(block, "CELL")
        cell = _around([_cell(part) for part in parts]) if parts else _cell(block)
        cell = found.setdefault((cell.row, cell.column), cell)
        cell.is_header = cell.is_header or _is_header(block)
        merged |= {id(part): cell for part in parts}
    for block in blocks.children(table, "CELL"):
        words = _free(blocks.words(block), taken)
        own = merged.get(id(block))
        if own is None:
            own = _cell(block)
            own = found.setdefault((own.row, own.column), own)
        if words:
            own.lines.append(Line(words))
    return [found[place] for place in sorted(found)]


def _around(cells: list[Cell]) -> Cell:
    """One cell in place of several: the service's own numbers for it may be another row's."""
    row, column = min(c.row for c in cells), min(c.column for c in cells)
    return Cell(
        row,
        column,
        row_span=max(c.row + c.row_span for c in cells) - row,
        column_span=max(c.column + c.column_span for c in cells) - column,
        is_header=any(cell.is_header for cell in cells),
        box=Box.around_any(cell.box for cell in cells),
    )


def _cell(block: Block) -> Cell:
    return Cell(
        int(block.get("RowIndex") or 1) - 1,
        int(block.get("ColumnIndex") or 1) - 1,
        row_span=int(block.get("RowSpan") or 1),
        column_span=int(block.get("ColumnSpan") or 1),
        is_header=_is_header(block),
        box=box_of(block),
    )


def _is_header(block: Block) -> bool:
    return "COLUMN_HEADER" in entities(block)


def _free(words: list[Word], taken: set[int]) -> list[Word]:
    """The words that are in no part yet; now they are."""
    free = [word for word in words if id(word) not in taken]
    taken.update(id(word) for word in free)
    return free


def field_parts(blocks: Blocks, keys: list[Block], taken: set[int]) -> list[Part]:
    """The fields of forms, each with what is written there.

    Args:
        blocks: Of the document.
        keys: Blocks of labels.
        taken: As `table_parts`.
    """
    found = []
    for block in keys:
        label = _free(blocks.words(block), taken)
        values = blocks.related(block, "VALUE")
        value = _free([word for one in values for word in blocks.words(one)], taken)
        if not label and not value:
            continue
        pair = KeyValue(*([Line(words)] if words else [] for words in (label, value)))
        element = Element(ElementKind.KEY_VALUE, key_values=[pair])
        element.confidence = confidence_of(block)
        found.append(Part(element, [*label, *value]))
    return found
