"""The blocks of a response by page, read for what the pretty-printer's functions need."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ragkit._checks import check_flag
from ragkit._warning import warn
from ragkit.errors import CorruptFileError, InvalidInputError
from ragkit.loading._files import MAX_BYTES
from ragkit.loading._response_json import read_plain
from ragkit.loading._response_part import Source
from ragkit.loading._response_reader import Reader
from ragkit.loading._responses import Part, check_whole

__all__ = [
    "Block",
    "PageBlocks",
    "ReadOptions",
    "ResponseBlocks",
    "Source",
    "box_of",
    "entities_of",
    "id_of",
    "text_of",
]

Block = Mapping[str, Any]

_NAME = "textract_json"


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How a response is read.

    Attributes:
        allow_missing: Whether the rest is read where a part of a job's result is missing.
        session: Of boto3, for addresses in S3.
        endpoint_url: Of S3, where it is not the region's.
    """

    allow_missing: bool = False
    session: Any = None
    endpoint_url: str | None = None

    def connection(self) -> dict[str, Any]:
        """What is given of how S3 is reached."""
        given = {"session": self.session, "endpoint_url": self.endpoint_url}
        return {name: value for name, value in given.items() if value is not None}


@dataclass(slots=True)
class PageBlocks:
    """What stands on one page, in the service's order.

    Attributes:
        number: From 1.
        id: Of its PAGE block; empty where there is none.
        blocks: Of it, without those that only other blocks lead to, such as cells.
    """

    number: int
    id: str = ""
    blocks: list[Block] = field(default_factory=list)

    def of_type(self, *types: str) -> list[Block]:
        """Its blocks of these types."""
        return [block for block in self.blocks if block["BlockType"] in types]

    def layouts(self) -> list[Block]:
        """Its blocks of the LAYOUT feature."""
        return [block for block in self.blocks if block["BlockType"].startswith("LAYOUT_")]


class ResponseBlocks:
    """All blocks of a response, found by their ids.

    Nothing in a response is relied upon: ids that no block has, relations that are null and
    pages that are not numbered are passed over or filled in.

    Args:
        source: See `Source`.
        options: How it is read.

    Attributes:
        pages: By their numbers.

    Raises:
        InvalidInputError: If `source` is none of these.
        LoadError: If a file can't be read.
        CorruptFileError: If it is no response, or a part of one is missing.

    Warns:
        PartialResultWarning: If the service could not analyse all of it, or a part is missing.
    """

    def __init__(self, source: Source, options: ReadOptions = ReadOptions()) -> None:
        self._by_id: dict[str, Block] = {}
        every: list[Block] = []
        for part in _read(source, options):
            for block in part.content["Blocks"]:
                every.append(block)
                self._by_id.setdefault(id_of(block), block)
        self.pages = self._by_page(every)

    def related(self, block: Block, kind: str = "CHILD") -> Iterator[Block]:
        """The blocks that a relation of this kind leads to, in its order."""
        for one in _related_ids(block, kind):
            if one in self._by_id:
                yield self._by_id[one]

    def word_ids(self, block: Block) -> set[str]:
        """The ids of the words of a line, a cell, a table or an element."""
        found, stack, seen = set(), [block], set()
        while stack:
            one = stack.pop()
            if id_of(one) in seen:
                continue
            seen.add(id_of(one))
            if one["BlockType"] == "WORD":
                found.add(id_of(one))
            stack += self.related(one)
        return found

    def _by_page(self, every: Sequence[Block]) -> list[PageBlocks]:
        """Pages with their blocks: first as the PAGE block lists them, then the others."""
        numbers = _page_numbers([block for block in every if block["BlockType"] == "PAGE"])
        pages = {
            number: PageBlocks(number, page, list(self.related(self._by_id[page])))
            for page, number in numbers.items()
        }
        for block in self._left_over(every, pages.values()):
            number = _whole(block.get("Page")) or 1
            pages.setdefault(number, PageBlocks(number)).blocks.append(block)
        return [pages[number] for number in sorted(pages)]

    def _left_over(self, every: Sequence[Block], pages: Iterable[PageBlocks]) -> Iterator[Block]:
        """Blocks that stand on a page and that no PAGE block lists."""
        placed = {id_of(block) for page in pages for block in page.blocks}
        inner = {one for block in every for one in _related_ids(block, None)}
        for block in every:
            if id_of(block) in placed or block["BlockType"] == "PAGE":
                continue
            if _is_layout_or_line(block) or id_of(block) not in inner:
                yield block


def box_of(block: Block) -> tuple[float, float, float, float] | None:
    """Left, top, right and bottom, as fractions of the page; None where it has none."""
    geometry = block.get("Geometry")
    box = geometry.get("BoundingBox") if isinstance(geometry, Mapping) else None
    try:
        left, top = float(box["Left"]), float(box["Top"])  # type: ignore[index]
        return left, top, left + float(box["Width"]), top + float(box["Height"])  # type: ignore[index]
    except (KeyError, TypeError, ValueError):
        return None


def entities_of(block: Block) -> Sequence[Any]:
    """What it is besides its type, such as "KEY" or "COLUMN_HEADER"."""
    return _listed(block.get("EntityTypes"))


def text_of(block: Block) -> str:
    """Its text; empty where it has none."""
    return str(block.get("Text") or "")


def _is_layout_or_line(block: Block) -> bool:
    return str(block["BlockType"]).startswith(("LINE", "LAYOUT_"))


def id_of(block: Block) -> str:
    """Its id, or one that no other has."""
    return str(block.get("Id") or id(block))


def _related_ids(block: Block, kind: str | None) -> Iterator[str]:
    for relation in _listed(block.get("Relationships")):
        if isinstance(relation, Mapping) and kind in (None, relation.get("Type")):
            yield from dict.fromkeys(map(str, _listed(relation.get("Ids"))))


def _listed(value: object) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def _whole(value: object) -> int:
    """A page's number; 0 for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _page_numbers(pages: Sequence[Block]) -> dict[str, int]:
    """Numbers of pages by their ids: the service's, or where two would share one, their place.

    Responses for single pages have no number, or all have the number 1.
    """
    given = [_whole(page.get("Page")) for page in pages]
    usable = all(given) and len(set(given)) == len(given)
    return {id_of(page): given[i] if usable else i + 1 for i, page in enumerate(pages)}


def _read(source: Source, options: ReadOptions) -> list[Part]:
    """All parts, of one document.

    Raises:
        InvalidInputError: If `source` is no response, nor parts of one, nor a path.
        LoadError: If it can't be read, or a part is missing.
    """
    if isinstance(source, bytearray | memoryview):
        source = bytes(source)
    known = isinstance(source, Mapping | list | tuple | str | os.PathLike | bytes)
    if not known or (isinstance(source, list | tuple) and not source):
        raise InvalidInputError(
            f"{_NAME} is {str(source)[:100]!r}; it has to be a response of Amazon Textract, a list "
            "of its parts, or where either is: a path, an address in S3, or bytes."
        )
    allow_missing = check_flag(options.allow_missing, "allow_missing")
    name = os.fspath(source) if isinstance(source, str | os.PathLike) else _NAME
    reader = Reader(options.connection(), MAX_BYTES, decode=read_plain, analyses=False)
    try:
        parts = reader.parts(source, name)
    finally:
        reader.close()
    for part in parts:
        _check_blocks(part)
    for found in check_whole(parts, name, allow_missing=allow_missing):
        warn(found)
    return parts


def _check_blocks(part: Part) -> None:
    for block in part.content["Blocks"]:
        if not isinstance(block, Mapping) or not isinstance(block.get("BlockType"), str):
            raise CorruptFileError(
                f"{part.name!r} has a block that is none: {str(block)[:100]!r}. Is it a response "
                "of Amazon Textract?"
            )
