"""Sizes, fonts and colours of a page's words, read once for each text object."""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Any, NamedTuple

import pypdfium2_raw as raw

from ragkit.loading import _pdfium_calls as calls

__all__ = ["Style", "StyleReader"]

_BOLD = re.compile(r"bold|black|heavy|demi|-medi\b|^(cm|sf|ec|lm)\w*bx", re.IGNORECASE)
_ITALIC = re.compile(r"italic|oblique|-\w*ital?\b|^(cm|sf|ec)(ti|sl|bxti)", re.IGNORECASE)
_FORCE_BOLD, _ITALIC_FLAG = 1 << 18, 1 << 6  # ISO 32000-1, table 123


class Style(NamedTuple):
    """What the words of a text object have in common."""

    size: float
    turned: int
    bold: bool
    italic: bool
    color: str = ""


class StyleReader:
    """Reads the styles of one text page.

    Args:
        address: Of the text page.
        rotation: Of the page, in quarter turns clockwise.
    """

    def __init__(self, address: int | None, rotation: int) -> None:
        self._address = address
        self._rotation = rotation
        self._fonts: dict[int, tuple[bool, bool]] = {}
        self._name = ctypes.create_string_buffer(256)
        self._styles: dict[tuple[Any, ...], Style] = {}

    def read(self, characters: Sequence[int]) -> list[Style]:
        """The styles of these characters, the first ones of words."""
        objects = list(map(calls.text_object, repeat(self._address), characters))
        # Of each object, the first of the characters: the pairs that come last win.
        firsts = dict(zip(reversed(objects), reversed(characters), strict=True))
        without = firsts.pop(None, None) is not None
        styles = dict(zip(firsts, self._of_objects(list(firsts), firsts.values()), strict=True))
        if not without:
            return [styles[one] for one in objects]
        pairs = zip(objects, characters, strict=True)
        return [styles[one] if one else self._of_character(at) for one, at in pairs]

    def _of_objects(self, objects: Sequence[int], characters: Iterable[int]) -> list[Style]:
        """The styles of text objects, each with one of its characters."""
        count = len(objects)
        sizes, matrices = calls.Cells("f", 1, count), calls.Cells("f", 6, count)
        colors = calls.Cells("I", 4, count)
        list(map(calls.font_size, objects, sizes.at()))
        placed = map(calls.char_matrix, repeat(self._address), characters, matrices.at())
        fonts, modes = map(calls.font_of, objects), map(calls.render_mode, objects)
        filled = map(calls.fill_color, objects, *(colors.at(part) for part in range(4)))
        # Made lists, so that PDFium has written before the cells are read.
        told = list(zip(fonts, modes, placed, filled, strict=True))
        matrix, color = matrices.read("4f8x"), colors.read("3I4x")
        return list(map(self._style, zip(told, sizes.values, matrix, color, strict=True)))

    def _of_character(self, at: int) -> Style:
        """The style of a character that is in no text object."""
        matrix = calls.Cells("f", 6, 1)
        placed = calls.char_matrix(self._address, at, matrix.at()[0])
        return self._style(((None, 0, placed, 0), 1.0, next(matrix.read("4f8x")), ()))

    def _style(self, key: tuple[Any, ...]) -> Style:
        """The style that PDFium's answers make: many text objects give the same ones."""
        style = self._styles.get(key)
        if style is None:
            style = self._styles[key] = self._made(key)
        return style

    def _made(self, key: tuple[Any, ...]) -> Style:
        (font, mode, placed, filled), font_size, matrix, color = key
        size, turned = self._size(font_size, matrix if placed else ())
        if not font:
            return Style(size, turned, bold=False, italic=False)
        if font not in self._fonts:
            self._fonts[font] = self._bold_italic(ctypes.cast(font, raw.FPDF_FONT))
        bold, italic = self._fonts[font]
        # Filled and stroked: how word processors fake a bold font.
        bold = bold or mode == raw.FPDF_TEXTRENDERMODE_FILL_STROKE
        return Style(
            size, turned, bold, italic, "#{:02x}{:02x}{:02x}".format(*color) if filled else ""
        )

    def _size(self, font_size: float, matrix: tuple[float, ...]) -> tuple[float, int]:
        """Size in points on the page, by the text's matrix, and how the text is turned."""
        angle = 0.0
        if matrix:
            a, b, c, d = matrix
            if b == 0.0 == c and a > 0:  # upright, as nearly all is
                font_size *= d
            else:
                font_size *= math.hypot(c, d)
                angle = math.degrees(math.atan2(b, a))
        size = abs(font_size)
        turned = self._rotation * 90 - angle if math.isfinite(angle) else 0.0
        return round(size, 2) if math.isfinite(size) else 0.0, round(turned) % 360

    def _bold_italic(self, font: Any) -> tuple[bool, bool]:
        """By the font's name, since few files fill in the weight truly."""
        self._name.value = b""  # PDFium leaves it as it is where there is no name
        raw.FPDFFont_GetBaseFontName(font, self._name, 256)
        name = self._name.value.decode("utf-8", "replace").partition("+")
        plain = name[2] or name[0]
        flags = max(0, raw.FPDFFont_GetFlags(font))
        bold = bool(_BOLD.search(plain)) or bool(flags & _FORCE_BOLD)
        italic = bool(_ITALIC.search(plain)) or bool(flags & _ITALIC_FLAG)
        return bold, italic
