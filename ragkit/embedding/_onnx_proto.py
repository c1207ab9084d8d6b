"""Writes ONNX models: the few protobuf messages that a graph needs, without the onnx package.

Field numbers are those of `onnx.proto3`, https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

FLOAT, INT32, INT64, FLOAT16 = 1, 6, 7, 10
"""``TensorProto.DataType``."""

_IR_VERSION = 8
_VARINT, _BYTES, _FIXED32 = 0, 2, 5
_EXTERNAL = 1

Attribute = int | float


def _varint(value: int) -> bytes:
    value &= 2**64 - 1  # negative numbers are written as 64-bit two's complement
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _integer(number: int, value: int) -> bytes:
    return _varint(number << 3 | _VARINT) + _varint(value)


def _message(number: int, data: bytes) -> bytes:
    return _varint(number << 3 | _BYTES) + _varint(len(data)) + data


def _text(number: int, text: str) -> bytes:
    return _message(number, text.encode())


def _attribute(name: str, value: Attribute) -> bytes:
    data = _text(1, name)
    if isinstance(value, float):
        return data + _varint(2 << 3 | _FIXED32) + struct.pack("<f", value) + _integer(20, 1)
    return data + _integer(3, value) + _integer(20, 2)


def _value(name: str, kind: int, shape: Iterable[int | str]) -> bytes:
    """A ``ValueInfoProto``; a dimension is a number or the name of one that varies."""
    dims = b"".join(
        _message(1, _integer(1, d) if isinstance(d, int) else _text(2, d)) for d in shape
    )
    tensor = _integer(1, kind) + _message(2, dims)
    return _text(1, name) + _message(2, _message(1, tensor))


@dataclass(slots=True)
class GraphWriter:
    """Collects nodes and gives the bytes of a model.

    Attributes:
        opset: Version of the standard operators.
    """

    opset: int = 17
    _nodes: list[bytes] = field(default_factory=list)
    _initializers: list[bytes] = field(default_factory=list)
    _inputs: list[bytes] = field(default_factory=list)
    _outputs: list[bytes] = field(default_factory=list)
    _count: int = 0

    def node(
        self,
        operator: str,
        inputs: Sequence[str],
        attributes: Mapping[str, Attribute] | None = None,
        *,
        domain: str = "",
        outputs: Sequence[str] | None = None,
    ) -> str:
        """Adds a node; the name of its first output. An input "" is one left out."""
        self._count += 1
        names = outputs or (f"{operator}_{self._count}",)
        data = b"".join(_text(1, name) for name in inputs)
        data += b"".join(_text(2, name) for name in names)
        data += _text(3, f"node_{self._count}") + _text(4, operator)
        for key, value in (attributes or {}).items():
            data += _message(5, _attribute(key, value))
        self._nodes.append(_message(1, data + _text(7, domain)))
        return names[0]

    def input(self, name: str, kind: int, shape: Iterable[int | str]) -> str:
        """Declares an input of the graph."""
        self._inputs.append(_message(11, _value(name, kind, shape)))
        return name

    def output(self, name: str, kind: int, shape: Iterable[int | str]) -> None:
        """Declares an output of the graph."""
        self._outputs.append(_message(12, _value(name, kind, shape)))

    def constant(self, name: str, kind: int, shape: Sequence[int], data: bytes) -> str:
        """A small tensor whose values stand in the model itself."""
        tensor = b"".join(_integer(1, d) for d in shape) + _integer(2, kind)
        self._initializers.append(_message(5, tensor + _text(8, name) + _message(9, data)))
        return name

    def weight(self, name: str, kind: int, shape: Sequence[int]) -> str:
        """A tensor whose values are handed to the session apart from the model."""
        tensor = b"".join(_integer(1, d) for d in shape) + _integer(2, kind) + _text(8, name)
        tensor += _message(13, _text(1, "location") + _text(2, "handed-over"))
        self._initializers.append(_message(5, tensor + _integer(14, _EXTERNAL)))
        return name

    def model(self) -> bytes:
        """The serialized ``ModelProto``."""
        parts = [*self._nodes, _text(2, "ragkit"), *self._initializers]
        graph = b"".join([*parts, *self._inputs, *self._outputs])
        opsets = _message(8, _text(1, "") + _integer(2, self.opset))
        opsets += _message(8, _text(1, "com.microsoft") + _integer(2, 1))
        head = _integer(1, _IR_VERSION) + _text(2, "ragkit")
        return head + _message(7, graph) + opsets
