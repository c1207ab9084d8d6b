"""What is drawn on a page beside its text: rules, rectangles, pictures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = ["Area", "Drawn", "Rule"]


class Rule(NamedTuple):  # a page has thousands: quicker to make than a frozen dataclass
    """A straight line, in points from the page's top left corner.

    Attributes:
        level: Whether it runs from left to right; else from top to bottom.
        at: Its height on the page, or its distance from the left edge.
        start: Left or upper end.
        end: Right or lower end.
    """

    level: bool
    at: float
    start: float
    end: float


class Area(NamedTuple):
    """A rectangle, in points from the page's top left corner."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        """From left to right."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """From top to bottom."""
        return self.y1 - self.y0

    @property
    def middle(self) -> tuple[float, float]:
        """Its centre."""
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    def holds(self, point: tuple[float, float]) -> bool:
        """Whether a point is in it, or on its edge."""
        x, y = point
        return self.x0 <= x <= self.x1 and self.y0 <= y <= self.y1

    @property
    def size(self) -> float:
        """Square points."""
        return max(0.0, self.width) * max(0.0, self.height)


@dataclass(slots=True)
class Drawn:
    """All that is drawn on one page.

    Attributes:
        rules: Lines, the sides of stroked rectangles, rectangles as thin as a line.
        fills: Filled rectangles, those of white aside.
        pictures: Images, and what has curves or slanted lines.
    """

    rules: list[Rule] = field(default_factory=list)
    fills: list[Area] = field(default_factory=list)
    pictures: list[Area] = field(default_factory=list)
