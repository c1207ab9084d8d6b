"""What the parts of a Textract job name, and do not have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set

from ragkit.loading._response_part import Part, named_pages, page_numbers, page_of

__all__ = ["Gap"]

_Sides = tuple[int | None, int | None]
"""Places of the parts before and after what is missing."""


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
        self._parts = parts
        self._absent: Counter[int] = Counter()
        self._sides: Counter[_Sides] = Counter()
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
            found.append(f"{named_pages(self._lost)} of {self._expected()} {verb} no PAGE block")
        if self._absent:
            count, on = self._absent.total(), named_pages(sorted(self._absent))
            found.append(f"{count:,} blocks of {on} are not there, such as {self._example!r}")
        if self._ends_open():
            found.append("every part has a NextToken, so that the last is missing")
        return "; ".join(found)

    def place(self) -> str:
        """Between which parts, as far as that can be seen."""
        before, after = self._widest()
        if before is None and after is None:
            return ""
        if before is None or after is None:
            side, place = ("before", after) if before is None else ("after", before)
            assert place is not None
            return f" {side} {self._parts[place].name!r}"
        if before == after:
            return ""
        return f" between {self._parts[before].name!r} and {self._parts[after].name!r}"

    def _look(self) -> None:
        """Notes which blocks that others name are not there, and what stands beside them."""
        where = {
            str(block.get("Id")): place
            for place, part in enumerate(self._parts)
            for block in part.blocks
        }
        for part in self._parts:
            for block in part.blocks:
                for relation in block.get("Relationships") or ():
                    ids = [str(one) for one in relation.get("Ids") or ()]
                    places = [where.get(one) for one in ids]
                    if None in places:
                        self._note(page_of(block), ids, places)

    def _note(self, page: int, ids: Sequence[str], places: Sequence[int | None]) -> None:
        before, waiting = None, 0
        for one, place in zip(ids, places, strict=True):
            if place is None:
                waiting += 1
                self._example = self._example or one
                self._absent[page] += 1
                continue
            if waiting:
                self._sides[before, place] += waiting
            before, waiting = place, 0
        if waiting:
            self._sides[before, None] += waiting

    def _widest(self) -> _Sides:
        """The parts beside most of what is missing; both, where any relation tells."""
        both = Counter({sides: n for sides, n in self._sides.items() if None not in sides})
        if both and not self._lost:
            return both.most_common(1)[0][0]
        if not self.pages:
            return None, None
        return self._beside(self.pages[0], self.pages[-1])

    def _beside(self, first: int, last: int) -> _Sides:
        """The parts that end before a page, or on it, and begin after another, or on it."""
        every = enumerate(map(_span, self._parts))
        spans = {place: span for place, span in every if span is not None}
        lost = bool(self._lost)
        before = [(s[1], place) for place, s in spans.items() if s[1] <= first - lost]
        after = [(s[0], place) for place, s in spans.items() if s[0] >= last + lost]
        return (max(before)[1] if before else None), (min(after)[1] if after else None)

    def _ends_open(self) -> bool:
        return all(part.follows for part in self._parts)

    def _lost_pages(self) -> set[int]:
        blocks = [block for part in self._parts for block in part.blocks]
        named = {block["Page"] for block in blocks if isinstance(block.get("Page"), int)}
        return ({*range(1, self._expected() + 1)} | named) - set(page_numbers(blocks))

    def _expected(self) -> int:
        return max((part.pages or 0 for part in self._parts), default=0)


def _span(part: Part) -> tuple[int, int] | None:
    """The first page that it has a block of, and the last."""
    pages = [block["Page"] for block in part.blocks if isinstance(block.get("Page"), int)]
    return (min(pages), max(pages)) if pages else None
