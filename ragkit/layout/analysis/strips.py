"""Words to strips: words that stand side by side on one line, without a gap in between.

A line of a page with two columns gives two strips, a row of a table one for each cell. Words
may come in any order; where they come in the order of reading, most strips are found in one
pass over them.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from operator import attrgetter
from statistics import median

from ragkit.layout.analysis.drawn import Area
from ragkit.layout.analysis.initials import Places, can_be_initial, with_initials
from ragkit.layout.analysis.slanting import part_slanting, slanting_strips
from ragkit.layout.analysis.strip import Strip
from ragkit.layout.analysis.turning import level_area, made_level, quarter_of, turn_word_back
from ragkit.layout.model import Line, Word

__all__ = ["CrowdedPageError", "find_strips", "lines_in_given_order"]

MAX_WORDS = 100_000
"""More words on a page are not analysed: a page of dense print has 2,000."""
MAX_PAIRS = 2_000_000
"""Nor are more pairs of strips that share a height: a table of 200 rows and 50 columns has
245,000, and a page whose words all lie on one spot has half the square of their number."""
_INDEX_SIZE = 0.76
"""Size of an index or exponent, at most, as a part of its line's."""
_INDEX_WORDS = 4
_WIDEST_SPACE = 1.8
"""Font sizes between two words of a stretched line, at most."""
_RECENT_GAPS = 64
"""How many of a line's gaps say how wide its spaces are."""

_TURNED = attrgetter("turned")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")


class CrowdedPageError(ValueError):
    """A page with more on it than can be analysed in reasonable time."""


def find_strips(words: Iterable[Word], width: float, height: float) -> list[Strip]:
    """Strips of a page of that size in points, from top to bottom.

    Args:
        words: Of the page.
        width: Of it.
        height: Of it.

    Raises:
        CrowdedPageError: If it has more than `MAX_WORDS` words or `MAX_PAIRS` pairs of strips.
    """
    words = list(words)
    if len(words) > MAX_WORDS:
        raise CrowdedPageError(f"it has {len(words):,} words, more than {MAX_WORDS:,}")
    turned: dict[int, list[Word]] = {}
    slanting: list[Word] = []
    if any(map(_TURNED, words)):
        turned = {
            quarter: [w for w in words if quarter_of(w) == quarter] for quarter in (0, 3, 1, 2)
        }
        words, slanting = part_slanting(turned.pop(0))
    strips = _merge_neighbours(_in_given_order(words, width, height), width)
    places = Places(words)
    if len(strips) > 1:
        strips = with_initials(_with_indices(strips), places)
    for strip in strips:
        if not strip.vertical and len(strip.words) > 1:
            _order_words(strip, places)
        strip.size = _usual_size(strip)
    strips.sort(key=lambda s: (s.middle, s.x0))
    for quarter, others in turned.items():
        strips += _turned_strips(others, width, height, quarter)
    return [*strips, *slanting_strips(slanting, width, height)] if slanting else strips


def _turned_strips(words: Sequence[Word], width: float, height: float, quarter: int) -> list[Strip]:
    """Strips of words that run in one direction other than level, in their order of reading."""
    if not words:
        return []
    wide, high = (height, width) if quarter % 2 else (width, height)
    with made_level(words, quarter):
        strips = find_strips(words, wide, high)
    known = {id(word) for word in words}
    for made in (word for s in strips for word in s.words if id(word) not in known):
        turn_word_back(made, quarter)  # it begins with an initial
    for s in strips:
        area = level_area(Area(s.x0, s.y0, s.x1, s.y1), -quarter % 4, wide, high)
        s.x0, s.y0, s.x1, s.y1 = area.x0, area.y0, area.x1, area.y1
        s.vertical = True
    return strips


def lines_in_given_order(words: Iterable[Word], width: float, height: float) -> list[Line]:
    """The words in the order given, those that follow each other on a line put together."""
    return [strip.line() for strip in _in_given_order(words, width, height)]


def _in_given_order(words: Iterable[Word], width: float, height: float) -> list[Strip]:
    """Strips of words that follow each other in the file and on the page."""
    strips: list[Strip] = []
    current: Strip | None = None
    gaps: list[float] = []
    for place, word in enumerate(words):
        if current is not None and _goes_on(current, word, width, height, gaps):
            continue
        own = Strip.of_word(word, width, height)
        own.place = place
        if current is not None and current.vertical == own.vertical:
            if own.vertical:
                joined = min(own.x1, current.x1) - max(own.x0, current.x0) > 0.5 * (own.x1 - own.x0)
            else:
                gap = own.x0 - current.x1
                joined = _same_line(current, own.y0, own.y1) and _is_space(gap, own.size, gaps)
                joined = joined and not can_be_initial(current, own.size)
                if joined:
                    gaps.append(gap)
            if joined:
                _extend(current, own)
                continue
        current, gaps = own, []
        strips.append(current)
    return strips


def _goes_on(strip: Strip, word: Word, width: float, height: float, gaps: list[float]) -> bool:
    """Adds a word that follows after a usual space, as nearly all do; False for any other."""
    if word.box is None or word.turned or strip.vertical:
        return False
    left, top, right, bottom = word.box
    x0, x1, y0, y1 = left * width, right * width, top * height, bottom * height
    gap, size = x0 - strip.x1, word.size
    on_line = y0 < (strip.y0 + strip.y1) / 2 < y1 and strip.size < 1.5 * size
    if not (on_line and 0 <= gap <= 0.6 * size and y1 - y0 <= 2.2 * (x1 - x0)):
        return False
    gaps.append(gap)
    strip.words.append(word)
    strip.x1 = x1 if x1 > strip.x1 else strip.x1
    strip.y0 = y0 if y0 < strip.y0 else strip.y0
    strip.y1 = y1 if y1 > strip.y1 else strip.y1
    strip.size = size if size > strip.size else strip.size
    return True


def _extend(strip: Strip, more: Strip) -> None:
    strip.words += more.words
    strip.x0, strip.y0 = min(strip.x0, more.x0), min(strip.y0, more.y0)
    strip.x1, strip.y1 = max(strip.x1, more.x1), max(strip.y1, more.y1)
    strip.size = max(strip.size, more.size)


def _same_line(strip: Strip, y0: float, y1: float) -> bool:
    """Whether something from `y0` to `y1` stands on the strip's line; indices do, too."""
    top, bottom = strip.y0, strip.y1
    shared = (y1 if y1 < bottom else bottom) - (y0 if y0 > top else top)
    return shared > 0.5 * min(bottom - top, y1 - y0)


def _is_space(gap: float, em: float, gaps: Sequence[float]) -> bool:
    """Whether a gap is white space between words, and not between columns.

    Justified lines are stretched evenly: a wide gap counts when the line's others are as wide.
    """
    if gap < -0.6 * em:
        return False
    if gap <= 0.6 * em:
        return True
    return gap <= _WIDEST_SPACE * em and len(gaps) > 1 and gap <= 1.7 * median(gaps[-_RECENT_GAPS:])


def _merge_neighbours(strips: list[Strip], width: float) -> list[Strip]:
    """Strips joined where one goes on with the other, until none does."""
    pairs = 0
    while len(strips) > 1:
        strips.sort(key=lambda s: s.y0)
        pairs += _count_pairs(strips)
        if pairs > MAX_PAIRS:
            raise CrowdedPageError(f"it has over {MAX_PAIRS:,} pairs of words at one height")
        merged = _merge_once(strips, width)
        if len(merged) == len(strips):
            break
        strips = merged
    return strips


def _count_pairs(strips: Sequence[Strip]) -> int:
    """How many pairs share a height, of strips in the order of their tops."""
    tops = [s.y0 for s in strips]
    return sum(max(0, bisect_left(tops, s.y1) - i - 1) for i, s in enumerate(strips))


def _merge_once(strips: list[Strip], width: float) -> list[Strip]:
    """One pass: each strip with the nearest beside it, if there is but a space between."""
    gone: set[int] = set()
    tops, lefts = [s.y0 for s in strips], [s.x0 for s in strips]
    for i, a in enumerate(strips):
        if i in gone or a.vertical:
            continue
        best, best_gap = -1, 4 * a.size + 1  # nothing further away is ever joined
        left, right, bottom = lefts[i], a.x1, a.y1
        for j in range(i + 1, len(strips)):
            if tops[j] >= bottom:
                break
            x0 = lefts[j]
            gap = x0 - right if x0 > left else left - strips[j].x1
            if gap < best_gap and j not in gone:
                b = strips[j]
                if not b.vertical and _same_line(a, b.y0, b.y1):
                    best, best_gap = j, gap
        if best >= 0 and _go_together(a, strips[best], best_gap, width):
            both = strips[best] = Strip.around([a, strips[best]])
            tops[best], lefts[best] = both.y0, both.x0
            gone.add(i)
    return [s for i, s in enumerate(strips) if i not in gone]


def _go_together(a: Strip, b: Strip, gap: float, width: float) -> bool:
    left, right = (a, b) if a.x0 <= b.x0 else (b, a)
    if can_be_initial(left, right.size):
        return False
    em = max(min(a.size, b.size), 1.0)
    if left.is_marker and gap < 4 * em:  # "•    an item"
        return True
    if gap <= 0.6 * em:
        return gap > -2 * em
    if gap > _WIDEST_SPACE * em:
        return False
    return _is_space(gap, em, [g * width for s in (a, b) for g in s.gaps()])


def _with_indices(strips: Sequence[Strip]) -> list[Strip]:
    """Strips, each with the indices and exponents that hang out of its line."""
    lines = sorted((s for s in strips if not s.vertical), key=lambda s: s.y0)
    tops = [s.y0 for s in lines]
    most = _INDEX_SIZE * max((s.size for s in lines if len(s.words) > 1), default=0.0)
    gone: set[int] = set()
    for small in strips:
        if small.size > most or small.vertical or len(small.words) > _INDEX_WORDS:
            continue
        last = bisect_left(tops, small.y1)
        first = bisect_left(tops, small.y0 - 3 * small.height)
        near = [s for s in lines[first:last] if s is not small and _is_index(small, s)]
        if near:
            line = max(near, key=lambda s: min(s.y1, small.y1) - max(s.y0, small.y0))
            line.words += small.words
            line.x1 = max(line.x1, small.x1)
            line.place = min(line.place, small.place)
            gone.add(id(small))
    return [s for s in strips if id(s) not in gone]


def _is_index(small: Strip, line: Strip) -> bool:
    """Whether a small strip hangs out of a line, above or below."""
    if small.size > _INDEX_SIZE * line.size or len(line.words) < 2:
        return False
    shared = min(line.y1, small.y1) - max(line.y0, small.y0)
    beside = line.x0 <= small.x0 and small.x1 <= line.x1 + 0.5 * line.size
    return beside and shared > 0.2 * small.height


def _usual_size(strip: Strip) -> float:
    """The size of most of its letters and digits: indices and icons do not count."""
    first = strip.words[0].size
    if {w.size for w in strip.words} == {first}:
        return first or strip.size
    lengths: dict[float, int] = {}
    for word in strip.words:
        lengths[word.size] = lengths.get(word.size, 0) + sum(c.isalnum() for c in word.text)
    return max(lengths, key=lambda size: (lengths[size], size)) or strip.size


def _order_words(strip: Strip, places: Places) -> None:
    """From left to right, or from right to left where the script is.

    Of an index and an exponent, one over the other, the one that comes first in the file does.
    """
    words = strip.words
    backwards = False
    if not strip.text.isascii():
        backwards = 2 * sum(bool(_RIGHT_TO_LEFT.search(w.text)) for w in words) > len(words)
    words.sort(key=lambda w: w.box.x0 if w.box else 0.0, reverse=backwards)
    right = -math.inf
    for at, word in enumerate(words):
        if word.box is None:
            continue
        x0, _, x1, _ = word.box
        is_over, right = x0 < right, x1 if x1 > right else right
        if not is_over:
            continue
        while at and _is_over(words[at - 1], words[at]):
            if places.of(words[at - 1]) < places.of(words[at]):
                break
            words[at - 1], words[at] = words[at], words[at - 1]
            at -= 1  # noqa: PLW2901 - it is moved to its place


def _is_over(a: Word, b: Word) -> bool:
    """Whether one stands over the other, by most of its width."""
    if a.box is None or b.box is None:
        return False
    shared = min(a.box.x1, b.box.x1) - max(a.box.x0, b.box.x0)
    return shared > 0.5 * min(a.box.width, b.box.width)
