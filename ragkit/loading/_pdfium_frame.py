"""The visible part of a page, and how it is turned for reading."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any

import pypdfium2 as pdfium
import pypdfium2_raw as raw

__all__ = ["Edges", "Frame"]

Edges = tuple[float, float, float, float]
"""Left, top, right, bottom in points of the upright page, from its top left corner."""


@dataclass(frozen=True, slots=True)
class Frame:
    """From the file's coordinates to points from the upright page's top left corner.

    Attributes:
        left: Of the visible part, in the file's coordinates.
        bottom: The same.
        right: The same.
        top: The same.
        rotation: Quarter turns clockwise.
    """

    left: float
    bottom: float
    right: float
    top: float
    rotation: int

    @classmethod
    def of_page(cls, page: Any) -> Frame:
        """That of an open page.

        Raises:
            PdfiumError: If the page has no size.
        """
        bounds = raw.FS_RECTF()
        if not raw.FPDF_GetPageBoundingBox(page, ctypes.byref(bounds)):
            raise pdfium.PdfiumError("it has no size")
        rotation = raw.FPDFPage_GetRotation(page) % 4
        frame = cls(bounds.left, bounds.bottom, bounds.right, bounds.top, rotation)
        if not (frame.width > 0 and frame.height > 0):
            raise pdfium.PdfiumError(f"its size is {frame.width} x {frame.height} points")
        return frame

    @property
    def width(self) -> float:
        """Points, as it is shown."""
        return float(self.top - self.bottom if self.rotation % 2 else self.right - self.left)

    @property
    def height(self) -> float:
        """Points, as it is shown."""
        return float(self.right - self.left if self.rotation % 2 else self.top - self.bottom)

    def upright(self, r: Any) -> Edges:
        """A rectangle in the file's coordinates as edges on the page as it is shown."""
        return self.edges(r.left, r.top, r.right, r.bottom)

    def edges(self, left: float, top: float, right: float, bottom: float) -> Edges:
        """`upright` of a rectangle by its sides in the file's coordinates."""
        if self.rotation in (2, 3):
            left, right = right, left
        if self.rotation in (1, 2):
            top, bottom = bottom, top
        return *self.point(left, top), *self.point(right, bottom)

    def point(self, x: float, y: float) -> tuple[float, float]:
        """A point in the file's coordinates on the page as it is shown."""
        if self.rotation == 0:
            return x - self.left, self.top - y
        if self.rotation == 1:
            return y - self.bottom, x - self.left
        if self.rotation == 2:
            return self.right - x, y - self.bottom
        return self.top - y, self.right - x
