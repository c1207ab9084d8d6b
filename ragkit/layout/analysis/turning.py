"""Text that runs up, down or upside-down, turned so that it is read as level text is.

A page most of whose text is turned is analysed as it is held for reading, and its boxes are
turned back afterwards. Other turned text is turned by itself, and turned back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING

from ragkit.layout.analysis.drawn import Area, Drawn, Rule
from ragkit.layout.model import Element, Page, Word
from ragkit.provenance import Box

if TYPE_CHECKING:
    from ragkit.layout.analysis.pages import PageContent

__all__ = [
    "level_area",
    "made_level",
    "pages_made_level",
    "quarter_of",
    "slants",
    "turn_back",
    "turn_word_back",
]

_TURNED = attrgetter("turned")
_SLANT = 10
"""Degrees that turned text may be off upright or level."""
_LEAST_WORDS = 12
"""Words of a page that is turned as a whole: fewer may be a stamp beside a picture."""


def quarter_of(word: Word) -> int:
    """Quarter turns clockwise that a word is turned by; 0 for level and for slanting ones."""
    if not word.turned:
        return 0
    quarter = round(word.turned / 90)
    return quarter % 4 if abs(word.turned - 90 * quarter) <= _SLANT else 0


def slants(word: Word) -> bool:
    """Whether it runs neither level nor upright, as a watermark does."""
    return bool(word.turned) and _SLANT < word.turned < 360 - _SLANT and not quarter_of(word)


def level_area(area: Area, quarter: int, width: float, height: float) -> Area:
    """Where an area of a page of that size lies when text with that `quarter` is held level."""
    x0, y0, x1, y1 = area.x0, area.y0, area.x1, area.y1
    if quarter == 1:
        return Area(y0, width - x1, y1, width - x0)
    if quarter == 2:
        return Area(width - x1, height - y1, width - x0, height - y0)
    return Area(height - y1, x0, height - y0, x1) if quarter == 3 else area


def _level_box(box: Box | None, quarter: int) -> Box | None:
    """`level_area` of a box."""
    if box is None:
        return None
    area = level_area(Area(*box), quarter, 1.0, 1.0)
    return Box(area.x0, area.y0, area.x1, area.y1)


@contextmanager
def made_level(words: Iterable[Word], quarter: int) -> Iterator[None]:
    """Words that run in one direction are level, as to their boxes, while it lasts."""
    kept = [(word, word.box, word.turned) for word in words]
    try:
        for word, box, _ in kept:
            word.box, word.turned = _level_box(box, quarter), 0
        yield
    finally:
        for word, box, turned in kept:
            word.box, word.turned = box, turned


def pages_made_level(pages: Sequence[PageContent]) -> tuple[list[PageContent], list[int]]:
    """The pages as each is held to read most of its text, and the quarter turns they were off."""
    quarters = [_usual_quarter(page.words) for page in pages]
    return list(map(_page_made_level, pages, quarters)), quarters


def _page_made_level(page: PageContent, quarter: int) -> PageContent:
    if not quarter:
        return page
    wide, high = page.width, page.height
    return replace(
        page,
        width=high if quarter % 2 else wide,
        height=wide if quarter % 2 else high,
        words=[_turned(word, quarter) for word in page.words],
        drawn=_drawn(page.drawn, quarter, wide, high),
        fields=[
            replace(one, words=tuple(_turned(word, quarter) for word in one.words))
            for one in page.fields
        ],
    )


def _usual_quarter(words: Sequence[Word]) -> int:
    """The direction of most letters of a page."""
    if len(words) < _LEAST_WORDS or not any(map(_TURNED, words)):
        return 0
    letters: Counter[int] = Counter()
    for word in words:
        letters[quarter_of(word)] += len(word.text)
    return max(letters, key=lambda quarter: (letters[quarter], quarter == 0))


def _turned(word: Word, quarter: int) -> Word:
    turned = (word.turned - 90 * quarter) % 360
    return replace(word, box=_level_box(word.box, quarter), turned=turned)


def _drawn(drawn: Drawn, quarter: int, width: float, height: float) -> Drawn:
    return Drawn(
        [_level_rule(rule, quarter, width, height) for rule in drawn.rules],
        [level_area(area, quarter, width, height) for area in drawn.fills],
        [level_area(area, quarter, width, height) for area in drawn.pictures],
    )


def _level_rule(rule: Rule, quarter: int, width: float, height: float) -> Rule:
    at, start, end = rule.at, rule.start, rule.end
    area = Area(start, at, end, at) if rule.level else Area(at, start, at, end)
    area = level_area(area, quarter, width, height)
    if rule.level == (quarter % 2 == 0):
        return Rule(True, area.y0, area.x0, area.x1)
    return Rule(False, area.x0, area.y0, area.y1)


def turn_back(page: Page, quarter: int) -> None:
    """Turns a page that `pages_made_level` has turned, with all boxes on it, as it is shown."""
    if not quarter:
        return
    if quarter % 2:
        page.width, page.height = page.height, page.width
    words = {id(word): word for line in page.iter_lines() for word in line.words}
    for word in words.values():
        turn_word_back(word, quarter)
    for element in page.elements:
        _turn_back(element, quarter)


def turn_word_back(word: Word, quarter: int) -> None:
    """Turns a word that is level as it is shown."""
    word.box = _level_box(word.box, -quarter % 4)
    word.turned = (word.turned + 90 * quarter) % 360


def _turn_back(element: Element, quarter: int) -> None:
    for part in element.iter_elements():
        part.box = _level_box(part.box, -quarter % 4)
        for cell in part.table.cells if part.table else ():
            cell.box = _level_box(cell.box, -quarter % 4)
