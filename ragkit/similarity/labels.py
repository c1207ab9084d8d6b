"""What stands beside a heat map."""

from __future__ import annotations

import textwrap

__all__ = ["label", "ticks"]

_WIDTH = 32
_LINES = 2
_MOST_TICKS = 30


def label(text: str) -> str:
    r"""`text` in at most two lines of 32 characters, the rest as an ellipsis.

    Example:
        >>> label("A  cute\tdog")
        'A cute dog'
    """
    printable = "".join(mark if mark.isprintable() else " " for mark in text)
    lines = textwrap.wrap(" ".join(printable.split()), _WIDTH, max_lines=_LINES, placeholder=" …")
    return "\n".join(lines)


def ticks(count: int) -> list[int]:
    """The places that get a number: all, or each second, fifth, tenth, … of many."""
    steps = (factor * 10**power for power in range(12) for factor in (1, 2, 5))
    step = next(step for step in steps if count <= step * _MOST_TICKS)
    return list(range(0, count, step))
