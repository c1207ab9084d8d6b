"""Checks of pages that were made by hand, where text, pictures or tables are made of them."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ragkit.errors import InvalidInputError
from ragkit.provenance import Box

if TYPE_CHECKING:
    from ragkit.layout.cells import Cell
    from ragkit.layout.model import Element, Page

__all__ = ["check_box", "check_cells", "check_pages"]

_PLACES = 250_000
"""Of a table's grid, beside those that come with its cells …"""
_PLACES_PER_CELL = 100
"""… since a few cells that span thousands of rows and columns are a slip, and take gigabytes."""


def check_pages(pages: Iterable[Page]) -> None:
    """Nothing, if boxes and cells can be worked with.

    Raises:
        InvalidInputError: If not; the message names the page, the element and the value.
    """
    for page in pages:
        for number, element in enumerate(page.elements):
            try:
                _check_element(element)
            except InvalidInputError as error:
                raise InvalidInputError(
                    f"Page {page.number}, elements[{number}] ({element.kind}): {error}"
                ) from None


def _check_element(element: Element) -> None:
    check_box(element.box, "the box")
    if element.table is not None:
        check_cells(element.table.cells)
    words = [word for line in element.iter_lines() for word in line.words]
    if not _are_sound([word.box for word in words if word.box is not None]):
        for word in words:
            check_box(word.box, f"the box of the word {word.text!r:.40}")


def check_box(box: Box | None, name: str) -> None:
    """Nothing, if it is a box of four numbers, or None.

    Raises:
        InvalidInputError: If not.
    """
    if box is not None and not _is_sound(box):
        raise InvalidInputError(
            f"{name} is {box!r:.200}; it has to be a Box of four finite numbers, in fractions of "
            "the page."
        )


def _are_sound(boxes: Sequence[Box]) -> bool:
    """Whether all are, looked at together; where they are, which is nearly always."""
    try:
        return {*map(type, boxes)} <= {Box} and math.isfinite(sum(map(sum, boxes)))
    except TypeError:
        return False


def _is_sound(box: object) -> bool:
    try:
        return isinstance(box, Box) and math.isfinite(box[0] + box[1] + box[2] + box[3])
    except TypeError:
        return False


def check_cells(cells: Sequence[Cell]) -> None:
    """Nothing, if the cells of a table make a grid.

    Raises:
        InvalidInputError: If a cell's place or span can't be, or the grid is out of all
            proportion to its cells.
    """
    places = height = width = 0
    for number, cell in enumerate(cells):
        try:
            row, column = operator.index(cell.row), operator.index(cell.column)
            down, across = operator.index(cell.row_span), operator.index(cell.column_span)
        except TypeError:
            row = column = down = across = -1
        if row < 0 or column < 0 or down < 1 or across < 1:
            raise InvalidInputError(
                f"cells[{number}] has row={cell.row!r}, column={cell.column!r}, "
                f"row_span={cell.row_span!r}, column_span={cell.column_span!r}; rows and columns "
                "are whole numbers from 0, spans from 1."
            )
        places += down * across
        height, width = max(height, row + down), max(width, column + across)
    if max(places, height * width) > _PLACES + _PLACES_PER_CELL * len(cells):
        raise InvalidInputError(
            f"the table's {len(cells):,} cells span {height:,} rows and {width:,} columns; check "
            "row, column, row_span and column_span."
        )
