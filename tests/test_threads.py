"""Several calls at once in threads."""

from __future__ import annotations

import threading

import pytest

from ragkit._threads import map_in_threads


def test_results_keep_the_order_of_the_items():
    both = threading.Barrier(2, timeout=30)

    def square(number):
        both.wait()  # passes only with two at once
        return number**2

    assert map_in_threads(square, range(6), 2) == [0, 1, 4, 9, 16, 25]


def test_the_earliest_error_is_raised_and_nothing_more_begins():
    begun = []
    go = threading.Event()

    def fail(number):
        begun.append(number)
        if number == 0:
            raise ZeroDivisionError("the first")
        go.wait(30)
        raise ValueError(number)

    with pytest.raises(ZeroDivisionError, match="the first"):
        map_in_threads(fail, range(20), 3, "mapped")
    go.set()
    for thread in threading.enumerate():
        if thread.name.startswith("mapped"):
            thread.join(30)
    assert len(begun) <= 4
