"""An encoder loaded into its runtime; equal ones are loaded once in a process."""

from __future__ import annotations

import os
import threading
import weakref
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from ragkit.embedding._batching import plan_batches
from ragkit.embedding._model_folder import ModelFolder, Pooling
from ragkit.embedding._verifying import verify

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["EncoderSession", "SessionKey", "shared_session"]


@dataclass(frozen=True, slots=True)
class SessionKey:
    """What two embedders have to agree in to share a session.

    Attributes:
        folder: The model.
        changed: When its weights were last written, in nanoseconds.
        pooling: How a text's vector comes from its tokens'.
        normalize: Whether vectors get length 1.
        threads: That the runtime may use.
        precision: Of the numbers computed with.
        ends: Tokens that open and that close a text.
    """

    folder: ModelFolder
    changed: int
    pooling: Pooling
    normalize: bool
    threads: int
    precision: str = "f32"
    ends: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())


class EncoderSession(ABC):
    """Token ids in, vectors out. Safe to use from several threads."""

    def __init__(self, key: SessionKey) -> None:
        self.process = os.getpid()
        self._hidden = key.folder.hidden
        self._pad_id = key.folder.pad_id

    @abstractmethod
    def _infer(self, ids: NDArray[np.int32], mask: NDArray[np.int32]) -> NDArray[np.float32]:
        """Vectors of one batch, padded on the right where `mask` is 0."""

    def run(self, ids: Sequence[Sequence[int]], batch_tokens: int) -> NDArray[np.float32]:
        """Vectors, float32 ``(len(ids), hidden)``, in the order given."""
        vectors = np.empty((len(ids), self._hidden), np.float32)
        for batch in plan_batches([len(tokens) for tokens in ids], batch_tokens):
            vectors[batch] = self._run_batch([ids[n] for n in batch])
        return vectors

    def _run_batch(self, ids: list[Sequence[int]]) -> NDArray[np.float32]:
        padded = np.full((len(ids), len(ids[0])), self._pad_id, np.int32)  # the longest is first
        mask = np.zeros_like(padded)
        for row, tokens in enumerate(ids):
            padded[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        return self._infer(padded, mask)


_S = TypeVar("_S", bound=EncoderSession)

_lock = threading.Lock()
_open: weakref.WeakValueDictionary[tuple[type, SessionKey], EncoderSession] = (
    weakref.WeakValueDictionary()
)


def shared_session(kind: type[_S], key: SessionKey) -> _S:
    """The session of that kind and key; loaded, and verified, where nobody holds one.

    Raises:
        ModelError: If it can't be loaded, or does not compute what its weights say.
    """
    with _lock:
        session = _open.get((kind, key))
        if not isinstance(session, kind):
            session = kind(key)
            verify(session, key)
            _open[kind, key] = session
        return session


def _start_anew() -> None:
    """After a fork: the parent's sessions can neither run here nor be freed.

    Their threads stayed in the parent, and freeing a session waits for its threads for ever;
    so each keeps one reference too many until the process ends.
    """
    global _lock, _open
    if _open:
        import ctypes

        for session in _open.values():
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(session))
    _lock, _open = threading.Lock(), weakref.WeakValueDictionary()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_anew)
