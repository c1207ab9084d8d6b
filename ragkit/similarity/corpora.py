"""A corpus to search, in one of its forms: texts, ids with texts, or a CSV file of both."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from ragkit._checks import check_many
from ragkit.errors import CorruptFileError, InvalidInputError, MissingFileError

__all__ = ["Row", "batches", "rows_of"]

Row = tuple[str, str]
"""An id and a text."""


def rows_of(corpus: Any) -> Iterator[Row]:
    """Each entry with its id; a CSV file is read row by row.

    Args:
        corpus: Texts, whose ids are "0", "1", …; a tuple of two lists, ids and texts; or the
            path of a CSV file of two columns, id and text, without a header, UTF-8.

    Raises:
        InvalidInputError: If it is nothing of these, or an id or text is no str.
        MissingFileError: If there is no such file.
        CorruptFileError: If the file has a row of another form; the message has its line.
    """
    if isinstance(corpus, str | os.PathLike):
        return _rows_of_file(Path(corpus))
    if isinstance(corpus, tuple) and len(corpus) == 2 and not isinstance(corpus[0], str):
        return _checked(*map(list, corpus))
    texts = list(check_many(corpus, "corpus", "texts"))
    return _checked([str(place) for place in range(len(texts))], texts)


def batches(rows: Iterator[Row], size: int) -> Iterator[list[Row]]:
    """Up to `size` rows at a time."""
    while batch := list(islice(rows, size)):
        yield batch


def _checked(ids: list[Any], texts: list[Any]) -> Iterator[Row]:
    if len(ids) != len(texts):
        raise InvalidInputError(f"corpus has {len(ids)} ids and {len(texts)} texts.")
    for name, values in (("id", ids), ("text", texts)):
        for place, value in enumerate(values):
            if not isinstance(value, str):
                raise InvalidInputError(
                    f"corpus has the {name} {value!r:.80} at {place}; it has to be a str."
                )
    _check_unique(ids)
    return zip(ids, texts, strict=True)


def _check_unique(ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in ids:
        if name in seen:
            raise InvalidInputError(f"corpus has the id {name!r:.80} twice; ids have to differ.")
        seen.add(name)


def _rows_of_file(path: Path) -> Iterator[Row]:
    if not path.is_file():
        raise MissingFileError(
            f"There is no file {path}. A corpus is a list of texts, a tuple (ids, texts), or the "
            f"path of a CSV file with the columns id and text."
        )
    return _read(path)


def _read(path: Path) -> Iterator[Row]:
    seen: set[str] = set()
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.reader(lines, strict=True)
        try:
            for row in reader:
                if not row:
                    continue  # an empty line at the end
                where = f"{path}, line {reader.line_num}"
                if len(row) != 2:
                    raise CorruptFileError(f"{where} has {len(row)} columns; it needs id and text.")
                if row[0] in seen:
                    raise CorruptFileError(
                        f"{where} has the id {row[0]!r:.80} for the second time."
                    )
                seen.add(row[0])
                yield row[0], row[1]
        except (csv.Error, UnicodeDecodeError) as error:
            raise CorruptFileError(
                f"{path}, line {reader.line_num + 1}, is no CSV in UTF-8: {error}."
            ) from error
