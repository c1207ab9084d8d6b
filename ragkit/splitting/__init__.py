"""Splitters: documents cut into chunks that know their exact place.

`RecursiveSplitter` measures in characters (or by any length function) and cuts as LangChain's
RecursiveCharacterTextSplitter does; `TokenSplitter` measures in the embedder's own tokens.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ragkit.splitting.recursive import RecursiveSplitter
    from ragkit.splitting.tokens import TokenSplitter

__all__ = ["RecursiveSplitter", "TokenSplitter"]

_WHERE = {
    "RecursiveSplitter": "ragkit.splitting.recursive",
    "TokenSplitter": "ragkit.splitting.tokens",
}


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        raise AttributeError(f"module 'ragkit.splitting' has no attribute {name!r}")
    return getattr(importlib.import_module(_WHERE[name]), name)
