"""A checkpoint's tensors: checked by the files' headers, read one at a time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ragkit.embedding._model_folder import ModelFolder
from ragkit.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["check_weights", "file_sha256", "open_weights", "read_word_rows", "weights_sha256"]

_WORDS = "embeddings.word_embeddings.weight"
_KINDS = ("F16", "F32", "BF16")


def check_weights(folder: ModelFolder) -> None:
    """Nothing, if every tensor that the encoder needs is there in the right shape.

    Only the headers are read; a file cut short is noticed by them.

    Raises:
        ModelError: If a tensor is absent, or of another shape or number format.
    """
    with _opened(folder.weights) as tensors:
        prefix = _prefix(tensors, folder.path)
        for name, shape in _expected(folder):
            if prefix + name not in tensors:
                raise ModelError(f"{folder.path} has no tensor {prefix + name!r} in its weights.")
            path, file = tensors[prefix + name]
            found = file.get_slice(prefix + name)
            if tuple(found.get_shape()) != shape or found.get_dtype() not in _KINDS:
                raise ModelError(
                    f"{path}: tensor {prefix + name!r} is {found.get_dtype()} "
                    f"{tuple(found.get_shape())}; by config.json it has to be {shape}, "
                    f"{' or '.join(_KINDS)}."
                )


@contextmanager
def open_weights(folder: ModelFolder) -> Iterator[Callable[[str], NDArray[Any]]]:
    """A function that reads a tensor by its name without the checkpoint's prefix."""
    with _opened(folder.weights) as tensors:
        prefix = _prefix(tensors, folder.path)

        def read(name: str) -> NDArray[Any]:
            path, file = tensors[prefix + name]
            if file.get_slice(prefix + name).get_dtype() == "BF16":
                return _bfloat16(path, prefix + name)
            values: NDArray[Any] = file.get_tensor(prefix + name)
            return values

        yield read


def read_word_rows(folder: ModelFolder, rows: Sequence[int]) -> NDArray[np.float32]:
    """Rows of the table of words, which may be by far the largest tensor."""
    with _opened(folder.weights) as tensors:
        name = _prefix(tensors, folder.path) + _WORDS
        path, file = tensors[name]
        if file.get_slice(name).get_dtype() == "BF16":
            return _bfloat16(path, name)[list(rows)]
        found = [file.get_slice(name)[row : row + 1] for row in rows]
        return np.concatenate(found).astype(np.float32, copy=False)


def weights_sha256(files: tuple[Path, ...]) -> str:
    """SHA-256 of one file; of several, that of their names and digests."""
    if len(files) == 1:
        return file_sha256(files[0])
    lines = "".join(f"{file_sha256(path)}  {path.name}\n" for path in files)
    return hashlib.sha256(lines.encode()).hexdigest()


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _opened(files: tuple[Path, ...]) -> Iterator[dict[str, tuple[Path, Any]]]:
    """The files' tensors by name, each with the file that holds it."""
    from safetensors import SafetensorError, safe_open

    path = files[0]
    with ExitStack() as stack:
        try:
            tensors: dict[str, tuple[Path, Any]] = {}
            for path in files:
                file = stack.enter_context(safe_open(path, framework="numpy"))
                tensors |= dict.fromkeys(file.keys(), (path, file))
            yield tensors
        except (SafetensorError, OSError) as error:
            raise ModelError(
                f"{path} is damaged, or no safetensors file: {error}. Fetch it again."
            ) from error


def _bfloat16(path: Path, name: str) -> NDArray[np.float32]:
    """A tensor of a number format that numpy does not have: the upper halves of float32."""
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        entry = json.loads(file.read(size))[name]
        start, end = entry["data_offsets"]
        file.seek(8 + size + start)
        halves = np.frombuffer(file.read(end - start), "<u2")
    return (halves.astype(np.uint32) << 16).view(np.float32).reshape(entry["shape"])


def _prefix(tensors: dict[str, Any], path: Path) -> str:
    """What stands before the tensors' names, such as ``bert.``, by how it was saved."""
    for name in tensors:
        if name.endswith(_WORDS):
            return name.removesuffix(_WORDS)
    raise ModelError(f"{path} has no tensor {_WORDS!r}; it holds no BERT encoder.")


def _expected(folder: ModelFolder) -> Iterator[tuple[str, tuple[int, ...]]]:
    hidden, wide = folder.hidden, folder.intermediate
    yield _WORDS, (folder.vocabulary, hidden)
    rows = folder.positions + folder.offset
    yield "embeddings.position_embeddings.weight", (rows, hidden)
    if folder.token_types:
        yield "embeddings.token_type_embeddings.weight", (folder.token_types, hidden)
    yield from _norm("embeddings.LayerNorm", hidden)
    for n in range(folder.layers):
        layer = f"encoder.layer.{n}"
        for part in ("query", "key", "value"):
            yield from _dense(f"{layer}.attention.self.{part}", hidden, hidden)
        yield from _dense(f"{layer}.attention.output.dense", hidden, hidden)
        yield from _norm(f"{layer}.attention.output.LayerNorm", hidden)
        yield from _dense(f"{layer}.intermediate.dense", wide, hidden)
        yield from _dense(f"{layer}.output.dense", hidden, wide)
        yield from _norm(f"{layer}.output.LayerNorm", hidden)


def _dense(name: str, rows: int, columns: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield f"{name}.weight", (rows, columns)
    yield f"{name}.bias", (rows,)


def _norm(name: str, size: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield f"{name}.weight", (size,)
    yield f"{name}.bias", (size,)
