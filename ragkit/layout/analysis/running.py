"""Running headers, footers and page numbers: what stands in the margins of many pages.

One page tells little: a line is a running header because others repeat it at the same height,
but for the number of the page. What is alone on its page must be small, or at the very edge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ragkit.layout.analysis.page_numbers import is_page_number, read_numbers
from ragkit.layout.analysis.repeats import Candidate, Repeats
from ragkit.layout.analysis.rows import group_levels
from ragkit.layout.analysis.strip import Strip
from ragkit.layout.model import ElementKind

__all__ = ["Margin", "find_running"]

_MARGIN = 0.14
"""Part of the page's height at its top and at its bottom where to look."""
_EDGE = 0.06
"""Part of the height where a line of one page alone may be a header or footer."""
_VERY_EDGE = 0.05
"""The same where its letters are as large as the body's: text does not reach that far."""
_LINES = 3
"""Lines that may run at the top, and at the bottom."""
_PARTS = 3
"""Of such a line, at most, where they don't repeat: left, centred and right."""
_SHORT = 14
"""Words of such a line, at most."""
_SMALL = 10.0
"""Points: no title is as small."""
_SMALLER = 0.95
"""Size of a running line that is not at the very edge, at most, as a part of the body's."""
_STAMPS = 3
"""Sideways lines beside the text of a page, at most: more are a table or a figure's."""
_CELL_WORDS = 4
"""Words of a table's cell are fewer."""
_PITCH = 1.3
"""How much further than the next a row may stand from its table."""
_CENTRED = 0.03
"""Part of a row's width that its centred part may be off."""
_IN_LINE = 3.0
"""Points between the edges of what stands in one column."""
_FIGURES = 0.08
"""Part of the height where figures alone, the same on all pages, may be running."""
_FOR_SURE = 3
"""Pages that a number must go up on where text stands beside it."""

Margin = dict[Strip, ElementKind]


def find_running(
    pages: Sequence[Sequence[Strip]], heights: Sequence[float], body_size: float
) -> list[Margin]:
    """For each page, the strips of its margins that are running, and their kind.

    Args:
        pages: Their strips.
        heights: Of the pages, in points.
        body_size: Font size of most of the text.
    """
    sides = [
        [_side(number, strips, height, kind) for kind in (ElementKind.HEADER, ElementKind.FOOTER)]
        for number, (strips, height) in enumerate(zip(pages, heights, strict=True))
    ]
    every = (c for page in sides for side in page for row in side.candidates for c in row)
    repeats = Repeats(every, 2 if len(pages) < 8 else 3)
    found = []
    for page, strips, height in zip(sides, pages, heights, strict=True):
        margin: Margin = {}
        for side in page:
            margin |= _repeated(side, repeats, body_size)
        for kind in (ElementKind.HEADER, ElementKind.FOOTER):
            _add_lone_lines(strips, height, body_size, kind, margin)
        _add_lone_number(strips, height, margin)
        margin |= {s: ElementKind.HEADER for s in strips if s.vertical and _is_stamp(s, strips)}
        found.append(margin)
    return found


@dataclass(frozen=True, slots=True)
class _Side:
    """The top or the bottom of a page.

    Attributes:
        rows: Of text, from the edge inwards.
        candidates: Of the first of them, which are in the margin.
    """

    rows: list[list[Strip]]
    candidates: list[list[Candidate]]


def _side(page: int, strips: Sequence[Strip], height: float, kind: ElementKind) -> _Side:
    """What stands at the very top or bottom, three lines at most that may be running."""
    rows = group_levels([s for s in strips if not s.vertical and s.is_line])
    if kind is ElementKind.FOOTER:
        rows.reverse()
    candidates = []
    for row in rows[:_LINES]:
        middles = [s.middle for s in row]
        deep = max(middles) if kind is ElementKind.HEADER else height - min(middles)
        if deep > _MARGIN * height:
            break
        depth = deep / height if height > 0 else 0.0
        candidates.append([Candidate(s, page, kind, depth, read_numbers(s.text)) for s in row])
    return _Side(rows[: _LINES + 2], candidates)


def _repeated(side: _Side, repeats: Repeats, body_size: float) -> Margin:
    """The strips of one side that other pages repeat."""
    found: Margin = {}
    for number, row in enumerate(side.candidates):
        if _is_table_row(side, number, repeats):
            continue
        sure = sum(_is_sure(c, repeats, body_size) for c in row)
        if len(row) > _PARTS and 2 * sure < len(row):  # words of a line that was stretched
            continue
        for candidate in row:
            beside = [_is_sure(c, repeats, body_size) for c in row if c is not candidate]
            if _is_running(candidate, repeats, body_size, beside):
                found[candidate.strip] = _kind(candidate.strip, candidate.kind)
    return found


def _is_sure(candidate: Candidate, repeats: Repeats, body_size: float) -> bool:
    """Whether it is running, whatever stands beside it."""
    if candidate.numbers.is_caption:
        return False
    if repeats.is_same(candidate):
        return candidate.numbers.is_worded
    return _is_numbered(candidate, repeats.following(candidate), body_size)


def _is_running(
    candidate: Candidate, repeats: Repeats, body_size: float, beside: Sequence[bool]
) -> bool:
    """Whether other pages have it too, so that it is no part of the text.

    Args:
        candidate: In question.
        repeats: What stands on which pages.
        body_size: Font size of most of the text.
        beside: Of all that stands at its height, whether that is running.
    """
    if candidate.numbers.is_worded:
        return _is_sure(candidate, repeats, body_size) or (
            repeats.is_alike(candidate) and 2 * sum(beside) > len(beside)
        )
    if not all(beside):  # figures in a row with text: three pages, since two may match by chance
        return bool(repeats.following(candidate, _FOR_SURE))
    return (
        bool(repeats.following(candidate))
        or repeats.rises(candidate)
        or (candidate.depth < _FIGURES and repeats.is_same(candidate))
    )


def _is_numbered(candidate: Candidate, following: Sequence[int], body_size: float) -> bool:
    """Whether a line with the page's number in it looks like a running one, not a heading."""
    if not following:
        return False
    strip = candidate.strip
    if strip.size > 1.05 * body_size or (strip.bold and strip.size > body_size):
        return False
    # "Question 3" may be what stands on page 3; "Chapter 3, page 41" says more.
    return not candidate.numbers.counts or max(following) > 0 or candidate.depth < _EDGE


def _is_table_row(side: _Side, number: int, repeats: Repeats) -> bool:
    """Whether a row goes on with the rows after it, as those of a table do."""
    rows = side.rows[number : number + 3]
    if len(rows) < 3:
        return False
    row, following, third = rows
    if _pitch(row, following) > _PITCH * _pitch(following, third):
        return False
    if not _is_aligned(row, following):
        return False
    inner = side.candidates[number + 1 : number + 2]
    if inner and all(repeats.is_same(c) and c.numbers.is_worded for c in inner[0]):
        return _is_table_row(side, number + 1, repeats)
    return True


def _pitch(row: Sequence[Strip], following: Sequence[Strip]) -> float:
    return abs(row[0].middle - following[0].middle)


def _is_aligned(row: Sequence[Strip], following: Sequence[Strip]) -> bool:
    """Whether the entries of two rows stand in columns; single ones must be figures."""
    if not _is_short(following):
        return False
    if len(row) == 1 and any(c.isalpha() for s in (*row, *following) for c in s.text):
        return False
    aligned = sum(any(_in_one_column(a, b) for b in following) for a in row)
    return aligned >= min(2, len(row))


def _in_one_column(a: Strip, b: Strip) -> bool:
    """Whether their left or right edges or their centres are in line."""
    return min(abs(a.x0 - b.x0), abs(a.x1 - b.x1), abs(a.centre[0] - b.centre[0])) < _IN_LINE


def _is_short(row: Sequence[Strip]) -> bool:
    """Whether most of its entries are short, as a table's are."""
    return sum(len(s.words) < _CELL_WORDS for s in row) > len(row) / 2


def _is_stamp(strip: Strip, strips: Sequence[Strip]) -> bool:
    """Whether it is text turned sideways beside all other text, as arXiv and publishers print."""
    level = [s for s in strips if not s.vertical]
    turned = [s for s in strips if s.vertical]
    if not level or len(turned) > _STAMPS or sum(len(s.words) for s in turned) > 2 * _SHORT:
        return False
    left, right = min(s.x0 for s in level), max(s.x1 for s in level)
    return strip.x1 < left or strip.x0 > right


def _kind(strip: Strip, kind: ElementKind) -> ElementKind:
    return ElementKind.PAGE_NUMBER if is_page_number(strip.text) else kind


def _add_lone_number(strips: Sequence[Strip], height: float, margin: Margin) -> None:
    """A number that stands alone at the foot of the page, also where no other page has one."""
    level = [s for s in strips if not s.vertical and s not in margin]
    if len(level) < 2:
        return
    last = max(level, key=lambda s: s.y1)
    others = [s.y1 for s in level if s is not last]
    clear = last.y0 - max(others) > 0.8 * last.height
    if clear and last.middle > (1 - _MARGIN) * height and is_page_number(last.text):
        margin[last] = ElementKind.PAGE_NUMBER


def _add_lone_lines(
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
            margin.setdefault(strip, _kind(strip, kind))


def _heads_table(row: Sequence[Strip], following: Sequence[Strip]) -> bool:
    """Whether both rows have several short entries, as those of a table."""
    return len(row) > 1 and len(following) > 1 and _is_short(following)


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
    if any(s.bold and s.size > body_size for s in row) or edge > _MARGIN:
        return False
    is_large = any(s.size > _SMALLER * body_size for s in row)
    if is_large and edge > _VERY_EDGE and not _is_spread(row):
        return False
    if max(len(s.words) for s in row) > (_SHORT if edge > _MARGIN / 4 else 2 * _SHORT):
        return False
    line = max(s.height for s in row)
    apart = len(row) > 1 and max(b.x0 - a.x1 for a, b in pairwise(row)) > 4 * row[0].size
    return clear > 0.4 * line if apart else edge < _EDGE and clear > 1.2 * line


def _is_spread(row: Sequence[Strip]) -> bool:
    """Whether it has a left, a centred and a right part."""
    if len(row) != _PARTS:
        return False
    left, centred, right = row
    middle = (left.x0 + right.x1) / 2
    return abs(centred.centre[0] - middle) < _CENTRED * (right.x1 - left.x0)
