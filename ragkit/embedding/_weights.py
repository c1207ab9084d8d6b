"""A checkpoint's tensors: checked by the file's header, read one at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ragkit.embedding._model_folder import WEIGHTS, ModelFolder
from ragkit.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["check_weights", "file_sha256", "open_weights"]

_WORDS = "embeddings.word_embeddings.weight"
_KINDS = ("F16", "F32")


def check_weights(folder: ModelFolder) -> None:
    """Nothing, if every tensor that the encoder needs is there in the right shape.

    Only the header is read; a file cut short is noticed by it.

    Raises:
        ModelError: If a tensor is absent, or of another shape or number format.
    """
    with _opened(folder.path / WEIGHTS) as file:
        prefix = _prefix(file, folder.path / WEIGHTS)
        names = set(file.keys())
        for name, shape in _expected(folder):
            if prefix + name not in names:
                raise ModelError(f"{folder.path / WEIGHTS} has no tensor {prefix + name!r}.")
            found = file.get_slice(prefix + name)
            if tuple(found.get_shape()) != shape or found.get_dtype() not in _KINDS:
                raise ModelError(
                    f"{folder.path / WEIGHTS}: tensor {prefix + name!r} is {found.get_dtype()} "
                    f"{tuple(found.get_shape())}; by config.json it has to be {shape}, "
                    f"{' or '.join(_KINDS)}."
                )


@contextmanager
def open_weights(folder: ModelFolder) -> Iterator[Callable[[str], NDArray[Any]]]:
    """A function that reads a tensor by its name without the checkpoint's prefix."""
    with _opened(folder.path / WEIGHTS) as file:
        prefix = _prefix(file, folder.path / WEIGHTS)
        yield lambda name: file.get_tensor(prefix + name)


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            yield file
    except (SafetensorError, OSError) as error:
        raise ModelError(
            f"{path} is damaged, or no safetensors file: {error}. Fetch it again."
        ) from error


def _prefix(file: Any, path: Path) -> str:
    """What stands before the tensors' names: nothing, or ``bert.``, by how it was saved."""
    for name in file.keys():  # noqa: SIM118 - a file, no dict
        if name.endswith(_WORDS):
            return str(name).removesuffix(_WORDS)
    raise ModelError(f"{path} has no tensor {_WORDS!r}; it holds no BERT encoder.")


def _expected(folder: ModelFolder) -> Iterator[tuple[str, tuple[int, ...]]]:
    hidden, wide = folder.hidden, folder.intermediate
    yield _WORDS, (folder.vocabulary, hidden)
    yield "embeddings.position_embeddings.weight", (folder.positions, hidden)
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
