"""An encoder loaded into onnxruntime; equal ones are loaded once in a process."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ragkit.embedding._batching import plan_batches
from ragkit.embedding._bert_graph import BertShape, bert_graph
from ragkit.embedding._model_folder import WEIGHTS, ModelFolder, Pooling
from ragkit.embedding._weights import open_weights
from ragkit.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["EncoderSession", "SessionKey", "shared_session"]


@dataclass(frozen=True, slots=True)
class SessionKey:
    """What two embedders have to agree in to share a session."""

    folder: ModelFolder
    changed: int
    pooling: Pooling
    normalize: bool
    threads: int


class EncoderSession:
    """Token ids in, vectors out. Safe to use from several threads."""

    def __init__(self, key: SessionKey) -> None:
        self.process = os.getpid()
        self._hidden = key.folder.hidden
        self._pad_id = key.folder.pad_id
        self._session = _load(key)

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
        result: NDArray[np.float32] = self._session.run(None, {"ids": padded, "mask": mask})[0]
        return result


def _load(key: SessionKey) -> Any:
    import onnxruntime as ort

    folder = key.folder
    shape = BertShape(folder.layers, folder.heads, folder.hidden, folder.epsilon)
    with open_weights(folder) as tensor:
        model, weights = bert_graph(shape, tensor, pooling=key.pooling, normalize=key.normalize)
    options = ort.SessionOptions()
    options.intra_op_num_threads = key.threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # The graph is written as it should run; the optimizer would undo it (see _bert_graph).
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.enable_mem_pattern = False  # a plan for each of many shapes costs more than it saves
    # Threads that spin while they wait take the cores from tokenizing and from other sessions.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    values = [ort.OrtValue.ortvalue_from_numpy(array) for array in weights.values()]
    options.add_external_initializers(list(weights), values)
    try:
        return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own classes derive from Exception only
        raise ModelError(f"onnxruntime can't run {folder.path / WEIGHTS}: {error}") from error


_lock = threading.Lock()
_open: weakref.WeakValueDictionary[SessionKey, EncoderSession] = weakref.WeakValueDictionary()


def shared_session(key: SessionKey) -> EncoderSession:
    """The session of that key; loaded where nobody holds one."""
    with _lock:
        session = _open.get(key)
        if session is None:
            session = _open[key] = EncoderSession(key)
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
