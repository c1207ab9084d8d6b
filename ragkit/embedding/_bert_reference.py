"""A BERT encoder's forward pass in plain numpy, which loaded sessions are held against.

A runtime that is broken on some processor, or a graph that does not fit its weights, gives vectors
that look like any others; nothing later would tell.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ragkit.embedding._bert_graph import BertShape, position_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ragkit.embedding._model_folder import Pooling

    Array = NDArray[np.float32]
    Tensor = Callable[[str], NDArray[Any]]

__all__ = ["reference_vector"]


def reference_vector(
    shape: BertShape, tensor: Tensor, words: Array, pooling: Pooling, *, normalize: bool
) -> Array:
    """The vector of one text, float32 ``(hidden,)``, after Devlin et al. 2019.

    Args:
        shape: Of the encoder.
        tensor: The weights by their name in the checkpoint, without a prefix.
        words: The text's rows of the table of words, ``(tokens, hidden)``.
        pooling: Mean of all tokens' vectors, or the first token's.
        normalize: Whether the vector gets length 1.
    """
    encoder = _Encoder(shape, tensor)
    tokens = encoder.embedded(words)
    for number in range(shape.layers):
        tokens = encoder.layer(tokens, f"encoder.layer.{number}")
    vector: Array = tokens[0] if pooling == "cls" else tokens.mean(axis=0)
    return vector / np.linalg.norm(vector) if normalize else vector


class _Encoder:
    def __init__(self, shape: BertShape, tensor: Tensor) -> None:
        self._shape = shape
        self._tensor = tensor

    def embedded(self, words: Array) -> Array:
        places = position_rows(self._shape, self._tensor)
        return self._norm(words + places[: len(words)], "embeddings")

    def layer(self, tokens: Array, name: str) -> Array:
        mixed = self._dense(self._attention(tokens, name), f"{name}.attention.output")
        tokens = self._norm(mixed + tokens, f"{name}.attention.output")
        wide = _gelu(self._dense(tokens, f"{name}.intermediate"))
        return self._norm(self._dense(wide, f"{name}.output") + tokens, f"{name}.output")

    def _attention(self, tokens: Array, name: str) -> Array:
        query, key, value = (
            self._linear(tokens, f"{name}.attention.self.{part}")
            .reshape(len(tokens), self._shape.heads, -1)
            .transpose(1, 0, 2)
            for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 2, 1) / np.float32(math.sqrt(query.shape[-1]))
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        mixed: Array = (shares / shares.sum(axis=-1, keepdims=True)) @ value
        return mixed.transpose(1, 0, 2).reshape(len(tokens), -1)

    def _norm(self, tokens: Array, name: str) -> Array:
        centred = tokens - tokens.mean(axis=-1, keepdims=True)
        variance = np.square(centred).mean(axis=-1, keepdims=True)
        scaled: Array = centred / np.sqrt(variance + np.float32(self._shape.epsilon))
        scaled = scaled * self._read(f"{name}.LayerNorm.weight")
        return scaled + self._read(f"{name}.LayerNorm.bias")

    def _dense(self, tokens: Array, name: str) -> Array:
        return self._linear(tokens, f"{name}.dense")

    def _linear(self, tokens: Array, name: str) -> Array:
        product: Array = tokens @ self._read(f"{name}.weight").T
        return product + self._read(f"{name}.bias")

    def _read(self, name: str) -> Array:
        return self._tensor(name).astype(np.float32, copy=False)


def _gelu(values: Array) -> Array:
    """X · Φ(x), with the error function to 1.5e-7 (Abramowitz and Stegun 1964, 7.1.26)."""
    size = np.abs(values) / np.float32(math.sqrt(2))
    t = 1 / (1 + np.float32(0.3275911) * size)
    terms = (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)
    series = np.zeros_like(t)
    for term in reversed(terms):
        series = (series + np.float32(term)) * t
    erf = np.copysign(1 - series * np.exp(-np.square(size)), values)
    gelu: Array = values * (1 + erf) / 2
    return gelu
