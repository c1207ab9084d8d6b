"""Fields of forms of a Textract response."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ragkit.layout.model import KeyValue, Line, Word
from ragkit.loading._textract_blocks import Block, Blocks
from ragkit.loading._textract_regions import Part
from ragkit.loading._textract_words import PageWords
from ragkit.provenance import Box

__all__ = ["Field", "is_key", "read_fields"]


@dataclass(slots=True, eq=False)
class Field:
    """A field, before it has its place.

    Attributes:
        part: As it will be.
        printed: Words of the label and the value that are text.
        box_to_tick: The value's first, if it has one.
    """

    part: Part
    printed: list[Word]
    box_to_tick: Word | None

    def copy(self) -> KeyValue:
        """The field with lines of its own, of the same words."""
        pair = self.part.content
        assert isinstance(pair, KeyValue)
        key = [Line(list(line.words)) for line in pair.key]
        return replace(pair, key=key, value=[Line(list(line.words)) for line in pair.value])


def is_key(block: Block) -> bool:
    """Whether a block is the label of a field; "KEY" is how old responses say it."""
    return block.block_type == "KEY" or (
        block.block_type == "KEY_VALUE_SET" and block.has_entity("KEY")
    )


def read_fields(blocks: Blocks, keys: list[Block], words: PageWords) -> list[Field]:
    """The fields; labels without a value are none: their words stay in their lines."""
    found = [_field(blocks, key, words) for key in keys]
    return [one for one in found if one is not None]


def _field(blocks: Blocks, key: Block, words: PageWords) -> Field | None:
    values = blocks.related(key, "VALUE")
    if not values:
        return None
    label = [word for word in words.of(key) if word.selected is None]
    inside = [word for value in values for word in words.of(value)]
    ticks = [word for word in inside if word.selected is not None]
    value = ticks or inside
    box = Box.around_any([key.box, *(block.box for block in values)])
    pair = KeyValue(words.in_lines(label), words.in_lines(value), box, key.certainty, key.id)
    printed = label if ticks else [*label, *value]
    return Field(Part(pair, [*label, *value], box), printed, ticks[0] if ticks else None)
