"""``RecursiveCharacterTextSplitter`` with LangChain's defaults."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from ragkit._options import names_options
from ragkit.splitting import RecursiveSplitter

__all__ = ["RecursiveCharacterTextSplitter"]


@names_options
class RecursiveCharacterTextSplitter(RecursiveSplitter):
    """`ragkit.RecursiveSplitter` with LangChain's argument order and defaults (4000, 200)."""

    def __init__(
        self,
        separators: Sequence[str] | None = None,
        keep_separator: bool | Literal["start", "end"] = True,  # noqa: FBT001, FBT002 – LangChain's order
        is_separator_regex: bool = False,  # noqa: FBT001, FBT002 – LangChain's order
        *,
        chunk_size: int = 4000,
        chunk_overlap: int = 200,
        length_function: Callable[[str], int] = len,
    ) -> None:
        super().__init__(
            separators=tuple(separators or ("\n\n", "\n", " ", "")),
            keep_separator=keep_separator,
            is_separator_regex=is_separator_regex,
            chunk_size=chunk_size,
            chunk_overlap=chunk_overlap,
            length_function=length_function,
        )
