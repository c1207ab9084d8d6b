"""Tables drawn with characters: columns padded to one width, rules between them.

The characters that each format is drawn with, and the alignment of columns of numbers, are
those of the package tabulate (https://pypi.org/project/tabulate/). Texts stay as they are:
27.00 is not made 27.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

__all__ = ["DRAWN_FORMATS", "MARKDOWN_FORMATS", "DrawnTable", "Padded", "is_number"]

Row = Sequence[str]
_Rule = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class _Style:
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


def _style(row: str, above: str, header: str, between: str, below: str) -> _Style:
    """A format from the four characters of each rule, or none."""
    rules = [(r[0], r[1], r[2], r[3]) if r else None for r in (above, header, between, below)]
    return _Style((row, row, row), (rules[0], rules[1], rules[2], rules[3]))


_BLANKS = ("", "-", "  ", "")
_BARS = ("|", "-", "|", "|")
_PIPES = _Style(("|", "|", "|"), (_BARS, _BARS, None, None), bare=True)
_STYLES = {
    "fancy_grid": _style("│", "╒═╤╕", "╞═╪╡", "├─┼┤", "╘═╧╛"),
    "fancy_outline": _style("│", "╒═╤╕", "╞═╪╡", "", "╘═╧╛"),
    "github": _PIPES,
    "grid": _style("|", "+-++", "+=++", "+-++", "+-++"),
    "orgtbl": _style("|", "", "|-+|", "", ""),
    "outline": _style("|", "+-++", "+=++", "", "+-++"),
    "pipe": _PIPES,
    "plain": _Style(("", "  ", ""), (None, None, None, None), padding=0),
    "presto": _Style(("", "|", ""), (None, ("", "-", "+", ""), None, None)),
    "psql": _style("|", "+-++", "|-+|", "", "+-++"),
    "simple": _Style(("", "  ", ""), (_BLANKS, _BLANKS, None, _BLANKS), padding=0, bare=True),
    "simple_grid": _style("│", "┌─┬┐", "├─┼┤", "├─┼┤", "└─┴┘"),
    "simple_outline": _style("│", "┌─┬┐", "├─┼┤", "", "└─┴┘"),
}
DRAWN_FORMATS = tuple(sorted(_STYLES))
"""Names of the formats; tabulate's."""

MARKDOWN_FORMATS = frozenset({"github", "pipe"})
"""Those in which a bar in a cell has to be escaped."""

_MIN_PADDING = 2
"""Characters by which a column is at least wider than its header."""


@dataclass(frozen=True, slots=True)
class Padded:
    """A cell's place in a row.

    Attributes:
        before: Edge and blanks on its left.
        after: Blanks, and the row's right edge, on its right.
    """

    before: str
    after: str


class DrawnTable:
    """A table of texts, ready to be drawn.

    Args:
        header: Texts of the header's cells; None for none.
        rows: As long as the header, and each other.
        name: One of `DRAWN_FORMATS`.
    """

    def __init__(self, header: Row | None, rows: Sequence[Row], name: str) -> None:
        self._style = _STYLES[name]
        columns = list(zip(*rows, strict=True)) if rows else [() for _ in header or ()]
        self._numeric = [bool(column) and all(map(is_number, column)) for column in columns]
        self._header, self._rows = header, rows
        self._tails = [
            _tails(column) if numeric else [0] * len(column)
            for column, numeric in zip(columns, self._numeric, strict=True)
        ]
        least = [len(text) + _MIN_PADDING for text in header] if header else [0] * len(columns)
        self._widths = [
            max([width, *(len(t) + tail for t, tail in zip(column, tails, strict=True))])
            for column, tails, width in zip(columns, self._tails, least, strict=True)
        ]
        self._rules = self._all_rules(name)

    def lines(self) -> Iterator[str | tuple[int | None, list[Padded]]]:
        """Rules as they are; of rows the number (None for the header) and each cell's place."""
        above, under, between, below = self._rules
        if above is not None:
            yield above
        if self._header:
            yield None, self._row(self._header, [0] * len(self._header))
            if under is not None:
                yield under
        for number, row in enumerate(self._rows):
            if number and between is not None:
                yield between
            yield number, self._row(row, [tails[number] for tails in self._tails])
        if below is not None:
            yield below

    def _row(self, cells: Row, tails: Sequence[int]) -> list[Padded]:
        pad = " " * self._style.padding
        left, middle, right = self._style.row
        found = []
        for column, (text, tail) in enumerate(zip(cells, tails, strict=True)):
            room = self._widths[column] - len(text) - tail
            before = (middle if column else left) + pad
            blanks = " " * room
            numeric = self._numeric[column]
            after = " " * tail + ("" if numeric else blanks) + pad
            found.append(Padded(before + (blanks if numeric else ""), after))
        if found:
            end = found[-1].after + right
            found[-1] = Padded(found[-1].before, end.rstrip())
        return found

    def _all_rules(self, name: str) -> tuple[str | None, ...]:
        style = self._style
        widths = [width + 2 * style.padding for width in self._widths]
        above, under, between, below = (_ruled(rule, widths) for rule in style.rules)
        if name == "pipe":
            above = under = self._aligning_rule()
        if style.bare and self._header:
            above = below = None
        return above, under, between, below

    def _aligning_rule(self) -> str:
        """The rule that says how columns are aligned; nothing is said of a table without rows."""
        if not self._rows:
            return "|" + "|".join("-" * (width + 2) for width in self._widths) + "|"
        parts = [
            "-" * (width + 1) + ":" if numeric else ":" + "-" * (width + 1)
            for width, numeric in zip(self._widths, self._numeric, strict=True)
        ]
        return "|" + "|".join(parts) + "|"


def _ruled(rule: _Rule | None, widths: Sequence[int]) -> str | None:
    if rule is None:
        return None
    left, filling, crossing, right = rule
    return left + crossing.join(filling * width for width in widths) + right


def is_number(text: str) -> bool:
    """Whether a column of such texts is aligned as one of numbers."""
    try:
        return math.isfinite(float(text)) or text.lstrip("+-").isdigit()
    except ValueError:
        return False


def _tails(column: Row) -> list[int]:
    """Blanks after each number of a column, so that the points stand below each other."""
    after = [_after_point(text) for text in column]
    return [max(after) - digits for digits in after]


def _after_point(text: str) -> int:
    """Characters after the point, or the exponent's letter; -1 where there is neither."""
    at = text.rfind(".")
    at = at if at >= 0 else text.lower().rfind("e")
    return len(text) - at - 1 if at >= 0 else -1
