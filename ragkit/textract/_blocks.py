"""The blocks of a response by page, read for what the pretty-printer's functions need."""

from __future__ import annotations

import gzip
import json
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ragkit.errors import CorruptFileError, InvalidInputError, LimitExceededError
from ragkit.loading._files import MAX_BYTES, read_file

__all__ = ["Block", "PageBlocks", "ResponseBlocks", "Source", "box_of", "entities_of", "text_of"]

Block = Mapping[str, Any]

Source = Mapping[str, Any] | Sequence[Mapping[str, Any]] | str | os.PathLike[str]
"""A response, the parts of one in any order, or the path of a JSON file of either."""

_GZIP = b"\x1f\x8b"


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

    Attributes:
        pages: By their numbers.

    Raises:
        InvalidInputError: If `source` is none of these.
        LoadError: If a file can't be read.
        CorruptFileError: If it is no response.
    """

    def __init__(self, source: Source) -> None:
        self._by_id: dict[str, Block] = {}
        every: list[Block] = []
        for block in _blocks(source):
            every.append(block)
            self._by_id.setdefault(_id(block), block)
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
            if _id(one) in seen:
                continue
            seen.add(_id(one))
            if one["BlockType"] == "WORD":
                found.add(_id(one))
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
        placed = {_id(block) for page in pages for block in page.blocks}
        inner = {one for block in every for one in _related_ids(block, None)}
        for block in every:
            if _id(block) in placed or block["BlockType"] == "PAGE":
                continue
            if _is_layout_or_line(block) or _id(block) not in inner:
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


def _id(block: Block) -> str:
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
    return {_id(page): given[i] if usable else i + 1 for i, page in enumerate(pages)}


def _blocks(source: Source) -> Iterator[Block]:
    """The blocks of all parts.

    Raises:
        InvalidInputError: If `source` is no response, nor parts of one, nor a path.
        CorruptFileError: If something in it is not what a response has.
    """
    is_path = isinstance(source, str | os.PathLike)
    name = repr(os.fspath(source)) if isinstance(source, str | os.PathLike) else "textract_json"
    found = _read(os.fspath(source)) if isinstance(source, str | os.PathLike) else source
    parts = [found] if isinstance(found, Mapping) else found
    if not isinstance(parts, list | tuple) or not parts:
        error = CorruptFileError if is_path else InvalidInputError
        raise error(
            f"{name} is {str(found)[:100]!r}; it has to be a response of Amazon Textract, a list "
            "of its parts, or the path of a JSON file of either."
        )
    for part in parts:
        yield from _of_part(part, name)


def _of_part(part: object, name: str) -> Iterable[Block]:
    blocks = part.get("Blocks") if isinstance(part, Mapping) else None
    if not isinstance(blocks, list | tuple):
        raise CorruptFileError(
            f"{name} has no list of Blocks: {str(part)[:100]!r}. Is it a response of Amazon "
            "Textract?"
        )
    for block in blocks:
        if not isinstance(block, Mapping) or not isinstance(block.get("BlockType"), str):
            raise CorruptFileError(
                f"{name} has a block that is none: {str(block)[:100]!r}. Is it a response of "
                "Amazon Textract?"
            )
    return blocks


def _read(path: str) -> Any:
    data = read_file(path)
    try:
        if data.startswith(_GZIP):
            with gzip.open(path) as file:
                data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise LimitExceededError(
                f"{path!r} unpacks to more than {MAX_BYTES:,} bytes. Unpack it, read it with json, "
                "and pass the response if you trust it."
            )
        return json.loads(data)
    except (OSError, EOFError, zlib.error) as error:
        raise CorruptFileError(f"{path!r} can't be unpacked: {error}.") from error
    except (RecursionError, UnicodeError, json.JSONDecodeError) as error:
        raise CorruptFileError(f"{path!r} is no JSON: {error}.") from error
