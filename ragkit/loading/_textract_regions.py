"""Regions of a page, while its tables and fields find their places in them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from ragkit.layout.grouping import Placed
from ragkit.layout.model import ElementKind, KeyValue, Line, Table, Word
from ragkit.loading._textract_blocks import Block
from ragkit.provenance import Box

__all__ = ["NOWHERE", "ByHeight", "Part", "Region", "ids_of", "is_within", "left_top", "touches"]

NOWHERE = -1.0
"""The place in reading order of what the service's layout does not know."""

P = TypeVar("P", bound=Placed)

_SHARE = 0.95
"""Part of a thing's area that has to be in a region, for it to be part of it. From Textractor."""


@dataclass(slots=True, eq=False)
class Part:
    """A line, a field of a form or a table, before it is in an element.

    Attributes:
        content: What it is.
        words: All its words.
        box: Around it.
    """

    content: Line | KeyValue | Table
    words: list[Word]
    box: Box | None

    @classmethod
    def line(cls, words: list[Word]) -> Part:
        """A line of words."""
        return cls(Line(words), words, Box.around_any(word.box for word in words))

    def remove(self, words: Collection[int]) -> None:
        """Takes words out of a line; what is in tables and fields stays.

        Args:
            words: Ids of the objects.
        """
        if isinstance(self.content, Line) and any(id(word) in words for word in self.words):
            self.words = [word for word in self.words if id(word) not in words]
            self.content = Line(self.words)
            self.box = Box.around_any(word.box for word in self.words)


@dataclass(slots=True, eq=False)
class Region:
    """A block of the layout, or what stands in for one.

    Attributes:
        kind: What the service says that it is; None for a line that it gave no kind.
        box: Around it.
        order: Place in reading order; tables and fields come between whole numbers.
        parts: What it has; a list has regions, one for each item.
        block: The service's; None where it has none.
        id: The service's.
    """

    kind: ElementKind | None
    box: Box | None
    order: float = NOWHERE
    parts: list[Part | Region] = field(default_factory=list)
    block: Block | None = None
    id: str = ""

    @property
    def words(self) -> list[Word]:
        """All words in it."""
        return [word for part in self.parts for word in part.words]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left of it; a figure is never empty."""
        return not self.parts and self.kind is not ElementKind.FIGURE

    def remove(self, words: Collection[int]) -> None:
        """Takes words out of its lines; lines and items that are left empty go.

        Args:
            words: Ids of the objects.
        """
        for part in self.parts:
            part.remove(words)
        self.parts = [part for part in self.parts if part.words or not _is_line(part)]

    def fit(self) -> None:
        """Makes its box the one around its parts."""
        self.box = Box.around_any(part.box for part in self.parts) or self.box


def _is_line(part: Part | Region) -> bool:
    return isinstance(part, Region) or isinstance(part.content, Line)


def is_within(box: Box | None, outer: Box | None) -> bool:
    """Whether nearly all of `box` is in `outer`."""
    if box is None or outer is None:
        return False
    return outer.overlap(box) > _SHARE * box.area


def touches(box: Box | None, other: Box | None) -> bool:
    """Whether both share some area."""
    return box is not None and other is not None and box.overlap(other) > 0


def left_top(part: Part | Region) -> tuple[float, float]:
    """For sorting from top to bottom."""
    return (part.box.y0, part.box.x0) if part.box is not None else (0.0, 0.0)


def ids_of(words: Iterable[Word]) -> set[int]:
    """Ids of the objects."""
    return {id(word) for word in words}


class ByHeight(Generic[P]):
    """Things of a page, found by where they stand from top to bottom.

    Args:
        things: In any order; what is found keeps it.
    """

    def __init__(self, things: Iterable[P]) -> None:
        self._things = list(things)
        self._bands: dict[int, list[int]] = {}
        for number, thing in enumerate(self._things):
            for band in _bands(thing.box):
                self._bands.setdefault(band, []).append(number)

    def near(self, box: Box | None) -> list[P]:
        """Those that may share some height with a box, and those without a box."""
        found = {n for band in [_NO_BAND, *_bands(box)] for n in self._bands.get(band, ())}
        return [self._things[number] for number in sorted(found)]


_N_BANDS = 256
_NO_BAND = -1


def _bands(box: Box | None) -> Iterable[int]:
    """Numbers of the strips across the page that a box is in."""
    if box is None:
        return (_NO_BAND,)
    first, last = (min(max(int(y * _N_BANDS), 0), _N_BANDS) for y in (box.y0, box.y1))
    return range(first, last + 1)
