"""All tables of a response, as amazon-textract-prettyprinter writes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ragkit.textract._after import Extras
from ragkit.textract._blocks import Block, ReadOptions, ResponseBlocks, Source, text_of
from ragkit.textract._formats import check_table_format, csv_lines, write_table
from ragkit.textract._grids import place_of

__all__ = ["get_tables_string"]


def get_tables_string(
    textract_json: Source,
    table_format: Any = "github",
    with_confidence: bool = False,  # noqa: FBT001, FBT002  # the pretty-printer's signature
    with_geo: bool = False,  # noqa: FBT001, FBT002
    trim: bool = False,  # noqa: FBT001, FBT002
    *,
    allow_missing: bool = False,
) -> str:
    r"""All tables of a response, page by page, each with an empty line after it.

    As amazon-textract-prettyprinter 0.1.10 writes them: header rows are rows like the others,
    merged cells are cells, and boxes to tick are written "SELECTED, " or "NOT_SELECTED, ".
    Numbers are as they were read.

    Args:
        textract_json: A response; its parts, in any order; or a JSON file of either, also
            gzipped: its path, its address in S3, its bytes, or the folder of a job's parts.
        table_format: As in `get_text_from_layout_json`; members of the pretty-printer's enum
            will do.
        with_confidence: Write the service's confidence after each text: ``(99.1)``.
        with_geo: Write the box after each text.
        trim: Without the blank that otherwise ends each text.
        allow_missing: Whether the rest is read where a part of a job's result is missing. By
            default that is an error, since words would be lost.

    Raises:
        InvalidInputError: If an argument can't work.
        LoadError: If it can't be read, is no response, or a part of one is missing.
        MissingExtraError: If the format needs tabulate, and it is not installed.

    Example:
        >>> table = {"BlockType": "TABLE", "Id": "t", "Relationships": [
        ...     {"Type": "CHILD", "Ids": ["c"]}]}
        >>> cell = {"BlockType": "CELL", "Id": "c", "RowIndex": 1, "ColumnIndex": 1,
        ...     "Relationships": [{"Type": "CHILD", "Ids": ["w"]}]}
        >>> word = {"BlockType": "WORD", "Id": "w", "Text": "27.00"}
        >>> get_tables_string({"Blocks": [table, cell, word]}, table_format="csv", trim=True)
        '27.00\r\n\r\n'
    """
    name = check_table_format(table_format)
    extras = Extras(with_confidence, with_geo, trim)
    blocks = ResponseBlocks(textract_json, ReadOptions(allow_missing))
    texts = []
    for page in blocks.pages:
        for table in page.of_type("TABLE"):
            rows = list(_rows(blocks, table, extras))
            if name == "csv":
                texts.append(csv_lines([*rows, []]))
            elif rows:
                texts.append(write_table(None, _padded(rows), name) + "\n\n")
    return "".join(texts)


def _rows(blocks: ResponseBlocks, table: Block, extras: Extras) -> Iterator[list[str]]:
    rows: dict[int, list[tuple[int, Block]]] = {}
    for cell in blocks.related(table):
        place = place_of(cell)
        if place is not None:
            rows.setdefault(place[0], []).append((place[1], cell))
    for _, cells in sorted(rows.items()):
        ordered = sorted(cells, key=lambda pair: pair[0])
        yield [extras.after(_text(blocks, cell), cell) for _, cell in ordered]


def _text(blocks: ResponseBlocks, cell: Block) -> str:
    text = ""
    for one in blocks.related(cell):
        if one["BlockType"] == "WORD":
            text += text_of(one) + " "
        elif one["BlockType"] == "SELECTION_ELEMENT":
            text += f"{one.get('SelectionStatus', 'NOT_SELECTED')}, "
    return text


def _padded(rows: list[list[str]]) -> list[list[str]]:
    """Rows of one length."""
    width = max(map(len, rows))
    return [row + [""] * (width - len(row)) for row in rows]
