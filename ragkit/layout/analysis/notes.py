"""Captions, tied to their figure or table, and footnotes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ragkit.layout.model import Element, ElementKind
from ragkit.provenance import Box

__all__ = ["mark_notes"]

_CAPTION = re.compile(
    r"^(?:(?P<figure>fig(?:ure|\.)?|abb(?:ildung|\.)?|scheme|chart)|"
    r"(?P<table>tab(?:le|elle|\.)?|exhibit))\s*[\dIVXLA-Z]",
    re.IGNORECASE,
)
_AWAY = 0.06
"""Part of the page's height between a caption and what it belongs to, at most."""
_FOOT = 0.5
"""Part of the page's height below which footnotes stand."""
_SMALL = 0.93
"""Size of a footnote's letters, at most, as a part of the body's."""
_MARK = re.compile(r"^(?:\d{1,2}|[*∗†‡§¶]+)(?=\D|$)")


def mark_notes(elements: Sequence[Element], body_size: float) -> None:
    """Sets the caption of tables and figures, and the role of captions and footnotes.

    Args:
        elements: Of one page, in reading order.
        body_size: Font size of most of the document's text.
    """
    texts = [e for e in elements if e.kind is ElementKind.TEXT and e.box is not None]
    for text in texts:
        found = _CAPTION.match(text.lines[0].text) if text.lines else None
        if found is not None:
            kind = ElementKind.FIGURE if found["figure"] else ElementKind.TABLE
            text.role = "caption"
            owner = _nearest(text, [e for e in elements if e.kind is kind and e.caption is None])
            if owner is not None:
                owner.caption = text
        elif _is_footnote(text, body_size):
            text.role = "footnote"


def _nearest(text: Element, owners: Sequence[Element]) -> Element | None:
    """The figure or table right above or below a caption."""
    near = [(gap, n) for n, o in enumerate(owners) if (gap := _gap(text.box, o.box)) is not None]
    return owners[min(near)[1]] if near else None


def _gap(a: Box | None, b: Box | None) -> float | None:
    """White between two boxes one over the other; None if they stand apart."""
    if a is None or b is None or min(a.x1, b.x1) <= max(a.x0, b.x0):
        return None
    gap = max(a.y0 - b.y1, b.y0 - a.y1, 0.0)
    return gap if gap <= _AWAY else None


def _is_footnote(text: Element, body_size: float) -> bool:
    """Whether it is small, at the foot of the page, and begins with a mark."""
    words = [word for line in text.lines for word in line.words]
    if not words or text.box is None or text.box.y0 < _FOOT or not _MARK.match(words[0].text):
        return False
    raised = words[0].size < 0.85 * max(word.size for word in words)
    sizes = sorted(word.size for word in words)
    return raised and sizes[len(sizes) // 2] <= _SMALL * body_size
