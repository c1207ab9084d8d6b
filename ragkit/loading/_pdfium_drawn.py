"""Rules, rectangles and pictures of a page, read from its objects.

Most objects of a page are text, which takes two calls each to pass over. A path of up to five
segments is a line or a rectangle, and its bounds say all; only longer ones are gone through.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

import pypdfium2_raw as raw

from ragkit.layout.analysis.drawn import Area, Drawn, Rule
from ragkit.loading import _pdfium_calls as calls
from ragkit.loading._pdfium_frame import Frame

__all__ = ["read_drawn"]

MAX_OBJECTS = 20_000
"""Drawn objects of a page that are looked at."""
MAX_PASSED = 500_000
"""Objects of a page that are passed over, text included; a page of dense print has 3,000."""
MAX_SEGMENTS = 50_000
"""Segments of a page's paths that are looked at one by one; a longer path counts as a picture."""
MAX_DEPTH = 8
"""How deep forms may stand in forms."""

_THIN = 2.5
"""Points: what is thinner is a line."""
_WHITE = 250
_SIMPLE = 5
"""Segments of a closed rectangle."""

Point = tuple[float, float]
Matrix = tuple[float, float, float, float, float, float]
_SAME: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def read_drawn(page: Any, frame: Frame) -> Drawn:
    """What is drawn on the page, upright, from its top left corner."""
    reader = _Reader(frame)
    address = ctypes.cast(page, ctypes.c_void_p).value
    reader.read(address, raw.FPDFPage_CountObjects(page), calls.page_object)
    return reader.drawn


class _Reader:
    """Goes through a page's objects, those in its forms too."""

    def __init__(self, frame: Frame) -> None:
        self.drawn = Drawn()
        self._frame = frame
        self._objects = MAX_OBJECTS
        self._segments = MAX_SEGMENTS
        self._edges = [ctypes.c_float() for _ in range(4)]
        self._edge_refs = [ctypes.addressof(edge) for edge in self._edges]
        self._modes = ctypes.c_int(), ctypes.c_int()
        self._mode_refs = [ctypes.addressof(mode) for mode in self._modes]

    def read(
        self, parent: int | None, count: int, get: Any, matrix: Matrix = _SAME, depth: int = 0
    ) -> None:
        """Reads the parent's objects, as far as the limits allow."""
        kind_of = calls.object_type
        for number in range(min(count, MAX_PASSED)):
            one = get(parent, number)
            kind = kind_of(one)
            if kind == raw.FPDF_PAGEOBJ_TEXT:
                continue
            self._objects -= 1
            if self._objects < 0:
                return
            if kind == raw.FPDF_PAGEOBJ_PATH:
                self._path(one, matrix)
            elif kind in (raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_SHADING):
                self._picture(self._bounds(one, matrix))
            elif kind == raw.FPDF_PAGEOBJ_FORM and depth < MAX_DEPTH:
                inner = _times(_matrix_of(one), matrix)
                forms = raw.FPDFFormObj_CountObjects(ctypes.cast(one, raw.FPDF_PAGEOBJECT))
                self.read(one, forms, calls.form_object, inner, depth + 1)

    def _path(self, address: int, matrix: Matrix) -> None:
        fill, stroke = self._modes
        calls.draw_mode(address, *self._mode_refs)
        if not fill.value and not stroke.value:
            return  # it only clips
        count = calls.count_segments(address)
        bounds = self._bounds(address, matrix)
        if bounds is None:
            return
        path = ctypes.cast(address, raw.FPDF_PAGEOBJECT)
        filled = bool(fill.value) and not (_is_white(path) and _is_wide(bounds))
        if not filled and not stroke.value:
            return
        if count <= _SIMPLE:
            self._simple(bounds, is_line=count <= 2, filled=filled, stroked=bool(stroke.value))
        elif count > self._segments or _has_curve(path):
            self._picture(bounds)
        else:
            self._segments -= count
            self._parts(path, count, matrix, filled=filled, stroked=bool(stroke.value))

    def _simple(self, area: Area, *, is_line: bool, filled: bool, stroked: bool) -> None:
        """A line or a rectangle."""
        rule = _as_rule(area)
        if rule is not None:
            self.drawn.rules.append(rule)
        elif is_line:
            self._picture(area)
        else:
            if filled:
                self.drawn.fills.append(area)
            if stroked:
                self.drawn.rules += _sides(area)

    def _parts(self, path: Any, count: int, matrix: Matrix, *, filled: bool, stroked: bool) -> None:
        """A path of many lines or rectangles; a picture where it has curves or slanted lines."""
        matrix = _times(_matrix_of(path), matrix)
        for points, curved in _subpaths(path, count, matrix):
            corners = [self._placed(point) for point in points]
            area = _around(corners)
            if area is None:
                continue
            if curved or not all(_is_straight(a, b) for a, b in pairwise(corners)):
                self._picture(area)
            elif filled or len(corners) <= 2 or len(corners) == _SIMPLE:
                self._simple(area, is_line=len(corners) <= 2, filled=filled, stroked=stroked)
            else:
                sides = (_as_rule(area) for pair in pairwise(corners) if (area := _around(pair)))
                self.drawn.rules += [side for side in sides if side is not None]

    def _picture(self, area: Area | None) -> None:
        if area is not None:
            self.drawn.pictures.append(area)

    def _bounds(self, address: int, matrix: Matrix) -> Area | None:
        if not calls.object_bounds(address, *self._edge_refs):
            return None
        left, bottom, right, top = (edge.value for edge in self._edges)
        if matrix is not _SAME:
            corners = [_moved(matrix, x, y) for x in (left, right) for y in (bottom, top)]
            return _around([self._placed(corner) for corner in corners])
        return _around([self._placed((left, bottom)), self._placed((right, top))])

    def _placed(self, point: Point) -> Point:
        return self._frame.point(*point)


def _has_curve(path: Any) -> bool:
    """Whether its second or third segment is a curve, as of letters and diagrams."""
    return any(
        raw.FPDFPathSegment_GetType(raw.FPDFPath_GetPathSegment(path, number))
        == raw.FPDF_SEGMENT_BEZIERTO
        for number in (1, 2)
    )


def _subpaths(path: Any, count: int, matrix: Matrix) -> Iterator[tuple[list[Point], bool]]:
    """The corners of each part of a path, and whether it has curves."""
    x, y = ctypes.c_float(), ctypes.c_float()
    points: list[Point] = []
    curved = False
    for number in range(count):
        segment = raw.FPDFPath_GetPathSegment(path, number)
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_MOVETO and points:
            yield points, curved
            points, curved = [], False
        raw.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
        points.append(_moved(matrix, x.value, y.value))
        curved = curved or kind == raw.FPDF_SEGMENT_BEZIERTO
        if raw.FPDFPathSegment_GetClose(segment) and points[0] != points[-1]:
            points.append(points[0])
    if points:
        yield points, curved


def _as_rule(area: Area) -> Rule | None:
    """The line that a thin rectangle is."""
    if area.height <= _THIN < area.width:
        return Rule(True, (area.y0 + area.y1) / 2, area.x0, area.x1)
    if area.width <= _THIN < area.height:
        return Rule(False, (area.x0 + area.x1) / 2, area.y0, area.y1)
    return None


def _sides(area: Area) -> list[Rule]:
    return [
        Rule(True, area.y0, area.x0, area.x1),
        Rule(True, area.y1, area.x0, area.x1),
        Rule(False, area.x0, area.y0, area.y1),
        Rule(False, area.x1, area.y0, area.y1),
    ]


def _around(points: Iterable[Point]) -> Area | None:
    """The rectangle around points; None where one is nowhere."""
    found = list(points)
    if not all(math.isfinite(value) for point in found for value in point):
        return None
    xs, ys = zip(*found, strict=True)
    return Area(min(xs), min(ys), max(xs), max(ys))


def _is_straight(a: Point, b: Point) -> bool:
    return abs(a[0] - b[0]) <= 1 or abs(a[1] - b[1]) <= 1


def _is_wide(area: Area) -> bool:
    return area.width > _THIN and area.height > _THIN


def _is_white(path: Any) -> bool:
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    refs = [ctypes.byref(value) for value in (red, green, blue, alpha)]
    if not raw.FPDFPageObj_GetFillColor(path, *refs):
        return False
    return alpha.value == 0 or min(red.value, green.value, blue.value) >= _WHITE


def _matrix_of(one: Any) -> Matrix:
    matrix = raw.FS_MATRIX()
    pointer = ctypes.cast(one, raw.FPDF_PAGEOBJECT)
    if not raw.FPDFPageObj_GetMatrix(pointer, ctypes.byref(matrix)):
        return _SAME
    return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f


def _moved(matrix: Matrix, x: float, y: float) -> Point:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _times(first: Matrix, then: Matrix) -> Matrix:
    """One matrix that does what both do, one after the other."""
    a, b, c, d, e, f = first
    p, q, r, s, t, u = then
    return (
        a * p + b * r,
        a * q + b * s,
        c * p + d * r,
        c * q + d * s,
        e * p + f * r + t,
        e * q + f * s + u,
    )
