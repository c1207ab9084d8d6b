"""What elements and cells hold, in order: lines, fields of forms, tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ragkit.layout.cells import Cell, KeyValue, Table
from ragkit.layout.model import Element
from ragkit.layout.words import Line

__all__ = ["Part", "PlacedLines", "contents_of_cell", "parts_of"]

PlacedLines = list[tuple[int, Line]]
"""Lines, each with its page's number."""


@dataclass(slots=True)
class Part:
    """Lines of one paragraph, fields of one form, or a table.

    Attributes:
        page: 0-based.
        lines: If it is a paragraph.
        fields: If it is a form.
        table: If it is a table.
        id: A service's own; else empty.
    """

    page: int
    lines: PlacedLines = field(default_factory=list)
    fields: list[KeyValue] = field(default_factory=list)
    table: Table | None = None
    id: str = ""


def parts_of(element: Element, page: int) -> list[Part]:
    """What an element holds, its children included; lines that follow each other are one part.

    Args:
        element: The element.
        page: Its page's number.
    """
    found: list[Part] = []
    for part in _parts(element, page):
        if found and part.lines and found[-1].lines:
            found[-1].lines += part.lines
        else:
            found.append(part)
    return found


def _parts(element: Element, page: int) -> Iterator[Part]:
    lines = [(page, line) for line in element.lines if line.text]
    if lines:
        yield Part(page, lines)
    if element.table is not None:
        yield Part(page, table=element.table, id=element.table.id)
    if element.key_values:
        yield Part(page, fields=element.key_values)
    for child in element.children:
        yield from _parts(child, page)


def contents_of_cell(cell: Cell) -> list[Line | KeyValue]:
    """What a cell holds: its fields, each where its first line stands, and the other lines."""
    if not cell.key_values:
        return list(cell.lines)
    fields = {id(pair): pair for pair in cell.key_values}
    of_line = {id(line): key for key, pair in fields.items() for line in [*pair.key, *pair.value]}
    found: list[Line | KeyValue] = []
    for line in cell.lines:
        key = of_line.get(id(line))
        if key is None:
            found.append(line)
        elif key in fields:
            found.append(fields.pop(key))
    return found
