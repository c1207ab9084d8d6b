"""Where each character of a text came from: a map text offset → page and box.

A linearizer emits text together with a `SourceMap`; splitters slice both alike; stores keep
the map as part of one compact JSON text in ``metadata["_ragkit"]``. A run of the map covers
words that follow each other on one line of a page. Only the boxes' edges are kept: which
characters a word has is found again from the white space in the text.
"""

from __future__ import annotations

import bisect
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

__all__ = ["Box", "Point", "Provenance", "Region", "Run", "SourceMap"]

_UNIT = 10_000
"""Boxes are stored in 1/10,000 of the page: 0.06 pt on an A4 page, under a tenth of a pixel."""

_WORD = re.compile(r"\S+")


class Point(NamedTuple):
    """A corner of an outline, in fractions of the page's width and height."""

    x: float
    y: float


class Box(NamedTuple):  # a page has hundreds: four times as fast to make as a frozen dataclass
    """A rectangle in fractions of the page's width and height, origin at the top left."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        """Fraction of the page's width."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """Fraction of the page's height."""
        return self.y1 - self.y0

    @property
    def area(self) -> float:
        """Fraction of the page's area."""
        return max(0.0, self.width) * max(0.0, self.height)

    def union(self, other: Box) -> Box:
        """The smallest box around both."""
        return Box(
            min(self.x0, other.x0),
            min(self.y0, other.y0),
            max(self.x1, other.x1),
            max(self.y1, other.y1),
        )

    def overlap(self, other: Box) -> float:
        """Area that both share, as a fraction of the page."""
        width = min(self.x1, other.x1) - max(self.x0, other.x0)
        height = min(self.y1, other.y1) - max(self.y0, other.y0)
        return max(0.0, width) * max(0.0, height)

    def contains(self, other: Box, *, slack: float = 0.0) -> bool:
        """Whether `other` lies inside, or sticks out by at most `slack`."""
        return (
            self.x0 - slack <= other.x0
            and self.y0 - slack <= other.y0
            and self.x1 + slack >= other.x1
            and self.y1 + slack >= other.y1
        )

    @classmethod
    def around_any(cls, boxes: Iterable[Box | None]) -> Box | None:
        """The smallest box around those that are known; None where none is."""
        known = [box for box in boxes if box is not None]
        if len(known) < 2:
            return known[0] if known else None
        return cls.around(known)

    @classmethod
    def around(cls, boxes: Iterable[Box]) -> Box:
        """The smallest box around all of `boxes` (at least one)."""
        x0, y0, x1, y1 = zip(*boxes, strict=True)
        return cls(min(x0), min(y0), max(x1), max(y1))


@dataclass(frozen=True, slots=True)
class Region:
    """Characters ``[start, end)`` of a text and the box on the page that they came from.

    Attributes:
        page: Page number, 0-based.
        box: Around the words, in fractions of the page.
        start: First character, as an offset in the text of the document that was asked.
        end: One past the last character.
    """

    page: int
    box: Box
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Run:
    """Words that follow each other on one line: characters, page, and each word's edges.

    Attributes:
        start: First character in the text.
        end: One past the last.
        page: Page number, 0-based.
        y0: Top of the line, 1/10,000 of the page's height.
        y1: Bottom of the line.
        edges: Left and right of each word, 1/10,000 of the page's width. As many pairs as
            ``text[start:end]`` has words separated by white space.
    """

    start: int
    end: int
    page: int
    y0: int
    y1: int
    edges: tuple[tuple[int, int], ...]

    @classmethod
    def of_words(cls, start: int, end: int, page: int, boxes: Iterable[Box]) -> Run:
        """A run over ``text[start:end]`` whose words have these boxes (rounded outwards)."""
        lefts, tops, rights, bottoms = zip(*boxes, strict=True)
        floor, ceil = math.floor, math.ceil
        return cls(
            start,
            end,
            page,
            floor(min(tops) * _UNIT + 1e-6),
            ceil(max(bottoms) * _UNIT - 1e-6),
            tuple(
                [
                    (floor(x0 * _UNIT + 1e-6), ceil(x1 * _UNIT - 1e-6))
                    for x0, x1 in zip(lefts, rights, strict=True)
                ]
            ),
        )

    def box(self, first: int = 0, last: int | None = None) -> Box:
        """Around the words ``edges[first:last]``."""
        edges = self.edges[first:last] or self.edges
        left, right = min(e[0] for e in edges), max(e[1] for e in edges)
        return Box(left / _UNIT, self.y0 / _UNIT, right / _UNIT, self.y1 / _UNIT)

    def touched(self, text: str, start: int, end: int) -> tuple[int, int]:
        """Range of the words of this run that ``text[start:end]`` touches."""
        words = [m.span() for m in _WORD.finditer(text, self.start, min(self.end, len(text)))]
        if len(words) != len(self.edges):  # a text changed by others: the whole line is true still
            return 0, len(self.edges)
        first = sum(b <= start for _, b in words)
        last = sum(a < end for a, _ in words)
        return first, last

    def to_list(self) -> list[int]:
        """Flat integers: start, end, page, y0, y1, then gap and width of each word."""
        flat, at = [self.start, self.end, self.page, self.y0, self.y1], 0
        for left, right in self.edges:
            flat += (left - at, right - left)
            at = right
        return flat

    @classmethod
    def from_list(cls, flat: list[int]) -> Run:
        """The run that `to_list` wrote.

        Raises:
            ValueError: If the list is not of that form.
        """
        start, end, page, y0, y1, *steps = (int(n) for n in flat)
        if not steps or len(steps) % 2:
            raise ValueError(f"a run needs a gap and a width for each word, got {steps!r}")
        edges, at = [], 0
        for gap, width in zip(steps[::2], steps[1::2], strict=True):
            edges.append((at + gap, at + gap + width))
            at += gap + width
        return cls(start, end, page, y0, y1, tuple(edges))


class SourceMap:
    """Map of a text's characters to pages and boxes: runs in text order.

    Runs do not overlap; text between them (line breaks, marks that were added) has no place
    of its own.
    """

    __slots__ = ("_starts", "runs")

    def __init__(self, runs: Iterable[Run] = ()) -> None:
        self.runs = tuple(runs)
        self._starts = [run.start for run in self.runs]

    def __len__(self) -> int:
        return len(self.runs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SourceMap) and self.runs == other.runs

    def __hash__(self) -> int:
        return hash(self.runs)

    def __repr__(self) -> str:
        return f"SourceMap({len(self.runs)} runs)"

    def between(self, start: int, end: int) -> Iterator[Run]:
        """The runs that touch ``[start, end)``, in text order; an empty span touches none."""
        if start >= end:
            return
        at = max(0, bisect.bisect_right(self._starts, start) - 1)
        for run in self.runs[at:]:
            if run.start >= end:
                return
            if run.end > start:
                yield run

    def slice(self, text: str, start: int, end: int) -> SourceMap:
        """The map of ``text[start:end]``, offsets counted from `start`.

        A word that is cut keeps its whole box.
        """
        return SourceMap(self._cut(text, start, end))

    def _cut(self, text: str, start: int, end: int) -> Iterator[Run]:
        for run in self.between(start, end):
            first, last = run.touched(text, start, end)
            if first < last:
                a, b = max(run.start, start), min(run.end, end)
                yield Run(a - start, b - start, run.page, run.y0, run.y1, run.edges[first:last])

    def shifted(self, by: int) -> SourceMap:
        """The same map for a text that stands `by` characters further on."""
        return SourceMap(
            Run(r.start + by, r.end + by, r.page, r.y0, r.y1, r.edges) for r in self.runs
        )

    def regions(self, text: str, start: int = 0, end: int | None = None) -> tuple[Region, ...]:
        """Boxes of the words in ``text[start:end]``, one for each line, in text order."""
        stop = len(text) if end is None else end
        found = []
        for run in self.between(start, stop):
            first, last = run.touched(text, start, stop)
            if first < last:
                a, b = max(run.start, start), min(run.end, stop)
                found.append(Region(run.page, run.box(first, last), a, b))
        return tuple(found)

    def to_lists(self) -> list[list[int]]:
        """Plain lists of integers, for JSON."""
        return [run.to_list() for run in self.runs]

    @classmethod
    def from_lists(cls, lists: Iterable[list[int]]) -> SourceMap:
        """The map that `to_lists` wrote.

        Raises:
            ValueError: If the lists are not of that form.
        """
        return cls(Run.from_list(flat) for flat in lists)


@dataclass(frozen=True, slots=True)
class Provenance:
    """What ``metadata["_ragkit"]`` holds: a chunk's place in its document, and its map."""

    start: int
    end: int
    source_map: SourceMap
    labels: Mapping[int, str] = field(default_factory=dict)
    """What is printed on pages, where that is not the number counted from 1."""

    def cut(self, text: str, start: int, end: int) -> Provenance:
        """That of ``text[start:end]``, still counted from the original."""
        part = self.source_map.slice(text, start, end)
        pages = {run.page for run in part.runs}
        labels = {page: label for page, label in self.labels.items() if page in pages}
        return Provenance(self.start + start, self.start + end, part, labels)

    def to_json(self) -> str:
        """One compact JSON text, so that it survives every store."""
        value: dict[str, Any] = {"v": 1, "start": self.start, "end": self.end}
        if self.source_map.runs:
            value["map"] = self.source_map.to_lists()
        if self.labels:
            value["labels"] = {str(page): label for page, label in self.labels.items()}
        return json.dumps(value, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: object, length: int) -> Provenance:
        """What `to_json` wrote; anything else means: the whole text, no map.

        Metadata comes back from stores that others can write to, so that a damaged value
        costs the boxes and never the answer.
        """
        try:
            value = json.loads(text) if isinstance(text, str) else {}
            return cls(
                int(value["start"]),
                int(value["end"]),
                SourceMap.from_lists(value.get("map", ())),
                {int(page): str(label) for page, label in value.get("labels", {}).items()},
            )
        except (
            ValueError,
            TypeError,
            KeyError,
            AttributeError,
            OverflowError,
            RecursionError,
        ):
            return cls(0, length, SourceMap())
