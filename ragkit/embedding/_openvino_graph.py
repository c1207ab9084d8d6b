"""The inference graph of a BERT or RoBERTa encoder in OpenVINO's operators.

Built from the weights themselves: an ONNX file in between would have to carry them, at most 2 GB.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import openvino as ov
from openvino import opset13 as ops

from ragkit.embedding._bert_graph import BertShape, position_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Tensor = NDArray[Any]

__all__ = ["ActivationRange", "OpenVINOGraph"]

_MASKED = -1e4
"""Added to the score of padding: its share is 0 in any precision."""


@dataclass(frozen=True, slots=True)
class ActivationRange:
    """How a matrix product's input becomes 8 bits.

    Attributes:
        low: Least value after scaling.
        high: Largest value after scaling.
        scale: What each column is divided by first; the weights are multiplied with it.
    """

    low: float
    high: float
    scale: NDArray[np.float32]


class OpenVINOGraph:
    """An encoder: ids and mask in, the last layer's vector of each token out.

    Args:
        shape: Of the encoder.
        tensor: The weights by their name in the checkpoint, without a prefix.
        ranges: For each dense layer that is computed in 8 bits, its input's range.

    Attributes:
        inputs: For each dense layer, its input's node and the largest absolute weight of each
            column, which is what ranges are found from.
        model: The model.
    """

    def __init__(
        self,
        shape: BertShape,
        tensor: Callable[[str], Tensor],
        ranges: Mapping[str, ActivationRange] | None = None,
    ) -> None:
        self._shape = shape
        self._tensor = tensor
        self._ranges = ranges or {}
        self.inputs: dict[str, tuple[Any, Tensor]] = {}
        ids = ops.parameter([-1, -1], np.int32, name="ids")
        mask = ops.parameter([-1, -1], np.int32, name="mask")
        tokens = self._embeddings(ids)
        ones = ops.convert(mask, np.float32)
        padding = ops.multiply(ops.subtract(_constant(1.0), ones), _constant(_MASKED))
        padding = ops.unsqueeze(padding, _integers(1, 2))
        for layer in range(shape.layers):
            tokens = self._layer(tokens, padding, f"encoder.layer.{layer}")
        self.model = ov.Model([tokens], [ids, mask], "encoder")

    def _embeddings(self, ids: Any) -> Any:
        words = self._single("embeddings.word_embeddings.weight")
        rows = ops.gather(_constant(words), ids, _integer(0))
        length = ops.gather(ops.shape_of(ids), _integers(1), _integer(0))
        places = _constant(position_rows(self._shape, self._tensor))
        used = ops.slice(places, _integers(0), length, _integers(1), _integers(0))
        return self._norm(ops.add(rows, used), "embeddings.LayerNorm")

    def _layer(self, tokens: Any, padding: Any, name: str) -> Any:
        """Self-attention and a feed-forward net, each added and normalised."""
        attention = f"{name}.attention"
        mixed = self._attention(tokens, padding, attention)
        mixed = self._dense(mixed, f"{attention}.output.dense")
        tokens = self._norm(ops.add(mixed, tokens), f"{attention}.output.LayerNorm")
        wide = ops.gelu(self._dense(tokens, f"{name}.intermediate.dense"), "ERF")
        narrow = self._dense(wide, f"{name}.output.dense")
        return self._norm(ops.add(narrow, tokens), f"{name}.output.LayerNorm")

    def _attention(self, tokens: Any, padding: Any, name: str) -> Any:
        heads = self._shape.heads
        split = _integers(0, 0, heads, self._shape.hidden // heads)
        turned = _integers(0, 2, 1, 3)
        parts = [
            ops.transpose(
                ops.reshape(self._dense(tokens, f"{name}.self.{part}"), split, True), turned
            )
            for part in ("query", "key", "value")
        ]
        mixed = ops.transpose(ops.scaled_dot_product_attention(*parts, padding), turned)
        return ops.reshape(mixed, _integers(0, 0, self._shape.hidden), True)

    def _dense(self, tokens: Any, name: str) -> Any:
        weight = self._single(f"{name}.weight")
        self.inputs[name] = tokens, np.abs(weight).max(0)
        found = self._ranges.get(name)
        if found is None:
            node = _constant(weight)
        else:
            tokens = _eight_bits(tokens, found)
            node = _eight_bit_weight(weight * found.scale)
        product = ops.matmul(tokens, node, False, True)
        return ops.add(product, _constant(self._single(f"{name}.bias")))

    def _norm(self, tokens: Any, name: str) -> Any:
        epsilon = self._shape.epsilon
        centred = ops.mvn(tokens, _integers(-1), True, epsilon, "INSIDE_SQRT")
        scaled = ops.multiply(centred, _constant(self._single(f"{name}.weight")))
        return ops.add(scaled, _constant(self._single(f"{name}.bias")))

    def _single(self, name: str) -> Tensor:
        return self._tensor(name).astype(np.float32, copy=False)


def _eight_bits(tokens: Any, found: ActivationRange) -> Any:
    low, high = _constant(found.low), _constant(found.high)
    scaled = ops.multiply(tokens, _constant(1 / found.scale))
    return ops.fake_quantize(scaled, low, high, low, high, 256)


def _eight_bit_weight(weight: Tensor) -> Any:
    """Whole numbers of -127 … 127, with a scale for each row: each output of the layer."""
    scale = np.maximum(np.abs(weight).max(1, keepdims=True), 1e-12) / 127
    whole = ops.constant(np.round(weight / scale).astype(np.int8))
    return ops.multiply(ops.convert(whole, np.float32), _constant(scale))


def _constant(values: Any) -> Any:
    return ops.constant(np.ascontiguousarray(values, np.float32))


def _integers(*values: int) -> Any:
    return ops.constant(np.array(values, np.int64))


def _integer(value: int) -> Any:
    return ops.constant(np.int64(value))
