"""Rows of a column to blocks: paragraphs, items of lists, tables."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from ragkit.layout.analysis.capitals import in_capitals
from ragkit.layout.analysis.grids import Grid
from ragkit.layout.analysis.rows import as_lines, group_rows
from ragkit.layout.analysis.strip import Strip, is_marker
from ragkit.layout.analysis.tables import find_grids

__all__ = ["Block", "find_blocks"]


_WIDEST = 1.3
"""White between the lines of a paragraph, in font sizes, at most: text may be spaced doubly."""
_WHOLE = 30
"""Characters of a line of running text, at least."""


@dataclass(slots=True)
class Block:
    """Lines that belong together, or a table.

    Attributes:
        lines: From top to bottom.
        grid: Of a table.
        figure: Of a figure: its strip.
        marker: Of a list item.
        is_heading: Set where it is a title or a section's heading.
        level: Of a heading, 1 for the title.
        column: Which group of `find_columns` it is from.
        x0: Left edge of that column's text.
        x1: Right edge of it.
    """

    lines: list[Strip] = field(default_factory=list)
    grid: Grid | None = None
    figure: Strip | None = None
    marker: str | None = None
    is_heading: bool = False
    level: int = 0
    column: int = 0
    x0: float = 0.0
    x1: float = 0.0

    @property
    def text(self) -> str:
        """The lines joined by blanks."""
        return " ".join(line.text for line in self.lines)

    @property
    def size(self) -> float:
        """Font size of its longest line."""
        return max(self.lines, key=lambda s: s.length).size

    @property
    def bold(self) -> bool:
        """Whether every line is."""
        return all(line.bold for line in self.lines)


def find_blocks(strips: Sequence[Strip], column: int) -> list[Block]:
    """Blocks of one column, from top to bottom."""
    blocks: list[Block] = []
    lines: list[list[Strip]] = []
    for item in find_grids(group_rows(strips)):
        if not isinstance(item, Grid) and item[0].is_line:
            lines.append(item)
            continue
        blocks += _from_lines(as_lines(lines))
        blocks.append(Block(grid=item) if isinstance(item, Grid) else Block(figure=item[0]))
        lines = []
    blocks += _from_lines(as_lines(lines))
    x0 = min((s.x0 for s in strips), default=0.0)
    x1 = max((s.x1 for s in strips), default=0.0)
    for block in blocks:
        block.column, block.x0, block.x1 = column, x0, x1
    return blocks


def _from_lines(lines: Sequence[Strip]) -> list[Block]:
    """Lines cut into blocks wherever a new one begins."""
    if not lines:
        return []
    margins = _Margins.of(lines)
    blocks = [_new_block(lines[0])]
    for number in range(1, len(lines)):
        if _begins(blocks[-1], lines, number, margins):
            blocks.append(_new_block(lines[number]))
        else:
            blocks[-1].lines.append(lines[number])
    return blocks


def _new_block(line: Strip) -> Block:
    return Block([line], marker=_marker(line))


def _marker(line: Strip) -> str | None:
    first = line.words[0].text
    if first in ("[", "(") and line.text.startswith(("[ ] ", "( ) ")):
        return first
    return first if len(line.words) > 1 and is_marker(first) else None


@dataclass(frozen=True, slots=True)
class _Margins:
    """Edges of a column's text, and the usual white between its lines."""

    x0: float
    x1: float
    space: float

    @classmethod
    def of(cls, lines: Sequence[Strip]) -> _Margins:
        pairs = list(itertools.pairwise(lines))
        # Labels of a diagram stand anyhow: where there are whole lines, those tell.
        is_whole = [line.length >= _WHOLE for line in lines]
        both = map(operator.and_, is_whole, is_whole[1:])
        whole = list(itertools.compress(pairs, both))
        spaces = [b.y0 - a.y1 for a, b in (whole if len(whole) > 3 else pairs)]
        # White between paragraphs is wider: the lower half of the spaces is that of lines.
        spaces.sort()
        usual = median(spaces[: max(1, (len(spaces) + 1) // 2)]) if spaces else 0.0
        most = _WIDEST * median(s.size for s in lines)
        return cls(min(s.x0 for s in lines), max(s.x1 for s in lines), min(usual, most))


def _begins(block: Block, lines: Sequence[Strip], number: int, margins: _Margins) -> bool:
    """Whether line `number` begins a new block, and does not go on with `block`."""
    above, line = lines[number - 1], lines[number]
    em = max(above.size, 1.0)
    if _looks_different(above, line) or line.y0 - above.y1 > max(margins.space, -em) + 0.45 * em:
        return True
    if block.marker is not None:
        text_x0 = block.lines[0].words[1].box
        return _marker(line) is not None or _left_of_item(block, line, text_x0 is not None, em)
    if _marker(line) is not None and (abs(line.x0 - above.x0) > 0.5 * em or _ends(above)):
        return True
    if _is_indented(line, above, lines[number + 1 : number + 2], em):
        return True
    if not _had_room(above, line, margins, em):
        return False
    return _ends(above) or in_capitals(above.text) != in_capitals(line.text)


def _looks_different(a: Strip, b: Strip) -> bool:
    """Whether size or weight change from one line to the next."""
    larger = max(a.size, b.size)
    if abs(a.size - b.size) > 0.08 * larger:
        return True
    return a.bold != b.bold and not a.is_sign and not b.is_sign


def _left_of_item(block: Block, line: Strip, has_text: bool, em: float) -> bool:  # noqa: FBT001
    """Whether the line stands left of the item's text, so that it is no part of it."""
    first = block.lines[0]
    if len(block.lines) > 1:
        return line.x0 < block.lines[1].x0 - 0.5 * em
    return has_text and line.x0 < first.x0 - 0.5 * em


def _is_indented(line: Strip, above: Strip, after: Sequence[Strip], em: float) -> bool:
    """Whether it is the indented first line of a paragraph, its next one back at the margin."""
    indent = line.x0 - above.x0
    back = not after or line.x0 - after[0].x0 > 0.6 * em
    return 0.6 * em < indent < 5 * em and back


def _ends(line: Strip) -> bool:
    """Whether a sentence ends there."""
    return line.words[-1].text.rstrip("\"'”’)]").endswith((".", "!", "?", ":", ";", "。"))


def _had_room(above: Strip, line: Strip, margins: _Margins, em: float) -> bool:
    """Whether the line's first word would have fitted above: the break was meant."""
    boxes = [w.box for w in line.words if w.box is not None]
    whole = boxes[-1].x1 - boxes[0].x0 if boxes else 0.0
    share = boxes[0].width / whole if whole > 0 else 1.0
    needed = share * (line.x1 - line.x0) + 0.5 * em
    return above.x1 + needed < margins.x1 - em
