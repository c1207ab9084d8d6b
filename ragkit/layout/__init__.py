"""Documents as pages, elements, lines and words, and how they become text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ragkit._lazy import lazy_names

if TYPE_CHECKING:
    from ragkit.layout.field_list import FieldMatch, KeyValues
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
    from ragkit.layout.searching import TextMatch
    from ragkit.layout.table_list import Tables

_HOME = {
    "ragkit.layout.field_list": ("FieldMatch", "KeyValues"),
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
    "ragkit.layout.searching": ("TextMatch",),
    "ragkit.layout.table_list": ("Tables",),
}
_WHERE = {name: module for module, names in _HOME.items() for name in names}

__all__ = [
    "Cell",
    "Element",
    "ElementKind",
    "FieldMatch",
    "KeyValue",
    "KeyValues",
    "LayoutDocument",
    "LayoutLinearizer",
    "Line",
    "Page",
    "Table",
    "Tables",
    "TextMatch",
    "Word",
    "to_markdown",
]

__getattr__, __dir__ = lazy_names(__name__, _WHERE)
