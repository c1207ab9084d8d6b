"""Tables as Excel workbooks."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ragkit._extras import require
from ragkit.errors import InvalidInputError
from ragkit.layout._grid import GridRow, begins, extent

if TYPE_CHECKING:
    from ragkit.layout.cells import Table

__all__ = ["write_workbook"]

_LONGEST = 32_767
"""Characters of a cell that Excel takes."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def write_workbook(
    sheets: Iterable[tuple[str | None, Table]], path: str | os.PathLike[str], feature: str
) -> None:
    """A workbook with a sheet for each table, and an empty one where there is none.

    Texts are as they stand, merged cells merged, headers bold. Control characters, which a
    workbook can't have, become U+FFFD.

    Args:
        sheets: Each table with its sheet's name; None for Excel's own.
        path: Of the file.
        feature: What was called, for the message.

    Raises:
        MissingExtraError: If openpyxl is not installed.
        InvalidInputError: If a cell has more text than Excel takes.
        OSError: If the file can't be written.
    """
    openpyxl = require("openpyxl", extra="tables", feature=feature)
    fonts = require("openpyxl.styles", extra="tables", feature=feature)
    book = openpyxl.Workbook()
    for number, (name, table) in enumerate(sheets):
        sheet = book.create_sheet() if number else book.active
        if name is not None:
            sheet.title = name
        _fill(sheet, table, fonts.Font)
    book.save(os.fspath(path))


def _fill(sheet: Any, table: Table, font: Any) -> None:
    rows = [GridRow(places) for places in table.grid(fill_merged=True)]
    for at, row in enumerate(rows):
        for column, cell in enumerate(row.places):
            if cell is None or not begins(rows, at, column):
                continue
            place = sheet.cell(at + 1, column + 1)
            place.value = _storable(cell.text)
            place.data_type = "s"  # "=…" in a document is a text, and no formula
            place.font = font(bold=cell.is_header)
            down, across = extent(rows, at, column)
            if down > 1 or across > 1:
                sheet.merge_cells(None, at + 1, column + 1, at + down, column + across)


def _storable(text: str) -> str:
    if len(text) > _LONGEST:
        raise InvalidInputError(
            f"The cell {text[:40]!r}… has {len(text):,} characters; Excel takes {_LONGEST:,}. Use "
            "to_csv()."
        )
    return _CONTROL.sub("\ufffd", text)
