"""TABLE blocks as a header and rows of text."""

from __future__ import annotations

from dataclasses import dataclass, field

from ragkit.textract._blocks import Block, ResponseBlocks, entities_of, id_of, text_of

__all__ = ["Grid", "place_of", "read_grid"]

_MOST_CELLS = 1_000_000
"""Of a grid; a response that names more has a damaged index of a row or column."""

_Place = tuple[int, int]


@dataclass(slots=True)
class Grid:
    """A table's texts.

    Attributes:
        header: One text a column; all empty where the table has no header.
        rows: The others, as long as the header.
        words: Ids of the words in it.
    """

    header: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    words: set[str] = field(default_factory=set)


def read_grid(blocks: ResponseBlocks, table: Block, taken: set[str]) -> Grid | None:
    """The table's texts, each word once.

    Rows and columns end with the last cell that has something in it. Column headers are one row
    where that hides nothing: then the rows begin with the second, as in the pretty-printer.
    Otherwise the first row is the header, and all others are rows.

    Args:
        blocks: Of the response.
        table: Its TABLE block.
        taken: Ids of words that stand elsewhere already; those of this table are added.

    Returns:
        None if there is nothing in it.
    """
    texts: dict[_Place, str] = {}
    heads: set[_Place] = set()
    words: set[str] = set()
    for cell in blocks.related(table):
        place = place_of(cell)
        inside = list(blocks.related(cell)) if place else []
        if not inside or place is None:
            continue
        keys = {id_of(one) for one in inside} - taken - words
        fresh = [one for one in inside if id_of(one) in keys]
        words |= blocks.word_ids(cell)
        text = " ".join(filter(None, map(text_of, fresh)))
        texts[place] = f"{texts[place]} {text}".strip() if place in texts else text
        if "COLUMN_HEADER" in entities_of(cell):
            heads.add(place)
    size = (max((r for r, _ in texts), default=0), max((c for _, c in texts), default=0))
    if not 0 < size[0] * size[1] <= _MOST_CELLS:
        return None
    taken |= words
    header, first = _header(texts, heads)
    body = [
        [texts.get((row, column), "") for column in range(1, size[1] + 1)]
        for row in range(first, size[0] + 1)
    ]
    return Grid([header.get(column, "") for column in range(1, size[1] + 1)], body, words)


def place_of(cell: Block) -> _Place | None:
    """Row and column of a CELL, from 1; None for any other block, and where one is missing."""
    row, column = cell.get("RowIndex"), cell.get("ColumnIndex")
    if cell["BlockType"] != "CELL" or not isinstance(row, int) or not isinstance(column, int):
        return None
    return (row, column) if row > 0 and column > 0 else None


def _header(texts: dict[_Place, str], heads: set[_Place]) -> tuple[dict[int, str], int]:
    """Header texts by column, and the number of the first row after them.

    Header cells below the first row are taken out of `texts` where they become the header.
    """
    if not heads:
        return {}, 1
    lifted = {place: text for place, text in texts.items() if place[0] == 1 or place in heads}
    columns = [column for (_, column), text in lifted.items() if text]
    if len(columns) > len(set(columns)):  # two texts for one column
        return {column: text for (row, column), text in texts.items() if row == 1}, 2
    for place in lifted:
        del texts[place]
    return {column: text for (_, column), text in lifted.items() if text}, 2
