"""The text of one page, element by element, as the pretty-printer orders it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ragkit.textract._blocks import Block, PageBlocks, ResponseBlocks, box_of, id_of, text_of
from ragkit.textract._formats import write_table
from ragkit.textract._grids import Grid, read_grid
from ragkit.textract._matching import tables_by_element

__all__ = ["PageOptions", "page_text"]

_HEADINGS = {"LAYOUT_TITLE": "# ", "LAYOUT_SECTION_HEADER": "## "}
_TEXTS = ("LINE", "WORD")


@dataclass(frozen=True, slots=True)
class PageOptions:
    """What to write, and how.

    Attributes:
        table_format: Of `TABLE_FORMATS`.
        excluded: Types of blocks that are left out.
        figure_text: Whether lines inside of figures are written.
        tables: Whether tables are written as such; otherwise as their lines.
        markdown: Whether titles and section headers are marked as headings.
    """

    table_format: str
    excluded: frozenset[str]
    figure_text: bool
    tables: bool
    markdown: bool


def page_text(blocks: ResponseBlocks, page: PageBlocks, options: PageOptions) -> str:
    """The text of a page; each element ends in an empty line."""
    return _PageText(blocks, page, options).write()


class _PageText:
    """One page, being written. Each line and each word in it is written once."""

    def __init__(self, blocks: ResponseBlocks, page: PageBlocks, options: PageOptions) -> None:
        self._blocks, self._page, self._options = blocks, page, options
        self._elements = _outermost(blocks, page)
        self._written: set[str] = set()
        self._figures = [box_of(block) for block in page.of_type("LAYOUT_FIGURE")]
        self._in_tables: set[str] = set()
        self._grids = self._read_grids() if options.tables else {}

    def write(self) -> str:
        paragraphs = []
        loose = _loose_lines(self._blocks, self._page, self._elements)
        for number, element in enumerate((None, *self._elements)):
            if element is not None:
                paragraphs.append("\n".join(self._pieces(element)))
            lines = (self._line(line) for line in loose.get(number, ()))
            paragraphs.append("\n".join(filter(None, lines)))
        return "".join(f"{text}\n\n" for text in paragraphs if text)

    def _read_grids(self) -> dict[str, Grid]:
        """The tables by the ids of their elements; their words stand nowhere else."""
        found = {}
        for element, table in tables_by_element(self._blocks, self._page):
            if self._is_excluded(element):
                continue
            grid = read_grid(self._blocks, table, self._in_tables)
            if grid is not None:
                found[id_of(element)] = grid
        return found

    def _pieces(self, element: Block) -> Iterator[str]:
        """The texts of an element and of those in it, from the first to the last."""
        stack = [element]
        while stack:
            block = stack.pop()
            key = id_of(block)
            if key in self._written or self._is_excluded(block):
                continue
            kind = block["BlockType"]
            if kind in _TEXTS:
                text = self._line(block)
                if text:
                    yield text
                continue
            self._written.add(key)
            if key in self._grids:
                yield from self._table(block, self._grids[key])
            elif kind in _HEADINGS:
                yield from self._heading(block)
            elif kind.startswith("LAYOUT_"):
                stack += reversed(list(self._blocks.related(block)))

    def _heading(self, block: Block) -> Iterator[str]:
        lines = self._blocks.related(block)
        text = " ".join(filter(None, (self._line(line, in_figures=True) for line in lines)))
        if text:
            yield (_HEADINGS[block["BlockType"]] if self._options.markdown else "") + text

    def _table(self, element: Block, grid: Grid) -> Iterator[str]:
        """The table, and around it what is in the element but in none of the cells."""
        lines = [line for line in self._blocks.related(element) if line["BlockType"] in _TEXTS]
        inside = [number for number, line in enumerate(lines) if self._is_of(line, grid)]
        first = inside[0] if inside else len(lines)
        yield from filter(None, map(self._line, lines[:first]))
        yield write_table(grid.header, grid.rows, self._options.table_format)
        yield from filter(None, map(self._line, lines[first:]))

    def _is_of(self, line: Block, grid: Grid) -> bool:
        return not grid.words.isdisjoint(self._blocks.word_ids(line))

    def _line(self, line: Block, *, in_figures: bool = False) -> str:
        """What is still to be written of a line; empty where it is left out."""
        key = id_of(line)
        if key in self._written or not text_of(line):
            return ""
        if not self._options.figure_text and not in_figures and self._is_in_figure(line):
            return ""
        self._written.add(key)
        words = list(self._blocks.related(line)) or [line]
        left = [word for word in words if id_of(word) not in self._in_tables]
        if len(left) == len(words):
            return text_of(line)
        return " ".join(filter(None, map(text_of, left)))

    def _is_in_figure(self, line: Block) -> bool:
        box = box_of(line)
        return box is not None and any(_contains(figure, box) for figure in self._figures if figure)

    def _is_excluded(self, block: Block) -> bool:
        return block["BlockType"] in self._options.excluded


_Box = tuple[float, float, float, float]


def _contains(outer: _Box, inner: _Box) -> bool:
    return (
        outer[0] <= inner[0]
        and outer[1] <= inner[1]
        and inner[2] <= outer[2]
        and inner[3] <= outer[3]
    )


def _outermost(blocks: ResponseBlocks, page: PageBlocks) -> list[Block]:
    """The elements that are part of no other, such as lists without their items."""
    elements = page.layouts()
    inner = {
        id_of(child)
        for element in elements
        for child in blocks.related(element)
        if child is not element
    }
    found = [element for element in elements if id_of(element) not in inner]
    reached = {id_of(one) for element in found for one in _all_in(blocks, element)}
    # Elements that are each other's parts have none outside.
    return found + [one for one in elements if id_of(one) not in reached]


def _all_in(blocks: ResponseBlocks, element: Block) -> Iterator[Block]:
    """An element with all that is in it, but not the words of lines."""
    stack, seen = [element], set()
    while stack:
        block = stack.pop()
        if id_of(block) in seen:
            continue
        seen.add(id_of(block))
        yield block
        if block["BlockType"].startswith("LAYOUT_"):
            stack += blocks.related(block)


def _loose_lines(
    blocks: ResponseBlocks, page: PageBlocks, elements: Iterable[Block]
) -> Mapping[int, list[Block]]:
    """Lines that are in no element, by how many elements come before them.

    A line follows the element that the line before it is in.
    """
    owner = {
        id_of(block): number
        for number, element in enumerate(elements, 1)
        for block in _all_in(blocks, element)
    }
    found: dict[int, list[Block]] = {}
    last = 0
    for line in page.of_type("LINE"):
        key = id_of(line)
        if key in owner:
            last = owner[key]
        else:
            found.setdefault(last, []).append(line)
    return found
