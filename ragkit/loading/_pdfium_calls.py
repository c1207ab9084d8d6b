"""PDFium's functions that are called for each word or object, with plain addresses.

pypdfium2's own functions wrap each pointer in an object, which takes about as long as the call.
"""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Callable, Iterator
from struct import iter_unpack
from typing import Any

import pypdfium2_raw as raw

__all__ = [
    "Cells",
    "char_matrix",
    "count_segments",
    "draw_mode",
    "fill_color",
    "font_of",
    "font_size",
    "form_object",
    "loose_box",
    "object_bounds",
    "object_type",
    "page_object",
    "path_segment",
    "render_mode",
    "segment_closes",
    "segment_kind",
    "segment_point",
    "text_index",
    "text_object",
    "text_of",
]


class Cells:
    """Memory for PDFium to write to, a cell for each of many calls.

    With it a function is called over lists by `map`, which takes half as long as a loop.

    Args:
        kind: Of the numbers in a cell, as `array` has it: ``"f"``, ``"I"`` or ``"H"``.
        size: How many numbers a cell has.
        count: How many cells.
    """

    def __init__(self, kind: str, size: int, count: int) -> None:
        width = array(kind).itemsize
        self.values = array(kind, bytes(width * size * count))
        self._width, self._size, self._count = width, size, count

    def at(self, number: int = 0) -> range:
        """Addresses of the numbers at that place in each cell."""
        step = self._width * self._size
        start = self.values.buffer_info()[0] + self._width * number
        return range(start, start + step * self._count, step)

    def read(self, form: str) -> Iterator[tuple[Any, ...]]:
        """The cells, each as `struct` unpacks it by that form."""
        return iter_unpack(form, self.values)


_ADDRESS, _INT, _BOOL = ctypes.c_void_p, ctypes.c_int, ctypes.c_int
"""Whether it went well is an int in C; 0 if not."""


def _plain(function: Any, result: Any, *arguments: Any) -> Callable[..., Any]:
    """The same function of the library, for arguments and results of these types."""
    address = ctypes.cast(function, _ADDRESS).value
    assert address is not None
    plain: Callable[..., Any] = ctypes.CFUNCTYPE(result, *arguments)(address)
    return plain


text_index = _plain(raw.FPDFText_GetCharIndexFromTextIndex, _INT, _ADDRESS, _INT)
text_of = _plain(raw.FPDFText_GetText, _INT, _ADDRESS, _INT, _INT, _ADDRESS)
text_object = _plain(raw.FPDFText_GetTextObject, _ADDRESS, _ADDRESS, _INT)
loose_box = _plain(raw.FPDFText_GetLooseCharBox, _BOOL, _ADDRESS, _INT, _ADDRESS)
char_matrix = _plain(raw.FPDFText_GetMatrix, _BOOL, _ADDRESS, _INT, _ADDRESS)
font_size = _plain(raw.FPDFTextObj_GetFontSize, _BOOL, _ADDRESS, _ADDRESS)
font_of = _plain(raw.FPDFTextObj_GetFont, _ADDRESS, _ADDRESS)
render_mode = _plain(raw.FPDFTextObj_GetTextRenderMode, _INT, _ADDRESS)
fill_color = _plain(raw.FPDFPageObj_GetFillColor, _BOOL, *[_ADDRESS] * 5)
page_object = _plain(raw.FPDFPage_GetObject, _ADDRESS, _ADDRESS, _INT)
form_object = _plain(raw.FPDFFormObj_GetObject, _ADDRESS, _ADDRESS, ctypes.c_ulong)
object_type = _plain(raw.FPDFPageObj_GetType, _INT, _ADDRESS)
object_bounds = _plain(raw.FPDFPageObj_GetBounds, _BOOL, *[_ADDRESS] * 5)
draw_mode = _plain(raw.FPDFPath_GetDrawMode, _BOOL, _ADDRESS, _ADDRESS, _ADDRESS)
path_segment = _plain(raw.FPDFPath_GetPathSegment, _ADDRESS, _ADDRESS, _INT)
segment_kind = _plain(raw.FPDFPathSegment_GetType, _INT, _ADDRESS)
segment_point = _plain(raw.FPDFPathSegment_GetPoint, _BOOL, _ADDRESS, _ADDRESS, _ADDRESS)
segment_closes = _plain(raw.FPDFPathSegment_GetClose, _BOOL, _ADDRESS)
count_segments = _plain(raw.FPDFPath_CountSegments, _INT, _ADDRESS)
