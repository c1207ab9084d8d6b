"""What the parts of a Textract job name, and do not have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set
from functools import cached_property

from ragkit.loading._response_part import Part, named_pages, page_numbers, page_of

__all__ = ["Gap"]


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
        self._before: dict[int, set[int]] = {}
        self._after: dict[int, set[int]] = {}
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
        before, after = self._part_before(self.pages[0]), self._part_after(self.pages[-1])
        if before is not None and after is not None:
            return f" between {before.name!r} and {after.name!r}" if before != after else ""
        if before is not None:
            return f" after {before.name!r}"
        return f" before {after.name!r}" if after is not None else ""

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
        """What is named comes in the order of its blocks: so what is beside a gap is known."""
        for one, place, before, after in zip(
            ids, places, (None, *places), (*places[1:], None), strict=False
        ):
            if place is not None:
                continue
            self._example = self._example or one
            self._absent[page] += 1
            if before is not None:
                self._before.setdefault(page, set()).add(before)
            if after is not None:
                self._after.setdefault(page, set()).add(after)

    def _part_before(self, page: int) -> Part | None:
        """The last part before the first page that is not whole, or before its gap."""
        found = self._before.get(page, set())
        if not found or page in self._lost:
            found = {n for n, span in self._spans.items() if span[1] < page}
        return self._parts[max(found, key=self._order)] if found else None

    def _part_after(self, page: int) -> Part | None:
        """The first part after the last page that is not whole, or after its gap."""
        found = self._after.get(page, set())
        if not found or page in self._lost:  # a PAGE block is the first of its page
            first = page if page in self._lost else page + 1
            found = {n for n, span in self._spans.items() if span[0] >= first}
        return self._parts[min(found, key=self._order)] if found else None

    def _order(self, place: int) -> tuple[tuple[int, int], int]:
        return self._spans.get(place, (0, 0)), place

    @cached_property
    def _spans(self) -> dict[int, tuple[int, int]]:
        """The first and the last page that each part has blocks of."""
        every = enumerate(map(_span, self._parts))
        return {place: span for place, span in every if span is not None}

    def _ends_open(self) -> bool:
        return all(part.follows for part in self._parts)

    def _lost_pages(self) -> set[int]:
        blocks = [block for part in self._parts for block in part.blocks]
        named = {block["Page"] for block in blocks if isinstance(block.get("Page"), int)}
        return ({*range(1, self._expected() + 1)} | named) - set(page_numbers(blocks))

    def _expected(self) -> int:
        return max((part.pages or 0 for part in self._parts), default=0)


def _span(part: Part) -> tuple[int, int] | None:
    pages = [block["Page"] for block in part.blocks if isinstance(block.get("Page"), int)]
    return (min(pages), max(pages)) if pages else None
