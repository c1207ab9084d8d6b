"""Small neighbouring pieces joined to chunks of a greatest length, with overlap."""

from __future__ import annotations

from collections.abc import Sequence

from ragkit._spans import Span

__all__ = ["merge"]


def merge(
    pieces: Sequence[Span], lengths: Sequence[int], joint: int, size: int, overlap: int
) -> list[Span]:
    """Spans from the first to the last piece of each chunk.

    The lengths are added up, as LangChain's splitters do it: a chunk's own length may differ
    where the length function is not additive (tokens).

    Args:
        pieces: Spans in text order.
        lengths: Of each piece.
        joint: Length of what stands between two pieces.
        size: Greatest length of a chunk.
        overlap: Greatest length of the pieces that a chunk takes over from the one before.
    """
    chunks: list[Span] = []
    first = total = 0  # the chunk being made: its first piece and its length
    for last, length in enumerate(lengths):
        if last > first and total + length + joint > size:
            chunks.append((pieces[first][0], pieces[last - 1][1]))
            while first < last and (
                total > overlap or (total > 0 and total + length + joint > size)
            ):
                first += 1
                total -= lengths[first - 1] + (joint if first < last else 0)
        total += length + (joint if last > first else 0)
    if pieces:
        chunks.append((pieces[first][0], pieces[-1][1]))
    return chunks
