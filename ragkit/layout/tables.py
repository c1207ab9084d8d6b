"""Tables as Markdown, HTML, CSV, data frames and workbooks."""

from __future__ import annotations

import csv
import html
import io
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ragkit._extras import require

if TYPE_CHECKING:
    from ragkit.layout.model import Cell, Table

__all__ = [
    "cell_tags",
    "markdown_cell",
    "markdown_word",
    "rows_of_cells",
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
    return _TAG.sub(r"\\<", " ".join(text.split()).replace("|", "\\|"))


def markdown_word(word: str) -> str:
    """A word that does not begin a tag: text of a page is no HTML."""
    return _TAG.sub(r"\\<", word) if "<" in word else word


def table_html(table: Table) -> str:
    """As HTML, spans included; text is escaped."""
    lines = ["<table>"]
    for row in rows_of_cells(table):
        cells = []
        for cell in row:
            opening, closing = cell_tags(cell)
            cells.append(f"{opening}{html.escape(cell.text, quote=False)}{closing}")
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return "\n".join([*lines, "</table>"])


def cell_tags(cell: Cell) -> tuple[str, str]:
    """The tags around a cell's text."""
    name = "th" if cell.is_header else "td"
    spans = f' rowspan="{cell.row_span}"' if cell.row_span > 1 else ""
    spans += f' colspan="{cell.column_span}"' if cell.column_span > 1 else ""
    return f"<{name}{spans}>", f"</{name}>"


def rows_of_cells(table: Table) -> Iterator[list[Cell]]:
    """Rows of the cells that begin in them, empty ones where no cell is."""
    from ragkit.layout.model import Cell

    taken: set[tuple[int, int]] = set()
    for number, row in enumerate(table.grid()):
        found = []
        for column, cell in enumerate(row):
            if cell is None and (number, column) in taken:
                continue
            one = cell or Cell(number, column)
            taken |= {
                (r, c)
                for r in range(number, number + one.row_span)
                for c in range(column, column + one.column_span)
            }
            found.append(one)
        yield found


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
    for cell in table.cells:
        row, column = cell.row + 1, cell.column + 1
        place = sheet.cell(row, column)
        place.value = cell.text
        place.data_type = "s"  # "=…" in a document is a text, and no formula
        place.font = fonts.Font(bold=cell.is_header)
        if cell.row_span > 1 or cell.column_span > 1:
            sheet.merge_cells(
                start_row=row,
                end_row=row + cell.row_span - 1,
                start_column=column,
                end_column=column + cell.column_span - 1,
            )
    book.save(os.fspath(path))
