"""The lines of a response, as the service gives them: the layout's own are cut at cells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ragkit.compat.textractor.entities import Line, Word
from ragkit.layout import Word as ModelWord
from ragkit.provenance import Box
from ragkit.textract._blocks import Block, PageBlocks, ResponseBlocks, box_of, text_of

__all__ = ["lines_of"]


def lines_of(blocks: ResponseBlocks, found: PageBlocks, page: Any) -> Iterator[Line]:
    """The lines of a page.

    Args:
        blocks: Of the response.
        found: Those of the page.
        page: That they stand on.
    """
    for block in found.of_type("LINE"):
        words = [
            Word(_word(one), page, str(one.get("Id", "")))
            for one in blocks.related(block)
            if one["BlockType"] == "WORD"
        ]
        yield Line(words, page, _box(block), _confidence(block), str(block.get("Id", "")))


def _word(block: Block) -> ModelWord:
    handwritten = block.get("TextType") == "HANDWRITING"
    word = ModelWord(text_of(block), _box(block), confidence=_confidence(block))
    word.handwritten = handwritten
    return word


def _box(block: Block) -> Box | None:
    box = box_of(block)
    return None if box is None else Box(*box)


def _confidence(block: Block) -> float:
    value = block.get("Confidence")
    return value / 100 if isinstance(value, int | float) else 1.0
