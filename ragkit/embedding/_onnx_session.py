"""An encoder on onnxruntime, its graph built in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ragkit.embedding._bert_graph import BertShape, bert_graph
from ragkit.embedding._session import EncoderSession, SessionKey
from ragkit.embedding._weights import open_weights
from ragkit.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["OnnxSession"]


class OnnxSession(EncoderSession):
    """Single precision on the CPU; pooling and normalisation are part of the graph."""

    def __init__(self, key: SessionKey) -> None:
        super().__init__(key)
        self._session = _load(key)

    def _infer(self, ids: NDArray[np.int32], mask: NDArray[np.int32]) -> NDArray[np.float32]:
        result: NDArray[np.float32] = self._session.run(None, {"ids": ids, "mask": mask})[0]
        return result


def _load(key: SessionKey) -> Any:
    import onnxruntime as ort

    folder = key.folder
    shape = BertShape.of(folder)
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
        raise ModelError(f"onnxruntime can't run the model in {folder.path}: {error}") from error
