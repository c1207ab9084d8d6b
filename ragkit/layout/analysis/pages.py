"""The whole analysis: words of pages to pages of elements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from ragkit.layout.analysis.blocks import Block, find_blocks
from ragkit.layout.analysis.columns import find_columns
from ragkit.layout.analysis.drawn import Area, Drawn
from ragkit.layout.analysis.elements import build_elements, join_across_pages, unstructured
from ragkit.layout.analysis.fields import FormField, pair_fields
from ragkit.layout.analysis.figures import take_figures
from ragkit.layout.analysis.fonts import FontStatistics
from ragkit.layout.analysis.headings import mark_headings
from ragkit.layout.analysis.notes import mark_notes
from ragkit.layout.analysis.outline import Bookmark
from ragkit.layout.analysis.ruled import take_ruled
from ragkit.layout.analysis.running import Margin, find_running
from ragkit.layout.analysis.strip import Strip
from ragkit.layout.analysis.strips import CrowdedPageError, find_strips, lines_in_given_order
from ragkit.layout.analysis.turning import (
    level_area,
    made_level,
    pages_made_level,
    quarter_of,
    turn_back,
)
from ragkit.layout.model import Element, Page, Word

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
        fields: Of its form, those that are filled in.
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
    of headings, what is printed on many pages. A page with too many words for the analysis
    has them as one TEXT, in the order of the file, and the reason in ``error``.

    Args:
        pages: All of the document's, in order.
        outline: Its bookmarks.
    """
    pages, quarters = pages_made_level(pages)
    crowded: dict[int, str] = {}
    strips = [_strips(page, i, crowded) for i, page in enumerate(pages)]
    fonts = FontStatistics(strip for each in strips for strip in each)
    running = find_running(strips, [page.height for page in pages], fonts.body_size)
    blocks = [_blocks(*each) for each in zip(pages, strips, running, strict=True)]
    mark_headings(blocks, fonts, outline)
    result = [
        _page(page, build_elements(found, margin, page.width, page.height))
        for page, found, margin in zip(pages, blocks, running, strict=True)
    ]
    for analysed in result:
        mark_notes(analysed.elements, fonts.body_size)
    for i, reason in crowded.items():
        result[i] = _unstructured(pages[i], reason)
    join_across_pages(result)
    for found, quarter in zip(result, quarters, strict=True):
        turn_back(found, quarter)
    return result


def _strips(page: PageContent, index: int, crowded: dict[int, str]) -> list[Strip]:
    """The page's strips; none, and the reason in `crowded`, where there are too many words."""
    try:
        width, height = page.width, page.height
        filled = [word for one in page.fields for word in one.words]
        tables, words = take_ruled([*page.words, *filled], page.drawn, width, height)
        left = {id(word) for word in words}
        fields = [one for one in page.fields if all(id(word) in left for word in one.words)]
        apart = {id(word) for one in fields for word in one.words}
        strips = find_strips([word for word in words if id(word) not in apart], width, height)
        return [*tables, *pair_fields(strips, fields, width, height)]
    except CrowdedPageError as error:
        crowded[index] = f"the layout of page {page.number + 1} was not analysed: {error}"
        return []


def _unstructured(page: PageContent, reason: str) -> Page:
    lines = lines_in_given_order(page.words, page.width, page.height)
    found = _page(page, unstructured(lines))
    found.error = page.error or reason
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
