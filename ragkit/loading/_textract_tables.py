"""Tables of a Textract response."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ragkit.layout.cells import CellKind, TableKind
from ragkit.layout.grouping import rows_of
from ragkit.layout.model import Cell, KeyValue, Line, Table, Word
from ragkit.loading._textract_blocks import Block, Blocks
from ragkit.loading._textract_fields import Field
from ragkit.loading._textract_regions import Part, ids_of
from ragkit.loading._textract_words import PageWords
from ragkit.provenance import Box

__all__ = ["TableReader"]

_MOST_PLACES = 1_000
"""Places of a grid for each cell that it has; those with more come from damaged numbers."""
_CELL_KINDS: dict[str, CellKind] = {
    "TABLE_SECTION_TITLE": "section",
    "TABLE_SUMMARY": "summary",
    "TABLE_TITLE": "title",
    "TABLE_FOOTER": "footer",
}
_TABLE_KINDS: dict[str, TableKind] = {
    "STRUCTURED_TABLE": "structured",
    "SEMI_STRUCTURED_TABLE": "semi-structured",
}


class TableReader:
    """Reads the tables of one page; a word that several have is in the first.

    Attributes:
        words_in_cells: Ids of the word objects that are in some cell.
        fields_in_cells: Fields that stand in one cell, or whose words all are in cells.

    Args:
        blocks: Of the document.
        words: Of the page.
        fields: Of the page.
    """

    def __init__(self, blocks: Blocks, words: PageWords, fields: Sequence[Field]) -> None:
        self._blocks, self._words = blocks, words
        self._field_of = {id(f.box_to_tick): f for f in fields if f.box_to_tick is not None}
        self.words_in_cells: set[int] = set()
        self.fields_in_cells: set[Field] = set()

    def read(self, tables: Iterable[Block]) -> list[Part]:
        """The tables, each with all its cells, also the empty ones."""
        return [self._table(block) for block in tables]

    def _table(self, block: Block) -> Part:
        cells = _in_proportion(self._cells(block))
        words = [word for cell in cells for line in cell.lines for word in line.words]
        table = Table(cells, title=self._around(block, "TABLE_TITLE"), id=block.id)
        table.footers = self._around(block, "TABLE_FOOTER")
        kinds = (_TABLE_KINDS.get(name) for name in block.entity_types or ())
        table.kind = next((kind for kind in kinds if kind), None)
        return Part(table, words, block.box)

    def _around(self, block: Block, relation: str) -> list[Line]:
        """Title or footers, a line each."""
        found = (self._words.of(one) for one in self._blocks.related(block, relation))
        return [Line(words) for words in found if words]

    def _cells(self, table: Block) -> list[Cell]:
        """The table's cells; those that are merged as one, and one at each place."""
        merged: dict[str, Cell] = {}
        found: dict[tuple[int, int], Cell] = {}
        for block in self._blocks.related(table, "MERGED_CELL"):
            parts = [one for one in self._blocks.children(block) if one.block_type == "CELL"]
            cell = _spanning([_cell(part) for part in parts]) if parts else _cell(block)
            cell = found.setdefault((cell.row, cell.column), cell)
            cell.is_header = cell.is_header or block.has_entity("COLUMN_HEADER")
            cell.polygon = block.polygon
            merged |= {part.id: cell for part in parts}
        contents: dict[int, list[Word | Field]] = {}
        for block in self._blocks.children(table):
            if block.block_type == "CELL":
                own = merged.get(block.id)
                if own is None:
                    own = _cell(block)
                    own = found.setdefault((own.row, own.column), own)
                contents.setdefault(id(own), []).extend(self._contents(block))
        for cell in found.values():
            self._fill(cell, contents.get(id(cell), ()))
        return [found[place] for place in sorted(found)]

    def _contents(self, block: Block) -> list[Word | Field]:
        """Words, fields and boxes to tick of a CELL, each at its first word."""
        free = [w for w in self._words.of(block) if id(w) not in self.words_in_cells]
        words = [word for word in free if word.selected is None]
        self.words_in_cells |= ids_of(words)
        fields, loose = self._fields(words, [word for word in free if word.selected is not None])
        inside = ids_of(word for one in fields for word in one.part.words)
        at = {id(one.printed[0]): one for one in fields}
        own = ids_of(words) | ids_of(loose)
        return [
            at.get(id(word), word)
            for word in free
            if id(word) in at or (id(word) in own and id(word) not in inside)
        ]

    def _fill(self, cell: Cell, contents: Sequence[Word | Field]) -> None:
        """Puts contents into a cell: words of one line of the page as one line.

        They stay in the service's order; boxes to tick have none among words, and so a cell with
        some is read from top to bottom.
        """
        lines = self._words.in_lines(one for one in contents if isinstance(one, Word))
        line_of = {id(line.words[0]): line for line in lines}
        parts = [
            one.part if isinstance(one, Field) else Part.line(line_of[id(one)].words)
            for one in contents
            if isinstance(one, Field) or id(one) in line_of
        ]
        if any(word.selected is not None for line in lines for word in line.words):
            parts = [part for row in rows_of(parts) for part in row]
        for part in parts:
            if isinstance(part.content, KeyValue):
                cell.key_values.append(part.content)
                cell.lines += [*part.content.key, *part.content.value]
            elif isinstance(part.content, Line):
                cell.lines.append(part.content)

    def _fields(self, words: list[Word], ticks: list[Word]) -> tuple[list[Field], list[Word]]:
        """Fields that stand in a cell with those words, and boxes to tick that no field has."""
        known, fields, loose = ids_of(words), [], []
        for tick in ticks:
            one = self._field_of.get(id(tick))
            if one is None:
                loose.append(tick)
                self.words_in_cells.add(id(tick))
            elif one.printed and id(one.printed[0]) in known and one not in self.fields_in_cells:
                fields.append(one)
                self.words_in_cells.add(id(tick))
                self.fields_in_cells.add(one)
        return fields, loose


def _in_proportion(cells: list[Cell]) -> list[Cell]:
    """The cells; where their numbers make a grid that is all gaps, rows and columns close up."""
    rows = max((cell.row + cell.row_span for cell in cells), default=0)
    columns = max((cell.column + cell.column_span for cell in cells), default=0)
    if rows * columns <= _MOST_PLACES * len(cells):
        return cells
    for axis, span in (("row", "row_span"), ("column", "column_span")):
        places = {place: n for n, place in enumerate(sorted({getattr(c, axis) for c in cells}))}
        for cell in cells:
            setattr(cell, axis, places[getattr(cell, axis)])
            setattr(cell, span, min(getattr(cell, span), len(places) - getattr(cell, axis)))
    return cells


def _spanning(cells: list[Cell]) -> Cell:
    """One cell in place of several: the service's own numbers for it may be another row's."""
    row, column = min(c.row for c in cells), min(c.column for c in cells)
    return Cell(
        row,
        column,
        row_span=max(c.row + c.row_span for c in cells) - row,
        column_span=max(c.column + c.column_span for c in cells) - column,
        is_header=any(cell.is_header for cell in cells),
        box=Box.around_any(cell.box for cell in cells),
        kind=cells[0].kind,
        confidence=min(cell.confidence for cell in cells),
    )


def _cell(block: Block) -> Cell:
    kinds = (_CELL_KINDS.get(name) for name in block.entity_types or ())
    return Cell(
        max(1, block.row_index or 1) - 1,
        max(1, block.column_index or 1) - 1,
        row_span=max(1, block.row_span or 1),
        column_span=max(1, block.column_span or 1),
        is_header=block.has_entity("COLUMN_HEADER"),
        box=block.box,
        kind=next((kind for kind in kinds if kind), None),
        confidence=block.certainty,
        polygon=block.polygon,
    )
