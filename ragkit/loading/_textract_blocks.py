"""The blocks of a Textract response: typed, checked, and found by their ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from ragkit.errors import CorruptFileError
from ragkit.provenance import Box, Point

__all__ = ["Block", "Blocks", "Raw", "relations_of"]


class _Corner(msgspec.Struct, gc=False, rename="pascal"):
    x: float
    y: float


class _Rectangle(msgspec.Struct, gc=False, rename="pascal"):
    left: float
    top: float
    width: float
    height: float


class _Geometry(msgspec.Struct, gc=False, rename="pascal"):
    bounding_box: _Rectangle
    polygon: list[_Corner] | None = None


class _Relation(msgspec.Struct, gc=False, rename="pascal"):
    type: str
    ids: list[str] | None = None


class _Question(msgspec.Struct, gc=False, rename="pascal"):
    text: str
    alias: str | None = None


class Block(msgspec.Struct, gc=False, rename="pascal"):
    """What ragkit reads of a block; names and units are the service's."""

    block_type: str
    id: str
    text: str | None = None
    text_type: str | None = None
    confidence: float | None = None
    geometry: _Geometry | None = None
    relationships: list[_Relation] | None = None
    entity_types: list[str] | None = None
    row_index: int | None = None
    column_index: int | None = None
    row_span: int | None = None
    column_span: int | None = None
    page: int | None = None
    selection_status: str | None = None
    query: _Question | None = None

    @property
    def box(self) -> Box | None:
        """Its box; None where the response has none."""
        if self.geometry is None:
            return None
        found = self.geometry.bounding_box
        left, top = found.left, found.top
        return Box(left, top, left + found.width, top + found.height)

    @property
    def polygon(self) -> tuple[Point, ...] | None:
        """Its outline, as the service gives it; None where it gives none."""
        if self.geometry is None or not self.geometry.polygon:
            return None
        return tuple([Point(corner.x, corner.y) for corner in self.geometry.polygon])

    @property
    def certainty(self) -> float:
        """Its confidence, 0 to 1; 1 where the service gives none."""
        return 1.0 if self.confidence is None else self.confidence / 100

    def has_entity(self, *names: str) -> bool:
        """Whether the service says that it is one of these besides its type."""
        return any(name in names for name in self.entity_types or ())

    def ids(self, *relations: str) -> Iterator[str]:
        """Where its relations of these kinds lead to, in their order."""
        for relation in self.relationships or ():
            if relation.type in relations:
                yield from relation.ids or ()


Raw = Block | Mapping[str, Any]
"""A block, or the dictionary that becomes one when its page is made."""


def relations_of(block: Raw) -> Iterator[list[str]]:
    """The ids of each relation of a block."""
    if isinstance(block, Block):
        for relation in block.relationships or ():
            yield relation.ids or []
        return
    relations = block.get("Relationships")
    for found in relations if isinstance(relations, list | tuple) else ():
        ids = found.get("Ids") if isinstance(found, Mapping) else None
        if isinstance(ids, list | tuple):
            yield [str(one) for one in ids]


class Blocks:
    """All blocks of one document; relations may lead over the parts in which it came.

    Ids that a relation names and no block has are passed over: the service leaves some out.
    Dictionaries are read where they stand; each becomes a `Block` only while its page is made.

    Args:
        blocks: Of all parts of one document, in any order.
        source: Where they came from, for errors.

    Raises:
        CorruptFileError: If something is no block.
    """

    def __init__(self, blocks: Iterable[Raw], source: str) -> None:
        self._source = source
        self._by_id: dict[str, Raw] = {}
        self._pages: list[Raw] = []
        self._made: dict[str, Block] = {}
        for block in blocks:
            kind, key = _type_and_id(block, source)
            self._by_id[key] = block
            if kind == "PAGE":
                self._pages.append(block)

    def pages(self) -> Iterator[Block]:
        """PAGE blocks, in the order of their numbers."""
        pages = [self._block(page) for page in self._pages]
        for page in sorted(pages, key=lambda block: block.page or 1):
            self._made.clear()
            yield page

    def related(self, block: Block, *relations: str) -> list[Block]:
        """The blocks that relations of these kinds lead to, in their order."""
        found = []
        for key in block.ids(*relations):
            made = self._made.get(key)
            if made is None:
                raw = self._by_id.get(key)
                if raw is None:
                    continue
                made = self._made[key] = self._block(raw)
            found.append(made)
        return found

    def children(self, block: Block) -> list[Block]:
        """Its children."""
        return self.related(block, "CHILD")

    def _block(self, raw: Raw) -> Block:
        if isinstance(raw, Block):
            return raw
        try:
            return msgspec.convert(raw, Block)
        except msgspec.ValidationError as error:
            raise CorruptFileError(
                f"{self._source} has a block that is none: {str(raw)[:100]!r}: {error}. Is it a "
                "response of Amazon Textract?"
            ) from error


def _type_and_id(block: Raw, source: str) -> Sequence[str]:
    if isinstance(block, Block):
        return block.block_type, block.id
    kind, key = (
        (block.get("BlockType"), block.get("Id")) if isinstance(block, Mapping) else (None, None)
    )
    if not isinstance(kind, str) or not isinstance(key, str):
        raise CorruptFileError(
            f"{source} has a block that is none: {str(block)[:100]!r}. Is it a response of Amazon "
            "Textract?"
        )
    return kind, key
