"""The files that vectors are written to: JSONL, Parquet and NumPy's .npy.

Each shard is encoded by itself, in its format's own way, so that the whole is put together by
copying. Equal vectors give equal bytes.
"""

from __future__ import annotations

import json
import shutil
from abc import ABC, abstractmethod
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ragkit._extras import require
from ragkit.errors import InvalidInputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Format", "format_of"]

_COPIED = 1024 * 1024


class Format(ABC):
    """How vectors are written.

    Attributes:
        separate_ids: Whether ids have no place in the file, and need one of their own.
    """

    separate_ids = False

    @abstractmethod
    def encode(self, ids: Sequence[str | int], vectors: NDArray[np.float32]) -> bytes:
        """A shard."""

    @abstractmethod
    def assemble(self, shards: Sequence[Path], shape: tuple[int, int], path: Path) -> None:
        """Writes `path`, of rows and dimension `shape`, from encoded shards in their order."""


class _JSONL(Format):
    """``{"id": …, "embedding": […]}`` on each line; nine digits give back each float32."""

    def encode(self, ids: Sequence[str | int], vectors: NDArray[np.float32]) -> bytes:
        numbers = ", ".join(["%.9g"] * vectors.shape[1])  # three times as fast as json.dumps
        names = (json.dumps(one, ensure_ascii=False) for one in ids)
        lines = [
            f'{{"id": {name}, "embedding": [{numbers % tuple(row)}]}}\n'
            for name, row in zip(names, vectors.tolist(), strict=True)
        ]
        return "".join(lines).encode()

    def assemble(self, shards: Sequence[Path], shape: tuple[int, int], path: Path) -> None:  # noqa: ARG002
        with path.open("wb") as whole:
            _append(shards, whole)


class _Npy(Format):
    """A float32 array with a row for each row of the input; ids are in a file beside it."""

    separate_ids = True

    def encode(self, ids: Sequence[str | int], vectors: NDArray[np.float32]) -> bytes:  # noqa: ARG002
        return vectors.astype("<f4", copy=False).tobytes()

    def assemble(self, shards: Sequence[Path], shape: tuple[int, int], path: Path) -> None:
        from numpy.lib import format as npy

        header = {"descr": "<f4", "fortran_order": False, "shape": shape}
        with path.open("wb") as whole:
            npy.write_array_header_1_0(whole, header)
            _append(shards, whole)


class _Parquet(Format):
    """Columns ``id`` (text) and ``embedding`` (a list of float32); a row group for each shard."""

    def __init__(self) -> None:
        self._arrow = require("pyarrow", extra="parquet", feature="Writing Parquet")
        self._parquet = require("pyarrow.parquet", extra="parquet", feature="Writing Parquet")

    def encode(self, ids: Sequence[str | int], vectors: NDArray[np.float32]) -> bytes:
        arrow, buffer = self._arrow, BytesIO()
        columns = [
            arrow.array([str(one) for one in ids], arrow.string()),
            arrow.FixedSizeListArray.from_arrays(arrow.array(vectors.ravel()), vectors.shape[1]),
        ]
        table = arrow.Table.from_arrays(columns, schema=self._schema(vectors.shape[1]))
        self._parquet.write_table(table, buffer, compression="none")
        return buffer.getvalue()

    def assemble(self, shards: Sequence[Path], shape: tuple[int, int], path: Path) -> None:
        schema = self._schema(shape[1])
        with self._parquet.ParquetWriter(path, schema, compression="none") as writer:
            for shard in shards:
                writer.write_table(self._parquet.read_table(shard, schema=schema))

    def _schema(self, dimension: int) -> Any:
        arrow = self._arrow
        vector = arrow.list_(arrow.float32(), dimension)
        return arrow.schema([("id", arrow.string()), ("embedding", vector)])


_FORMATS: dict[str, type[Format]] = {".jsonl": _JSONL, ".parquet": _Parquet, ".npy": _Npy}


def format_of(dst: str) -> Format:
    """The format that the name of the output asks for.

    Raises:
        InvalidInputError: If its suffix is none of .jsonl, .parquet and .npy.
        MissingExtraError: If it is .parquet, and pyarrow is not installed.
    """
    suffix = Path(dst).suffix.lower()
    if suffix not in _FORMATS:
        raise InvalidInputError(
            f"dst is {dst!r}; its name has to end in one of {', '.join(_FORMATS)}, which says how "
            f"vectors are written."
        )
    return _FORMATS[suffix]()


def _append(shards: Sequence[Path], whole: Any) -> None:
    for shard in shards:
        with shard.open("rb") as part:
            shutil.copyfileobj(part, whole, _COPIED)
