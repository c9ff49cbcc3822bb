"""A network written down as ONNX: a few operations and their weights, as the bytes that a runtime reads.

Only what the face networks need of the format (https://onnx.ai, version 13 of its operators; its fields by the numbers
of ``onnx.proto``), so that their weights lie in one file for torch and for whatever else runs them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from core.data import Array

_IR_VERSION, _OPERATORS = 7, 13
_FLOAT, _INT64 = 1, 7
_TYPE_INT, _TYPE_INTS = 2, 7
_VARINT, _BYTES = 0, 2


Pads = tuple[int, int, int, int]


class OnnxGraph:
    """Operations in their order, each of which names what it gives.

    Parameters
    ----------
    shape : sequence of int
        Of the one input, float32.
    """

    def __init__(self, shape: Sequence[int]) -> None:
        self.input = "x"
        self._shape = shape
        self._nodes: list[bytes] = []
        self._weights: list[bytes] = []

    def node(self, operation: str, inputs: Sequence[str], **attributes: int | Sequence[int]) -> str:
        """Add an operation on what others gave; return the name of what it gives."""
        name = f"y{len(self._nodes)}"
        told = b"".join(_field(5, _attribute(key, value)) for key, value in attributes.items())
        given = b"".join(_field(1, one.encode()) for one in inputs)
        self._nodes.append(
            given + _field(2, name.encode()) + _field(3, name.encode()) + _field(4, operation.encode()) + told
        )
        return name

    def convolve(self, x: str, weight: Array, bias: Array | None, stride: int = 1, pads: Pads = (0, 0, 0, 0)) -> str:
        """Add a convolution, depthwise where the weight has one channel in and many out; return what it gives.

        Parameters
        ----------
        x : str
            What it is of.
        weight : array of shape (n_out, n_in / groups, height, width)
        bias : array of shape (n_out,), optional
        stride : int
        pads : tuple of int
            Zeros above, at the left, below, at the right.
        """
        groups = len(weight) if weight.shape[1] == 1 else 1
        given = [x, self.weights(weight), *([] if bias is None else [self.weights(bias)])]
        return self.node(
            "Conv", given, strides=(stride, stride), pads=pads, group=groups, kernel_shape=weight.shape[2:]
        )

    def add_channels(self, x: str, n: int) -> str:
        """Add `n` channels of zeros behind those there are."""
        return self.node("Pad", [x, self.weights(np.array([0, 0, 0, 0, 0, n, 0, 0]))]) if n else x

    def halve(self, x: str) -> str:
        """Add the largest of each two by two pixels."""
        return self.node("MaxPool", [x], kernel_shape=(2, 2), strides=(2, 2))

    def mean(self, x: str, axis: int) -> str:
        """Add the mean over an axis, which is kept as one of length 1."""
        return self.node("ReduceMean", [x], axes=(axis,), keepdims=1)

    def weights(self, values: Array) -> str:
        """Add an array, kept as float32, or as int64 if it is of integers; return its name."""
        name = f"w{len(self._weights)}"
        whole = np.issubdtype(values.dtype, np.integer)
        raw = np.ascontiguousarray(values, "<i8" if whole else "<f4").tobytes()
        dims = b"".join(_number(1, size) for size in values.shape)
        kind = _number(2, _INT64 if whole else _FLOAT)
        self._weights.append(dims + kind + _field(8, name.encode()) + _field(9, raw))
        return name

    def to_bytes(self, outputs: Sequence[str]) -> bytes:
        """Return the model whose outputs are of these names."""
        graph = b"".join(
            [
                *(_field(1, node) for node in self._nodes),
                _field(2, b"network"),
                *(_field(5, one) for one in self._weights),
                _field(11, _described(self.input, self._shape)),
                *(_field(12, _described(name, ())) for name in outputs),
            ]
        )
        return _number(1, _IR_VERSION) + _field(7, graph) + _field(8, _field(1, b"") + _number(2, _OPERATORS))


def _described(name: str, shape: Sequence[int]) -> bytes:
    sizes = b"".join(_field(1, _number(1, size)) for size in shape)
    return _field(1, name.encode()) + _field(2, _field(1, _number(1, _FLOAT) + _field(2, sizes)))


def _attribute(name: str, value: int | Sequence[int]) -> bytes:
    if isinstance(value, int):
        return _field(1, name.encode()) + _number(3, value) + _number(20, _TYPE_INT)
    return _field(1, name.encode()) + b"".join(_number(8, one) for one in value) + _number(20, _TYPE_INTS)


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | _BYTES) + _varint(len(content)) + content


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3 | _VARINT) + _varint(value)


def _varint(value: int) -> bytes:
    return bytes(_sevens(value))


def _sevens(value: int) -> Iterator[int]:
    """Give a number seven bits at a time, the lowest first, each but the last with its top bit set."""
    while value > 127:
        yield value & 127 | 128
        value >>= 7
    yield value
