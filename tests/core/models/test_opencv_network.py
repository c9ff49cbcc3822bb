"""What OpenCV makes of a network is what torch makes of it."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from core.models.face_blendshapes import BlendshapeNet
from core.models.face_detector import BlazeFace
from core.models.face_expression import MEAN_RGB, ExpressionNet
from core.models.face_mesh import FaceMesh
from core.models.onnx_graph import OnnxGraph
from core.models.opencv_network import OpencvNetwork, of_picture


class Least(nn.Module):
    """A convolution of every second pixel and its slope."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = np.arange(12, dtype=np.float32).reshape(2, 3, 1, 2) / 10
        self.bias = np.array([-100.0, 5.0], np.float32)
        self.slope = np.array([0.5, 2.0], np.float32)

    def draw(self, graph: OnnxGraph) -> list[str]:
        x = graph.convolve(graph.input, self.weight, self.bias, stride=2, pads=(0, 0, 0, 1))
        return [graph.node("PRelu", [x, graph.weights(self.slope[:, None, None])]), graph.add_channels(x, 1)]

    def finish(self, maps: list[NDArray[np.float32]]) -> tuple[NDArray[np.float32], ...]:
        return tuple(maps)


@pytest.fixture(scope="module")
def pictures() -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (3, 128, 128, 3)).astype(np.uint8)


def test_what_is_written_down_is_what_is_computed(pictures: NDArray[np.uint8]) -> None:
    network = Least()
    sloped, widened = OpencvNetwork(network, of_picture(0.5, (1.0, 2.0, 3.0)))(pictures[:1, :7, :7])
    x = 0.5 * (pictures[0, :7, :7].astype(np.float32) - [1.0, 2.0, 3.0])
    pairs = np.stack([x[::2, ::2], np.pad(x, ((0, 0), (0, 1), (0, 0)))[::2, 1::2]], axis=-1)
    plain = np.einsum("yxck,ock->oyx", pairs, network.weight[:, :, 0]) + network.bias[:, None, None]
    np.testing.assert_allclose(widened[0], [*plain, np.zeros((4, 4))], rtol=1e-5, atol=1e-4)
    expected = np.where(plain > 0, plain, plain * network.slope[:, None, None])
    assert (plain > 0).any()
    assert (plain < 0).any()
    np.testing.assert_allclose(sloped[0], expected, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize(
    ("made", "side", "scale", "mean"),
    [
        (BlazeFace, 128, 1 / 127.5, (127.5, 127.5, 127.5)),
        (FaceMesh, 256, 1 / 255, (0.0, 0.0, 0.0)),
        (ExpressionNet, 112, 1 / 255, MEAN_RGB),
    ],
)
def test_each_face_network_says_the_same_by_both_ways(
    made: type[BlazeFace | FaceMesh | ExpressionNet], side: int, scale: float, mean: tuple[float, float, float]
) -> None:
    torch.manual_seed(1)
    network = made().eval().requires_grad_(False)
    for name, values in network.named_parameters():
        if name.endswith("slope"):
            values.uniform_(0.05, 0.5)  # zero at first: what is taught is not
    picture = np.random.default_rng(1).integers(0, 256, (1, side, side, 3)).astype(np.uint8)
    x = torch.tensor(picture).permute(0, 3, 1, 2).float()
    if made is not ExpressionNet:
        x = scale * (x - torch.tensor(mean)[None, :, None, None])
    for ours, theirs in zip(OpencvNetwork(network, of_picture(scale, mean))(picture), network(x), strict=True):
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs.numpy(), atol=1e-5 * float(theirs.abs().max()))


def test_blendshapes_are_the_same_by_both_ways() -> None:
    torch.manual_seed(1)
    network = BlendshapeNet().eval().requires_grad_(False)
    for values in network.parameters():
        values.normal_(0.0, 0.2)  # norms are one and biases small at first: what is taught is not
    points = np.random.default_rng(1).uniform(20, 240, (2, 146, 2)).astype(np.float32)
    (ours,) = OpencvNetwork(network, lambda one: one[np.newaxis])(points)
    (theirs,) = network(torch.tensor(points))
    assert theirs.min() < 0.2 < 0.8 < theirs.max()
    np.testing.assert_allclose(ours, theirs.numpy(), atol=1e-4)


def test_a_picture_gives_the_same_bits_alone_among_others_and_again(pictures: NDArray[np.uint8]) -> None:
    network = OpencvNetwork(BlazeFace().eval().requires_grad_(False), of_picture(1 / 127.5, (127.5, 127.5, 127.5)))
    together = network(pictures)
    kept = [part.tobytes() for part in together]
    alone = [network(picture[None]) for picture in pictures[::-1]][::-1]
    assert [np.concatenate(parts).tobytes() for parts in zip(*alone, strict=True)] == kept
    assert [part.tobytes() for part in together] == kept
