"""Rules, rectangles and pictures of a page, read from its objects.

Most objects of a page are text, which takes two calls each to pass over. A path of up to five
segments is a line or a rectangle, and its bounds say all; only longer ones are gone through.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise, repeat
from typing import Any, NamedTuple

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

    def read(
        self, parent: int | None, count: int, get: Any, matrix: Matrix = _SAME, depth: int = 0
    ) -> None:
        """Reads the parent's objects, as far as the limits allow."""
        objects = list(map(get, repeat(parent), range(min(count, MAX_PASSED))))
        kinds = map(calls.object_type, objects)
        others = [
            (kind, one)
            for kind, one in zip(kinds, objects, strict=True)
            if kind != raw.FPDF_PAGEOBJ_TEXT
        ]
        del others[max(0, self._objects) :]
        bounds = self._bounds([one for _, one in others], matrix)
        paths = _paths([one for kind, one in others if kind == raw.FPDF_PAGEOBJ_PATH])
        for (kind, one), area in zip(others, bounds, strict=True):
            self._objects -= 1
            if kind == raw.FPDF_PAGEOBJ_PATH:
                self._path(next(paths), area, matrix)
            elif kind in (raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_SHADING):
                self._picture(area)
            elif kind == raw.FPDF_PAGEOBJ_FORM and depth < MAX_DEPTH:
                inner = _times(_matrix_of(one), matrix)
                forms = raw.FPDFFormObj_CountObjects(ctypes.cast(one, raw.FPDF_PAGEOBJECT))
                self.read(one, forms, calls.form_object, inner, depth + 1)
            if self._objects <= 0:
                return

    def _bounds(self, objects: Sequence[int], matrix: Matrix) -> list[Area | None]:
        """Rectangles around objects; None for what is nowhere."""
        cells = calls.Cells("f", 4, len(objects))
        known = list(map(calls.object_bounds, objects, *map(cells.at, range(4))))
        place, edges = self._placing(matrix), self._frame.edges
        found: list[Area | None] = []
        for one, (left, bottom, right, top) in zip(known, cells.read("4f"), strict=True):
            if matrix is _SAME:
                area = Area(*edges(left, top, right, bottom))
                found.append(area if one and math.isfinite(sum(area)) else None)
            else:
                corners = [place(x, y) for x in (left, right) for y in (bottom, top)]
                found.append(_around(corners) if one else None)
        return found

    def _path(self, path: _Path, bounds: Area | None, matrix: Matrix) -> None:
        if bounds is None or not (path.filled or path.stroked):
            return  # it is nowhere, or only clips
        filled = path.filled and not (path.white and _is_wide(bounds))
        if not filled and not path.stroked:
            return
        if path.length <= _SIMPLE:
            self._simple(bounds, is_line=path.length <= 2, filled=filled, stroked=path.stroked)
        elif path.length > self._segments or _has_curve(path.address):
            self._picture(bounds)
        else:
            self._segments -= path.length
            self._parts(path, matrix, filled=filled)

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

    def _parts(self, path: _Path, matrix: Matrix, *, filled: bool) -> None:
        """A path of many lines or rectangles; a picture where it has curves or slanted lines."""
        place = self._placing(_times(_matrix_of(path.address), matrix))
        for points, curved in _subpaths(path):
            corners = [place(x, y) for x, y in points]
            area = _around(corners)
            if area is None:
                continue
            if curved or not all(map(_is_straight, corners, corners[1:])):
                self._picture(area)
            elif filled or len(corners) <= 2 or len(corners) == _SIMPLE:
                is_line = len(corners) <= 2
                self._simple(area, is_line=is_line, filled=filled, stroked=path.stroked)
            else:
                sides = (_as_rule(area) for pair in pairwise(corners) if (area := _around(pair)))
                self.drawn.rules += [side for side in sides if side is not None]

    def _picture(self, area: Area | None) -> None:
        if area is not None:
            self.drawn.pictures.append(area)

    def _placing(self, matrix: Matrix) -> Callable[[float, float], Point]:
        """What gives a point's place on the page as it is shown."""
        point = self._frame.point
        if matrix is _SAME:
            return point
        a, b, c, d, e, f = matrix
        return lambda x, y: point(a * x + c * y + e, b * x + d * y + f)


class _Path(NamedTuple):
    """What PDFium tells of a path: its number of segments, and how it is drawn."""

    address: int
    length: int
    filled: bool
    stroked: bool
    white: bool


def _paths(objects: Sequence[int]) -> Iterator[_Path]:
    """What is told of paths."""
    number = len(objects)
    modes, colors = calls.Cells("I", 2, number), calls.Cells("I", 4, number)
    list(map(calls.draw_mode, objects, modes.at(), modes.at(1)))
    known = list(map(calls.fill_color, objects, *map(colors.at, range(4))))
    counts = map(calls.count_segments, objects)
    for one, count, (fill, stroke), color, is_known in zip(
        objects, counts, modes.read("2I"), colors.read("4I"), known, strict=True
    ):
        white = bool(is_known) and (color[3] == 0 or min(color[:3]) >= _WHITE)
        yield _Path(one, count, bool(fill), bool(stroke), white)


def _has_curve(path: int) -> bool:
    """Whether its second or third segment is a curve, as of letters and diagrams."""
    return any(
        calls.segment_kind(calls.path_segment(path, number)) == raw.FPDF_SEGMENT_BEZIERTO
        for number in (1, 2)
    )


def _subpaths(path: _Path) -> Iterator[tuple[list[Point], bool]]:
    """The corners of each part of a path, and whether it has curves."""
    segments = list(map(calls.path_segment, repeat(path.address), range(path.length)))
    cells = calls.Cells("f", 2, path.length)
    list(map(calls.segment_point, segments, cells.at(), cells.at(1)))
    kinds, closes = map(calls.segment_kind, segments), map(calls.segment_closes, segments)
    points: list[Point] = []
    curved = False
    for kind, close, point in zip(kinds, closes, cells.read("2f"), strict=True):
        if kind == raw.FPDF_SEGMENT_MOVETO and points:
            yield points, curved
            points, curved = [], False
        points.append(point)
        curved = curved or kind == raw.FPDF_SEGMENT_BEZIERTO
        if close and points[0] != points[-1]:
            points.append(points[0])
    if points:
        yield points, curved


def _as_rule(area: Area) -> Rule | None:
    """The line that a thin rectangle is."""
    x0, y0, x1, y1 = area
    if y1 - y0 <= _THIN < x1 - x0:
        return Rule(True, (y0 + y1) / 2, x0, x1)
    if x1 - x0 <= _THIN < y1 - y0:
        return Rule(False, (x0 + x1) / 2, y0, y1)
    return None


def _sides(area: Area) -> list[Rule]:
    return [
        Rule(True, area.y0, area.x0, area.x1),
        Rule(True, area.y1, area.x0, area.x1),
        Rule(False, area.x0, area.y0, area.y1),
        Rule(False, area.x1, area.y0, area.y1),
    ]


def _around(points: Sequence[Point]) -> Area | None:
    """The rectangle around points; None where one is nowhere."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    if not math.isfinite(sum(xs) + sum(ys)):
        return None
    return Area(min(xs), min(ys), max(xs), max(ys))


def _is_straight(a: Point, b: Point) -> bool:
    return abs(a[0] - b[0]) <= 1 or abs(a[1] - b[1]) <= 1


def _is_wide(area: Area) -> bool:
    return area.width > _THIN and area.height > _THIN


def _matrix_of(one: Any) -> Matrix:
    matrix = raw.FS_MATRIX()
    pointer = ctypes.cast(one, raw.FPDF_PAGEOBJECT)
    if not raw.FPDFPageObj_GetMatrix(pointer, ctypes.byref(matrix)):
        return _SAME
    return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f


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
