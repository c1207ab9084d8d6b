"""Words of a page with their boxes and fonts, in few calls of PDFium.

A page's text is fetched in one call and cut at white space; only the first and the last
character of a word are asked for their boxes. A font is looked up once for each text object.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from typing import Any

import pypdfium2_raw as raw

from ragkit.layout.model import Word
from ragkit.loading import _pdfium_calls as calls
from ragkit.loading._pdfium_frame import Edges, Frame
from ragkit.loading._pdfium_styles import Style, StyleReader
from ragkit.provenance import Box

__all__ = ["read_words"]

MAX_CHARACTERS = 1_000_000
"""More on one page is an attack or damage: a page of dense print has 10,000."""

# PDFium writes U+FFFE or U+0002 for a hyphen at a line's end and leaves out the line break.
_WORD = re.compile("[^\\s\ufffe\x02]+[\ufffe\x02]?|[\ufffe\x02]")
_HYPHENS = str.maketrans({"\ufffe": "-", "\x02": "-"})
_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl"}
_LIGATURES |= {0xFB05: "st", 0xFB06: "st"}
_INVISIBLE = dict.fromkeys(
    [*range(32), *range(0x7F, 0xA0), 0x200B, 0x200C, 0x2060, 0xFEFF, 0xFFFF, *range(0xD800, 0xE000)]
)
_CLEAN = _INVISIBLE | _LIGATURES
_NOWHERE = (0.0, 0.0, 0.0, 0.0)
_FAR = 1e9
"""Points: no page is as large."""


def read_words(text_page: Any, frame: Frame) -> list[Word]:
    """Every word of an open page, in the order of the file.

    Raises:
        ValueError: If it has more than `MAX_CHARACTERS`.
    """
    return _Reader(text_page, frame).words()


class _Reader:
    """Reads the words of one text page."""

    def __init__(self, text_page: Any, frame: Frame) -> None:
        self._page = text_page
        self._frame = frame
        self._address = ctypes.cast(text_page, ctypes.c_void_p).value
        self._index: Sequence[int] = ()
        """Number of each character of the text."""

    def words(self) -> list[Word]:
        """Every word, in the order of the file."""
        count = raw.FPDFText_CountChars(self._page)
        if count > MAX_CHARACTERS:
            raise ValueError(f"it has {count:,} characters, more than {MAX_CHARACTERS:,}")
        text = self._text(count)
        texts: list[str] = []
        starts: list[int] = []
        ends: list[int] = []  # of each word, its first and its last character
        for found in _WORD.finditer(text):
            start, end = found.span()
            texts.append(found[0])
            starts.append(start)
            ends += (start, end - 1)
        self._index = range(count)
        if len(text) != count:  # characters without a Unicode value have no place in the text
            index = list(map(calls.text_index, repeat(self._address), range(len(text))))
            self._index, ends = index, [index[at] for at in ends]
        styles = StyleReader(self._address, self._frame.rotation).read(ends[::2])
        return list(self._made(texts, starts, styles, self._edges(ends)))

    def _text(self, count: int) -> str:
        if count <= 0:
            return ""
        cells = calls.Cells("H", 1, 2 * count + 2)  # a character may need two units
        written = calls.text_of(self._address, 0, count, cells.at().start)
        units = cells.values[: max(0, written - 1)]
        text = units.tobytes().decode("utf-16-le", "surrogatepass")
        # PDFium counts the two halves of a character beyond U+FFFF as two characters.
        return text if len(text) == len(units) else "".join(map(chr, units))

    def _made(
        self,
        texts: Iterable[str],
        starts: Iterable[int],
        styles: Iterable[Style],
        places: Iterable[Edges],
    ) -> Iterator[Word]:
        """The words, their text cleaned; what has nothing printable in it is left out.

        One makes several where its first and last character are too far apart.
        """
        wide, high = self._frame.width, self._frame.height
        for text, start, style, edges in zip(texts, starts, styles, places, strict=True):
            size, turned, bold, italic, color = style
            x0, y0, x1, y1 = edges
            em = size if size > 1.0 else 1.0
            longest = 1.3 * em * len(text) + em
            if x1 - x0 > longest or y1 - y0 > longest:
                boxes = self._boxes(self._index[start : start + len(text)])
                for part, around in _pieces(text, boxes, em):
                    yield from self._word(part, around, style)
            elif text.isascii() and text.isprintable():
                box = Box(x0 / wide, y0 / high, x1 / wide, y1 / high)
                yield Word(text, box, size, bold, italic, 1.0, turned, color)
            else:
                yield from self._word(text, edges, style)

    def _word(self, text: str, edges: Edges, style: Style) -> Iterator[Word]:
        """The word with its text cleaned; none where nothing printable is left."""
        cleaned = _clean(text)
        if cleaned:
            wide, high = self._frame.width, self._frame.height
            x0, y0, x1, y1 = edges
            box = Box(x0 / wide, y0 / high, x1 / wide, y1 / high)
            size, turned, bold, italic, color = style
            yield Word(cleaned, box, size, bold, italic, 1.0, turned, color)

    def _edges(self, ends: Sequence[int]) -> Iterator[Edges]:
        """Of words, by their first and last characters, which come in turns."""
        known, cells = self._asked(ends)
        # All at once, since hardly any page has one that is nowhere; NaN is not less either.
        is_sound = all(known) and sum(map(abs, cells.values)) < _FAR
        if self._frame.rotation or not is_sound:
            boxes = iter(self._placed(known, cells))
            yield from map(_spanned, boxes, boxes)
            return
        left, top = self._frame.left, self._frame.top
        for x0, y0, x1, y1, x2, y2, x3, y3 in cells.read("8f"):
            if y0 == y2 and y1 == y3 and x0 <= x2:
                yield x0 - left, top - y0, x3 - left, top - y1
            else:
                first = x0 - left, top - y0, x1 - left, top - y1
                yield _around(first, (x2 - left, top - y2, x3 - left, top - y3))

    def _boxes(self, characters: Sequence[int]) -> list[Edges]:
        """Of each character: as wide as it runs, as high as its font."""
        return self._placed(*self._asked(characters))

    def _asked(self, characters: Sequence[int]) -> tuple[list[int], calls.Cells]:
        """Whether PDFium knows each character's box, and the boxes as they are in the file."""
        cells = calls.Cells("f", 4, len(characters))
        return list(map(calls.loose_box, repeat(self._address), characters, cells.at())), cells

    def _placed(self, known: Iterable[int], cells: calls.Cells) -> list[Edges]:
        """Boxes on the page as it is shown."""
        return [
            self._frame.edges(*box) if one and sum(map(abs, box)) < _FAR else _NOWHERE
            for one, box in zip(known, cells.read("4f"), strict=True)
        ]


def _spanned(first: Edges, last: Edges) -> Edges:
    """From a word's first character to its last."""
    if first[1] == last[1] and first[3] == last[3] and first[0] <= last[0]:
        return first[0], first[1], last[2], first[3]  # on one line, as nearly all are
    return _around(first, last)


def _clean(text: str) -> str:
    """Without control characters, ligatures as letters, a soft hyphen only at the end."""
    text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    text = text.translate(_HYPHENS).translate(_CLEAN)
    return text[:-1].replace("\xad", "") + text[-1:]


def _around(a: Edges, b: Edges) -> Edges:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def _pieces(text: str, boxes: list[Edges], em: float) -> Iterator[tuple[str, Edges]]:
    """The word cut where its characters jump by more than their size."""
    start, around = 0, boxes[0]
    for i in range(1, len(text)):
        a, b = boxes[i - 1], boxes[i]
        gap = max(b[0] - a[2], a[0] - b[2], b[1] - a[3], a[1] - b[3])
        if gap > em:
            yield text[start:i], around
            start, around = i, b
        else:
            around = _around(around, b)
    yield text[start:], around
