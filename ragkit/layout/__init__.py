"""Documents as pages, elements, lines and words, and how they become text."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

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


def __getattr__(name: str) -> object:
    module = _WHERE.get(name)
    if module is None:
        raise AttributeError(f"module 'ragkit.layout' has no attribute {name!r}")
    value = getattr(importlib.import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_WHERE})
