"""An encoder on OpenVINO, compiled for this CPU."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import openvino as ov
from openvino import opset13 as ops

from ragkit.embedding._base import normalized
from ragkit.embedding._bert_graph import BertShape
from ragkit.embedding._openvino_graph import ActivationRange, OpenVINOGraph
from ragkit.embedding._session import EncoderSession, SessionKey
from ragkit.embedding._weights import open_weights
from ragkit.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["OpenVINOSession", "computed_with"]

_SMOOTHING = 0.5
_CALIBRATION_TEXTS = (*[60] * 12, *[250] * 4)
"""Tokens of the texts of random tokens from which ranges are found."""


def computed_with(precision: str) -> str:
    """What "auto", "exact" or "int8" comes to on this CPU: f32, bf16, int8+f32 or int8+bf16."""
    able = ov.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    best = "bf16" if "BF16" in able else "f32"
    return {"auto": best, "exact": "f32", "int8": f"int8+{best}"}[precision]


class OpenVINOSession(EncoderSession):
    """Pooling and normalisation are done in single precision, whatever the encoder's."""

    def __init__(self, key: SessionKey) -> None:
        super().__init__(key)
        self._cls = key.pooling == "cls"
        self._normalize = key.normalize
        self._lock = threading.Lock()
        self._request = _compiled(key).create_infer_request()

    def _infer(self, ids: NDArray[np.int32], mask: NDArray[np.int32]) -> NDArray[np.float32]:
        with self._lock:  # a request is no one's but one thread's
            outputs = self._request.infer({"ids": ids, "mask": mask}, share_inputs=True)
            tokens = outputs[0]
            if self._cls:
                vectors = np.array(tokens[:, 0])
            else:
                weights = mask[:, None].astype(np.float32)
                vectors = (weights @ tokens)[:, 0] / weights.sum(-1)
        return normalized(vectors) if self._normalize else vectors


def _compiled(key: SessionKey) -> Any:
    folder = key.folder
    shape = BertShape.of(folder)
    eight, _, hint = key.precision.rpartition("+")
    try:
        with open_weights(folder) as tensor:
            ranges = _ranges(shape, tensor, key) if eight else {}
            return _on_cpu(OpenVINOGraph(shape, tensor, ranges).model, hint, key.threads)
    except RuntimeError as error:
        raise ModelError(f"OpenVINO can't run the model in {folder.path}: {error}") from error


def _on_cpu(model: Any, precision: str, threads: int) -> Any:
    options = {
        "INFERENCE_PRECISION_HINT": precision,  # bf16 is what it takes otherwise, unasked
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": 1,
        "PERFORMANCE_HINT": "LATENCY",
    }
    return ov.Core().compile_model(model, "CPU", options)


def _ranges(
    shape: BertShape, tensor: Callable[[str], NDArray[Any]], key: SessionKey
) -> dict[str, ActivationRange]:
    """For each dense layer that bears 8 bits, its input's range.

    Columns are scaled so that activations and weights share the difficulty (SmoothQuant,
    https://arxiv.org/abs/2211.10438). What leaves a GELU has too few, too large values for that:
    with it in 8 bits, a tenth of the ten nearest neighbours change.
    """
    graph = OpenVINOGraph(shape, tensor)
    chosen = {n: v for n, v in graph.inputs.items() if "attention" in n or "intermediate" in n}
    outputs = []
    for node, _ in chosen.values():
        axes = ops.constant(np.array([0, 1], np.int64))
        outputs += [ops.reduce_min(node, axes), ops.reduce_max(node, axes)]
    watched = ov.Model(outputs, graph.model.get_parameters(), "ranges")
    request = _on_cpu(watched, "f32", key.threads).create_infer_request()
    low, high = _extremes(request, key)
    return {
        name: _smoothed(low[n], high[n], weights)
        for n, (name, (_, weights)) in enumerate(chosen.items())
    }


def _extremes(
    request: Any, key: SessionKey
) -> tuple[list[NDArray[np.float32]], list[NDArray[np.float32]]]:
    """Least and largest value of each column of each watched node."""
    random = np.random.default_rng(0)
    low: list[NDArray[np.float32]] = []
    high: list[NDArray[np.float32]] = []
    for length in _CALIBRATION_TEXTS:
        opening, closing = key.ends
        inner = max(1, min(length, key.folder.max_tokens - len(opening) - len(closing)))
        ids = [*opening, *random.integers(0, key.folder.vocabulary, inner).tolist(), *closing]
        outputs = request.infer(
            {"ids": np.array([ids], np.int32), "mask": np.ones((1, len(ids)), np.int32)}
        )
        values = [np.array(outputs[n]) for n in range(len(outputs))]
        low = list(map(np.minimum, low, values[::2])) if low else values[::2]
        high = list(map(np.maximum, high, values[1::2])) if high else values[1::2]
    return low, high


def _smoothed(
    low: NDArray[np.float32], high: NDArray[np.float32], weights: NDArray[np.float32]
) -> ActivationRange:
    largest = np.maximum(np.maximum(np.abs(low), np.abs(high)), 1e-3)
    scale = largest**_SMOOTHING / np.maximum(weights, 1e-5) ** (1 - _SMOOTHING)
    scale = (scale / np.exp(np.log(scale).mean())).astype(np.float32)
    return ActivationRange(float((low / scale).min()), float((high / scale).max()), scale)
