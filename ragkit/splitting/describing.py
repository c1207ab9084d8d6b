"""Names of functions that differ when the functions do, the same in every process."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from types import CodeType, FunctionType, MethodType
from typing import Any

__all__ = ["describe_function"]

_DEEPEST = 6
"""Functions in closures of functions …; what lies deeper is told apart by its type only."""


def describe_function(function: Any) -> str:
    """Module and name; where that does not tell functions apart, also a hash of what they do.

    Of lambdas, functions inside functions, and a script's own, bytecode, constants, defaults and
    enclosed values are hashed; of a partial its arguments. A function that a module has under its
    name is known by that name, an object by its class (its attributes may change with use), an
    embedder's method by the embedder's name too. What a function finds elsewhere when it runs (a
    global, a file) is not seen; and since bytecode is Python's own, another minor version of
    Python gives another hash.

    Example:
        >>> describe_function(len), describe_function(str.split)
        ('len', 'str.split')
        >>> describe_function(lambda text: 1) == describe_function(lambda text: 2)
        False
    """
    name, hidden = _name(function), _hidden(function, 0)
    if not hidden:
        return name
    return f"{name}#{hashlib.sha256(hidden.encode('utf-8', 'backslashreplace')).hexdigest()[:12]}"


def _name(function: Any) -> str:
    if isinstance(function, functools.partial):
        return f"partial({_name(function.func)})"
    named = function if hasattr(function, "__qualname__") else type(function)
    module = getattr(named, "__module__", None)
    name = str(named.__qualname__)
    return name if module in (None, "builtins") else f"{module}.{name}"


def _hidden(function: Any, depth: int) -> str:
    """What decides about the result and is not in the name; "" for nothing."""
    if isinstance(function, functools.partial):
        given = _value([function.args, function.keywords], depth + 1)
        return f"{given} {_hidden(function.func, depth + 1)}"
    if isinstance(function, MethodType):
        owner: Any = function.__self__
        inner = _hidden(function.__func__, depth + 1)
        counts = hasattr(type(owner), "count_tokens") and hasattr(type(owner), "fingerprint")
        return f"{owner.fingerprint.name} {inner}" if counts else inner
    if not isinstance(function, FunctionType):
        return ""
    local = "<" in function.__qualname__ or function.__module__ == "__main__"
    return _body(function, depth) if local else ""


def _body(function: FunctionType, depth: int) -> str:
    enclosed = []
    for cell in function.__closure__ or ():
        try:
            enclosed.append(_value(cell.cell_contents, depth + 1))
        except ValueError:  # not assigned yet
            enclosed.append("?")
    defaults = _value([function.__defaults__, function.__kwdefaults__], depth + 1)
    return f"{_code(function.__code__)} {defaults} {enclosed}"


def _code(code: CodeType) -> str:
    constants = [
        _code(constant) if isinstance(constant, CodeType) else _value(constant, 0)
        for constant in code.co_consts
    ]
    return f"{code.co_code.hex()} {code.co_names} {constants}"


def _value(value: Any, depth: int) -> str:
    """A value without addresses, and without an order that differs between processes."""
    if value is None or isinstance(value, bool | int | float | complex | str | bytes):
        return repr(value)
    if depth >= _DEEPEST:
        return _name(type(value))
    if isinstance(value, Mapping):
        items = [f"{_value(k, depth + 1)}: {_value(v, depth + 1)}" for k, v in value.items()]
        return f"mapping {items}"
    if isinstance(value, set | frozenset):
        return f"set {sorted(_value(item, depth + 1) for item in value)}"
    if isinstance(value, list | tuple):
        return str([_value(item, depth + 1) for item in value])
    return f"{_name(value)} {_hidden(value, depth + 1)}"
