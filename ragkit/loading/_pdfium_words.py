"""Words of a page with their boxes and fonts, in few calls of PDFium.

A page's text is fetched in one call and cut at white space; only the first and the last
character of a word are asked for their boxes. A font is looked up once for each text object.
"""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pypdfium2_raw as raw

from ragkit.layout.model import Word
from ragkit.loading import _pdfium_calls as calls
from ragkit.loading._pdfium_frame import Edges, Frame
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
_BOLD = re.compile(r"bold|black|heavy|demi|-medi\b|^(cm|sf|ec|lm)\w*bx", re.IGNORECASE)
_ITALIC = re.compile(r"italic|oblique|-\w*ital?\b|^(cm|sf|ec)(ti|sl|bxti)", re.IGNORECASE)

_NOWHERE = (0.0, 0.0, 0.0, 0.0)
_FAR = 1e9
"""Points: no page is as large."""
_FORCE_BOLD, _ITALIC_FLAG = 1 << 18, 1 << 6  # ISO 32000-1, table 123


class _Style(NamedTuple):
    """What the words of a text object have in common."""

    size: float
    turned: int
    bold: bool
    italic: bool
    color: str = ""


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
        self._wide, self._high = frame.width, frame.height
        self._level, self._corner = frame.rotation == 0, (frame.left, frame.top)
        self._address = ctypes.cast(text_page, ctypes.c_void_p).value
        # Where PDFium writes: made once, since making them takes longer than the calls.
        self._rect, self._matrix, self._number = raw.FS_RECTF(), raw.FS_MATRIX(), ctypes.c_float()
        self._rect_ref, self._matrix_ref, self._number_ref = (
            ctypes.addressof(one) for one in (self._rect, self._matrix, self._number)
        )
        self._color_parts = [ctypes.c_uint() for _ in range(4)]
        self._color_refs = [ctypes.addressof(part) for part in self._color_parts]
        self._colors: dict[tuple[int, int, int], str] = {}
        self._styles: dict[int, _Style] = {}
        self._fonts: dict[int, tuple[bool, bool]] = {}

    def words(self) -> list[Word]:
        """Every word, in the order of the file."""
        count = raw.FPDFText_CountChars(self._page)
        if count > MAX_CHARACTERS:
            raise ValueError(f"it has {count:,} characters, more than {MAX_CHARACTERS:,}")
        text = self._text(count)
        # Characters without a Unicode value are counted but have no place in the text.
        index = _same if len(text) == count else self._index_of_text
        words: list[Word] = []
        for found in _WORD.finditer(text):
            self._read(found[0], found.start(), index, words)
        return words

    def _text(self, count: int) -> str:
        if count <= 0:
            return ""
        buffer = (ctypes.c_ushort * (2 * count + 2))()  # a character may need two units
        units = max(0, raw.FPDFText_GetText(self._page, 0, count, buffer) - 1)
        text = bytes(buffer)[: 2 * units].decode("utf-16-le", "surrogatepass")
        # PDFium counts the two halves of a character beyond U+FFFF as two characters.
        return text if len(text) == units else "".join(map(chr, buffer[:units]))

    def _index_of_text(self, at: int) -> int:
        return int(raw.FPDFText_GetCharIndexFromTextIndex(self._page, at))

    def _read(self, text: str, at: int, index: Callable[[int], int], words: list[Word]) -> None:
        """Adds the word; several where its characters do not stand side by side."""
        length = len(text)
        first = index(at)
        style = self._style(first)
        edges = self._box(first)
        if length > 1:
            last = self._box(index(at + length - 1))
            if edges[1] == last[1] and edges[3] == last[3] and edges[0] <= last[0]:
                edges = edges[0], edges[1], last[2], edges[3]  # on one line, as nearly all are
            else:
                edges = _around(edges, last)
            if _is_torn(edges, length, style.size):
                boxes = [self._box(index(at + i)) for i in range(length)]
                for piece, around in _pieces(text, boxes, style.size):
                    self._add(piece, around, style, words)
                return
        self._add(text, edges, style, words)

    def _add(self, text: str, edges: Edges, style: _Style, words: list[Word]) -> None:
        """Adds a word, its text cleaned; none where nothing printable is left."""
        if not text.isascii() or not text.isprintable():
            text = _clean(text)
        if text:
            wide, high = self._wide, self._high
            box = Box(edges[0] / wide, edges[1] / high, edges[2] / wide, edges[3] / high)
            size, turned, bold, italic, color = style
            words.append(Word(text, box, size, bold, italic, 1.0, turned, color))

    def _box(self, index: int) -> Edges:
        """Of one character: as wide as it runs, as high as its font."""
        rect = self._rect
        if not calls.loose_box(self._address, index, self._rect_ref):
            return _NOWHERE
        left, top, right, bottom = rect.left, rect.top, rect.right, rect.bottom
        if not abs(left) + abs(top) + abs(right) + abs(bottom) < _FAR:  # NaN is not less either
            return _NOWHERE
        if self._level:
            frame_left, frame_top = self._corner
            return left - frame_left, frame_top - top, right - frame_left, frame_top - bottom
        return self._frame.upright(rect)

    def _style(self, index: int) -> _Style:
        address = calls.text_object(self._address, index)
        if not address:
            return _Style(*self._size(index, 1.0), bold=False, italic=False)
        style = self._styles.get(address)
        if style is None:
            style = self._styles[address] = self._style_of(address, index)
        return style

    def _style_of(self, text_object: int, index: int) -> _Style:
        calls.font_size(text_object, self._number_ref)
        size, turned = self._size(index, self._number.value)
        font = calls.font_of(text_object)
        if not font:
            return _Style(size, turned, bold=False, italic=False)
        if font not in self._fonts:
            self._fonts[font] = _bold_italic(ctypes.cast(font, raw.FPDF_FONT))
        bold, italic = self._fonts[font]
        # Filled and stroked: how word processors fake a bold font.
        mode = calls.render_mode(text_object)
        bold = bold or mode == raw.FPDF_TEXTRENDERMODE_FILL_STROKE
        return _Style(size, turned, bold, italic, self._color(text_object))

    def _color(self, text_object: int) -> str:
        """As it is filled; empty where that is not known."""
        if not calls.fill_color(text_object, *self._color_refs):
            return ""
        red, green, blue, _ = self._color_parts
        rgb = red.value, green.value, blue.value
        known = self._colors.get(rgb)
        if known is None:
            known = self._colors[rgb] = "#{:02x}{:02x}{:02x}".format(*rgb)
        return known

    def _size(self, index: int, font_size: float) -> tuple[float, int]:
        """Size in points on the page, by the text's matrix, and how the text is turned."""
        matrix, angle = self._matrix, 0.0
        if calls.char_matrix(self._address, index, self._matrix_ref):
            if matrix.b == 0.0 == matrix.c and matrix.a > 0:  # upright, as nearly all is
                font_size *= matrix.d
            else:
                font_size *= math.hypot(matrix.c, matrix.d)
                angle = math.degrees(math.atan2(matrix.b, matrix.a))
        size = abs(font_size)
        turned = self._frame.rotation * 90 - angle if math.isfinite(angle) else 0.0
        return round(size, 2) if math.isfinite(size) else 0.0, round(turned) % 360


def _same(index: int) -> int:
    return index


def _bold_italic(font: Any) -> tuple[bool, bool]:
    """By the font's name, since few files fill in the weight truly."""
    buffer = ctypes.create_string_buffer(256)
    raw.FPDFFont_GetBaseFontName(font, buffer, 256)
    name = buffer.value.decode("utf-8", "replace").partition("+")
    plain = name[2] or name[0]
    flags = max(0, raw.FPDFFont_GetFlags(font))
    bold = bool(_BOLD.search(plain)) or bool(flags & _FORCE_BOLD)
    italic = bool(_ITALIC.search(plain)) or bool(flags & _ITALIC_FLAG)
    return bold, italic


def _clean(text: str) -> str:
    """Without control characters, ligatures as letters, a soft hyphen only at the end."""
    text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    text = text.translate(_HYPHENS).translate(_CLEAN)
    return text[:-1].replace("\xad", "") + text[-1:]


def _around(a: Edges, b: Edges) -> Edges:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def _is_torn(edges: Edges, length: int, size: float) -> bool:
    """Whether first and last character are too far apart for one word."""
    em = max(size, 1.0)
    return max(edges[2] - edges[0], edges[3] - edges[1]) > 1.3 * em * length + em


def _pieces(text: str, boxes: list[Edges], size: float) -> Iterator[tuple[str, Edges]]:
    """The word cut where its characters jump by more than their size."""
    em, start, around = max(size, 1.0), 0, boxes[0]
    for i in range(1, len(text)):
        a, b = boxes[i - 1], boxes[i]
        gap = max(b[0] - a[2], a[0] - b[2], b[1] - a[3], a[1] - b[3])
        if gap > em:
            yield text[start:i], around
            start, around = i, b
        else:
            around = _around(around, b)
    yield text[start:], around
