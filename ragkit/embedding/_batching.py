"""Which texts run through the model together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

__all__ = ["plan_batches"]


def plan_batches(lengths: Sequence[int], batch_tokens: int) -> Iterator[list[int]]:
    """Positions of texts, in batches of similar length, the longest first.

    A batch costs its number of texts times its longest text; that product stays within
    `batch_tokens`, except where one text alone is longer.

    Args:
        lengths: Tokens of each text.
        batch_tokens: The most tokens of a batch, padding included.

    Example:
        >>> list(plan_batches([10, 300, 12, 11], 512))
        [[1], [2, 3, 0]]
    """
    order = sorted(range(len(lengths)), key=lambda n: -lengths[n])
    start = 0
    while start < len(order):
        count = max(1, batch_tokens // max(1, lengths[order[start]]))
        yield order[start : start + count]
        start += count
