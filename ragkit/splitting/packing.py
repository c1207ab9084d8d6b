"""Parts of a linearized text packed into chunks."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from ragkit._fitting import last_fitting
from ragkit._spans import Span, trimmed
from ragkit.layout.model import ElementKind
from ragkit.layout.parts import TextPart
from ragkit.splitting.lengths import SpanLengths
from ragkit.splitting.recursive import RecursiveSplitter

__all__ = ["LayoutPacker", "Pack"]

_SMALL = 4
"""A section begins a chunk of its own unless what stands before it is under a quarter of one."""


class Pack(NamedTuple):
    """What makes a chunk.

    Attributes:
        span: Its characters.
        section: The headings that it stands under.
        page: Where it begins, if that is not its first word's page; 0-based.
    """

    span: Span
    section: tuple[str, ...]
    page: int | None


class _Unit(NamedTuple):
    """What is not cut any more: a part, or a piece of a long one."""

    span: Span
    section: tuple[str, ...]
    page: int | None
    is_heading: bool


class LayoutPacker:
    """Packs the parts of a text into chunks.

    Args:
        text: All of it.
        size: Greatest length of a chunk.
        length: Of a text.
    """

    def __init__(self, text: str, size: int, length: Callable[[str], int]) -> None:
        self._text = text
        self._size = size
        self._function = length
        self._lengths = SpanLengths(text, length)

    def packs(self, parts: Iterable[TextPart]) -> list[Pack]:
        """The chunks, in order."""
        units = list(self._units(parts))
        found, at = [], 0
        while at < len(units):
            end = self._end(units, at)
            texts = [unit for unit in units[at:end] if not unit.is_heading]
            section = texts[0].section if texts else units[end - 1].section
            found.append(Pack((units[at].span[0], units[end - 1].span[1]), section, units[at].page))
            at = end
        return found

    def _units(self, parts: Iterable[TextPart]) -> Iterator[_Unit]:
        """The parts, cut where one is too long, each under its headings."""
        path: list[tuple[int, str]] = []
        base: int | None = None  # where the headings directly before begin
        for part in parts:
            span = part.start, part.end
            if part.is_heading:
                level = part.level or 1
                path = [*((at, title) for at, title in path if at < level), (level, part.title)]
            if part.kind is ElementKind.TABLE:
                spans = [span]  # the linearizer has cut it, between rows
            else:
                spans = self._cut(span, part.start if part.is_heading or base is None else base)
            section = tuple(title for _, title in path)
            for piece in spans:
                yield _Unit(piece, section, part.page, part.is_heading)
            if not part.is_heading:
                base = None
            elif base is None:
                base = part.start

    def _cut(self, span: Span, base: int) -> list[Span]:
        """A part in pieces, of which the first fits in a chunk with what stands from `base` on."""
        start, end = span
        if self._length(base, start) * 2 > self._size:
            base = start
        if self._length(base, end) <= self._size:
            return [span]
        first = self._beginning(span, base)
        rest = self._pieces(trimmed(self._text, first[1] if first else start, end))
        return [first, *rest] if first else rest

    def _beginning(self, span: Span, base: int) -> Span | None:
        """As much of a part as fits with what stands from `base` on; None if nothing does."""
        room = self._size - self._length(base, span[0])
        while base < span[0] and room > 0:
            first = self._split(span, room)[0]
            excess = self._length(base, first[1]) - self._size
            if excess <= 0:
                return first
            room -= max(1, excess)
        return None

    def _pieces(self, span: Span) -> list[Span]:
        """A span in pieces that fit in a chunk each, but where a character alone does not."""
        found = []
        waiting = [(span, self._size)]
        while waiting:
            piece, room = waiting.pop()
            if self._length(*piece) <= self._size or piece[1] - piece[0] <= 1:
                found.append(piece)
            else:  # with a smaller room each time: lengths of joined pieces need not add up
                smaller = self._split(piece, room)
                waiting += [(one, max(1, room * 3 // 4)) for one in reversed(smaller)]
        return [(start, end) for start, end in found if start < end]

    def _split(self, span: Span, room: int) -> list[Span]:
        splitter = RecursiveSplitter(
            chunk_size=room, chunk_overlap=0, length_function=self._function
        )
        spans = splitter.split_spans(self._text[slice(*span)])
        return [(span[0] + start, span[0] + end) for start, end in spans]

    def _end(self, units: Sequence[_Unit], at: int) -> int:
        """The number of the unit after the chunk that begins with unit `at`."""
        start = units[at].span[0]

        def length(stop: int) -> int:
            return self._length(start, units[stop - 1].span[1])

        end = last_fitting(lambda stop: length(stop) <= self._size, at + 1, len(units))
        breaks = [
            n for n in range(at + 1, end) if units[n].is_heading and not units[n - 1].is_heading
        ]
        found = bisect.bisect_left(breaks, self._size, key=lambda stop: length(stop) * _SMALL)
        if found < len(breaks):
            return breaks[found]
        return _without_headings(units, at, end) if end < len(units) else end

    def _length(self, start: int, end: int) -> int:
        return self._lengths.of([(start, end)])[0]


def _without_headings(units: Sequence[_Unit], at: int, end: int) -> int:
    """The end of a chunk that leaves headings at its end to the next, if it has anything else."""
    last = end
    while last > at and units[last - 1].is_heading:
        last -= 1
    return last if last > at else end
