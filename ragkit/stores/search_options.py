"""Options of a retriever over a store: as keywords, or in LangChain's ``search_kwargs``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ragkit._checks import reject_unknown
from ragkit.errors import InvalidInputError

__all__ = ["UNSET", "merge_search_options"]

UNSET: Final[Any] = object()
"""Stands for an option that was not given, where None is a value."""

DEFAULTS: dict[str, Any] = {"k": 4, "filter": None, "mode": "dense", "score_threshold": None}


def merge_search_options(
    where: str,
    given: Mapping[str, Any],
    search_kwargs: Mapping[str, Any] | None,
    unknown: Mapping[str, Any],
) -> dict[str, Any]:
    """Arguments for `StoreRetriever`, from keywords and LangChain's ``search_kwargs``.

    Args:
        where: The callable, as a user would write it, for the messages.
        given: The known options; `UNSET` where the caller did not give one.
        search_kwargs: The same options in a mapping.
        unknown: What else the caller gave; anything is an error.

    Raises:
        UnknownOptionError: If there is no such option; the message suggests the nearest.
        InvalidInputError: If an option is given twice, or `search_kwargs` is no mapping.
    """
    reject_unknown(where, unknown, [*DEFAULTS, "search_kwargs"])
    extra = {} if search_kwargs is None else search_kwargs
    if not isinstance(extra, Mapping):
        raise InvalidInputError(
            f"search_kwargs is {search_kwargs!r}; it has to be a mapping such as {{'k': 2}}."
        )
    reject_unknown(f"{where} search_kwargs", extra, DEFAULTS)
    named = {name: value for name, value in given.items() if value is not UNSET}
    if twice := sorted(named.keys() & extra.keys()):
        raise InvalidInputError(
            f"{where} got {twice[0]!r} twice: as an option and in search_kwargs; give it once."
        )
    return {**DEFAULTS, **named, **extra}
