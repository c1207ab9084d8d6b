"""Authors' names below a paper's title: often as large or bold as headings, and none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from ragkit.layout.analysis.authors import is_institution
from ragkit.layout.analysis.blocks import Block
from ragkit.layout.analysis.fonts import round_size

__all__ = ["find_names"]

_MARK = re.compile(r"^[\d,*∗†‡§¶]+$")
_TOUCHING_MARK = re.compile(r"^[A-Z][^\W\d_]+([\d*∗†‡§¶][\d,*∗†‡§¶]*),?$")
"""A mark without a blank before it, as in "Doe1,2"."""
_ADDRESS_WORDS = 6
"""Words of a line of an author's address, at most."""
_ADDRESS_BLOCKS = 4


def find_names(page: Sequence[Block], title: Block | None, found: Sequence[Block]) -> list[Block]:
    """The blocks of the first page that are authors' names.

    Args:
        page: Its blocks.
        title: Of the document, if it has one.
        found: What looks like headings.
    """
    names = [block for block in page if block is not title and _has_raised_mark(block)]
    after = [block for block in page if block.lines]
    while title is not None and after and after.pop(0) is not title:
        pass
    if title is None or not after:
        return names
    names += [a for a, b in zip(after, [*after[1:], None], strict=True) if _is_marked(a, b)]
    return names + _addressed(after, found)


def _has_raised_mark(block: Block) -> bool:
    """Whether raised numbers or signs stand after its words."""
    small = [w for line in block.lines for w in line.words if w.size < 0.8 * line.size]
    return any(_MARK.match(word.text) for word in small)


def _is_marked(block: Block, below: Block | None) -> bool:
    """Whether its words end in marks: several, or one that the block below begins with."""
    ends = [_TOUCHING_MARK.match(word.text) for line in block.lines for word in line.words]
    marks = [end[1] for end in ends if end is not None]
    if len(marks) != 1:
        return bool(marks)
    return below is not None and bool(below.lines) and below.text.startswith(marks[0][0])


def _addressed(blocks: Sequence[Block], found: Sequence[Block]) -> list[Block]:
    """Names in one style, one after the other, each with an address below it.

    Where that is no e-mail address but an institution's, the names stand side by side.
    """
    known = {id(block) for block in found}
    starts = [number for number, block in enumerate(blocks) if id(block) in known]
    addresses = [blocks[a + 1 : b] for a, b in pairwise([*starts, len(blocks)])]
    parts = [(blocks[n], part) for n, part in zip(starts, addresses, strict=True)]
    names: list[Block] = []
    for (a, below_a), (b, below_b) in pairwise(parts):
        if max(len(a.lines), len(b.lines)) > 1 or _style(a) != _style(b):
            continue
        by_mail = _has_mail(below_a) and _has_mail(below_b)
        if by_mail or (_are_beside(a, b) and _is_affiliated(below_a) and _is_affiliated(below_b)):
            names += [a, b]
    return names


def _has_mail(blocks: Sequence[Block]) -> bool:
    """Whether short lines, the last of them with an e-mail address, come first."""
    for block in blocks[:_ADDRESS_BLOCKS]:
        if not _is_short(block):
            return False
        if any("@" in word.text for word in block.lines[-1].words):
            return True
    return False


def _is_affiliated(blocks: Sequence[Block]) -> bool:
    """Whether short lines come first that name a university or the like."""
    return bool(blocks) and _is_short(blocks[0]) and is_institution(blocks[0].text)


def _is_short(block: Block) -> bool:
    return all(len(line.words) <= _ADDRESS_WORDS for line in block.lines)


def _are_beside(a: Block, b: Block) -> bool:
    return abs(a.lines[0].middle - b.lines[0].middle) < 0.5 * a.lines[0].height


def _style(block: Block) -> tuple[float, bool]:
    return round_size(block.size), block.bold
