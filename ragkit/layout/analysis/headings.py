"""Titles and headings: what is larger, bolder or capitalised, short, and stands alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from ragkit.layout.analysis.blocks import Block
from ragkit.layout.analysis.capitals import in_capitals
from ragkit.layout.analysis.fonts import FontStatistics, round_size
from ragkit.layout.analysis.names import find_names
from ragkit.layout.analysis.outline import Bookmark, depths_by_outline
from ragkit.layout.analysis.strip import Strip

__all__ = ["mark_headings"]

_MAX_LINES = 4
_MAX_CHARACTERS = 200
_NUMBERED = re.compile(r"^(?:\d{1,2}(?:\.\d{1,2}){0,3}\.?|[IVX]{1,5}\.|[A-Z]\.)\s+\S")
_CAPTION = re.compile(
    r"^(?:figure|fig\.|table|tab\.|abbildung|tabelle|listing)\s*\d", re.IGNORECASE
)
_FAR = 2.0
"""White between words, in font sizes, that no justified line has."""
_MAX_LEVEL = 6

Style = tuple[float, bool, bool]
"""Size, bold, in capitals: what tells the levels apart."""


def mark_headings(
    pages: Sequence[list[Block]], fonts: FontStatistics, outline: Sequence[Bookmark] = ()
) -> None:
    """Sets `is_heading` and `level` of the blocks that are titles or headings.

    Args:
        pages: Their blocks; those of a numbered heading that is wrapped become one.
        fonts: Of the document.
        outline: Its bookmarks: what they name is a heading; of one style, they tell the levels.
    """
    found = [b for page in pages for b in _join_wrapped(page, fonts)]
    depths = depths_by_outline(pages, outline)
    found += [b for b, _ in depths if not any(b is other for other in found)]
    title = _title(pages, found, fonts)
    names = find_names(pages[0], title, found) if pages else []
    found = [b for b in found if not any(b is other for other in names)]
    rank = _ranks([b for b in found if b is not title], depths)
    for block in found:
        block.is_heading = True
        block.marker = None
        block.level = 1 if block is title else min(_MAX_LEVEL, 2 + rank[id(block)])


def _ranks(found: Sequence[Block], depths: Sequence[tuple[Block, int]]) -> dict[int, int]:
    """The headings' ranks, from 0: by their style first, in one style by the bookmarks."""
    known = {id(block): depth for block, depth in depths}
    least: dict[Style, int] = {}
    for block, depth in depths:
        style = _style(block)
        least[style] = min(depth, least.get(style, depth))
    keys = {id(b): (_style(b), -known.get(id(b), least.get(_style(b), 0))) for b in found}
    ordered = sorted(set(keys.values()), reverse=True)
    return {block: ordered.index(key) for block, key in keys.items()}


def _is_heading(block: Block, fonts: FontStatistics) -> bool:
    if not block.lines or len(block.lines) > _MAX_LINES or _is_item(block):
        return False
    text = block.text
    if not _reads_as_heading(text):
        return False
    if block.lines[0].vertical or block.size < 0.8 * fonts.body_size:
        return False
    larger = block.size >= 1.12 * fonts.body_size + 0.01
    bold = block.bold and not fonts.body_bold and block.size >= 0.93 * fonts.body_size
    return larger or bold or _is_in_capitals(block)


def _join_wrapped(page: list[Block], fonts: FontStatistics) -> list[Block]:
    """The headings of a page, an indented second line put to the first."""
    found = [b for b in page if _is_heading(b, fonts)]
    known = {id(block) for block in found}
    wrapped = [(a, b) for a, b in pairwise(page) if {id(a), id(b)} <= known and _goes_on_with(a, b)]
    for a, b in wrapped:
        a.lines += b.lines
    gone = {id(b) for _, b in wrapped}
    page[:] = [block for block in page if id(block) not in gone]
    return [block for block in found if id(block) not in gone]


def _goes_on_with(a: Block, b: Block) -> bool:
    """Whether `b` is the indented second line of a numbered heading that fills its line."""
    first, second = a.lines[-1], b.lines[0]
    if len(a.lines) + len(b.lines) > 2 or a.column != b.column or _style(a) != _style(b):
        return False
    if not _NUMBERED.match(a.text) or _NUMBERED.match(b.text):
        return False
    em = first.size
    near = second.y0 - first.y1 < 0.5 * em and 0.6 * em < second.x0 - first.x0 < 5 * em
    word = (second.x1 - second.x0) * len(second.words[0].text) / max(1, second.length)
    return near and first.x1 + word > a.x1 - 2 * em


def _is_in_capitals(block: Block) -> bool:
    """Whether it is a line or two in capitals, and no labels far from each other."""
    if len(block.lines) > 2 or not in_capitals(block.text):
        return False
    return all(_wide_gaps(line) < 2 for line in block.lines)


def _wide_gaps(line: Strip) -> int:
    """How many of its words stand far from the word before; after a section's number, one may."""
    gaps = line.gaps()
    boxes = [word.box for word in line.words if word.box is not None]
    share = boxes[-1].x1 - boxes[0].x0 if boxes else 0.0
    scale = (line.x1 - line.x0) / share if share > 0 else 0.0
    return sum(gap * scale > _FAR * line.size for gap in gaps)


def _is_item(block: Block) -> bool:
    """Whether a bullet or a dash stands before it; a number may be a section's."""
    return block.marker is not None and not any(map(str.isalnum, block.marker))


def _reads_as_heading(text: str) -> bool:
    if len(text) > _MAX_CHARACTERS:
        return False
    letters = sum(map(str.isalpha, text))
    if letters < 3 or letters < 0.4 * len(text.replace(" ", "")):
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
