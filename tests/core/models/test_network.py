import pytest
import torch

from core.models.face_sequence import N_FACES
from core.models.model_file import Architecture
from core.models.network import Batch, Network


@pytest.fixture(scope="module")
def network() -> Network:
    torch.manual_seed(0)
    return Network(Architecture(n_embedding=16)).eval()


def batch(size: int = 4, eeg: bool = True, face: bool = True) -> Batch:
    generator = torch.Generator().manual_seed(5)
    return Batch(
        eeg=torch.randn(size, 6, 256, generator=generator) if eeg else None,
        positions=0.08 * torch.randn(size, 6, 3, generator=generator) if eeg else None,
        channels=torch.ones(size, 6, dtype=torch.bool) if eeg else None,
        baseline=torch.zeros(size, 2, 160) if eeg else None,
        embeddings=3.0 * torch.randn(size, N_FACES, 16, generator=generator) if face else None,
        quality=torch.ones(size, N_FACES) if face else None,
        faces=torch.ones(size, N_FACES, dtype=torch.bool) if face else None,
        use=torch.tensor([[eeg, face]]).repeat(size, 1),
    )


def test_a_face_alone_is_read_as_the_pretrained_network_reads_it(network: Network):
    windows = batch(size=64, eeg=False)
    with torch.inference_mode():
        output = network(windows)
        assert windows.embeddings is not None
        averaged = network.face.classifier(windows.embeddings).softmax(-1).mean(1)
    assert torch.equal(output.similarity.argmax(-1), averaged.argmax(-1))
    # Surer where the network was surer: a flat reading lies further from every prototype.
    order = averaged.amax(-1).argsort()
    assert output.similarity.amax(-1)[order[-1]] > output.similarity.amax(-1)[order[0]]


def test_all_parts_have_their_shapes(network: Network):
    output = network(batch())
    assert output.similarity.shape == (4, 7)
    assert output.each.shape == (4, 2, 7)
    assert output.affect.shape == output.affect_log_variance.shape == (4, 2)
    assert output.fused.weights.shape == output.fused.noise.shape == (4, 2)


def test_eeg_alone_predicts(network: Network):
    output = network(batch(face=False))
    assert output.similarity.isfinite().all()
    torch.testing.assert_close(output.similarity, output.each[:, 0])


def test_all_that_can_be_trained_gets_a_gradient(network: Network):
    output = network(batch())
    loss = output.similarity.square().sum() + output.affect.sum() + output.affect_log_variance.sum()
    loss = loss + output.fused.noise.sum() + output.each.square().sum()
    loss.backward()
    without = {name for name, value in network.named_parameters() if value.requires_grad and value.grad is None}
    # The width of the evidence learns from the class losses, which are not the network's own.
    assert without == {"prototypes.log_beta"}
