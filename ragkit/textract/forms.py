"""All fields of a response's forms, as amazon-textract-prettyprinter writes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ragkit.textract._after import Extras
from ragkit.textract._blocks import (
    Block,
    PageBlocks,
    ReadOptions,
    ResponseBlocks,
    Source,
    entities_of,
    text_of,
)
from ragkit.textract._formats import check_table_format, csv_lines, write_table

__all__ = ["get_forms_string"]


def get_forms_string(
    textract_json: Source,
    table_format: Any = "github",
    with_confidence: bool = False,  # noqa: FBT001, FBT002  # the pretty-printer's signature
    with_geo: bool = False,  # noqa: FBT001, FBT002
    trim: bool = False,  # noqa: FBT001, FBT002
    *,
    allow_missing: bool = False,
) -> str:
    r"""Keys and values of the forms on each page, as a table of two columns.

    As amazon-textract-prettyprinter 0.1.10 writes them: a box to tick is "SELECTED" or
    "NOT_SELECTED" where it has no text beside it, and a value whose key has no text is left out.

    Args:
        textract_json: A response; its parts, in any order; or a JSON file of either, also
            gzipped: its path, its address in S3, its bytes, or the folder of a job's parts.
        table_format: As in `get_text_from_layout_json`; members of the pretty-printer's enum
            will do.
        with_confidence: Write the service's confidence after each text: `` (99.1) ``.
        with_geo: Write the box after each text.
        trim: Without blanks around the texts.
        allow_missing: Whether the rest is read where a part of a job's result is missing. By
            default that is an error, since words would be lost.

    Raises:
        InvalidInputError: If an argument can't work.
        LoadError: If it can't be read, is no response, or a part of one is missing.
        MissingExtraError: If the format needs tabulate, and it is not installed.

    Example:
        >>> key = {"BlockType": "KEY_VALUE_SET", "Id": "k", "EntityTypes": ["KEY"],
        ...     "Relationships": [{"Type": "CHILD", "Ids": ["w"]}]}
        >>> word = {"BlockType": "WORD", "Id": "w", "Text": "Name:"}
        >>> get_forms_string({"Blocks": [key, word]}, table_format="csv")
        'Key,Value\r\nName:,\r\n\r\n'
    """
    name = check_table_format(table_format)
    extras = Extras(with_confidence, with_geo, trim)
    blocks = ResponseBlocks(textract_json, ReadOptions(allow_missing))
    pages = [[["Key", "Value"], *_fields(blocks, page, extras)] for page in blocks.pages]
    if name == "csv":
        return csv_lines([*(row for rows in pages for row in rows), []])
    return "".join(write_table(None, rows, name) + "\n\n" for rows in pages)


def _fields(blocks: ResponseBlocks, page: PageBlocks, extras: Extras) -> Iterator[list[str]]:
    for key in page.of_type("KEY_VALUE_SET"):
        has_text = any(True for _ in blocks.related(key))
        if not has_text or "KEY" not in entities_of(key):
            continue
        name = extras.after(_words(blocks, key), key, form=_FORM)
        values = list(blocks.related(key, "VALUE"))
        text = " ".join(filter(None, (_text(blocks, value) for value in values)))
        yield [name, extras.after(text, values[0], form=_FORM) if values else ""]


_FORM = " ({}) "


def _words(blocks: ResponseBlocks, block: Block) -> str:
    return " ".join(text_of(one) for one in blocks.related(block) if one["BlockType"] == "WORD")


def _text(blocks: ResponseBlocks, value: Block) -> str:
    """The words of a value, or else whether its box is ticked."""
    ticks = [
        str(one.get("SelectionStatus", ""))
        for one in blocks.related(value)
        if one["BlockType"] == "SELECTION_ELEMENT"
    ]
    return _words(blocks, value) or (ticks[-1] if ticks else "")
