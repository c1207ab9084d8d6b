"""Packages whose public names are imported when they are first used (PEP 562).

A package lists its names for type checkers under ``TYPE_CHECKING`` and, in a table, where each
is; importing one class then loads what that class needs and nothing else.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping

__all__ = ["lazy_names"]


def lazy_names(
    package: str, where: Mapping[str, str]
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """``__getattr__`` and ``__dir__`` for a package.

    Args:
        package: Its ``__name__``.
        where: The module that each public name is in.
    """

    def find(name: str) -> object:
        if name in where:
            value: object = getattr(importlib.import_module(where[name]), name)
        elif not name.startswith("_") and _is_module(f"{package}.{name}"):
            return importlib.import_module(f"{package}.{name}")  # ragkit.errors, ragkit.compat
        else:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        setattr(sys.modules[package], name, value)
        return value

    def names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *where})

    return find, names


def _is_module(name: str) -> bool:
    from importlib.util import find_spec

    return find_spec(name) is not None
