"""Running lines of one page alone: they are small, short, and stand at its edge."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ragkit.layout.analysis.margins import EDGE, MARGIN, PARTS, Margin, is_short, running_kind
from ragkit.layout.analysis.page_numbers import is_page_number
from ragkit.layout.analysis.rows import group_levels
from ragkit.layout.analysis.strip import Strip
from ragkit.layout.model import ElementKind

__all__ = ["add_lone_lines", "add_lone_number", "is_stamp"]

_VERY_EDGE = 0.05
"""Part of the height where its letters may be as large as the body's: text ends before that."""
_SHORT = 14
"""Words of such a line, at most."""
_SMALL = 10.0
"""Points: no title is as small."""
_SMALLER = 0.95
"""Size of a line that is not at the very edge, at most, as a part of the body's."""
_CENTRED = 0.03
"""Part of a row's width that its centred part may be off."""
_STAMPS = 3
"""Sideways lines beside the text of a page, at most: more are a table or a figure's."""


def add_lone_number(strips: Sequence[Strip], height: float, margin: Margin) -> None:
    """A number that stands alone at the foot of the page, also where no other page has one."""
    level = [s for s in strips if not s.vertical and s not in margin]
    if len(level) < 2:
        return
    last = max(level, key=lambda s: s.y1)
    others = [s.y1 for s in level if s is not last]
    clear = last.y0 - max(others) > 0.8 * last.height
    if clear and last.middle > (1 - MARGIN) * height and is_page_number(last.text):
        margin[last] = ElementKind.PAGE_NUMBER


def add_lone_lines(
    strips: Sequence[Strip], height: float, body_size: float, kind: ElementKind, margin: Margin
) -> None:
    """Lines at the very edge of a page that stand clear of its text, also if no other has them."""
    top = kind is ElementKind.HEADER
    rows = group_levels([s for s in strips if not s.vertical])
    gaps = sorted(_gap(a, b) for a, b in pairwise(rows))
    usual = gaps[len(gaps) // 2] if gaps else 0.0
    if not top:
        rows.reverse()
    for row, following in pairwise(rows[:4]):
        if all(strip in margin for strip in row):
            continue
        clear = _gap(row, following) if top else _gap(following, row)
        edge = max(s.y1 for s in row) if top else height - min(s.y0 for s in row)
        if clear < 1.5 * usual or _heads_table(row, following):
            return
        if not _is_lone(row, edge / height, clear, body_size):
            return
        for strip in row:
            margin.setdefault(strip, running_kind(strip, kind))


def _heads_table(row: Sequence[Strip], following: Sequence[Strip]) -> bool:
    """Whether both rows have several short entries, as those of a table."""
    return len(row) > 1 and len(following) > 1 and is_short(following)


def _gap(above: Sequence[Strip], below: Sequence[Strip]) -> float:
    return min(s.y0 for s in below) - max(s.y1 for s in above)


def _is_lone(row: Sequence[Strip], edge: float, clear: float, body_size: float) -> bool:
    """Whether a row is small, short and at the edge, with white between it and the text.

    Where it is as large as the text, which may begin with a date or end with a sum, it must
    stand further out than text does.

    Args:
        row: The strips at one height.
        edge: How deep it reaches into the page, as a part of its height.
        clear: Points to the next row.
        body_size: Font size of most of the text.
    """
    if any(s.size > max(1.05 * body_size, _SMALL) or not s.is_line for s in row):
        return False
    if any(s.bold and s.size > body_size for s in row) or edge > MARGIN:
        return False
    is_large = any(s.size > _SMALLER * body_size for s in row)
    if is_large and edge > _VERY_EDGE and not _is_spread(row):
        return False
    if max(len(s.words) for s in row) > (_SHORT if edge > MARGIN / 4 else 2 * _SHORT):
        return False
    line = max(s.height for s in row)
    apart = len(row) > 1 and max(b.x0 - a.x1 for a, b in pairwise(row)) > 4 * row[0].size
    return clear > 0.4 * line if apart else edge < EDGE and clear > 1.2 * line


def _is_spread(row: Sequence[Strip]) -> bool:
    """Whether it has a left, a centred and a right part."""
    if len(row) != PARTS:
        return False
    left, centred, right = row
    middle = (left.x0 + right.x1) / 2
    return abs(centred.centre[0] - middle) < _CENTRED * (right.x1 - left.x0)


def is_stamp(strip: Strip, strips: Sequence[Strip]) -> bool:
    """Whether it is text turned sideways beside all other text, as arXiv and publishers print."""
    level = [s for s in strips if not s.vertical]
    turned = [s for s in strips if s.vertical]
    if not level or len(turned) > _STAMPS or sum(len(s.words) for s in turned) > 2 * _SHORT:
        return False
    left, right = min(s.x0 for s in level), max(s.x1 for s in level)
    return strip.x1 < left or strip.x0 > right
