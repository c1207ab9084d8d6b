"""Splitters: documents cut into chunks that know their exact place.

`RecursiveSplitter` measures in characters (or by any length function) and cuts as LangChain's
RecursiveCharacterTextSplitter does; `TokenSplitter` measures in the embedder's own tokens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ragkit._lazy import lazy_names

if TYPE_CHECKING:
    from ragkit.splitting.recursive import RecursiveSplitter
    from ragkit.splitting.tokens import TokenSplitter

__all__ = ["RecursiveSplitter", "TokenSplitter"]

_WHERE = {
    "RecursiveSplitter": "ragkit.splitting.recursive",
    "TokenSplitter": "ragkit.splitting.tokens",
}

__getattr__, __dir__ = lazy_names(__name__, _WHERE)
