"""Lines of underscores or dots to write upon, with which forms leave room for a value.

A blank after a label is left out: what is written on it is the label's. In a sentence, what is
written there takes the blank's place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from ragkit.layout.analysis.drawn import Area
from ragkit.layout.analysis.levels import Levels
from ragkit.layout.analysis.strip import Strip
from ragkit.layout.model import Word
from ragkit.provenance import Box

__all__ = ["Filled", "Lines", "cut_blanks"]

_BLANKS = (("_", 3, ".,;!?"), (".…", 4, ",;!?"), ("…", 1, ""))
"""Signs that make up a blank, how many of them at least, and what may follow on them: "Name:______"
ends with a blank, and so does "______,"."""
_BESIDE = 2.0
"""Points that a field may stand above or below its line."""


@dataclass(frozen=True, slots=True, eq=False)
class Filled:
    """A field that has a value: where it is, and what stands in it."""

    area: Area
    words: Sequence[Word]


@dataclass(slots=True)
class Lines:
    """The strips of a page, its blanks cut out or filled in.

    Attributes:
        strips: Without those that became sentences.
        sentences: Strips that had values put into their blanks.
        written: The fields whose values these are.
    """

    strips: list[Strip] = field(default_factory=list)
    sentences: list[Strip] = field(default_factory=list)
    written: list[Filled] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Blank:
    """A blank that something is written on.

    Attributes:
        before: What stands before it on the line, from the last one on.
        after: The stop or comma on its end.
        fields: On it; none where they were on the one before.
    """

    before: list[Word]
    after: str
    fields: list[Filled]


def cut_blanks(
    strips: Sequence[Strip], filled: Iterable[Filled], width: float, height: float
) -> Lines:
    """The strips, those with blanks that a value is written on cut there, the blanks left out.

    Where the blanks are part of a sentence, it has the values in their place.

    Args:
        strips: Of a page.
        filled: The fields that have a value.
        width: Of the page, in points.
        height: The same.
    """
    blank = [s for s in strips if s.is_line and any(_without_blank(w) for w in s.words)]
    if not blank:
        return Lines(list(strips))
    levels = Levels(blank, [s.middle for s in blank])
    fields: dict[int, list[Filled]] = defaultdict(list)
    for one in filled:
        for strip in levels.between(one.area.y0 - _BESIDE, one.area.y1 + _BESIDE):
            fields[id(strip)].append(one)
    found = Lines()
    written: set[int] = set()
    for strip in strips:
        on_it = [one for one in fields.get(id(strip), ()) if id(one) not in written]
        blanks, rest = _blanks(strip, on_it, width)
        if _is_sentence(blanks, rest):
            found.sentences.append(_sentence(strip, blanks, rest))
            now = [one for blank in blanks for one in blank.fields]
            found.written += now
            written |= {id(one) for one in now}
            continue
        pieces = [*(one.before for one in blanks), rest] if blanks else []
        parts = [_strip(piece, strip, width, height) for piece in pieces if piece]
        found.strips += parts if blanks else [strip]
    return found


def _blanks(
    strip: Strip, fields: Sequence[Filled], width: float
) -> tuple[list[_Blank], list[Word]]:
    """The strip's blanks that something is written on, and the words after the last one."""
    blanks: list[_Blank] = []
    piece: list[Word] = []
    left = sorted(fields, key=lambda one: one.area.x0)
    for word in strip.words if fields else ():
        parts = _without_blank(word)
        here = _on(_tail(word, parts[0]), fields, width) if parts and word.box else []
        if parts is None or word.box is None or not here:
            piece.append(word)
            continue
        text, after = parts
        if text:
            box = Box(word.box.x0, word.box.y0, _tail(word, text).x0, word.box.y1)
            piece.append(replace(word, text=text, box=box))
        blanks.append(_Blank(piece, after, [one for one in left if one in here]))
        left = [one for one in left if one not in here]
        piece = []
    return blanks, piece


def _is_sentence(blanks: Sequence[_Blank], rest: Sequence[Word]) -> bool:
    """Whether the text goes on after a blank, and no label with a colon stands before one."""
    if any(one.before and one.before[-1].text.endswith(":") for one in blanks):
        return False
    goes_on = bool(rest) and rest[0].text[0].islower()
    return bool(blanks) and (goes_on or any(one.after for one in blanks))


def _sentence(strip: Strip, blanks: Sequence[_Blank], rest: Sequence[Word]) -> Strip:
    """The strip with the values put in."""
    words: list[Word] = []
    for one in blanks:
        words += [*one.before, *(word for filled in one.fields for word in filled.words)]
        if words and one.after:
            words[-1] = replace(words[-1], text=words[-1].text + one.after)
    return replace(strip, words=[*words, *rest])


def _without_blank(word: Word) -> tuple[str, str] | None:
    """What stands before the blank at the word's end, and after it; None where it has none."""
    for signs, least, stops in _BLANKS:  # a regular expression would begin anew at each sign
        blank = word.text.rstrip(stops)
        text = blank.rstrip(signs)
        if len(blank) - len(text) >= least:
            return text, word.text[len(blank) :]
    return None


def _tail(word: Word, text: str) -> Box:
    """Where its blank is, as if all its letters were of one width."""
    box = word.box or Box(0.0, 0.0, 0.0, 0.0)
    x0 = box.x0 + box.width * len(text) / len(word.text)
    return Box(x0, box.y0, box.x1, box.y1)


def _on(blank: Box, fields: Iterable[Filled], width: float) -> list[Filled]:
    """The fields that stand on a blank."""
    x0, x1 = blank.x0 * width, blank.x1 * width
    return [
        one
        for one in fields
        if one.area.x0 <= (x0 + x1) / 2 <= one.area.x1 or x0 <= one.area.middle[0] <= x1
    ]


def _strip(words: Sequence[Word], whole: Strip, width: float, height: float) -> Strip:
    part = Strip.around([Strip.of_word(word, width, height) for word in words])
    part.size, part.place = whole.size, whole.place
    return part
