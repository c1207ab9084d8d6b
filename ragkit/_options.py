"""Misspelt options of a class end in the error that names the right one."""

from __future__ import annotations

import functools
from typing import Any, TypeVar

from ragkit._checks import reject_unknown

__all__ = ["names_options"]

_C = TypeVar("_C", bound=type)


def names_options(cls: _C) -> _C:
    """A class whose constructor raises `UnknownOptionError` for keywords that it does not have.

    Python's own TypeError says what is wrong, but not what there is.
    """
    made: Any = cls.__init__  # type: ignore[misc]  # each class has its own signature
    code = made.__code__
    names = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]

    @functools.wraps(made)
    def checked(self: Any, *args: Any, **options: Any) -> None:
        reject_unknown(f"{type(self).__name__}()", options, names)
        made(self, *args, **options)

    cls.__init__ = checked  # type: ignore[misc]
    return cls
