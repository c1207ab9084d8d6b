"""How many of many things fit, asked rarely."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["last_fitting"]


def last_fitting(fits: Callable[[int], bool], first: int, last: int) -> int:
    """The greatest number from `first` to `last` that fits; `first` is taken to fit.

    Whoever measures a growing text at each step takes time in the square of its length. Here
    the steps double, and what lies between the last two is halved.

    Args:
        fits: Whether a number does; where one does not, no greater one does.
        first: Smallest number; it is not asked for.
        last: Greatest number.

    Example:
        >>> last_fitting(lambda number: number * number <= 50, 1, 100)
        7
    """
    good, step = first, 1
    while good < last and fits(min(good + step, last)):
        good = min(good + step, last)
        step *= 2
    bad = min(good + step, last + 1)
    while bad - good > 1:
        middle = (good + bad) // 2
        if fits(middle):
            good = middle
        else:
            bad = middle
    return good
