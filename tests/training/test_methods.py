"""Every method teaches the live network, and what it makes predicts live; what the name says is what is done."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.config import Config, MethodConfig
from core.errors import ConfigError
from core.models.checkpoint import save
from core.models.fusion import build_fusion
from core.models.heads import Gaussian
from core.models.model_file import Header, TaughtOn, read_model
from core.models.network import Network
from core.predictor import Predictor
from tests.training.conftest import ARCHITECTURE, CLASSES, N_EMBEDDING, make_world
from training.baselines import fit_population
from training.examples import Examples
from training.losses import Weights
from training.methods import DEFAULT, METHODS, Method, method_of, switched
from training.objective import Objective
from training.people import PeopleRecipe, Setting, fit_network
from training.splits import Sides

WINDOWS = make_world(seconds=48)


def recipe_of(name: str, **changed: Any) -> PeopleRecipe:
    method = method_of(name)
    return PeopleRecipe(
        replace(ARCHITECTURE, classes=CLASSES, fusion=method.fusion, dfum=method.dfum), weights=method.weights,
        teacher=method.teacher, modality_dropout=method.modality_dropout, method=name, one_stage=not method.staged,
        batch=16, per_epoch=32, **changed,
    )  # fmt: skip


def taught(recipe: PeopleRecipe, epochs: int = 2) -> Network:
    examples = Examples(WINDOWS, N_EMBEDDING, 256)
    return fit_network(examples, Sides(np.arange(len(examples)), None), recipe, Setting(epochs), "all")


@pytest.mark.parametrize("name", METHODS)
def test_what_a_method_makes_is_kept_and_predicts_live(name: str, tmp_path: Path):
    recipe = recipe_of(name)
    path = tmp_path / "m.safetensors"
    header = Header(recipe.architecture, TaughtOn(simulated=True), "a tiny world", config={"method": recipe.method})
    save(path, taught(recipe), header)
    assert read_model(path).header.config["method"] == name
    (said,) = Predictor(path, Config()).predict([WINDOWS[0][0]])
    assert said.classes == CLASSES
    assert sum(said.probabilities) == pytest.approx(1.0)
    assert sum(said.weights) == pytest.approx(1.0)
    assert min(said.weights) > 0.0


def test_a_model_that_reads_noise_in_faces_is_kept_and_predicts_live(tmp_path: Path):
    recipe = recipe_of(DEFAULT, noise="both")
    recipe = replace(recipe, architecture=replace(recipe.architecture, face_signal=True))
    path = tmp_path / "m.safetensors"
    save(path, taught(recipe), Header(recipe.architecture, TaughtOn(simulated=True), "a tiny world"))
    assert read_model(path).header.architecture.face_signal
    clean, window = Predictor(path, Config()), WINDOWS[0][0]
    rng = np.random.default_rng(0)
    noisy = replace(
        window,
        faces=tuple(
            replace(face, embedding=face.embedding + rng.standard_normal(N_EMBEDDING).astype(np.float32))
            for face in window.faces
        ),
    )
    (said,) = clean.predict([window])
    (doubted,) = Predictor(path, Config()).predict([noisy])
    assert doubted.weights[1] < said.weights[1] - 0.05
    assert doubted.noise[1] > said.noise[1] + 0.5


def test_no_two_methods_are_the_same_and_the_default_is_what_an_untold_recipe_does():
    did = [replace(method, words="") for method in METHODS.values()]
    assert all(one not in did[:k] for k, one in enumerate(did))
    untold = PeopleRecipe(ARCHITECTURE)
    assert recipe_of(DEFAULT, settings=untold.settings) == replace(
        untold, architecture=replace(ARCHITECTURE, classes=CLASSES), batch=16, per_epoch=32
    )
    assert method_of("") is METHODS[DEFAULT]


def test_an_unknown_name_is_refused_with_all_that_there_are_kind_by_kind():
    with pytest.raises(ConfigError, match=re.escape("No method is called 'magic'. There are:")) as raised:
        method_of("magic")
    lines = str(raised.value).splitlines()[1:]
    names = [line.split(":")[0].strip() for line in lines if line.startswith("  ")]
    assert sorted(names) == sorted(METHODS)
    under = {name: [line for line in lines[: lines.index(f"  {name}: {METHODS[name].words}")] if line[0] != " "][-1]
             for name in ("udml-code", "no-thesis", "thesis-sim", "ucrl", "late")}  # fmt: skip
    taught = "UDML, and what the face teaches the EEG:"
    assert list(under.values()) == ["UDML:", taught, taught, "DUAL:", "Others:"]


@pytest.mark.parametrize(("typed", "near"), [("thesis-unk", "thesis-unc"), ("UDML-codes", "udml-code")])
def test_of_names_spelt_much_alike_the_nearest_is_told_first(typed: str, near: str):
    with pytest.raises(ConfigError, match=re.escape(f"No method is called {typed!r}. Spelt much like it: {near}, ")):
        method_of(typed)


@pytest.mark.parametrize(
    ("name", "switches", "same_as"),
    [
        ("udml", MethodConfig(stages=1), "udml-one-stage"),
        ("dual", MethodConfig(dfum=False, dam=False), "ucrl"),
        ("dual", MethodConfig(dfum=False, ucrl=False), "dual-dam"),
        ("ucrl", MethodConfig(dfum=True, dam=True), "dual"),
        ("thesis", MethodConfig(similarity=0.0), "thesis-unc-kd"),
        ("thesis", MethodConfig(uncertainty=0.0, similarity=0.0, reweigh_task=False, reweigh_distillation=False),
         "thesis-kd"),
        ("no-thesis", MethodConfig(similarity=1.0), "thesis-sim"),
        ("thesis-literal", MethodConfig(reliability="margin", layer=2), "thesis-layer-2"),
        ("thesis-even", MethodConfig(reweigh_distillation=True, imitation=0.5), "thesis-imitation"),
        ("thesis-layer-1", MethodConfig(teacher="cross-fitted", temperature=2.0), "thesis-teacher-layer-1"),
        ("thesis-teacher", MethodConfig(teacher="own", layer=1), "thesis-layer-1"),
    ],
)  # fmt: skip
def test_a_switch_turns_one_method_into_another(name: str, switches: MethodConfig, same_as: str):
    def of(method: Method) -> Method:
        # The temperature is of teachers taught before: without them it acts on nothing.
        cool = method.weights if method.teacher else replace(method.weights, softening=1.0)
        plain = cool if cool.uncertainty else replace(cool, target="margin")
        idle = plain if plain.distillation else replace(plain, injection=0, softening=1.0)
        return replace(method, words="", weights=idle)

    assert of(switched(name, switches)[0]) == of(METHODS[same_as])


def test_what_is_switched_is_called_so_and_what_is_not_by_its_name_alone():
    switches = MethodConfig(name="late", layer=2, temperature=3.0, reweigh_task=False)
    method, called = switched("thesis", switches)
    assert called == "thesis with layer 2, temperature 3, reweigh_task off"
    assert (method.weights.injection, method.weights.softening, method.weights.reweigh_task) == (2, 3.0, False)
    assert switched("", MethodConfig("late")) == (METHODS[DEFAULT], DEFAULT)


@pytest.mark.parametrize(
    ("name", "switches", "told"),
    [
        ("static", MethodConfig(layer=2, dam=False), "method.dam belongs to methods of DUAL, not to static; "
         "method.layer belongs to methods of the thesis, not to static."),
        ("", MethodConfig(temperature=2.0), "method.temperature belongs to methods of the thesis, not to udml."),
        ("dual", MethodConfig(stages=1), "method.stages belongs to methods of UDML and the thesis, not to dual."),
        ("thesis-layer-1", MethodConfig(temperature=3.0), 'it takes teacher = "cross-fitted".'),
        ("thesis-sim", MethodConfig(layer=2), "method.layer is of L_kd, which has weight 0"),
        ("thesis-kd", MethodConfig(reliability="margin"), "it takes uncertainty = 1."),
    ],
)  # fmt: skip
def test_a_switch_of_another_method_or_without_effect_is_refused(name: str, switches: MethodConfig, told: str):
    with pytest.raises(ConfigError, match=re.escape(told)):
        switched(name, switches)


def test_forms_of_udml_differ_by_power_and_dependency_alone():
    noise = torch.tensor([[1.0, 3.0]])
    gaussians = [Gaussian(torch.zeros(1, 4), torch.zeros(1, 4))] * 2
    weight = {}
    for name in ("udml", "udml-square", "udml-dependency"):
        fusion = build_fusion(METHODS[name].fusion, 2, 4)
        fusion.kappa = torch.tensor([0.9, 1.1])
        weight[name] = fusion.raw_weights(noise, gaussians, None)[0]
    np.testing.assert_allclose(weight["udml"], [1.0, 1 / 3], rtol=1e-6)
    np.testing.assert_allclose(weight["udml-square"], [1.0, 1 / 9], rtol=1e-6)
    np.testing.assert_allclose(weight["udml-dependency"], [1 / 0.9, 1 / 3.3], rtol=1e-6)


def test_weights_that_rest_on_no_noise_learn_in_the_first_stage_too():
    examples = Examples(WINDOWS, N_EMBEDDING, 256)
    network = Network(recipe_of("learned").architecture)
    index = np.arange(len(examples))
    fit_population(network, examples, index)
    Objective(network, Weights())(network, examples.batch(index), noisy=False).backward()
    assert network.fusion.log_competence.grad.abs().min() > 0.0


@pytest.mark.parametrize(("name", "noisy"), [("udml", [False, True]), ("udml-one-stage", [True, True])])
def test_one_stage_has_noise_from_the_first_epoch_on(name: str, noisy: list[bool], monkeypatch: pytest.MonkeyPatch):
    seen = []
    batch = Examples.batch

    def watched(self: Examples, index: np.ndarray, rng: np.random.Generator | None = None, *rest: Any):
        seen.append(rng is not None)
        return batch(self, index, rng, *rest)

    monkeypatch.setattr(Examples, "batch", watched)
    taught(replace(recipe_of(name), per_epoch=16))
    assert seen == noisy
