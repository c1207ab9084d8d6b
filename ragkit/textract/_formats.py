"""Rows of text as a table, in the formats that the pretty-printer's users know by name.

The characters that each format is drawn with, and the alignment of columns of numbers, are
those of the package tabulate (https://pypi.org/project/tabulate/). Texts stay as they are:
27.00 is not made 27.
"""

from __future__ import annotations

import csv
import html
import io
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ragkit._checks import check_choice
from ragkit._extras import require

__all__ = ["TABLE_FORMATS", "check_table_format", "csv_lines", "write_table"]

Row = Sequence[str]
_Rule = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What a format's rows and rules are drawn with.

    Attributes:
        row: Left edge, between cells, right edge.
        rules: Above the first row, below the header, between rows, below the last; each is a
            left edge, a filling, a crossing and a right edge.
        padding: Blanks on either side of a cell.
        bare: Whether a header stands without a rule above it, and the last row without one below.
    """

    row: tuple[str, str, str]
    rules: tuple[_Rule | None, _Rule | None, _Rule | None, _Rule | None]
    padding: int = 1
    bare: bool = False


def _drawn(row: str, above: str, header: str, between: str, below: str) -> _Drawn:
    """A format from the four characters of each rule, or none."""
    rules = [(r[0], r[1], r[2], r[3]) if r else None for r in (above, header, between, below)]
    return _Drawn((row, row, row), (rules[0], rules[1], rules[2], rules[3]))


_BLANKS = ("", "-", "  ", "")
_BARS = ("|", "-", "|", "|")
_PIPES = _Drawn(("|", "|", "|"), (_BARS, _BARS, None, None), bare=True)
_DRAWN = {
    "fancy_grid": _drawn("│", "╒═╤╕", "╞═╪╡", "├─┼┤", "╘═╧╛"),
    "fancy_outline": _drawn("│", "╒═╤╕", "╞═╪╡", "", "╘═╧╛"),
    "github": _PIPES,
    "grid": _drawn("|", "+-++", "+=++", "+-++", "+-++"),
    "orgtbl": _drawn("|", "", "|-+|", "", ""),
    "outline": _drawn("|", "+-++", "+=++", "", "+-++"),
    "pipe": _PIPES,
    "plain": _Drawn(("", "  ", ""), (None, None, None, None), padding=0),
    "presto": _Drawn(("", "|", ""), (None, ("", "-", "+", ""), None, None)),
    "psql": _drawn("|", "+-++", "|-+|", "", "+-++"),
    "simple": _Drawn(("", "  ", ""), (_BLANKS, _BLANKS, None, _BLANKS), padding=0, bare=True),
    "simple_grid": _drawn("│", "┌─┬┐", "├─┼┤", "├─┼┤", "└─┴┘"),
    "simple_outline": _drawn("│", "┌─┬┐", "├─┼┤", "", "└─┴┘"),
}
_MARKDOWN = frozenset({"github", "pipe"})
"""Formats in which a bar in a cell has to be escaped."""

_BY_TABULATE = (
    "asciidoc", "double_grid", "double_outline", "heavy_grid", "heavy_outline", "jira", "latex",
    "latex_booktabs", "latex_longtable", "latex_raw", "mediawiki", "mixed_grid", "mixed_outline",
    "moinmoin", "pretty", "rounded_grid", "rounded_outline", "rst", "textile", "unsafehtml",
    "youtrack",
)  # fmt: skip
"""Formats that hardly anyone gives to a model, and so are left to the package that has them."""

_NOT_FINITE = frozenset({"inf", "-inf", "nan"})

_MIN_PADDING = 2
"""Characters by which a column is at least wider than its header."""


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
    escape = _escaped_bars if table_format in _MARKDOWN else str
    head = None if header is None else [escape(_on_one_line(text)) for text in header]
    body = [[escape(_on_one_line(text)) for text in row] for row in rows]
    if table_format in _WRITERS:
        return _WRITERS[table_format](head if head and any(head) else None, body)
    if table_format in _DRAWN:
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
    drawn = _DRAWN[name]
    columns: list[Row] = list(zip(*rows, strict=True)) if rows else [() for _ in header or ()]
    numeric = [bool(column) and all(map(_is_number, column)) for column in columns]
    columns = [_on_the_point(c) if n else c for c, n in zip(columns, numeric, strict=True)]
    least = [len(text) + _MIN_PADDING for text in header] if header else [0] * len(columns)
    widths = [max([w, *map(len, c)]) for c, w in zip(columns, least, strict=True)]
    above, under, between, below = (
        _ruled(rule, [width + 2 * drawn.padding for width in widths]) for rule in drawn.rules
    )
    if name == "pipe":
        above = under = _pipe_rule(widths, numeric, has_rows=bool(rows))
    if drawn.bare and header:
        above = below = None

    def written(cells: Row) -> str:
        return _row(cells, drawn, widths, numeric)

    lines = [above, *([written(header), under] if header else [])]
    for number, row in enumerate(zip(*columns, strict=True) if rows else ()):
        lines += [between if number else None, written(row)]
    return "\n".join(line for line in [*lines, below] if line is not None)


def _row(cells: Row, drawn: _Drawn, widths: Sequence[int], numeric: Sequence[bool]) -> str:
    pad = " " * drawn.padding
    padded = [
        pad + (text.rjust(width) if right else text.ljust(width)) + pad
        for text, width, right in zip(cells, widths, numeric, strict=True)
    ]
    left, middle, right = drawn.row
    return (left + middle.join(padded) + right).rstrip()


def _ruled(rule: _Rule | None, widths: Sequence[int]) -> str | None:
    if rule is None:
        return None
    left, filling, crossing, right = rule
    return (left + crossing.join(filling * width for width in widths) + right).rstrip()


def _pipe_rule(widths: Sequence[int], numeric: Sequence[bool], *, has_rows: bool) -> str:
    """The rule that says how columns are aligned; nothing is said of a table without rows."""
    if not has_rows:
        return "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    parts = [
        "-" * (width + 1) + ":" if right else ":" + "-" * (width + 1)
        for width, right in zip(widths, numeric, strict=True)
    ]
    return "|" + "|".join(parts) + "|"


def _is_number(text: str) -> bool:
    """Whether a column of such texts is aligned as one of numbers."""
    try:
        return math.isfinite(float(text)) or text.lower() in _NOT_FINITE or text.isdigit()
    except ValueError:
        return False


def _on_the_point(column: Row) -> list[str]:
    """Numbers with blanks after them, so that their points stand below each other."""
    after = [_digits_after_point(text) for text in column]
    return [text + " " * (max(after) - digits) for text, digits in zip(column, after, strict=True)]


def _digits_after_point(text: str) -> int:
    """Characters after the point, or the exponent's letter; -1 where there is neither."""
    at = text.rfind(".")
    at = at if at >= 0 else text.lower().rfind("e")
    return len(text) - at - 1 if at >= 0 else -1


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

TABLE_FORMATS = tuple(sorted({*_DRAWN, *_WRITERS, *_BY_TABULATE}))
"""Names of formats, those of tabulate and csv."""


def _by_tabulate(header: Row | None, rows: Sequence[Row], name: str) -> str:
    numeric = [all(map(_is_number, column)) for column in zip(*rows, strict=True)]
    aligned = {"colalign": ["decimal" if n else "left" for n in numeric]} if rows else {}
    text = _tabulate(name)(rows, header or (), tablefmt=name, disable_numparse=True, **aligned)
    return str(text)


def _tabulate(name: str) -> Any:
    module = require("tabulate", extra="tables", feature=f"table_format={name!r}")
    return module.tabulate
