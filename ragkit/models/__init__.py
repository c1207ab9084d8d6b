"""Models on disk: fetched once from a hub, verified, then used offline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ragkit._lazy import lazy_names

if TYPE_CHECKING:
    from ragkit.models.fetching import fetch
    from ragkit.models.record import recorded_commit

__all__ = ["fetch", "recorded_commit"]

_WHERE = {
    "fetch": "ragkit.models.fetching",
    "recorded_commit": "ragkit.models.record",
}

__getattr__, __dir__ = lazy_names(__name__, _WHERE)
