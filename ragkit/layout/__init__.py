"""Documents as pages, elements, lines and words, and how they become text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ragkit._lazy import lazy_names

if TYPE_CHECKING:
    from ragkit.layout.linearizer import LayoutLinearizer
    from ragkit.layout.markdown import to_markdown
    from ragkit.layout.model import (
        Cell,
        Element,
        ElementKind,
        KeyValue,
        LayoutDocument,
        Line,
        Page,
        Table,
        Word,
    )

_HOME = {
    "ragkit.layout.linearizer": ("LayoutLinearizer",),
    "ragkit.layout.markdown": ("to_markdown",),
    "ragkit.layout.model": (
        "Cell",
        "Element",
        "ElementKind",
        "KeyValue",
        "LayoutDocument",
        "Line",
        "Page",
        "Table",
        "Word",
    ),
}
_WHERE = {name: module for module, names in _HOME.items() for name in names}

__all__ = [
    "Cell",
    "Element",
    "ElementKind",
    "KeyValue",
    "LayoutDocument",
    "LayoutLinearizer",
    "Line",
    "Page",
    "Table",
    "Word",
    "to_markdown",
]

__getattr__, __dir__ = lazy_names(__name__, _WHERE)
