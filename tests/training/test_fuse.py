"""Fusion is trained by one schedule; what differs between methods is what their papers say differs."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from benchmarks.fusion_methods import METHODS, UDML
from core.models.fusion import Ucrl, UdmlForm, UdmlFusion
from training.fuse import FuseRecipe, Lesson, _drop, _gaussian, fit_fusion, only, predict
from training.view_noise import at_levels, corrupt_view, draw_levels
from training.views import Part, Task


def part(n_samples: int, seed: int, n_modalities: int = 2) -> Part:
    rng = np.random.default_rng(seed)
    label = rng.integers(0, 3, n_samples)
    signal = np.eye(3, 6)[label]
    views = tuple((3.0 * signal + rng.standard_normal((n_samples, 6))).astype(np.float32) for _ in range(n_modalities))
    return Part(views, label)


def toy(n_modalities: int = 2) -> Task:
    names = ("one", "other", "third")[:n_modalities]
    return Task("toy", names, 3, *(part(n, k, n_modalities) for k, n in enumerate((256, 64, 128))))


def accuracy(network: torch.nn.Module, some: Part) -> float:
    return float((predict(network, some).logits.argmax(1).numpy() == some.label).mean())  # type: ignore[arg-type]


@pytest.mark.parametrize("name", sorted(METHODS))
def test_every_method_of_the_benchmark_learns_three_modalities(name: str):
    task = toy(3)
    network = fit_fusion(task, replace(METHODS[name], epochs=4, learning_rate=5e-3), seed=0)
    heard = predict(network, task.test)
    assert heard.logits.isfinite().all()
    assert accuracy(network, task.test) > 0.6
    torch.testing.assert_close(heard.weights.sum(1), torch.ones(128))


def test_a_run_repeats_bit_for_bit():
    task = toy()
    first, again = (fit_fusion(task, replace(UDML, epochs=2), seed=3) for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(first.state_dict().values(), again.state_dict().values(), strict=True))


def test_udml_learns_the_level_and_takes_weight_from_the_noisy_modality():
    task = toy()
    network = fit_fusion(task, replace(UDML, epochs=40, batch=32, noise=1.0, learning_rate=5e-3), seed=0)
    weights, noise = [], []
    for level in (0, 3, 5):
        levels = np.full((128, 2), [level, 0])
        views = at_levels(task.test.views, levels, np.random.default_rng(0))
        heard = predict(network, Part(tuple(views), task.test.label))
        weights.append(float(heard.weights[:, 0].mean()))
        noise.append(float(heard.noise[:, 0].mean()))
    assert noise == sorted(noise)
    assert weights == sorted(weights, reverse=True)
    assert weights[-1] < 0.25


def test_a_modality_alone_is_a_network_without_fusion():
    network = fit_fusion(only(toy(), 1), FuseRecipe(epochs=4), seed=0)
    assert network.fusion is None
    assert accuracy(network, only(toy(), 1).test) > 0.6


def grads(recipe: FuseRecipe) -> tuple[bool, bool, bool]:
    """Return whether the noise loss alone reaches estimators, variance heads and encoders."""
    task = toy()
    network = fit_fusion(task, replace(recipe, epochs=0), seed=0)
    lesson = Lesson(network, task, replace(recipe, prior=0.0), 0, _gaussian)
    reading = network.read([torch.from_numpy(view) for view in task.train.views])
    lesson._gaussian(reading, torch.full((256, 2), 3.0), second=True).backward()
    assert isinstance(network.fusion, UdmlFusion)
    modules = (network.fusion.estimators, network.log_variances, network.encoders)
    return tuple(any(p.grad is not None for p in module.parameters()) for module in modules)  # type: ignore[return-value]


def test_the_noise_loss_never_reaches_the_encoders():
    assert grads(replace(UDML, blocked=True)) == (True, False, False)
    assert grads(replace(UDML, blocked=False)) == (True, True, False)


def test_dependency_is_of_the_logits_where_the_form_says_so():
    def kappa(of_logits: bool) -> torch.Tensor:
        form = UdmlForm(of_logits=of_logits)
        network = fit_fusion(toy(), replace(UDML, form=form, epochs=4, learning_rate=5e-3), seed=0)
        assert isinstance(network.fusion, UdmlFusion)
        return network.fusion.kappa

    # Weights from kappa act from the second stage on, so both have learnt the same until then.
    by_probability, by_logit = kappa(False), kappa(True)
    assert float(by_logit.sum()) == pytest.approx(2.0, abs=1e-3)
    assert not torch.allclose(by_probability, by_logit)


def test_ucrl_s_sigma_is_pulled_to_unit_variance_where_it_has_a_prior():
    task = toy()
    recipe = FuseRecipe("ucrl", relation_prior=0.5, epochs=0)
    network = fit_fusion(task, recipe, seed=0)
    assert isinstance(network.fusion, Ucrl)
    torch.nn.init.zeros_(network.fusion.log_variance.weight)
    torch.nn.init.constant_(network.fusion.log_variance.bias, math.log(2.0))
    reading = network.read([torch.from_numpy(view) for view in task.train.views])
    level = torch.ones(256, 2)
    loss = Lesson(network, task, recipe, 0, _gaussian)._gaussian(reading, level, second=True)
    # KL of N(m, 2) to N(m, 1) is (2 - log 2 - 1) / 2 in each of 64 dimensions.
    assert loss.item() == pytest.approx(0.5 * 64 * 0.5 * (1.0 - math.log(2.0)), rel=1e-5)
    loss.backward()
    assert float(network.fusion.log_variance.bias.grad.min()) > 0, "towards less"  # type: ignore[union-attr]
    alone = Lesson(network, task, replace(recipe, relation_prior=0.0), 0, _gaussian)
    assert float(alone._gaussian(reading, level, second=True)) == 0.0


def test_the_noise_loss_waits_for_the_second_stage():
    task = toy()
    network = fit_fusion(task, replace(UDML, epochs=0), seed=0)
    lesson = Lesson(network, task, replace(UDML, prior=0.0), 0, _gaussian)
    reading = network.read([torch.from_numpy(view) for view in task.train.views])
    assert float(lesson._gaussian(reading, torch.full((256, 2), 3.0), second=False)) == 0.0


def test_levels_are_drawn_anew_each_epoch_or_once():
    def seen(redraw: bool) -> list[np.ndarray]:
        task, out = toy(), []

        def corruption(some: Part, levels: np.ndarray, rng: np.random.Generator) -> list[np.ndarray]:
            if len(some) == 256:
                out.append(levels.copy())
            return list(some.views)

        fit_fusion(task, replace(UDML, redraw=redraw, epochs=6), seed=0, corruption=corruption)
        return out

    clean, noisy = seen(True)[:3], seen(True)[3:]
    assert all((levels == 0).all() for levels in clean)
    assert not np.array_equal(noisy[0], noisy[1])
    assert np.array_equal(*seen(False)[3:5])


def test_dropout_leaves_each_subset_of_modalities_as_often():
    torch.manual_seed(0)
    mask = _drop(7000, 3)
    assert mask.any(dim=1).all()
    _, counts = np.unique(mask.numpy() @ [1, 2, 4], return_counts=True)
    assert len(counts) == 7
    assert counts.min() > 850


def test_half_of_the_training_samples_are_clean_in_every_modality():
    levels = draw_levels(4000, 3, np.random.default_rng(0))
    assert (levels == 0).all(axis=1).mean() == pytest.approx(0.5 + 0.5 / 6**3, abs=0.03)
    assert set(np.unique(levels)) == set(range(6))


def test_test_noise_hits_half_of_the_samples_in_one_modality():
    some = part(400, 0)
    for kind, eps, spread in (("gaussian", 10, 4.0), ("gaussian", 5, 2.0)):
        hit = corrupt_view(some, 1, kind, eps, seed=0)
        assert np.array_equal(hit.views[0], some.views[0])
        moved = (hit.views[1] != some.views[1]).any(axis=1)
        assert moved.mean() == pytest.approx(0.5, abs=0.08)
        assert (hit.views[1] - some.views[1])[moved].std() == pytest.approx(spread, rel=0.1)
    salted = corrupt_view(some, 0, "salt", 10, seed=0)
    changed = salted.views[0] != some.views[0]
    assert changed[changed.any(axis=1)].mean() == pytest.approx(0.4, abs=0.05)
    assert set(np.unique(np.abs(salted.views[0][changed]))) == {3.0}
