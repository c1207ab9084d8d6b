"""Tables as Markdown, HTML, CSV, data frames and workbooks."""

from __future__ import annotations

import csv
import html
import io
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ragkit._extras import require
from ragkit.layout._grid import GridRow, begins, extent

if TYPE_CHECKING:
    from ragkit.layout.model import Cell, Table

__all__ = [
    "cell_tags",
    "markdown_cell",
    "markdown_word",
    "table_csv",
    "table_excel",
    "table_html",
    "table_markdown",
    "table_pandas",
]

_EXTRA = "tables"
_TAG = re.compile("<(?=[A-Za-z/!?])")


def table_markdown(table: Table, *, fill_merged: bool) -> str:
    """As a table of GitHub's Markdown; it has one header row, which is the first."""
    rows = [[markdown_cell(text) for text in row] for row in table.to_rows(fill_merged=fill_merged)]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    if lines:
        lines.insert(1, "|" + " --- |" * table.n_columns)
    return "\n".join(lines)


def markdown_cell(text: str) -> str:
    """Text that can't end its cell, nor begin a tag."""
    return markdown_word(" ".join(text.split()).replace("|", "\\|"))


def markdown_word(word: str) -> str:
    """Text that does not begin a tag: that of a page is no HTML."""
    return _TAG.sub(r"\\<", word) if "<" in word else word


def table_html(table: Table) -> str:
    """As HTML, spans included; text is escaped."""
    rows = [GridRow(places) for places in table.grid(fill_merged=True)]
    lines = ["<table>"]
    for at, row in enumerate(rows):
        cells = []
        for column, cell in enumerate(row.places):
            if begins(rows, at, column):
                opening, closing = cell_tags(cell, *extent(rows, at, column))
                text = html.escape(cell.text, quote=False) if cell else ""
                cells.append(f"{opening}{text}{closing}")
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return "\n".join([*lines, "</table>"])


def cell_tags(cell: Cell | None, down: int, across: int) -> tuple[str, str]:
    """The tags around a cell's text.

    Args:
        cell: None for an empty place.
        down: Rows that it spans.
        across: Columns that it spans.
    """
    name = "th" if cell is not None and cell.is_header else "td"
    spans = f' rowspan="{down}"' if down > 1 else ""
    spans += f' colspan="{across}"' if across > 1 else ""
    return f"<{name}{spans}>", f"</{name}>"


def table_csv(table: Table, path: str | os.PathLike[str] | None) -> str:
    """As CSV after RFC 4180, spanned places empty; written to `path` too."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows(table.to_rows())
    text = out.getvalue()
    if path is not None:
        Path(path).write_text(text, encoding="utf-8", newline="")
    return text


def table_pandas(table: Table) -> Any:
    """As a data frame of texts; header rows become its columns."""
    pandas = require("pandas", extra=_EXTRA, feature="Table.to_pandas()")
    rows, heads = table.to_rows(fill_merged=True), table.n_header_rows
    if not heads:
        return pandas.DataFrame(rows)
    if heads == 1:
        return pandas.DataFrame(rows[1:], columns=rows[0])
    columns = pandas.MultiIndex.from_arrays(rows[:heads])
    return pandas.DataFrame(rows[heads:], columns=columns)


def table_excel(table: Table, path: str | os.PathLike[str]) -> None:
    """As a workbook of one sheet: texts as they stand, merged cells merged, headers bold."""
    openpyxl = require("openpyxl", extra=_EXTRA, feature="Table.to_excel()")
    fonts = require("openpyxl.styles", extra=_EXTRA, feature="Table.to_excel()")
    book = openpyxl.Workbook()
    sheet = book.active
    rows = [GridRow(places) for places in table.grid(fill_merged=True)]
    for at, row in enumerate(rows):
        for column, cell in enumerate(row.places):
            if cell is None or not begins(rows, at, column):
                continue
            place = sheet.cell(at + 1, column + 1)
            place.value = cell.text
            place.data_type = "s"  # "=…" in a document is a text, and no formula
            place.font = fonts.Font(bold=cell.is_header)
            down, across = extent(rows, at, column)
            if down > 1 or across > 1:
                sheet.merge_cells(None, at + 1, column + 1, at + down, column + across)
    book.save(os.fspath(path))
