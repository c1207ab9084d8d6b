"""Drawn tables in a linearized text, with the places of their words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ragkit.layout._writer import TextWriter
from ragkit.layout.drawn_tables import DrawnTable

__all__ = ["short_rule", "write_drawn"]

_HYPHENS = re.compile("-+")


def write_drawn(
    header: Sequence[TextWriter] | None,
    rows: Sequence[Sequence[TextWriter]],
    out: TextWriter,
    name: str,
    *,
    short_rules: bool,
) -> None:
    """Draws a table.

    Args:
        header: The header's cells; None for none.
        rows: The cells of each row below it.
        out: Where to.
        name: Of the format.
        short_rules: Whether hyphens that follow each other become one.
    """
    texts = None if header is None else [cell.text for cell in header]
    drawn = DrawnTable(texts, [[cell.text for cell in row] for row in rows], name)
    for number, line in enumerate(drawn.lines()):
        out.add("\n" if number else "")
        if isinstance(line, str):
            out.add(short_rule(line) if short_rules else line)
            continue
        at, places = line
        cells = (header or ()) if at is None else rows[at]
        for cell, place in zip(cells, places, strict=True):
            out.add(place.before)
            out.extend(cell)
            out.add(place.after)


def short_rule(rule: str) -> str:
    """A rule with one hyphen in place of several."""
    return _HYPHENS.sub("-", rule)
