"""What a batch transform job wrote, row by row, with the ids of its input."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import IO, Any

from ragkit.aws.storage import S3Object
from ragkit.errors import JobError, MissingFileError

__all__ = ["TransformRow", "read_transform_output"]

_SHOWN = 200
_END: Any = object()


@dataclass(frozen=True, slots=True)
class TransformRow:
    """One line of the input, and what the model gave for it.

    Attributes:
        line: Its number in the input, from 1.
        id: Its id; None if it has none.
        embedding: The vector; None if there is none.
        error: Why there is none, as untrusted text of the model's; "" if there is one.
    """

    line: int
    id: str | int | None
    embedding: list[float] | None
    error: str = ""


def read_transform_output(
    src: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    id_field: str = "id",
    session: Any = None,
    endpoint_url: str | None = None,
) -> Iterator[TransformRow]:
    """The rows of a ``.jsonl.out`` file, joined with the input's ids by their order.

    The file has to have an output for each line of the input, in order, as ``split_type="Line"``
    and ``assemble_with="Line"`` give it: ``{"embedding": […]}``, ``{"outputs": […]}``, a plain
    ``[…]``, or several of these in one list. An output's own id is held against the input's.

    Args:
        src: The input, a path or ``s3://bucket/key``.
        output: The output, a path or ``s3://bucket/key.out``; see `TransformJob.output_file`.
        id_field: Of the input's id.
        session: Of boto3, for S3.
        endpoint_url: Of S3, where it is another than Amazon's.

    Raises:
        MissingFileError: If one of them is not there.
        JobError: While it is read: if there is not one output for each line, or its id is
            another.

    Example:
        >>> for row in read_transform_output("in.jsonl", "in.jsonl.out"):  # doctest: +SKIP
        ...     print(row.id, row.error or len(row.embedding))
    """
    with (
        closing(_opened(src, session, endpoint_url)) as inputs,
        closing(_opened(output, session, endpoint_url)) as outputs,
    ):
        pairs = zip_longest(_lines(inputs), _outputs(outputs), fillvalue=_END)
        for count, (given, found) in enumerate(pairs):
            if given is _END or found is _END:
                more, less = ("input", "output") if found is _END else ("output", "input")
                raise JobError(
                    f"The {more} of the transform job has more rows than its {less}, which ends "
                    f"after {count}: they can't be joined. Was split_type='Line' and "
                    f"assemble_with='Line' asked for, and is {os.fspath(src)!r} its input?"
                )
            yield _row(given, found, id_field)


def _opened(place: str | os.PathLike[str], session: Any, endpoint_url: str | None) -> IO[bytes]:
    text = os.fspath(place)
    if text.startswith("s3://"):
        return S3Object.at(text, session=session, endpoint_url=endpoint_url).open()
    path = Path(text).expanduser()
    if not path.is_file():
        raise MissingFileError(f"{text!r} is no file.")
    return path.open("rb")


def _lines(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    return ((number, line) for number, line in enumerate(stream, 1) if line.strip())


def _outputs(stream: IO[bytes]) -> Iterator[Any]:
    """The values of the lines, those of a list of many each by itself; bytes where it is none."""
    for _, line in _lines(stream):
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            yield line
            continue
        if isinstance(value, list) and value and isinstance(value[0], (list, dict)):
            yield from value
        else:
            yield value


def _row(given: tuple[int, bytes], found: Any, id_field: str) -> TransformRow:
    number, line = given
    known = _id(line, id_field)
    vector = found
    if isinstance(found, dict):
        own = found.get(id_field)
        if own is not None and known is not None and own != known:
            raise JobError(
                f"Line {number} of the input has the id {known!r}, and its output {own!r}: the "
                f"output is of another input, or not in its order."
            )
        vector = next((found[key] for key in ("embedding", "outputs") if key in found), None)
    while isinstance(vector, list) and len(vector) == 1 and isinstance(vector[0], list):
        vector = vector[0]
    if isinstance(vector, list) and vector and all(map(_is_number, vector)):
        return TransformRow(number, known, [float(one) for one in vector])
    shown = found.decode(errors="replace") if isinstance(found, bytes) else json.dumps(found)
    return TransformRow(number, known, None, f"no vector but {shown.strip()[:_SHOWN]}")


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _id(line: bytes, id_field: str) -> str | int | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    found = value.get(id_field) if isinstance(value, dict) else None
    return found if isinstance(found, (str, int)) else None
