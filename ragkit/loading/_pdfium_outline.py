"""A document's bookmarks."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pypdfium2 as pdfium

from ragkit.layout.analysis.outline import Bookmark

__all__ = ["read_outline"]

MAX_BOOKMARKS = 10_000
"""Bookmarks that are looked at."""
MAX_DEPTH = 8


def read_outline(document: Any) -> list[Bookmark]:
    """The bookmarks that lead to a page, in their order; none where they are damaged."""
    found = []
    try:
        for one in islice(document.get_toc(max_depth=MAX_DEPTH), MAX_BOOKMARKS):
            target = one.get_dest()
            page = target.get_index() if target is not None else None
            title = " ".join(one.get_title().split())
            if page is not None and title:
                found.append(Bookmark(page, one.level, title))
    except (pdfium.PdfiumError, ValueError, UnicodeError):
        return []
    return found
