"""Blocks of authors: side by side below a paper's title, they look like a table and are none."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["are_authors"]


def are_authors(rows: Sequence[Sequence[str]]) -> bool:
    """Whether a row holds nothing but e-mail addresses, one for each of two authors or more.

    A table of people has a column of addresses.

    Args:
        rows: The texts of what stands side by side.
    """
    addressed = [row for row in rows if len(row) > 1 and all("@" in text for text in row)]
    return len(addressed) == 1 and len(rows) > 1
