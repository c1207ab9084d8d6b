"""The blocks of a Textract response, found by their ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ragkit.errors import CorruptFileError
from ragkit.layout.model import Word
from ragkit.provenance import Box

__all__ = ["Block", "Blocks", "box_of", "confidence_of", "entities"]

Block = Mapping[str, Any]

_SELECTED = {True: "[X]", False: "[ ]"}
"""What a box to tick is written as; Textractor's defaults."""


class Blocks:
    """All blocks of one document; relations may lead over the parts in which it came.

    Ids that a relation names and no block has are passed over: the service leaves some out.

    Args:
        responses: Parts of one document, in any order.
        source: Where they came from, for errors.

    Raises:
        CorruptFileError: If something is no block.
    """

    def __init__(self, responses: Iterable[Block], source: str) -> None:
        self._by_id: dict[str, Block] = {}
        self._words: dict[str, Word] = {}
        self._all: list[Block] = []
        for response in responses:
            for block in response.get("Blocks") or ():
                if not isinstance(block, Mapping) or not isinstance(block.get("BlockType"), str):
                    raise CorruptFileError(
                        f"{source} has a block that is none: {str(block)[:100]!r}. Is it a "
                        "response of Amazon Textract?"
                    )
                self._all.append(block)
                self._by_id[str(block.get("Id"))] = block

    def __iter__(self) -> Iterator[Block]:
        return iter(self._all)

    def pages(self) -> list[Block]:
        """PAGE blocks, in the order of their numbers."""
        found = [block for block in self._all if block["BlockType"] == "PAGE"]
        return sorted(found, key=lambda block: int(block.get("Page") or 1))

    def related(self, block: Block, *kinds: str) -> list[Block]:
        """The blocks that a relation of one of these kinds leads to, in its order."""
        found = []
        for relation in block.get("Relationships") or ():
            if relation.get("Type") in kinds:
                ids = map(str, relation.get("Ids") or ())
                found += [self._by_id[one] for one in ids if one in self._by_id]
        return found

    def children(self, block: Block, *types: str) -> list[Block]:
        """Its children, those of these types where some are named."""
        found = self.related(block, "CHILD")
        return [one for one in found if not types or one["BlockType"] in types]

    def words(self, block: Block) -> list[Word]:
        """The words that it has as children, and boxes to tick; always the same objects."""
        found = self.children(block, "WORD", "SELECTION_ELEMENT")
        return [self._word(one) for one in found]

    def _word(self, block: Block) -> Word:
        key = str(block.get("Id"))
        word = self._words.get(key)
        if word is None:
            word = self._words[key] = _as_word(block)
        return word


def _as_word(block: Block) -> Word:
    confidence = confidence_of(block)
    if block["BlockType"] == "SELECTION_ELEMENT":
        selected = block.get("SelectionStatus") == "SELECTED"
        return Word(_SELECTED[selected], box_of(block), confidence=confidence, selected=selected)
    written = block.get("TextType") == "HANDWRITING"
    text = str(block.get("Text") or "")
    return Word(text, box_of(block), confidence=confidence, handwritten=written)


def box_of(block: Block) -> Box | None:
    """Its box; None where the response has none."""
    found = (block.get("Geometry") or {}).get("BoundingBox")
    if not found:
        return None
    left, top = float(found["Left"]), float(found["Top"])
    return Box(left, top, left + float(found["Width"]), top + float(found["Height"]))


def confidence_of(block: Block) -> float:
    """0 to 1; 1 where the service gives none."""
    value = block.get("Confidence")
    return 1.0 if value is None else float(value) / 100


def entities(block: Block) -> Sequence[str]:
    """What the service says that it is besides its type."""
    return tuple(block.get("EntityTypes") or ())
