"""Splitters: documents cut into chunks that know their exact place.

`RecursiveSplitter` measures in characters (or by any length function) and cuts as LangChain's
RecursiveCharacterTextSplitter does; `TokenSplitter` measures in the embedder's own tokens;
`LayoutSplitter` follows headings, lists and tables of a layout document.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ragkit._lazy import lazy_names

if TYPE_CHECKING:
    from ragkit.splitting.layout import LayoutSplitter
    from ragkit.splitting.recursive import RecursiveSplitter
    from ragkit.splitting.tokens import TokenSplitter

__all__ = ["LayoutSplitter", "RecursiveSplitter", "TokenSplitter"]

_WHERE = {
    "LayoutSplitter": "ragkit.splitting.layout",
    "RecursiveSplitter": "ragkit.splitting.recursive",
    "TokenSplitter": "ragkit.splitting.tokens",
}

__getattr__, __dir__ = lazy_names(__name__, _WHERE)
