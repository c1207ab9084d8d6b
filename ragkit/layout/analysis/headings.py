"""Titles and headings: what is larger, bolder or capitalised, short, and stands alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ragkit.layout.analysis.blocks import Block
from ragkit.layout.analysis.capitals import in_capitals
from ragkit.layout.analysis.fonts import FontStatistics, round_size

__all__ = ["mark_headings"]

_MAX_LINES = 4
_MAX_CHARACTERS = 200
_NUMBERED = re.compile(r"^(?:\d{1,2}(?:\.\d{1,2}){0,3}\.?|[IVX]{1,5}\.|[A-Z]\.)\s+\S")
_CAPTION = re.compile(
    r"^(?:figure|fig\.|table|tab\.|abbildung|tabelle|listing)\s*\d", re.IGNORECASE
)
_AUTHOR_MARK = re.compile(r"^[\d,*∗†‡§¶]+$")
_MAX_LEVEL = 6

Style = tuple[float, bool, bool]
"""Size, bold, in capitals: what tells the levels apart."""


def mark_headings(pages: Sequence[Sequence[Block]], fonts: FontStatistics) -> None:
    """Sets `is_heading` and `level` of the blocks that are titles or headings."""
    found = [b for page in pages for b in page if _is_heading(b, fonts)]
    title = _title(pages, found, fonts)
    names = [b for b in pages[0] if b is not title and _names_people(b)] if pages else []
    found = [b for b in found if not any(b is other for other in names)]
    ordered = sorted({_style(b) for b in found if b is not title}, reverse=True)
    rank = {style: i for i, style in enumerate(ordered)}
    for block in found:
        block.is_heading = True
        block.marker = None
        if block is title:
            block.level = 1
            continue
        block.level = min(_MAX_LEVEL, 2 + rank[_style(block)])


def _is_heading(block: Block, fonts: FontStatistics) -> bool:
    if not block.lines or len(block.lines) > _MAX_LINES:
        return False
    text = block.text
    if not _reads_as_heading(text):
        return False
    if block.lines[0].vertical or block.size < 0.8 * fonts.body_size:
        return False
    larger = block.size >= 1.12 * fonts.body_size + 0.01
    bold = block.bold and not fonts.body_bold and block.size >= 0.93 * fonts.body_size
    return larger or bold or (in_capitals(text) and len(block.lines) <= 2)


def _names_people(block: Block) -> bool:
    """Whether raised numbers or signs stand after its words, as after the names of authors."""
    small = [w for line in block.lines for w in line.words if w.size < 0.8 * line.size]
    return any(_AUTHOR_MARK.match(word.text) for word in small)


def _reads_as_heading(text: str) -> bool:
    letters = sum(c.isalpha() for c in text)
    if letters < 3 or letters < 0.4 * len(text.replace(" ", "")) or len(text) > _MAX_CHARACTERS:
        return False
    if _CAPTION.match(text):
        return False
    return not text.endswith((".", ",", ";")) or bool(_NUMBERED.match(text) and len(text) < 80)


def _style(block: Block) -> Style:
    return round_size(block.size), block.bold, in_capitals(block.text)


def _title(
    pages: Sequence[Sequence[Block]], found: Iterable[Block], fonts: FontStatistics
) -> Block | None:
    """The largest heading of the first page, if it is larger than all others after it."""
    if not pages:
        return None
    on_first = [b for b in found if any(b is other for other in pages[0])]
    if not on_first:
        return None
    best = max(on_first, key=lambda b: round_size(b.size))
    largest = max(round_size(b.size) for b in found)
    is_large = best.size >= 1.15 * fonts.body_size
    return best if is_large and round_size(best.size) >= largest else None
