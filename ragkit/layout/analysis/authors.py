"""Blocks of authors: side by side below a paper's title, they look like a table and are none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

__all__ = ["are_authors", "group_ends", "is_institution"]

_INSTITUTION = re.compile(
    r"\b(?:univ|institut|departe?ment|dept\b|college|school|facult|fakult|laborato|hochschule"
    r"|academ|acad[eé]mi|[eé]cole|polytech|(?:inc|ltd|corp)\b|gmbh\b)",
    re.IGNORECASE,
)
_NAME = re.compile(r"^[^\W\d_][\w.'’-]*(?:\s[^\W\d_][\w.'’-]*){1,4}$")
_ROWS = 6
"""Of names and addresses without an e-mail, at most."""
_INSTITUTION_ROWS = 2


def are_authors(rows: Sequence[Sequence[str]]) -> bool:
    """Whether they are names over addresses.

    Either a row holds nothing but e-mail addresses, one for each of two authors or more, also
    in several rows of authors; or the first row holds names, and one below it institutions.
    A table of people has a column of each.

    Args:
        rows: The texts of what stands side by side.
    """
    if len(rows) < 2 or not rows[0]:
        return False
    addressed = [_have_addresses(row) for row in rows]
    if any(addressed):
        are_over = not addressed[0] and not any(a and b for a, b in pairwise(addressed))
        return are_over or sum(addressed) == 1
    return _are_names(rows[0]) and len(rows) <= _ROWS and _have_institutions(rows[1:])


def group_ends(rows: Sequence[Sequence[str]]) -> list[int]:
    """One past the last row of each row of authors, which ends with their e-mail addresses."""
    ends = [number for number, row in enumerate(rows, 1) if _have_addresses(row)]
    return ends if ends and ends[-1] == len(rows) else [*ends, len(rows)]


def is_institution(text: str) -> bool:
    """Whether it names a university, a company or a part of it."""
    return _INSTITUTION.search(text) is not None


def _have_addresses(row: Sequence[str]) -> bool:
    return len(row) > 1 and all("@" in text for text in row)


def _have_institutions(rows: Sequence[Sequence[str]]) -> bool:
    count = sum(len(row) > 1 and all(map(is_institution, row)) for row in rows)
    return 0 < count <= _INSTITUTION_ROWS


def _are_names(row: Sequence[str]) -> bool:
    return len(row) > 1 and all(
        _NAME.match(text) and text[0].isupper() and text.split()[-1][0].isupper() for text in row
    )
