"""Rows of text as a table, in the formats that the pretty-printer's users know by name.

Formats drawn with characters are `ragkit.layout.drawn_tables`'s; texts stay as they are, and
27.00 is not made 27.
"""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ragkit._checks import check_choice
from ragkit._extras import require
from ragkit.layout.drawn_tables import DRAWN_FORMATS, MARKDOWN_FORMATS, DrawnTable, is_number

__all__ = ["TABLE_FORMATS", "check_table_format", "csv_lines", "write_table"]

Row = Sequence[str]

_BY_TABULATE = (
    "asciidoc", "double_grid", "double_outline", "heavy_grid", "heavy_outline", "jira", "latex",
    "latex_booktabs", "latex_longtable", "latex_raw", "mediawiki", "mixed_grid", "mixed_outline",
    "moinmoin", "pretty", "rounded_grid", "rounded_outline", "rst", "textile", "unsafehtml",
    "youtrack",
)  # fmt: skip
"""Formats that hardly anyone gives to a model, and so are left to the package that has them."""


def write_table(header: Row | None, rows: Sequence[Row], table_format: str) -> str:
    """The table as text, without a line break at its end.

    Args:
        header: Texts of the header's cells; None for none. One that is all empty is written
            only where a format is drawn with rules.
        rows: As long as the header.
        table_format: One of `TABLE_FORMATS`.

    Raises:
        MissingExtraError: If the format needs tabulate, and it is not installed.
    """
    escape = _escaped_bars if table_format in MARKDOWN_FORMATS else str
    head = None if header is None else [escape(_on_one_line(text)) for text in header]
    body = [[escape(_on_one_line(text)) for text in row] for row in rows]
    if table_format in _WRITERS:
        return _WRITERS[table_format](head if head and any(head) else None, body)
    if table_format in DRAWN_FORMATS:
        return _draw(head, body, table_format)
    return _by_tabulate(head, body, table_format)


def check_table_format(value: Any) -> str:
    """The name of a format; members of an enum are known by their names.

    Raises:
        InvalidInputError: If there is no such format; the message lists those that there are.
        MissingExtraError: If it needs tabulate, and it is not installed.
    """
    name = value if isinstance(value, str) else getattr(value, "name", value)
    checked = check_choice(name, "table_format", TABLE_FORMATS)
    if checked in _BY_TABULATE:
        _tabulate(checked)
    return checked


def _draw(header: Row | None, rows: Sequence[Row], name: str) -> str:
    written = []
    for line in DrawnTable(header, rows, name).lines():
        if isinstance(line, str):
            written.append(line.rstrip())
            continue
        number, places = line
        cells = (header or ()) if number is None else rows[number]
        drawn = (
            place.before + text + place.after for text, place in zip(cells, places, strict=True)
        )
        written.append("".join(drawn).rstrip())
    return "\n".join(written)


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def _escaped_bars(text: str) -> str:
    return text.replace("|", "\\|")


def csv_lines(rows: Iterable[Row], end: str = "\r\n") -> str:
    """Rows as CSV, each with its end of line, which is CRLF in RFC 4180."""
    out = io.StringIO()
    csv.writer(out, lineterminator=end).writerows(rows)
    return out.getvalue()


def _csv(header: Row | None, rows: Sequence[Row]) -> str:
    return csv_lines([header, *rows] if header else rows, "\n").rstrip("\n")


def _tsv(header: Row | None, rows: Sequence[Row]) -> str:
    """Nothing is quoted, for no text has a tab or a line break in it."""
    return "\n".join("\t".join(row) for row in ([header, *rows] if header else rows))


def _html(header: Row | None, rows: Sequence[Row]) -> str:
    def row(cells: Row, tag: str) -> str:
        inner = "".join(f"<{tag}>{html.escape(text, quote=False)}</{tag}>" for text in cells)
        return f"<tr>{inner}</tr>"

    head = ["<thead>", row(header, "th"), "</thead>"] if header else []
    body = ["<tbody>", *(row(cells, "td") for cells in rows), "</tbody>"]
    return "\n".join(["<table>", *head, *body, "</table>"])


_WRITERS: dict[str, Callable[[Row | None, Sequence[Row]], str]] = {
    "csv": _csv,
    "html": _html,
    "tsv": _tsv,
}

TABLE_FORMATS = tuple(sorted({*DRAWN_FORMATS, *_WRITERS, *_BY_TABULATE}))
"""Names of formats, those of tabulate and csv."""


def _by_tabulate(header: Row | None, rows: Sequence[Row], name: str) -> str:
    numeric = [all(map(is_number, column)) for column in zip(*rows, strict=True)]
    aligned = {"colalign": ["decimal" if n else "left" for n in numeric]} if rows else {}
    text = _tabulate(name)(rows, header or (), tablefmt=name, disable_numparse=True, **aligned)
    return str(text)


def _tabulate(name: str) -> Any:
    module = require("tabulate", extra="tables", feature=f"table_format={name!r}")
    return module.tabulate
