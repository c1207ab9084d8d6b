"""Regions cut in two by a table in them."""

from __future__ import annotations

from dataclasses import replace

from ragkit.loading._textract_regions import Part, Region
from ragkit.provenance import Box

__all__ = ["Splits", "beside"]


def beside(box: Box | None, other: Box | None) -> bool:
    """Whether both share some height."""
    if box is None or other is None:
        return False
    return not (box.y1 < other.y0 or box.y0 > other.y1)


class Splits:
    """What became of regions that have tables between their lines.

    Attributes:
        replaced: Regions that are in pieces now.
        made: The pieces.
    """

    def __init__(self) -> None:
        self.replaced: set[Region] = set()
        self.made: list[Region] = []
        self._pieces: dict[Region, tuple[Region | None, Region | None]] = {}

    def split(self, region: Region, table: Region, number: int) -> None:
        """Cuts a region above and below a table.

        Args:
            region: No line of it is beside the table.
            table: Gets its place between the pieces.
            number: Which table of the region it is, from 0.
        """
        piece, penalty = self._last_piece(region)
        above = [part for part in piece.parts if _ends_above(part, table.box)]
        below = [part for part in piece.parts if _begins_below(part, table.box)]
        table.order = piece.order + (number * 2 + 1) * 0.01 + penalty
        upper = self._piece(piece, above, piece.order)
        lower = self._piece(piece, below, piece.order + (number * 2 + 2) * 0.01)
        self._pieces[piece] = (upper, lower)
        self.replaced.add(piece)

    def _last_piece(self, region: Region) -> tuple[Region, float]:
        """The lowest piece of a region, and how much later a table comes that is below it all."""
        penalty = 0.0
        while region in self._pieces:
            upper, lower = self._pieces[region]
            if lower is None:
                penalty = 0.001
            following = lower or upper
            if following is None:
                break
            region = following
        return region, penalty

    def _piece(self, region: Region, parts: list[Part | Region], order: float) -> Region | None:
        if not parts:
            return None
        piece = replace(region, parts=parts, order=order)
        piece.fit()
        self.made.append(piece)
        return piece


def _ends_above(part: Part | Region, box: Box | None) -> bool:
    return part.box is not None and box is not None and part.box.y1 < box.y0


def _begins_below(part: Part | Region, box: Box | None) -> bool:
    return part.box is not None and box is not None and part.box.y0 > box.y1
