"""Where chunks are kept and found again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ragkit._lazy import lazy_names

if TYPE_CHECKING:
    from ragkit.stores.adapt import LangChainStore, as_store
    from ragkit.stores.chroma import ChromaStore
    from ragkit.stores.filters import matches, parse_filter
    from ragkit.stores.local import LocalStore
    from ragkit.stores.manifest import Manifest, SourceRecord, Sources

_HOME = {
    "ragkit.stores.adapt": ("LangChainStore", "as_store"),
    "ragkit.stores.chroma": ("ChromaStore",),
    "ragkit.stores.filters": ("matches", "parse_filter"),
    "ragkit.stores.local": ("LocalStore",),
    "ragkit.stores.manifest": ("Manifest", "SourceRecord", "Sources"),
}
_WHERE = {name: module for module, names in _HOME.items() for name in names}

__all__ = [
    "ChromaStore",
    "LangChainStore",
    "LocalStore",
    "Manifest",
    "SourceRecord",
    "Sources",
    "as_store",
    "matches",
    "parse_filter",
]

__getattr__, __dir__ = lazy_names(__name__, _WHERE)
