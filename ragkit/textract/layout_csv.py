"""The elements of a response as rows, as in the layout.csv of Amazon Textract's console."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ragkit.textract._blocks import (
    Block,
    PageBlocks,
    ReadOptions,
    ResponseBlocks,
    Source,
    id_of,
    text_of,
)

__all__ = ["get_layout_csv"]


def get_layout_csv(textract_json: Source, *, allow_missing: bool = False) -> list[list[list[str]]]:
    """The elements of each page as rows, ready for `csv.writer`.

    As `get_layout_csv_from_trp2` of amazon-textract-prettyprinter 0.1.10 gives them, from the
    response itself. A row has the page's place from 1; the type with its number in the document,
    and for an item of a list the list's; the text, which figures and lists have none of; the
    place in the reading order, from 0; the type; and the service's confidence, 0 to 100.

    Args:
        textract_json: A response; its parts, in any order; or a JSON file of either, also
            gzipped: its path, its address in S3, its bytes, or the folder of a job's parts.
        allow_missing: Whether the rest is read where a part of a job's result is missing. By
            default that is an error, since words would be lost.

    Raises:
        InvalidInputError: If it is none of these.
        LoadError: If it can't be read, is no response, or a part of one is missing.

    Example:
        >>> title = {"BlockType": "LAYOUT_TITLE", "Id": "t", "Confidence": 99.5,
        ...     "Relationships": [{"Type": "CHILD", "Ids": ["l"]}]}
        >>> line = {"BlockType": "LINE", "Id": "l", "Text": "Annual report"}
        >>> get_layout_csv({"Blocks": [title, line]})
        [[['1', 'LAYOUT_TITLE 1', 'Annual report', '0', 'LAYOUT_TITLE', '99.5']]]
    """
    blocks = ResponseBlocks(textract_json, ReadOptions(allow_missing))
    count: Counter[str] = Counter()
    return [
        list(_page_rows(blocks, page, place, count)) for place, page in enumerate(blocks.pages, 1)
    ]


def _page_rows(
    blocks: ResponseBlocks, page: PageBlocks, place: int, count: Counter[str]
) -> Iterator[list[str]]:
    items: set[str] = set()

    def row(element: Block, order: int, text: str, part_of: str = "") -> list[str]:
        kind = str(element["BlockType"])
        count[kind] += 1
        confidence = element.get("Confidence")
        shown = "" if confidence is None else str(confidence)
        return [str(place), f"{kind} {count[kind]}{part_of}", text, str(order), kind, shown]

    for order, element in enumerate(page.layouts()):
        inside = list(blocks.related(element))
        if element["BlockType"] == "LAYOUT_LIST":
            yield (whole := row(element, order, ""))
            for number, item in enumerate(inside, 1):
                items.add(id_of(item))
                text = _text(blocks, item)
                yield row(item, order + number, text, f" - part of {whole[1]}")
        elif inside and id_of(element) not in items:
            yield row(element, order, _text(blocks, element))


def _text(blocks: ResponseBlocks, element: Block) -> str:
    """Its lines in one; none of a figure's."""
    if element["BlockType"] == "LAYOUT_FIGURE":
        return ""
    return " ".join(filter(None, map(text_of, blocks.related(element)))) or text_of(element)
