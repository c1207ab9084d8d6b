"""Rows of a JSONL file, one after the other, and what is wrong with the lines that are none."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

__all__ = ["LONGEST_LINE", "BadLine", "Lines", "Row"]

LONGEST_LINE = 64 * 1024 * 1024
"""Bytes; a longer line is no text to embed, and would take the memory."""
_BOM = b"\xef\xbb\xbf"
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that was left out.

    Attributes:
        line: Its number, from 1.
        reason: What is wrong with it.
    """

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Row:
    """A text to embed: the line it is on, its id, and itself."""

    line: int
    id: str | int
    text: str


class Lines:
    """The lines of a stream; iterated once.

    White lines are passed over, as usual for JSONL.

    Args:
        stream: Of UTF-8, with `readline`.
        field: Of the text.
        id_field: Of the id; None gives each row the number of its line.

    Attributes:
        bytes: Read so far.
        lines: Read so far.
    """

    def __init__(self, stream: IO[bytes], field: str, id_field: str | None) -> None:
        self._stream, self._field, self._id_field = stream, field, id_field
        self._hash = hashlib.sha256()
        self.bytes = self.lines = 0

    @property
    def sha256(self) -> str:
        """Of what was read so far."""
        return self._hash.hexdigest()

    def __iter__(self) -> Iterator[Row | BadLine]:
        while line := self._stream.readline(LONGEST_LINE):
            self._note(line)
            self.lines += 1
            if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
                self._skip_rest()
                yield BadLine(self.lines, f"longer than {LONGEST_LINE:,} bytes")
                continue
            if self.lines == 1:
                line = line.removeprefix(_BOM)
            if line.strip():
                yield self._row(line)

    def _note(self, part: bytes) -> None:
        self._hash.update(part)
        self.bytes += len(part)

    def _skip_rest(self) -> None:
        while part := self._stream.readline(LONGEST_LINE):
            self._note(part)
            if part.endswith(b"\n"):
                return

    def _row(self, line: bytes) -> Row | BadLine:
        try:
            value = json.loads(line.decode())
            if not isinstance(value, dict):
                raise _UnfitError(f"not an object but {_kind(value)}")  # noqa: TRY301
            return Row(self.lines, self._id(value), _text(value, self._field))
        except UnicodeDecodeError:
            return BadLine(self.lines, "not UTF-8")
        except json.JSONDecodeError as error:
            return BadLine(self.lines, f"not JSON: {error.msg} at character {error.pos}")
        except (RecursionError, ValueError) as error:  # too deep, or a number of too many digits
            return BadLine(self.lines, f"not JSON that can be read: {error}")
        except _UnfitError as error:
            return BadLine(self.lines, str(error))

    def _id(self, value: dict[str, Any]) -> str | int:
        name = self._id_field
        if name is None:
            return self.lines
        if value.get(name) is None:
            raise _UnfitError(f"no {name!r}, which is to be its id")
        found = value[name]
        if isinstance(found, bool) or not isinstance(found, (str, int)):
            raise _UnfitError(f"{name!r} is {_kind(found)}; an id is a text or a whole number")
        if isinstance(found, str):
            _check_encodable(found, name)
        return found


class _UnfitError(Exception):
    """A line that is JSON but no row; the message is the reason."""


def _text(value: dict[str, Any], field: str) -> str:
    if field not in value:
        near = ", ".join(map(repr, list(value)[:5])) or "nothing"
        raise _UnfitError(f"no {field!r}; it has {near[:_SHOWN]}")
    text = value[field]
    if not isinstance(text, str):
        raise _UnfitError(f"{field!r} is {_kind(text)}, not a text")
    if not text.strip():
        raise _UnfitError(f"{field!r} is empty")
    _check_encodable(text, field)
    return text


def _check_encodable(text: str, field: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _UnfitError(f"{field!r} has half of a surrogate pair, which is no text") from None


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}
    return names.get(type(value), "null" if value is None else "a number")
