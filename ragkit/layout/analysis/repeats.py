"""What a document's margins say again on other pages, at the same height.

Either the very same, or the same but for a number that goes up as the pages do. Other numbers
that differ ("Answer: 7", "Answer: 14", figures of a table) are content.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from ragkit.layout.analysis.margins import Candidate
from ragkit.layout.analysis.strip import Strip
from ragkit.layout.model import ElementKind

__all__ = ["Repeats"]

_NEAR = 6.0
"""Points that the same line may stand higher or lower."""
_SIDE = 2
"""Pages before, and as many after, whose numbers are compared with a page's."""
_LOOK = 16
"""Numbers that are gone through to find those."""


Pages = dict[int, set[int]]
"""By height in points, on which pages."""


class Repeats:
    """Counts, over all pages, where candidates stand again.

    Args:
        candidates: Of all pages, in order.
        least: Pages that something must stand on to be running.
        pages: How many there are.
    """

    def __init__(self, candidates: Iterable[Candidate], least: int, pages: int) -> None:
        self._least = least
        self._pages = pages
        self._on_most: dict[tuple[object, int], bool] = {}
        self._same: dict[object, Pages] = defaultdict(lambda: defaultdict(set))
        self._alike: dict[object, Pages] = defaultdict(lambda: defaultdict(set))
        self._following: dict[object, Pages] = defaultdict(lambda: defaultdict(set))
        self._numbers: dict[object, list[tuple[Candidate, int]]] = defaultdict(list)
        self._places: dict[Strip, int] = {}
        for c in candidates:
            at = round(c.strip.middle)
            self._same[c.kind, c.strip.text.casefold()][at].add(c.page)
            self._alike[c.kind, c.numbers.key][at].add(c.page)
            for key in _offsets(c):
                self._following[key][at].add(c.page)
            if c.numbers.is_alone and c.numbers.values[0] is not None:
                numbers = self._numbers[c.kind, c.numbers.is_roman]
                self._places[c.strip] = len(numbers)
                numbers.append((c, c.numbers.values[0]))

    def is_same(self, candidate: Candidate) -> bool:
        """Whether enough pages have the very same text."""
        pages = self._same[candidate.kind, candidate.strip.text.casefold()]
        return _reaches(pages, candidate.strip.middle, self._least)

    def is_on_most(self, candidate: Candidate) -> bool:
        """Whether more than half of all pages have the very same text."""
        key = candidate.kind, candidate.strip.text.casefold()
        asked = key, round(candidate.strip.middle)
        if asked not in self._on_most:  # asked once, for it may look at half of the pages
            most = self._pages // 2 + 1
            self._on_most[asked] = _reaches(self._same[key], candidate.strip.middle, most)
        return self._on_most[asked]

    def is_alike(self, candidate: Candidate) -> bool:
        """Whether enough pages have it with whatever numbers."""
        pages = self._alike[candidate.kind, candidate.numbers.key]
        return _reaches(pages, candidate.strip.middle, self._least)

    def following(self, candidate: Candidate, least: int = 0) -> list[int]:
        """Which of its numbers go up by one with each page, on enough pages.

        Args:
            candidate: In question.
            least: Pages, where that is more than usual.
        """
        middle, least = candidate.strip.middle, max(least, self._least)
        return [
            key[2]
            for key in _offsets(candidate)
            if key in self._following and _reaches(self._following[key], middle, least)
        ]

    def rises(self, candidate: Candidate) -> bool:
        """Whether it is a number which goes up, as of a document with pages left out."""
        place = self._places.get(candidate.strip)
        if place is None:
            return False
        numbers = self._numbers[candidate.kind, candidate.numbers.is_roman]
        _, value = numbers[place]
        others = [*_near(numbers, place, -1), *_near(numbers, place, 1)]
        for other, its_value in others:
            pages, steps = other.page - candidate.page, its_value - value
            if abs(steps) < abs(pages) or (steps > 0) != (pages > 0):
                return False
        return len(others) + 1 >= self._least


def _offsets(c: Candidate) -> Iterator[tuple[ElementKind, str, int, int]]:
    """For each number: what all lines share in which it follows the page."""
    for place, value in enumerate(c.numbers.values):
        if value is not None:
            yield c.kind, c.numbers.key, place, value - c.page


def _reaches(pages: Pages, middle: float, least: int) -> bool:
    """Whether there are as many pages near a height; no more than those are looked at."""
    found: set[int] = set()
    for at in range(round(middle - _NEAR), round(middle + _NEAR) + 1):
        for page in pages.get(at, ()):
            found.add(page)
            if len(found) >= least:
                return True
    return False


def _near(
    numbers: list[tuple[Candidate, int]], place: int, step: int
) -> Iterator[tuple[Candidate, int]]:
    """The nearest numbers before or after one that stand at its height on other pages."""
    own = numbers[place][0]
    seen = {own.page}
    for at in range(place + step, place + step * _LOOK, step):
        if not 0 <= at < len(numbers) or len(seen) > _SIDE:
            return
        other = numbers[at][0]
        if other.page not in seen and abs(other.strip.middle - own.strip.middle) <= _NEAR:
            seen.add(other.page)
            yield numbers[at]
