"""Text that runs neither level nor upright: watermarks, stamps, labels of a diagram's axis."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

from ragkit.layout.analysis.strip import Strip
from ragkit.layout.analysis.turning import slants
from ragkit.layout.model import Word

__all__ = ["part_slanting", "slanting_strips", "watermarks"]

_OFF_LINE = 0.7
"""Of a word from the line that it goes on, at most, in font sizes."""
_NEAR = 6.0
"""Points that a watermark may stand elsewhere on another page."""


def part_slanting(words: Sequence[Word]) -> tuple[list[Word], list[Word]]:
    """The words that are level and those that slant; all are level where most of them slant."""
    slanting = [word for word in words if slants(word)]
    if 2 * len(slanting) > len(words):
        return list(words), []
    return [word for word in words if not slants(word)], slanting


def slanting_strips(words: Sequence[Word], width: float, height: float) -> list[Strip]:
    """A strip for each line of slanting words, in the order of the file."""
    strips: list[Strip] = []
    for word in words:
        own = Strip.of_word(word, width, height)
        own.vertical = True
        if strips and _goes_on(strips[-1], own):
            last = strips[-1]
            last.words.append(word)
            last.x0, last.x1 = min(last.x0, own.x0), max(last.x1, own.x1)
            last.y0, last.y1 = min(last.y0, own.y0), max(last.y1, own.y1)
        else:
            strips.append(own)
    return strips


def _goes_on(strip: Strip, other: Strip) -> bool:
    """Whether a word stands on the slanting line of the words before it."""
    turned = strip.words[0].turned
    if other.words[0].turned != turned:
        return False
    angle = math.radians(turned)
    across, down = (b - a for a, b in zip(strip.centre, other.centre, strict=True))
    off = abs(across * math.sin(angle) - down * math.cos(angle))
    return off < _OFF_LINE * strip.size


def watermarks(pages: Sequence[Sequence[Strip]], body_size: float, least: int) -> list[list[Strip]]:
    """For each page, what slants there in large letters, and is the same on other pages.

    Args:
        pages: Their strips.
        body_size: Font size of most of the text: what is smaller may label a diagram's axis.
        least: Pages that have it.
    """
    alike: dict[tuple[object, ...], set[int]] = defaultdict(set)
    found = [
        [s for s in strips if s.vertical and s.size > body_size and slants(s.words[0])]
        for strips in pages
    ]
    for number, strips in enumerate(found):
        for strip in strips:
            alike[_place(strip)].add(number)
    return [[s for s in strips if len(alike[_place(s)]) >= least] for strips in found]


def _place(strip: Strip) -> tuple[object, ...]:
    x, y = strip.centre
    return strip.text.casefold(), strip.words[0].turned, round(x / _NEAR), round(y / _NEAR)
