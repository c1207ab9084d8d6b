"""Initials (drop caps): a large first letter beside the lines that it begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ragkit.layout.analysis.strip import Strip
from ragkit.layout.model import Word
from ragkit.provenance import Box

__all__ = ["Places", "can_be_initial", "with_initials"]

_MOST = 3_000
"""Strips of a page that is looked through for initials."""
_LARGER = 1.8
"""Size of an initial, at least, as a multiple of its line's."""
_BESIDE = 1.0
"""Font sizes between an initial and its first line, at most."""
_JOINED = 0.4
"""The same, where the line goes on with the initial's word."""


class Places:
    """Where words stand in the order of the file, worked out when it is first asked.

    Args:
        words: In that order.
    """

    def __init__(self, words: Sequence[Word]) -> None:
        self._words = words
        self._places: dict[int, int] | None = None

    def of(self, word: Word) -> int:
        """Of a word, its place."""
        return self._known().get(id(word), 0)

    def put(self, word: Word, place: int) -> None:
        """Gives a place to a word that was made."""
        self._known()[id(word)] = place

    def _known(self) -> dict[int, int]:
        if self._places is None:
            self._places = {id(word): place for place, word in enumerate(self._words)}
        return self._places


def can_be_initial(strip: Strip, size: float) -> bool:
    """Whether a strip is one letter, much larger than text of that size."""
    return (
        len(strip.words) == 1 and strip.size >= _LARGER * size and _is_letter(strip.words[0].text)
    )


def with_initials(strips: Sequence[Strip], places: Places) -> list[Strip]:
    """The strips, each initial put before the line that it begins.

    Args:
        strips: Of a page.
        places: Of the words; one that is made gets its own.
    """
    if len(strips) > _MOST:  # no page of prose has as many
        return list(strips)
    least = _LARGER * min((s.size for s in strips), default=0.0)
    initials = [s for s in strips if s.size >= least and can_be_initial(s, 0.0)]
    if not initials:
        return list(strips)
    gone: set[int] = set()
    for initial in initials:
        lines = [s for s in strips if _is_beside(initial, s)]
        if len(lines) > 1:  # it stands over two lines at least
            _put_before(min(lines, key=lambda s: s.y0), initial, places)
            gone.add(id(initial))
    return [s for s in strips if id(s) not in gone]


def _is_letter(text: str) -> bool:
    return text.strip("\"'“‘«").isalpha() and len(text) <= 2 and text[-1].isupper()


def _is_beside(initial: Strip, line: Strip) -> bool:
    if line.vertical or not line.is_line or line.size <= 0:
        return False
    if not can_be_initial(initial, line.size):
        return False
    away = line.x0 - initial.x1
    return initial.y0 < line.middle < initial.y1 and -1 <= away <= _BESIDE * line.size


def _put_before(line: Strip, initial: Strip, places: Places) -> None:
    first, letter = line.words[0], initial.words[0]
    goes_on = line.x0 - initial.x1 <= _JOINED * line.size and first.text[:1].isalpha()
    if goes_on and first.box is not None and letter.box is not None:
        box = Box.around([letter.box, first.box])
        line.words[0] = replace(first, text=letter.text + first.text, box=box)
        places.put(line.words[0], places.of(first))
    else:
        line.words.insert(0, letter)
        line.place = min(line.place, initial.place)
    # The line's left edge stays, where those below it, beside the initial, have theirs.
