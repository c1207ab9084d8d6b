"""Lines of underscores or dots to write upon, with which forms leave room for a value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ragkit.layout.analysis.drawn import Area
from ragkit.layout.analysis.levels import Levels
from ragkit.layout.analysis.strip import Strip
from ragkit.layout.model import Word
from ragkit.provenance import Box

__all__ = ["cut_blanks"]

_BLANKS = (("_", 3), (".…", 4), ("…", 1))
"""Signs that make up a blank, and how many of them at least: "Name:______" ends with one."""
_BESIDE = 2.0
"""Points that a field may stand above or below its line."""


def cut_blanks(
    strips: Sequence[Strip], filled: Iterable[Area], width: float, height: float
) -> list[Strip]:
    """The strips, those with blanks that a value is written on cut there, the blanks left out.

    Args:
        strips: Of a page.
        filled: The fields that have a value.
        width: Of the page, in points.
        height: The same.
    """
    blank = [s for s in strips if s.is_line and any(_without_blank(w) is not None for w in s.words)]
    if not blank:
        return list(strips)
    levels = Levels(blank, [s.middle for s in blank])
    fields: dict[int, list[Area]] = defaultdict(list)
    for area in filled:
        for strip in levels.between(area.y0 - _BESIDE, area.y1 + _BESIDE):
            fields[id(strip)].append(area)
    found: list[Strip] = []
    for strip in strips:
        on_it = fields.get(id(strip))
        found += _cut(strip, on_it, width, height) if on_it else [strip]
    return found


def _cut(strip: Strip, fields: Sequence[Area], width: float, height: float) -> list[Strip]:
    pieces: list[list[Word]] = [[]]
    for word in strip.words:
        text = _without_blank(word)
        if word.box is None or text is None or not _is_under(_tail(word, text), fields, width):
            pieces[-1].append(word)
            continue
        if text:
            end = _tail(word, text).x0
            box = Box(word.box.x0, word.box.y0, end, word.box.y1)
            pieces[-1].append(replace(word, text=text, box=box))
        pieces.append([])
    if len(pieces) == 1:
        return [strip]
    return [_strip(piece, strip, width, height) for piece in pieces if piece]


def _without_blank(word: Word) -> str | None:
    """The word without the blank at its end; None where it has none."""
    for signs, least in _BLANKS:  # a regular expression would begin anew at each sign
        text = word.text.rstrip(signs)
        if len(word.text) - len(text) >= least:
            return text
    return None


def _tail(word: Word, text: str) -> Box:
    """Where its blank is, as if all its letters were of one width."""
    box = word.box or Box(0.0, 0.0, 0.0, 0.0)
    x0 = box.x0 + box.width * len(text) / len(word.text)
    return Box(x0, box.y0, box.x1, box.y1)


def _is_under(blank: Box, fields: Iterable[Area], width: float) -> bool:
    x0, x1 = blank.x0 * width, blank.x1 * width
    return any(area.x0 <= (x0 + x1) / 2 <= area.x1 or x0 <= area.middle[0] <= x1 for area in fields)


def _strip(words: Sequence[Word], whole: Strip, width: float, height: float) -> Strip:
    part = Strip.around([Strip.of_word(word, width, height) for word in words])
    part.size, part.place = whole.size, whole.place
    return part
