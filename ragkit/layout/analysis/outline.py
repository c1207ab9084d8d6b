"""Bookmarks as hints for headings: what they say, how deep they are, where they lead."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ragkit.layout.analysis.blocks import Block

__all__ = ["Bookmark", "depths_by_outline"]

_LONGEST = 250
"""Characters of a heading, at most."""


@dataclass(frozen=True, slots=True)
class Bookmark:
    """One entry of a document's outline.

    Attributes:
        page: 0-based.
        depth: 0 at the top.
        title: As it is shown.
    """

    page: int
    depth: int
    title: str


def depths_by_outline(
    pages: Sequence[Sequence[Block]], outline: Iterable[Bookmark]
) -> list[tuple[Block, int]]:
    """Blocks that say what a bookmark to their page says, and the bookmark's depth.

    A number before a heading may lack in the bookmark.
    """
    by_page: dict[int, list[Bookmark]] = defaultdict(list)
    for bookmark in outline:
        by_page[bookmark.page].append(bookmark)
    found = []
    for number, named in by_page.items():
        blocks = pages[number] if 0 <= number < len(pages) else ()
        texts = [(block, _plain(block.text)) for block in blocks if _is_short(block)]
        for bookmark in named:
            wanted = _plain(bookmark.title)
            block = next((block for block, text in texts if _says(text, wanted)), None)
            if block is not None:
                found.append((block, bookmark.depth))
    return found


def _is_short(block: Block) -> bool:
    return bool(block.lines) and sum(line.length for line in block.lines) <= _LONGEST


def _plain(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def _says(text: str, wanted: str) -> bool:
    if len(wanted) < 3:
        return text == wanted != ""
    rest = text.removesuffix(wanted)
    return text == wanted or (rest != text and len(rest) <= 6 and not rest.isalpha())
