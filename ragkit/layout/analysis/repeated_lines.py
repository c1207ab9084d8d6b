"""Running lines by what other pages say in the same place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ragkit.layout.analysis.margins import (
    EDGE,
    PARTS,
    SMALL,
    Candidate,
    Margin,
    Side,
    is_short,
    running_kind,
)
from ragkit.layout.analysis.repeats import Repeats
from ragkit.layout.analysis.strip import Strip

__all__ = ["RepeatedLines"]

_PITCH = 1.3
"""How much further than the next a row may stand from its table."""
_IN_LINE = 3.0
"""Points between the edges of what stands in one column."""
_ENTRIES = 20
"""Of a row, at most, that are held against the next row."""
_FIGURES = 0.08
"""Part of the height where figures alone, the same on all pages, may be running."""
_AMOUNT = re.compile(r"^\D{0,4}\d[\d.,’']*[.,]\d\d\D{0,4}$")
_LARGER = 1.12
"""Size of a title, at least, as a part of the body's."""
_FOR_SURE = 3
"""Pages that a number must go up on where text stands beside it."""


@dataclass(frozen=True, slots=True)
class RepeatedLines:
    """Tells running lines from the text, tables and figures that reach into a margin.

    Attributes:
        repeats: What stands on which pages.
        body_size: Font size of most of the text.
    """

    repeats: Repeats
    body_size: float

    def of(self, side: Side) -> Margin:
        """The running strips of one side of a page."""
        found: Margin = {}
        for number, row in enumerate(side.candidates):
            if self._is_table_row(side, number):
                continue
            is_attached = self._is_attached(side, number)
            sure = [self._is_sure(c, is_attached=is_attached) for c in row]
            if len(row) > PARTS and 2 * sum(sure) < len(row):  # words of a line that was stretched
                continue
            is_sum = any(map(self._is_amount, row))
            for candidate, is_sure in zip(row, sure, strict=True):
                if is_sum and not candidate.numbers.is_alone:
                    continue
                running = sum(sure) - is_sure, len(row) - 1
                if is_sure or self._is_running(candidate, *running):
                    found[candidate.strip] = running_kind(candidate.strip, candidate.kind)
        return found

    def _is_amount(self, candidate: Candidate) -> bool:
        """Whether it is an amount of its page alone: what stands beside it says of what."""
        # At the very edge "2.10" is a section's number.
        is_amount = candidate.depth > EDGE and _AMOUNT.match(candidate.strip.text) is not None
        return is_amount and not self.repeats.is_same(candidate)

    def _is_sure(self, candidate: Candidate, *, is_attached: bool) -> bool:
        """Whether it is running, whatever stands beside it."""
        numbers = candidate.numbers
        if numbers.is_caption:
            return False
        if self.repeats.is_same(candidate):
            is_title = self._is_large(candidate.strip) and not self.repeats.is_on_most(candidate)
            return numbers.is_worded and not is_title
        following = self.repeats.following(candidate)
        if not numbers.is_worded:  # figures: three pages, since two may match by chance
            return bool(following) and bool(self.repeats.following(candidate, _FOR_SURE))
        return not is_attached and self._is_numbered(candidate, following)

    def _is_large(self, strip: Strip) -> bool:
        """Whether it is set as a title, which some slides have in common."""
        return strip.size > max(_LARGER * self.body_size, SMALL)

    def _is_numbered(self, candidate: Candidate, following: Sequence[int]) -> bool:
        """Whether a line with the page's number in it looks like a running one, not a heading."""
        strip, size = candidate.strip, self.body_size
        if not following or strip.size > 1.05 * size or (strip.bold and strip.size > size):
            return False
        # "Question 3" may be what stands on page 3; "Chapter 3, page 41" says more.
        return not candidate.numbers.counts or max(following) > 0 or candidate.depth < EDGE

    def _is_running(self, candidate: Candidate, running: int, beside: int) -> bool:
        """Whether it is running because of what stands beside it.

        Args:
            candidate: In question.
            running: Strips at its height that are running for sure.
            beside: All that stand there.
        """
        repeats = self.repeats
        if candidate.numbers.is_worded:
            is_own = not candidate.numbers.is_caption
            return is_own and 0 < beside < 2 * running and repeats.is_alike(candidate)
        if running < beside:
            return False
        return (
            bool(repeats.following(candidate))
            or repeats.rises(candidate)
            or (candidate.depth < _FIGURES and repeats.is_same(candidate))
        )

    def _is_attached(self, side: Side, number: int) -> bool:
        """Whether a row stands as close to the text as its lines do to each other."""
        rows = side.rows[number : number + 3]
        if len(rows) < 3:
            return False
        if self._is_within(side, number):
            return self._is_attached(side, number + 1)
        gap = max(0.0, _pitch(*rows[:2]) - rows[0][0].height)
        return gap < rows[0][0].height and _pitch(*rows[:2]) <= _PITCH * _pitch(*rows[1:])

    def _is_table_row(self, side: Side, number: int) -> bool:
        """Whether a row goes on with the rows after it, as those of a table do."""
        rows = side.rows[number : number + 3]
        if len(rows) < 3 or _pitch(*rows[:2]) > _PITCH * _pitch(*rows[1:]):
            return False
        if not _is_aligned(rows[0], rows[1]):
            return False
        return not self._is_within(side, number) or self._is_table_row(side, number + 1)

    def _is_within(self, side: Side, number: int) -> bool:
        """Whether the row after it is in the margin, and the same on other pages."""
        inner = side.candidates[number + 1 : number + 2]
        return bool(inner) and all(self._is_sure(c, is_attached=False) for c in inner[0])


def _pitch(row: Sequence[Strip], following: Sequence[Strip]) -> float:
    return abs(row[0].middle - following[0].middle)


def _is_aligned(row: Sequence[Strip], following: Sequence[Strip]) -> bool:
    """Whether the entries of two rows stand in columns; single ones must be figures."""
    if not is_short(following):
        return False
    if len(row) == 1 and any(c.isalpha() for s in (*row, *following) for c in s.text):
        return False
    needed = min(2, len(row))
    for strip in row[:_ENTRIES]:
        needed -= any(_in_one_column(strip, other) for other in following)
        if needed <= 0:
            return True
    return False


def _in_one_column(a: Strip, b: Strip) -> bool:
    """Whether their left or right edges or their centres are in line."""
    return min(abs(a.x0 - b.x0), abs(a.x1 - b.x1), abs(a.centre[0] - b.centre[0])) < _IN_LINE
