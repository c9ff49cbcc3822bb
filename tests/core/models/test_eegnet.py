import torch

from core.models.eegnet import EegNet


def test_it_has_braindecodes_sizes():
    net = EegNet(32, 512, 2)
    assert net(torch.randn(3, 32, 512)).shape == (3, 2)
    assert sum(p.numel() for p in net.parameters()) == 512 + 16 + 512 + 32 + 256 + 256 + 32 + 514


def test_its_weights_stay_within_their_norms():
    net = EegNet(4, 256, 2)
    optimiser = torch.optim.SGD(net.parameters(), 100.0)
    (net(torch.randn(8, 4, 256))[:, 0] * torch.randn(8)).sum().backward()
    optimiser.step()
    assert net.spatial.weight.flatten(1).norm(dim=1).max() <= 1.0 + 1e-5
    assert net.out.weight.norm(dim=1).max() <= 0.25 + 1e-5
