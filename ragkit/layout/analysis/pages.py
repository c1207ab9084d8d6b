"""The whole analysis: words of pages to pages of elements."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from ragkit.layout.analysis.blocks import Block, find_blocks
from ragkit.layout.analysis.columns import find_columns
from ragkit.layout.analysis.drawn import Area, Drawn
from ragkit.layout.analysis.elements import (
    build_elements,
    join_across_columns,
    join_across_pages,
    unstructured,
)
from ragkit.layout.analysis.faults import FAULTS, Faults
from ragkit.layout.analysis.fields import FormField, pair_fields
from ragkit.layout.analysis.figures import take_figures
from ragkit.layout.analysis.fonts import FontStatistics
from ragkit.layout.analysis.headings import mark_headings
from ragkit.layout.analysis.notes import mark_notes
from ragkit.layout.analysis.outline import Bookmark
from ragkit.layout.analysis.ruled import take_ruled
from ragkit.layout.analysis.running import Margin, find_running
from ragkit.layout.analysis.strip import Strip
from ragkit.layout.analysis.strips import find_strips, lines_in_given_order
from ragkit.layout.analysis.turning import (
    level_area,
    made_level,
    pages_made_level,
    quarter_of,
    turn_back,
)
from ragkit.layout.model import Element, Line, Page, Word

__all__ = ["PageContent", "analyze_pages"]


@dataclass(slots=True)
class PageContent:
    """A page as a loader reads it, before it has any structure.

    Attributes:
        number: 0-based.
        label: What is printed on it.
        width: Points, upright.
        height: Points, upright.
        rotation: Degrees clockwise that it was turned for reading.
        words: With boxes, in any order.
        fields: Of its form, the empty ones too.
        drawn: Rules, rectangles and pictures.
        error: Why it could not be read.
        source: Path of the file.
    """

    number: int
    label: str
    width: float = 0.0
    height: float = 0.0
    rotation: int = 0
    words: list[Word] = field(default_factory=list)
    drawn: Drawn = field(default_factory=Drawn)
    fields: list[FormField] = field(default_factory=list)
    error: str | None = None
    source: str = ""


def analyze_pages(pages: Sequence[PageContent], outline: Sequence[Bookmark] = ()) -> list[Page]:
    """Pages with their elements in reading order; every word is in one of them.

    What is said about a page draws on the whole document: the size of body text, the levels
    of headings, what is printed on many pages. A page with too many words for the analysis,
    or on which it fails, has its words as one TEXT, in the order of the file, and the reason
    in ``error``.

    Args:
        pages: All of the document's, in order.
        outline: Its bookmarks.
    """
    pages, quarters = pages_made_level(pages)
    faults = Faults()
    strips = [faults.on_page(i, _strips, page) for i, page in enumerate(pages)]
    fonts = faults.on_all(_fonts, strips) or FontStatistics(())
    heights = [page.height for page in pages]
    find = partial(find_running, body_size=fonts.body_size)
    running: list[Margin] = faults.on_all(find, strips, heights) or [{} for _ in pages]
    parts = list(zip(pages, strips, running, strict=True))
    blocks = [faults.on_page(i, _blocks, *each) for i, each in enumerate(parts)]
    faults.on_all(partial(mark_headings, fonts=fonts, outline=outline), blocks)
    found = [
        faults.on_page(i, _elements, page, blocks[i], running[i], fonts.body_size)
        for i, page in enumerate(pages)
    ]
    result = [
        _unstructured(page, faults.reasons[i]) if i in faults.reasons else _page(page, found[i])
        for i, page in enumerate(pages)
    ]
    faults.on_all(join_across_pages, result)
    for analysed, quarter in zip(result, quarters, strict=True):
        turn_back(analysed, quarter)
    return result


def _fonts(pages: Sequence[Sequence[Strip]]) -> FontStatistics:
    return FontStatistics(itertools.chain.from_iterable(pages))


def _strips(page: PageContent) -> list[Strip]:
    """The page's words put together, and its ruled tables.

    Raises:
        CrowdedPageError: If there are too many words.
    """
    width, height = page.width, page.height
    filled = [word for one in page.fields for word in one.words]
    tables, words = take_ruled([*page.words, *filled], page.drawn, width, height)
    if not page.fields:
        return [*tables, *find_strips(words, width, height)]
    left = {id(word) for word in words}
    fields = [one for one in page.fields if all(id(word) in left for word in one.words)]
    apart = {id(word) for one in fields for word in one.words}
    strips = find_strips([word for word in words if id(word) not in apart], width, height)
    return [*tables, *pair_fields(strips, fields, width, height)]


def _elements(
    page: PageContent, blocks: Sequence[Block], margin: Margin, body_size: float
) -> list[Element]:
    """The page's elements, with what its captions, notes and columns say about each other."""
    elements = build_elements(blocks, margin, page.width, page.height)
    mark_notes(elements, body_size)
    join_across_columns(blocks, elements)
    return elements


def _unstructured(page: PageContent, reason: str) -> Page:
    """The page with its words, and what was filled in, in the order of the file."""
    try:
        lines = lines_in_given_order(page.words, page.width, page.height)
    except FAULTS:  # the words themselves are odd
        lines = [Line(list(page.words))] if page.words else []
    lines += [Line(list(one.words)) for one in page.fields if one.words]
    found = _page(page, unstructured(lines))
    reason = f"the layout of page {page.number + 1} was not analysed: {reason}"
    found.error = f"{page.error}; {reason}" if page.error else reason
    return found


def _blocks(page: PageContent, strips: Sequence[Strip], margin: Margin) -> list[Block]:
    """Blocks of the page's body in reading order, text that is turned last."""
    body = [s for s in strips if s not in margin]
    figures, rest = take_figures(body, page.drawn, page.width, page.height)
    body = [*figures, *rest]
    groups = find_columns([s for s in body if not s.vertical])
    blocks = [block for i, group in enumerate(groups) for block in find_blocks(group, i)]
    turned = [s for s in body if s.vertical]
    return blocks + _turned_blocks(turned, page, len(groups)) if turned else blocks


def _turned_blocks(strips: Sequence[Strip], page: PageContent, column: int) -> list[Block]:
    """Blocks of turned text, in columns counted from `column`: each direction by itself.

    What is upright without being turned, such as letters over each other, stays apart.
    """
    blocks: list[Block] = []
    by_quarter: dict[int, list[Strip]] = defaultdict(list)
    for strip in strips:
        by_quarter[quarter_of(strip.words[0])].append(strip)
    for quarter, group in by_quarter.items():
        with made_level((word for strip in group for word in strip.words), quarter):
            for strip in group:
                area = Area(strip.x0, strip.y0, strip.x1, strip.y1)
                area = level_area(area, quarter, page.width, page.height)
                strip.x0, strip.y0, strip.x1, strip.y1 = area.x0, area.y0, area.x1, area.y1
            for found in find_columns(group) if quarter else [[s] for s in group]:
                blocks += find_blocks(found, column)
                column += 1
    return blocks


def _page(page: PageContent, elements: list[Element]) -> Page:
    return Page(
        page.number,
        page.label,
        page.width,
        page.height,
        elements,
        page.rotation,
        page.error,
        source=page.source,
    )
