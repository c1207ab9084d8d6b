"""The top and the bottom of a page, where running headers and footers stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ragkit.layout.analysis.page_numbers import Numbered, is_page_number, read_numbers
from ragkit.layout.analysis.rows import group_levels
from ragkit.layout.analysis.strip import Strip
from ragkit.layout.model import ElementKind

__all__ = ["EDGE", "MARGIN", "PARTS", "Candidate", "Margin", "Side", "is_short", "running_kind"]

MARGIN = 0.14
"""Part of the page's height at its top and at its bottom where to look."""
EDGE = 0.06
"""Part of the height where a line that looks like text may be a header or footer."""
PARTS = 3
"""Of a running line: left, centred and right."""
_LINES = 3
"""Lines that may run at the top, and at the bottom."""
_CELL_WORDS = 4
"""Words of a table's cell are fewer."""

Margin = dict[Strip, ElementKind]
"""Running strips of a page, and their kind."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A strip that may be a running line.

    Attributes:
        strip: What it is.
        page: Its page, counted from 0.
        kind: HEADER at the top, FOOTER at the bottom.
        depth: How deep its row's middle is in the page, as a part of its height.
        numbers: Those in it.
    """

    strip: Strip
    page: int
    kind: ElementKind
    depth: float
    numbers: Numbered


@dataclass(frozen=True, slots=True)
class Side:
    """The top or the bottom of a page.

    Attributes:
        rows: Of text, from the edge inwards.
        candidates: Of the first of them, which are in the margin.
    """

    rows: list[list[Strip]]
    candidates: list[list[Candidate]]

    @classmethod
    def both_of(cls, page: int, strips: Sequence[Strip], height: float) -> list[Side]:
        """The top and the bottom of a page of that height in points."""
        rows = group_levels([s for s in strips if not s.vertical and s.is_line])
        return [
            cls._of(page, rows, height, ElementKind.HEADER),
            cls._of(page, rows[::-1], height, ElementKind.FOOTER),
        ]

    @classmethod
    def _of(cls, page: int, rows: list[list[Strip]], height: float, kind: ElementKind) -> Side:
        candidates = []
        for row in rows[:_LINES]:
            middles = [s.middle for s in row]
            deep = max(middles) if kind is ElementKind.HEADER else height - min(middles)
            if deep > MARGIN * height:
                break
            depth = deep / height if height > 0 else 0.0
            candidates.append([Candidate(s, page, kind, depth, read_numbers(s.text)) for s in row])
        return cls(rows[: _LINES + 2], candidates)


def running_kind(strip: Strip, kind: ElementKind) -> ElementKind:
    """PAGE_NUMBER for a page number, else `kind`."""
    return ElementKind.PAGE_NUMBER if is_page_number(strip.text) else kind


def is_short(row: Sequence[Strip]) -> bool:
    """Whether most entries of a row are short, as a table's are."""
    return sum(len(s.words) < _CELL_WORDS for s in row) > len(row) / 2
