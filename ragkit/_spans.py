"""Spans of a text: first character and one past the last."""

from __future__ import annotations

__all__ = ["Span", "trimmed"]

Span = tuple[int, int]
"""First character and one past the last, as offsets in a text."""


def trimmed(text: str, start: int, end: int) -> Span:
    """The span without white space at its ends; empty (start == end) if there is nothing else."""
    part = text[start:end]
    kept = part.lstrip()
    start += len(part) - len(kept)
    return start, start + len(kept.rstrip())
