"""Running headers, footers and page numbers: what stands in the margins of many pages.

One page tells little: a line is a running header because others repeat it at the same height.
Digits count as equal, since they are what changes from page to page.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ragkit.layout.analysis.rows import group_levels
from ragkit.layout.analysis.strip import Strip
from ragkit.layout.model import ElementKind

__all__ = ["find_running"]

_MARGIN = 0.14
"""Part of the page's height at its top and at its bottom where to look."""
_EDGE = 0.06
"""Part of the height where a line of one page alone may be a header or footer."""
_SHORT = 14
"""Words of such a line, at most."""
_SMALL = 10.0
"""Points: no title is as small."""
_STAMPS = 3
"""Sideways lines beside the text of a page, at most: more are a table or a figure's."""
_NEAR = 6.0
"""Points that the same header may stand higher or lower."""
_NUMBER = re.compile(
    # Possessive, so that a long run of white space or dots is gone over once.
    r"^\W*+(?:page|seite|p\.|pg\.?)?\s*+(?:\d{1,4}|[ivxlc]{1,6})\s*+"
    r"(?:(?:/|of|von)\s*+\d{1,4})?\W*+$",
    re.IGNORECASE,
)

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
    candidates = [dict(_in_margins(strips, h)) for strips, h in zip(pages, heights, strict=True)]
    seen = _count(candidates)
    least = 2 if len(pages) < 8 else 3
    found = [
        {s: _kind(s, kind) for s, kind in margin.items() if _repeats(s, kind, seen) >= least}
        for margin in candidates
    ]
    for strips, height, margin in zip(pages, heights, found, strict=True):
        for kind in (ElementKind.HEADER, ElementKind.FOOTER):
            _add_lone_lines(strips, height, body_size, kind, margin)
        _add_lone_number(strips, height, margin)
        margin |= {s: ElementKind.HEADER for s in strips if s.vertical and _is_stamp(s, strips)}
    return found


def _is_stamp(strip: Strip, strips: Sequence[Strip]) -> bool:
    """Whether it is text turned sideways beside all other text, as arXiv and publishers print."""
    level = [s for s in strips if not s.vertical]
    turned = [s for s in strips if s.vertical]
    if not level or len(turned) > _STAMPS or sum(len(s.words) for s in turned) > 2 * _SHORT:
        return False
    left, right = min(s.x0 for s in level), max(s.x1 for s in level)
    return strip.x1 < left or strip.x0 > right


def _in_margins(strips: Sequence[Strip], height: float) -> Iterator[tuple[Strip, ElementKind]]:
    """What stands at the very top and bottom, three lines at most on either side."""
    level = [s for s in strips if not s.vertical and s.is_line]
    for kind, ordered in (
        (ElementKind.HEADER, sorted(level, key=lambda s: s.y0)),
        (ElementKind.FOOTER, sorted(level, key=lambda s: -s.y1)),
    ):
        lines = 0
        edge: float | None = None
        for strip in ordered:
            deep = strip.middle if kind is ElementKind.HEADER else height - strip.middle
            if edge is None or abs(strip.middle - edge) > 0.5 * strip.height:
                lines, edge = lines + 1, strip.middle
            if lines > 3 or deep > _MARGIN * height:
                break
            yield strip, kind


Seen = dict[tuple[ElementKind, str], Counter[int]]


def _count(candidates: Sequence[Margin]) -> Seen:
    """On how many pages each text stands, by height."""
    seen: Seen = defaultdict(Counter)
    for margin in candidates:
        keys = {(kind, _key(strip), round(strip.middle)) for strip, kind in margin.items()}
        for kind, key, at in keys:
            seen[kind, key][at] += 1
    return seen


def _repeats(strip: Strip, kind: ElementKind, seen: Seen) -> int:
    heights = seen[kind, _key(strip)]
    return sum(n for at, n in heights.items() if abs(at - strip.middle) <= _NEAR)


def _key(strip: Strip) -> str:
    text = strip.text
    if _NUMBER.match(text):
        return "#"
    return re.sub(r"\d+", "#", text).casefold()


def _kind(strip: Strip, kind: ElementKind) -> ElementKind:
    return ElementKind.PAGE_NUMBER if _NUMBER.match(strip.text) else kind


def _add_lone_number(strips: Sequence[Strip], height: float, margin: Margin) -> None:
    """A number that stands alone at the foot of the page, also where no other page has one."""
    level = [s for s in strips if not s.vertical and s not in margin]
    if len(level) < 2:
        return
    last = max(level, key=lambda s: s.y1)
    others = [s.y1 for s in level if s is not last]
    clear = last.y0 - max(others) > 0.8 * last.height
    if clear and last.middle > (1 - _MARGIN) * height and _NUMBER.match(last.text):
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
    if len(row) < 2 or len(following) < 2:
        return False
    return sum(len(s.words) < 4 for s in following) > len(following) / 2


def _gap(above: Sequence[Strip], below: Sequence[Strip]) -> float:
    return min(s.y0 for s in below) - max(s.y1 for s in above)


def _is_lone(row: Sequence[Strip], edge: float, clear: float, body_size: float) -> bool:
    """Whether a row is small, short and at the edge, with white between it and the text.

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
    if max(len(s.words) for s in row) > (_SHORT if edge > _MARGIN / 4 else 2 * _SHORT):
        return False
    line = max(s.height for s in row)
    apart = len(row) > 1 and max(b.x0 - a.x1 for a, b in pairwise(row)) > 4 * row[0].size
    return clear > 0.4 * line if apart else edge < _EDGE and clear > 1.2 * line
