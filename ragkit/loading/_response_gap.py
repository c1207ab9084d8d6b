"""What the parts of a Textract job name, and do not have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set
from itertools import accumulate
from typing import Any

from ragkit.loading._response_part import Part, id_of, named_pages, number_of, page_of, type_of
from ragkit.loading._textract_blocks import Raw, relations_of

__all__ = ["Gap"]

_HOLDERS = ("PAGE", "LINE", "TABLE")
"""Types of blocks that come before those that they name."""
_SURE = 1_000_000
"""Votes of a page, which is never out of its order."""


class Gap:
    """What is missing among the parts of a job; false if nothing is.

    A job's PAGE blocks name all that is on their page, and its parts follow each other, so what
    is named and not there is in a part that is not there. A single part without a NextToken is
    no such list: ids that it names in vain are nothing unusual.

    Args:
        parts: All that there are, in any order.
        known: Pages that the service itself could not analyse; None if it may be any.

    Attributes:
        pages: Numbers of pages without a PAGE block, or with blocks that are not there.
    """

    def __init__(self, parts: Sequence[Part], known: Set[int] | None) -> None:
        self._parts = sorted(parts, key=_span)
        self._end = len(parts)
        self._absent: Counter[int] = Counter()
        self._hints: Counter[tuple[int, int]] = Counter()
        self._example = ""
        if len(parts) > 1 or parts[0].follows:
            self._look()
        self._lost = [] if known is None else sorted(self._lost_pages() - known)
        self.pages = tuple(sorted({*self._lost, *self._absent}))

    def __bool__(self) -> bool:
        return bool(self.pages)

    def what(self) -> str:
        """What is missing."""
        found = []
        if self._lost:
            verb = "has" if len(self._lost) == 1 else "have"
            of = f" of {self._expected()}" if self._expected() else ""
            found.append(f"{named_pages(self._lost)}{of} {verb} no PAGE block")
        if self._absent:
            count, on = self._absent.total(), named_pages(sorted(self._absent))
            found.append(f"{count:,} blocks of {on} are not there, such as {self._example!r}")
        if self._ends_open():
            found.append("every part has a NextToken, so that the last is missing")
        return "; ".join(found)

    def place(self) -> str:
        """Between which parts, as far as that can be seen."""
        first, last = self._widest()
        before = self._parts[first - 1].name if first else None
        after = self._parts[last].name if last < len(self._parts) else None
        if before is not None and after is not None:
            return f" between {before!r} and {after!r}"
        if before is not None:
            return f" after {before!r}"
        return f" before {after!r}" if after is not None else ""

    def _look(self) -> None:
        """Notes which blocks that others name are not there, and where they would be."""
        where = {
            id_of(block): place for place, part in enumerate(self._parts) for block in part.blocks
        }
        for place, part in enumerate(self._parts):
            for block in part.blocks:
                for ids in relations_of(block):
                    places = [where.get(one) for one in ids]
                    if None in places:
                        self._example = self._example or ids[places.index(None)]
                        self._absent[page_of(block)] += places.count(None)
                        self._note(block, place, places)

    def _note(self, block: Raw, place: int, places: Sequence[int | None]) -> None:
        """Where the blocks are that this one names and that are not there.

        What is named comes in the order of the blocks, and blocks come after those that hold
        them, but for words of cells and fields, and lines of a layout.
        """
        after = type_of(block) in _HOLDERS
        low, high = (place + 1, self._end) if after else (0, place)
        for before, one, following in zip(
            (None, *places), places, (*places[1:], None), strict=False
        ):
            if one is None:
                self._hints[low, high] += 1
                self._hints[0 if before is None else before + 1, self._end] += 1
                self._hints[0, self._end if following is None else following] += 1

    def _widest(self) -> tuple[int, int]:
        """The places for which most speaks: from the first part that may follow, to the last."""
        votes = [0] * (self._end + 2)
        for (low, high), count in (self._hints + self._page_hints()).items():
            if low <= high:
                votes[low] += count
                votes[high + 1] -= count
        sums = list(accumulate(votes))[: self._end + 1]
        most = max(sums)
        best = [place for place, votes_for in enumerate(sums) if votes_for == most]
        return best[0], best[-1]

    def _page_hints(self) -> Counter[tuple[int, int]]:
        """Blocks come page by page, and the PAGE block is the first of its page."""
        spans = [_span(part) for part in self._parts]
        hints: Counter[tuple[int, int]] = Counter()
        for page in self.pages:
            first = page if page in self._lost else page + 1
            low = [place + 1 for place, (_, last) in enumerate(spans) if last < page]
            high = [place for place, (begin, _) in enumerate(spans) if begin >= first]
            hints[max(low, default=0), min(high, default=self._end)] += _SURE
        return hints

    def _ends_open(self) -> bool:
        return all(part.follows for part in self._parts)

    def _lost_pages(self) -> set[int]:
        blocks = [block for part in self._parts for block in part.blocks]
        pages = [block for block in blocks if type_of(block) == "PAGE"]
        there = {number_of(block) for block in pages}
        if None in there:  # old answers do not number pages
            return {*range(len(pages) + 1, self._expected() + 1)}
        named = {number_of(block) for block in blocks} - {None}
        lost: set[Any] = ({*range(1, self._expected() + 1)} | named) - there
        return lost

    def _expected(self) -> int:
        return max((part.pages or 0 for part in self._parts), default=0)


def _span(part: Part) -> tuple[int, int]:
    """The first page that it has blocks of, and the last."""
    pages = [page_of(block) for block in part.blocks]
    return (min(pages), max(pages)) if pages else (0, 0)
