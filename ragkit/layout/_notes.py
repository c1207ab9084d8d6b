"""Titles and footers of tables, which stand in elements of their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from ragkit.layout._options import LinearizationOptions
from ragkit.layout.cells import Table
from ragkit.layout.model import Element, Page
from ragkit.layout.words import Line, Word

__all__ = [
    "Notes",
    "TableNotes",
    "around_words",
    "free_lines",
    "mark_ends",
    "without",
    "words_in_cells",
]


@dataclass(slots=True)
class TableNotes:
    """What is said about one table outside of it.

    Attributes:
        title: Lines without the words that are in cells.
        footers: The same.
    """

    title: list[Line] = field(default_factory=list)
    footers: list[Line] = field(default_factory=list)

    @property
    def keys(self) -> set[int]:
        """Ids of the words, and of raw lines."""
        lines = [*self.title, *self.footers]
        return {id(word) for line in lines for word in line.words} | {
            id(line) for line in lines if line.raw is not None
        }


class Notes:
    """The titles and footers of a page's tables.

    Args:
        page: The page.
    """

    def __init__(self, page: Page) -> None:
        self.of: dict[int, TableNotes] = {}
        taken: set[int] = set()
        parts = (part for element in page.elements for part in element.iter_elements())
        for element, table in ((part, part.table) for part in parts if part.table is not None):
            inside = words_in_cells(table) | taken
            caption = element.caption
            title = table.title or (list(caption.iter_lines()) if caption is not None else [])
            notes = TableNotes(free_lines(title, inside), free_lines(table.footers, inside))
            self.of[id(table)] = notes
            taken |= notes.keys  # what two tables name is the first one's


def words_in_cells(table: Table) -> set[int]:
    """Ids of the words that a table has itself."""
    return {id(word) for cell in table.cells for line in cell.lines for word in line.words}


def free_lines(lines: Iterable[Line], inside: set[int]) -> list[Line]:
    """Lines without the words of a set of ids; those that are left empty are left out."""
    found = []
    for line in lines:
        words = [word for word in line.words if id(word) not in inside]
        if line.raw is not None and id(line) not in inside:
            found.append(line)
        elif words:
            found.append(line if len(words) == len(line.words) else replace(line, words=words))
    return found


def around_words(
    notes: Iterable[TableNotes], options: LinearizationOptions
) -> dict[int, tuple[str, str]]:
    """By the ids of first and last words: what stands before and after titles and footers."""
    found: dict[int, tuple[str, str]] = {}
    title = options.table_title_prefix, options.table_title_suffix
    footers = options.table_footers_prefix, options.table_footers_suffix
    for one in notes:
        for lines, (prefix, suffix) in ((one.title, title), (one.footers, footers)):
            words = [word for line in lines for word in line.words]
            if words and (prefix or suffix):
                mark_ends(words, prefix, suffix, found)
    return found


def mark_ends(
    words: Sequence[Word], prefix: str, suffix: str, marks: dict[int, tuple[str, str]]
) -> None:
    """Notes what stands before the first word and after the last, by the objects' ids."""
    first, last = id(words[0]), id(words[-1])
    marks[first] = prefix, marks.get(first, ("", ""))[1]
    marks[last] = marks.get(last, ("", ""))[0], suffix


def without(element: Element, keys: set[int]) -> Element:
    """An element without some of its words, outside of its table."""
    if not any(_is_among(line, keys) for line in replace(element, table=None).iter_lines()):
        return element
    return replace(
        element,
        lines=_left(element.lines, keys),
        key_values=[
            replace(pair, key=_left(pair.key, keys), value=_left(pair.value, keys))
            for pair in element.key_values
        ],
        children=[without(child, keys) for child in element.children],
    )


def _is_among(line: Line, keys: set[int]) -> bool:
    return id(line) in keys or any(id(word) in keys for word in line.words)


def _left(lines: Iterable[Line], keys: set[int]) -> list[Line]:
    found = []
    for line in lines:
        if not _is_among(line, keys):
            found.append(line)
            continue
        words = [word for word in line.words if id(word) not in keys]
        if words:
            found.append(replace(line, words=words))
    return found
