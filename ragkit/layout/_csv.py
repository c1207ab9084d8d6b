"""Texts of a document as CSV that a spreadsheet can open."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from ragkit._checks import check_flag
from ragkit.errors import InvalidInputError

__all__ = ["csv_text", "write_csv"]

# What spreadsheets take for a formula: "=…" and "@…" always; "+…" and "-…" begin numbers too, and
# do harm only where they call something.
_FORMULA = re.compile(r"[=@＝＠\t\r]|[+\-＋－].*(?:[^\W\d]\w{0,40}\s{0,9}\(|[|!])", re.DOTALL)


def csv_text(rows: Iterable[Sequence[str]], *, guard_formulas: bool, delimiter: str = ",") -> str:
    """As CSV after RFC 4180.

    Args:
        rows: Of texts.
        guard_formulas: Whether an apostrophe is put before a text that a spreadsheet would run as
            a formula; numbers such as -3.5 stay as they are.
        delimiter: Between texts.

    Raises:
        InvalidInputError: If `guard_formulas` is not True or False, or `delimiter` can't work.
    """
    if not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '"\r\n':
        raise InvalidInputError(f"sep is {delimiter!r:.80}; it has to be one character.")
    if check_flag(guard_formulas, "guard_formulas"):
        rows = ([_guarded(text) for text in row] for row in rows)
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def write_csv(text: str, path: str | os.PathLike[str]) -> None:
    """Writes it in UTF-8.

    Raises:
        OSError: If the file can't be written.
    """
    Path(path).write_text(text, encoding="utf-8", newline="")


def _guarded(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text
