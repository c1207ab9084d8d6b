"""Tables as Markdown, HTML, CSV, data frames and workbooks."""

from __future__ import annotations

import html
import os
import re
from typing import TYPE_CHECKING, Any

from ragkit._extras import require
from ragkit.layout._csv import csv_text, write_csv
from ragkit.layout._grid import GridRow, begins, extent
from ragkit.layout._workbook import write_workbook

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


def table_csv(table: Table, path: str | os.PathLike[str] | None, *, guard_formulas: bool) -> str:
    """As CSV, spanned places empty; written to `path` too."""
    text = csv_text(table.to_rows(), guard_formulas=guard_formulas)
    if path is not None:
        write_csv(text, path)
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
    """As a workbook of one sheet."""
    write_workbook([(None, table)], path, "Table.to_excel()")
