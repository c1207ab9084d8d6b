"""The inference graph of a BERT or RoBERTa encoder, written directly from its weights.

Attention and GELU are onnxruntime's fused operators; pooling and normalisation are part of the
graph, so that only finished vectors leave it. Layer normalisation stays the standard operator
after two additions: on a CPU that is 2.7 times faster than the fused SkipLayerNormalization
(onnxruntime 1.32).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from ragkit.embedding._onnx_proto import FLOAT, FLOAT16, INT32, INT64, GraphWriter

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ragkit.embedding._model_folder import ModelFolder, Pooling

    Tensor = NDArray[Any]

__all__ = ["BertShape", "bert_graph", "position_rows"]

_FUSED = "com.microsoft"


@dataclass(frozen=True, slots=True)
class BertShape:
    """The numbers of a BERT encoder.

    Attributes:
        layers: Encoder layers.
        heads: Attention heads; they divide `hidden`.
        hidden: Width of a token's vector.
        epsilon: Of the layer normalisations.
        offset: Row of the position table that the first token takes.
        token_types: Rows of the table of segments; none where it is 0.
    """

    layers: int
    heads: int
    hidden: int
    epsilon: float
    offset: int = 0
    token_types: int = 2

    @classmethod
    def of(cls, folder: ModelFolder) -> Self:
        """That of a model on disk."""
        return cls(**{one.name: getattr(folder, one.name) for one in fields(cls)})


def bert_graph(
    shape: BertShape,
    tensor: Callable[[str], Tensor],
    *,
    pooling: Pooling,
    normalize: bool,
) -> tuple[bytes, dict[str, Tensor]]:
    """An ONNX model and the weights to hand to its session.

    Inputs are ``ids`` and ``mask`` (1 for a token, 0 for padding on the right), both int32
    ``(batch, sequence)``; the output is ``vectors``, float32 ``(batch, hidden)``.

    Args:
        shape: Of the encoder.
        tensor: The weights by their name in the checkpoint, without a prefix.
        pooling: Mean of all tokens' vectors, or the first token's.
        normalize: Whether vectors get length 1.
    """
    builder = _Builder(shape, tensor)
    tokens = builder.embeddings()
    for layer in range(shape.layers):
        tokens = builder.layer(tokens, f"encoder.layer.{layer}")
    builder.pooled(tokens, pooling, normalize=normalize)
    return builder.graph.model(), builder.weights


def position_rows(shape: BertShape, tensor: Callable[[str], Tensor]) -> Tensor:
    """What is added to the tokens' vectors by their place: position, and segment 0."""
    name = "embeddings.position_embeddings.weight"
    rows: Tensor = tensor(name).astype(np.float32)[shape.offset :]
    if shape.token_types:
        rows = rows + tensor("embeddings.token_type_embeddings.weight").astype(np.float32)[0]
    return rows


class _Builder:
    """Adds parts of the encoder to a graph and keeps the weights that they use."""

    def __init__(self, shape: BertShape, tensor: Callable[[str], Tensor]) -> None:
        self.graph = GraphWriter()
        self.weights: dict[str, Tensor] = {}
        self._shape = shape
        self._tensor = tensor
        self.graph.input("ids", INT32, ("batch", "sequence"))
        self.graph.input("mask", INT32, ("batch", "sequence"))

    def embeddings(self) -> str:
        """The tokens' first vectors: word + position + segment 0, normalised."""
        words = self._tensor("embeddings.word_embeddings.weight")
        if words.dtype != np.float16:  # halves stay halves: a row is widened when it is used
            words = words.astype(np.float32)
        places = position_rows(self._shape, self._tensor)
        graph = self.graph
        rows = graph.node("Gather", [self._weight("words", words), "ids"])
        if words.dtype == np.float16:
            rows = graph.node("Cast", [rows], {"to": FLOAT})
        length = graph.node("Shape", ["ids"], {"start": 1, "end": 2})
        used = graph.node("Slice", [self._weight("places", places), self._int("zero", 0), length])
        return self._norm(graph.node("Add", [rows, used]), "embeddings.LayerNorm")

    def layer(self, tokens: str, name: str) -> str:
        """One encoder layer: self-attention and a feed-forward net, each added and normalised."""
        attention = f"{name}.attention"
        mixed = self._dense(self._attention(tokens, f"{attention}.self"), f"{attention}.output")
        added = self._added(mixed, tokens, f"{attention}.output")
        tokens = self._norm(added, f"{attention}.output.LayerNorm")
        wide = self._dense(tokens, f"{name}.intermediate")
        bias = self._weight(f"{name}.bias", self._single(f"{name}.intermediate.dense.bias"))
        wide = self.graph.node("BiasGelu", [wide, bias], domain=_FUSED)
        added = self._added(self._dense(wide, f"{name}.output"), tokens, f"{name}.output")
        return self._norm(added, f"{name}.output.LayerNorm")

    def pooled(self, tokens: str, pooling: Pooling, *, normalize: bool) -> None:
        """The output: one vector for each text."""
        graph = self.graph
        if pooling == "cls":
            zero = graph.constant("first", INT64, (), np.int64(0).tobytes())
            pooled = graph.node("Gather", [tokens, zero], {"axis": 1})
        else:
            mask = graph.node("Cast", ["mask"], {"to": FLOAT})
            row = graph.node("Unsqueeze", [mask, self._int("one", 1)])
            total = graph.node("Squeeze", [graph.node("MatMul", [row, tokens]), "one"])
            count = graph.node("ReduceSum", [mask, "one"], {"keepdims": 1})
            pooled = graph.node("Div", [total, count])
        kind, attributes = (
            ("LpNormalization", {"axis": -1, "p": 2}) if normalize else ("Identity", {})
        )
        graph.node(kind, [pooled], attributes, outputs=["vectors"])
        graph.output("vectors", FLOAT, ("batch", self._shape.hidden))

    def _attention(self, tokens: str, name: str) -> str:
        parts = ("query", "key", "value")
        weight = np.concatenate([self._single(f"{name}.{p}.weight") for p in parts])
        bias = np.concatenate([self._single(f"{name}.{p}.bias") for p in parts])
        inputs = [
            tokens,
            self._weight(f"{name}.weight", weight.T),
            self._weight(f"{name}.bias", bias),
            "mask",
        ]
        heads = {"num_heads": self._shape.heads}
        return self.graph.node("Attention", inputs, heads, domain=_FUSED)

    def _dense(self, tokens: str, name: str) -> str:
        weight = self._single(f"{name}.dense.weight").T
        return self.graph.node("MatMul", [tokens, self._weight(f"{name}.weight", weight)])

    def _added(self, tokens: str, earlier: str, name: str) -> str:
        bias = self._weight(f"{name}.bias", self._single(f"{name}.dense.bias"))
        return self.graph.node("Add", [self.graph.node("Add", [tokens, bias]), earlier])

    def _norm(self, tokens: str, name: str) -> str:
        scale = self._weight(f"{name}.weight", self._single(f"{name}.weight"))
        shift = self._weight(f"{name}.bias", self._single(f"{name}.bias"))
        attributes = {"axis": -1, "epsilon": self._shape.epsilon}
        return self.graph.node("LayerNormalization", [tokens, scale, shift], attributes)

    def _single(self, name: str) -> Tensor:
        return self._tensor(name).astype(np.float32, copy=False)

    def _weight(self, name: str, values: Tensor) -> str:
        self.weights[name] = np.ascontiguousarray(values)
        kind = FLOAT16 if values.dtype == np.float16 else FLOAT
        return self.graph.weight(name, kind, values.shape)

    def _int(self, name: str, value: int) -> str:
        return self.graph.constant(name, INT64, (1,), np.int64(value).tobytes())
