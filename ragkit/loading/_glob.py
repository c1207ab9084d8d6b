"""Patterns of files' names and paths."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ragkit.errors import InvalidInputError

__all__ = ["compile_globs"]


def compile_globs(patterns: Sequence[str]) -> re.Pattern[str]:
    """One expression for paths relative to the folder, their parts parted by ``/``.

    ``*`` and ``?`` stay within a part, ``**/`` goes over any number of them. A pattern without
    a slash is about the file's name, wherever the file is.

    Raises:
        InvalidInputError: If a pattern holds a set that there can't be, such as ``[z-a]``.
    """
    return re.compile("|".join(f"(?:{_checked(p)})" for p in patterns) or r"(?!)")


def _checked(pattern: str) -> str:
    """The pattern as an expression that can be compiled."""
    expression = _translate(pattern)
    try:
        re.compile(expression)
    except re.error as error:
        raise InvalidInputError(
            f"The pattern {pattern!r} can't be understood ({error.msg}). Check what stands in "
            "its brackets; [a-z] is a set, [[] is a bracket."
        ) from error
    return expression


def _translate(pattern: str) -> str:
    body = ("**/" + pattern) if "/" not in pattern else pattern.removeprefix("./")
    parts = re.split(r"(\*\*/|\*\*|\*|\?|\[[^\]]+\])", body)
    known = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return "".join(known.get(p) or _literal(p) for p in parts) + r"\Z"


def _literal(part: str) -> str:
    if part.startswith("[") and part.endswith("]") and len(part) > 2:
        inner = re.sub(r"[\\\[&|~]", r"\\\g<0>", part[1:-1])
        return "[^" + inner[1:] + "]" if inner[0] == "!" else f"[{inner}]"
    return re.escape(part)
