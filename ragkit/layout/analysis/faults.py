"""Faults of the analysis: they cost the layout of one page, and no word of the document."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from ragkit.layout.analysis.strips import CrowdedPageError

__all__ = ["FAULTS", "Faults"]

T = TypeVar("T")

FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NameError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What code raises that meets something it did not expect. Not among them are a lack of memory,
and what a caller's timer or signal handler may raise: these end the work."""

_log = logging.getLogger("ragkit.layout")


class Faults:
    """Runs the steps of a document's analysis, and keeps the pages on which one failed.

    Attributes:
        reasons: Of those pages, by their place: why they were not analysed.
    """

    def __init__(self) -> None:
        self.reasons: dict[int, str] = {}

    def on_page(self, place: int, step: Callable[..., list[T]], *args: Any) -> list[T]:
        """What a step gives for one page; nothing, if it fails or an earlier one did."""
        if place in self.reasons:
            return []
        try:
            return step(*args)
        except FAULTS as error:
            self._note(place, error)
        return []

    def on_all(self, step: Callable[..., T], pages: list[Any], *others: list[Any]) -> T | None:
        """What a step over all pages gives, None if it fails; the pages at fault go without it.

        Args:
            step: Takes the lists.
            pages: What it works on; emptied for each page with which alone it fails.
            others: Of as many entries.
        """
        try:
            return step(pages, *others)
        except FAULTS as error:
            fault = error
        at_fault = [
            i for i, page in enumerate(pages) if page and not self._stands(i, step, pages, *others)
        ]
        for place in at_fault:
            pages[place] = []
        if at_fault:
            return self.on_all(step, pages, *others)
        _log.warning("A part of the layout's analysis failed: %s", step, exc_info=fault)
        return None

    def _stands(self, place: int, step: Callable[..., Any], *lists: list[Any]) -> bool:
        """Whether the step can do with one page alone; the fault is kept where it can't."""
        try:
            step(*([each[place]] for each in lists))
        except FAULTS as error:
            self._note(place, error)
            return False
        return True

    def _note(self, place: int, error: Exception) -> None:
        if isinstance(error, CrowdedPageError):
            self.reasons[place] = str(error)
            return
        _log.warning("The layout of page %d can't be analysed", place + 1, exc_info=error)
        self.reasons[place] = f"{type(error).__name__}: {error}"
