"""Many texts as two arrays, which can be mapped from files: bytes, and where each ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Strings"]


class Strings:
    """Texts by their place; each is decoded when it is asked for.

    Args:
        data: All of them in UTF-8, one after the other.
        ends: Where each ends.
    """

    def __init__(self, data: NDArray[np.uint8], ends: NDArray[np.int64]) -> None:
        self.data = data
        self.ends = ends

    @classmethod
    def of(cls, texts: Sequence[str]) -> Strings:
        """These texts; half a surrogate pair survives too."""
        encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
        lengths = np.fromiter(map(len, encoded), np.int64, len(encoded))
        return cls(np.frombuffer(b"".join(encoded), np.uint8), np.cumsum(lengths))

    def __len__(self) -> int:
        return len(self.ends)

    def __getitem__(self, place: int) -> str:
        begin = int(self.ends[place - 1]) if place else 0
        data: Any = self.data[begin : int(self.ends[place])]
        return bytes(data).decode("utf-8", "surrogatepass")

    def fits(self) -> bool:
        """Whether the ends ascend to the end of the data."""
        last = int(self.ends[-1]) if len(self.ends) else 0
        return last == len(self.data) and bool((np.diff(self.ends, prepend=0) >= 0).all())
