import torch

from training.loop import fit


def test_the_best_epoch_is_kept_and_the_run_ends_when_nothing_gets_better():
    network = torch.nn.Linear(1, 1)
    optimiser = torch.optim.SGD(network.parameters(), lr=0.1)
    given = iter([1.0, 3.0, 2.0, 2.0, 2.0, 9.0])
    kept, said = [], []

    def losses(epoch: int):
        assert network.training
        yield (network(torch.ones(1, 1)) - 5.0).square().sum()

    def score() -> float:
        assert not network.training
        kept.append(network.weight.clone())
        return next(given)

    outcome = fit(network, optimiser, 6, losses, score, patience=3, report=said.append, name="toy")
    assert outcome.best_epoch == 1
    assert outcome.scores == (1.0, 3.0, 2.0, 2.0, 2.0)
    assert torch.equal(network.weight, kept[1])
    assert said[0].startswith("toy 1/6: loss ")
    assert "s left at most" in said[0]
