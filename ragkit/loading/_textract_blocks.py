"""The blocks of a Textract response: typed, checked, and found by their ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from ragkit.errors import CorruptFileError
from ragkit.provenance import Box, Point

__all__ = ["Block", "Blocks", "Raw", "relations_of"]


_TEXTS = ("LINE", "WORD")
_FAR = 100.0
"""Pages away from the page: what stands further off has no place."""


class _Corner(msgspec.Struct, gc=False, rename="pascal"):
    x: float
    y: float


class _Rectangle(msgspec.Struct, gc=False, rename="pascal"):
    left: float
    top: float
    width: float
    height: float


class _Geometry(msgspec.Struct, gc=False, rename="pascal"):
    bounding_box: _Rectangle | None = None
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
        """Its box; None where the response has none, or one that can't be."""
        found = self.geometry.bounding_box if self.geometry is not None else None
        if found is None:
            return None
        left, top = found.left, found.top
        right, bottom = left + found.width, top + found.height
        # One comparison each: NaN and what is far off the page fail them.
        if -_FAR < left <= right < _FAR and -_FAR < top <= bottom < _FAR:
            return Box(left, top, right, bottom)
        return None

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

    Attributes:
        words_read: Ids of WORD blocks that some page has; no other page gets them.

    Args:
        blocks: Of all parts of one document, in any order.
        source: Where they came from, for errors.

    Raises:
        CorruptFileError: If something is no block.
    """

    def __init__(self, blocks: Iterable[Raw], source: str) -> None:
        self._source = source
        self._by_id: dict[str, Raw] = {}
        self._pages: dict[str, Raw] = {}
        self._texts: list[tuple[str, str]] = []
        self._made: dict[str, Block] = {}
        self.words_read: set[str] = set()
        before = ""
        for block in blocks:
            kind, key = _type_and_id(block, source)
            known = self._by_id.setdefault(key, block)
            if known is not block and known != block:
                raise CorruptFileError(
                    f"{source} has two blocks with the id {key!r}. Has it parts of two documents?"
                )
            if kind == "PAGE":
                self._pages.setdefault(key, block)
                before = key
            elif kind in _TEXTS:
                self._texts.append((key, before))

    def pages(self) -> Iterator[tuple[int, Block, list[Block]]]:
        """PAGE blocks in the order of their numbers, and lines and words that are on each.

        Numbers are from 0. Where two pages have the same, or one has none, as answers to single
        requests have it, their places count.
        """
        pages = [self._block(page) for page in self._pages.values()]
        pages.sort(key=lambda block: block.page or 1)
        said = [page.page for page in pages]
        numbered = len({*said}) == len(pages) and all(number and number > 0 for number in said)
        texts = self._texts_by_page(pages, numbered=numbered)
        for place, page in enumerate(pages):
            self._made.clear()
            own = [self._block(self._by_id[key]) for key in texts.get(page.id, ())]
            yield (page.page or 1) - 1 if numbered else place, page, own

    def _texts_by_page(
        self, pages: Sequence[Block], *, numbered: bool
    ) -> dict[str, dict[str, None]]:
        """Ids of LINE and WORD blocks by page: by its number, else by the PAGE before them.

        Only those that no PAGE names are looked up one by one.
        """
        named = {key for page in pages for key in page.ids("CHILD")}
        by_number = {page.page: page.id for page in pages} if numbered else {}
        found: dict[str, dict[str, None]] = {}
        for key, before in self._texts:
            if key not in named:
                raw = self._by_id[key]
                number = raw.page if isinstance(raw, Block) else raw.get("Page")
                page = by_number.get(number) if isinstance(number, int) else None
                page = page or before or (pages[0].id if pages else "")
                found.setdefault(page, {})[key] = None
        return found

    def related(self, block: Block, *relations: str) -> list[Block]:
        """The blocks that relations of these kinds lead to, in their order, each once."""
        found = []
        for key in dict.fromkeys(block.ids(*relations)):
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
