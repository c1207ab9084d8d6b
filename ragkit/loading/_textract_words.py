"""Words, lines and boxes to tick of one page of a Textract response, each made once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ragkit.layout.model import Line, Word
from ragkit.loading._textract_blocks import Block, Blocks

__all__ = ["PageWords"]

_SELECTED = {True: "[X]", False: "[ ]"}
"""What a box to tick is written as, where no option says otherwise."""


class PageWords:
    """The words of a page by their blocks' ids: the same object wherever a word is met.

    Attributes:
        by_line: The words of each line that has some, by its block's id.

    Args:
        blocks: Of the document.
        lines: LINE blocks of the page.
    """

    def __init__(self, blocks: Blocks, lines: Iterable[Block]) -> None:
        self._blocks = blocks
        self._words: dict[str, Word] = {}
        self._line_of: dict[int, int] = {}
        self.by_line: dict[str, list[Word]] = {}
        for number, line in enumerate(lines):
            words = self.of(line) or _split(line)
            if words and line.id not in self.by_line:
                self.by_line[line.id] = words
                self._line_of.update((id(word), number) for word in words)

    def of(self, block: Block) -> list[Word]:
        """The words that are its children."""
        return self.made(self._blocks.children(block))

    def made(self, blocks: Iterable[Block]) -> list[Word]:
        """Words of WORD blocks and boxes to tick; blocks of other kinds are passed over."""
        found = []
        for block in blocks:
            word = self._words.get(block.id)
            if word is None:
                if block.block_type not in _MAKERS or block.id in self._blocks.words_read:
                    continue
                word = self._words[block.id] = _MAKERS[block.block_type](block)
            if word.text:
                found.append(word)
        return found

    def close(self) -> None:
        """Keeps other pages from having these words too."""
        self._blocks.words_read.update(self._words)

    def in_lines(self, words: Iterable[Word]) -> list[Line]:
        """Words of a cell or a value as lines: those of one line of the page together."""
        lines: dict[int, list[Word]] = {}
        for word in words:
            number = self._line_of.get(id(word), -1 - len(lines))  # in none: a line of its own
            lines.setdefault(number, []).append(word)
        return [Line(found) for found in lines.values()]


def _split(line: Block) -> list[Word]:
    """The words of a line that has a text only, each with the line's box."""
    if any(line.ids("CHILD")):
        return []
    whole = _text(line)
    return [replace(whole, text=text) for text in whole.text.split()]


def _text(block: Block) -> Word:
    return Word(
        block.text or "",
        block.box,
        confidence=block.certainty,
        handwritten=block.text_type == "HANDWRITING",
        polygon=block.polygon,
    )


def _box_to_tick(block: Block) -> Word:
    selected = block.selection_status == "SELECTED"
    return Word(
        _SELECTED[selected],
        block.box,
        confidence=block.certainty,
        selected=selected,
        polygon=block.polygon,
    )


_MAKERS = {"WORD": _text, "SELECTION_ELEMENT": _box_to_tick}
