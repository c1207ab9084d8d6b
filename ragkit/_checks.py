"""Checks of arguments that several parts share."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import TypeVar

from ragkit.errors import InvalidInputError, UnknownOptionError

_T = TypeVar("_T")


def check_count(value: object, name: str, *, least: int = 1) -> int:
    """`value`, if it is a whole number of at least `least`.

    Raises:
        InvalidInputError: If it is anything else; the message names the argument.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise InvalidInputError(
            f"{name} is {value!r}; it has to be a whole number of at least {least}."
        )
    return value


def check_flag(value: object, name: str) -> bool:
    """`value`, if it is True or False.

    Raises:
        InvalidInputError: If it is anything else; the message names the argument.
    """
    if not isinstance(value, bool):
        raise InvalidInputError(f"{name} is {value!r:.80}; it has to be True or False.")
    return value


def check_seconds(value: object, name: str) -> float:
    """`value` as a float, if it is a time that can be waited for.

    Raises:
        InvalidInputError: If it is anything else; the message names the argument.
    """
    longest = threading.TIMEOUT_MAX  # beyond it, sockets raise an OverflowError
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= longest:
        return float(value)
    raise InvalidInputError(
        f"{name} is {value!r}; it has to be seconds above 0, at most {longest:,.0f}."
    )


def check_choice(value: object, name: str, choices: Iterable[str]) -> str:
    """`value`, if it is one of `choices`.

    Raises:
        InvalidInputError: If it is not; the message lists the choices.
    """
    valid = list(choices)
    if not isinstance(value, str) or value not in valid:
        listed = ", ".join(map(repr, valid))
        raise InvalidInputError(f"{name} is {value!r}; it has to be one of {listed}.")
    return value


def check_many(value: Iterable[_T], name: str, kind: str) -> Iterable[_T]:
    """`value`, if it is many things, and not one text.

    Args:
        value: What was given.
        name: Of the argument.
        kind: What it holds, such as "documents", for the message.

    Raises:
        InvalidInputError: If it is anything else; the message names the argument.
    """
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise InvalidInputError(f"{name} is {value!r:.80}; it has to be a list of {kind}.")
    return value


def reject_unknown(where: str, given: Iterable[str], valid: Iterable[str]) -> None:
    """Nothing, if every name in `given` is valid.

    Raises:
        UnknownOptionError: If one is not; the message suggests the nearest.
    """
    known = set(valid)
    unknown = [name for name in given if name not in known]
    if unknown:
        raise UnknownOptionError(where, unknown, known)
