"""Things of a document in reading order, each with the page it stands on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Self, TypeVar, overload

if TYPE_CHECKING:
    from ragkit.layout.model import Page

__all__ = ["OnPages"]

T = TypeVar("T")


class OnPages(Sequence[T]):
    """A sequence that knows where its items stand.

    Args:
        places: Each item with its page.
    """

    def __init__(self, places: Iterable[tuple[Page, T]]) -> None:
        self._places = list(places)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Self: ...
    def __getitem__(self, index: int | slice) -> T | Self:
        """One item, or a part of them."""
        if isinstance(index, slice):
            return type(self)(self._places[index])
        return self._places[index][1]

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[T]:
        return (item for _, item in self._places)

    def on(self, page: Page) -> Self:
        """Those that stand on a page."""
        return type(self)(place for place in self._places if place[0] is page)
