"""Where a page's links lead."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from typing import Any

import pypdfium2_raw as raw

from ragkit.layout.model import Word
from ragkit.loading._pdfium_frame import Edges, Frame

__all__ = ["mark_links"]

MAX_LINKS = 5_000
"""Links of a page that are looked at."""
_AT_ONCE = 64
"""Links that are compared with all words in one step."""
MAX_TARGET = 10_000
"""Bytes of an address; a longer one is left out, as an attack or damage."""


def mark_links(document: Any, page: Any, frame: Frame, words: Sequence[Word]) -> None:
    """Sets `link` of the words that stand in a link: an address, or ``#page=3`` in the file."""
    links = list(_links(document, page, frame))
    if not links:
        return
    import numpy as np  # not needed to read most files, and slow to import

    placed = [word.box for word in words]
    centres = np.array([(b.x0 + b.x1, b.y0 + b.y1) if b else (-1.0, -1.0) for b in placed]).reshape(
        -1, 2
    ) * (frame.width / 2, frame.height / 2)
    x, y = centres[:, 0], centres[:, 1]
    for start in range(0, len(links), _AT_ONCE):
        some = links[start : start + _AT_ONCE]
        x0, y0, x1, y1 = np.array([edges for edges, _ in some]).T[:, :, None]
        inside = (x0 <= x) & (x <= x1) & (y0 <= y) & (y <= y1)
        for link, number in np.argwhere(inside).tolist():  # the last link that holds a word wins
            words[number].link = some[link][1]


def _links(document: Any, page: Any, frame: Frame) -> Iterator[tuple[Edges, str]]:
    position, link, rect = ctypes.c_int(0), raw.FPDF_LINK(), raw.FS_RECTF()
    for _ in range(MAX_LINKS):
        if not raw.FPDFLink_Enumerate(page, ctypes.byref(position), ctypes.byref(link)):
            return
        target = _target(document, link)
        if target and raw.FPDFLink_GetAnnotRect(link, ctypes.byref(rect)):
            yield frame.upright(rect), target


def _target(document: Any, link: Any) -> str:
    destination = raw.FPDFLink_GetDest(document, link)
    if destination:
        page = raw.FPDFDest_GetDestPageIndex(document, destination)
        return f"#page={page + 1}" if page >= 0 else ""
    action = raw.FPDFLink_GetAction(link)
    if not action or raw.FPDFAction_GetType(action) != raw.PDFACTION_URI:
        return ""
    size = raw.FPDFAction_GetURIPath(document, action, None, 0)
    if not 1 < size <= MAX_TARGET:
        return ""
    buffer = ctypes.create_string_buffer(size)
    raw.FPDFAction_GetURIPath(document, action, buffer, size)
    return buffer.value.decode("utf-8", "replace")
