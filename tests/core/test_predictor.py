import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from core.config import Config, ModelConfig
from core.data import FaceObservation, Neutral, Prediction, Window
from core.errors import CheckpointError, ConfigError
from core.models.batch import collate
from core.models.checkpoint import load, save
from core.models.eeg import sphere_points
from core.models.model_file import Architecture, Calibration, Header, TaughtOn
from core.models.network import Network
from core.predictor import Predictor, choose_device
from core.status import NEUTRAL_NOTES, NOT_TAUGHT, read_window
from tests.flows.live import exact

ARCHITECTURE = Architecture(n_embedding=16)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("models") / "small.safetensors"
    calibration = Calibration({"eeg": 1.0, "face": 1.0, "both": 1.0}, scores={"both": (0.2, 0.4, 0.9)})
    save(path, Network(ARCHITECTURE), Header(ARCHITECTURE, TaughtOn(simulated=True), "noise", calibration=calibration))
    return path


@pytest.fixture(scope="module")
def predictor(path: Path) -> Predictor:
    return Predictor(path, Config(model=ModelConfig(device="cpu")))


def make_window(seed: int = 0, n_chans: int = 8, eeg: bool = True, face: bool = True, **changes: object) -> Window:
    rng = np.random.default_rng(seed)
    window = Window("P001", 10.0, 12.0, simulated=True)
    if eeg:
        window = dataclasses.replace(
            window,
            eeg=(20 * rng.standard_normal((n_chans, 256))).astype(np.float32),
            eeg_mask=np.ones(n_chans, bool),
            positions=sphere_points(n_chans).numpy(),
            eeg_scale=20.0,
        )
    if face:
        rng = np.random.default_rng([seed, 1])
        seen = [
            FaceObservation("P001", 10.0 + k / 8, embedding=rng.standard_normal(16).astype(np.float32), quality=0.9)
            for k in range(16)
        ]
        window = dataclasses.replace(window, faces=tuple(seen))
    return dataclasses.replace(window, **changes)  # type: ignore[arg-type]


def same(first: object, second: object) -> bool:
    return repr(first) == repr(second)


def test_each_number_of_the_network_comes_to_its_place(predictor: Predictor):
    window = make_window(seed=4)
    past = np.stack([predictor._population, predictor._population])[None]
    batch = collate([window], ARCHITECTURE, np.ones((1, 2), bool), past, predictor.device)
    with torch.inference_mode():
        said = predictor._network(batch)
    powers = predictor._read_powers([window], [0])
    np.testing.assert_array_equal(powers[0], said.power[0].numpy())
    reading = read_window(window, taught=True)
    [([row], numbers)] = predictor._forward([window], [reading], {0: past[0]}, powers)
    assert row == 0
    parts = (said.similarity, said.each, said.affect, said.affect_log_variance, said.fused.weights, said.fused.noise)
    for ours, theirs in zip(numbers, (*parts, said.fused.feature, said.familiarity), strict=True):
        np.testing.assert_array_equal(ours.ravel(), theirs.numpy().ravel())


def test_a_window_with_both_is_predicted_in_full(predictor: Predictor):
    (p,) = predictor.predict([make_window(bad_channels=(("T7", "flat"),))])
    assert p.status == "ok"
    assert p.classes == predictor.classes
    assert sum(p.probabilities) == pytest.approx(1.0)
    assert p.uncertainty == pytest.approx(p.aleatoric + p.epistemic)
    assert sum(p.weights) == pytest.approx(1.0)
    assert min(p.weights) > 0
    assert -1 <= p.valence <= 1
    assert p.valence_sd > 0
    assert 0 <= p.disagreement <= 1
    assert all(level > 0 for level in p.noise)
    assert p.bad_channels == (("T7", "flat"),)
    assert p.model == predictor.sha256
    assert p.feature is not None
    assert not p.feature.flags.writeable
    assert (p.start, p.stop, p.participant, p.prediction_set) == (10.0, 12.0, "P001", ())


def test_the_same_window_gives_the_same_bits_whoever_else_takes_part(predictor: Predictor):
    window = make_window()
    (alone,) = predictor.predict([window])
    others = [make_window(seed, n, participant=f"P00{seed + 1}") for seed, n in ((1, 64), (2, 4), (3, 32))]
    for company in (others[:1], others[1:]):
        among = predictor.predict([*company, window])[-1]
        assert same(among, alone)
        assert among.feature is not None
        assert alone.feature is not None
        np.testing.assert_array_equal(among.feature, alone.feature)


def unlike(n: int) -> list[Window]:
    """Windows of several people one after the other: two montages, bad channels, with and without EEG and face."""
    windows = []
    for k in range(n):
        person, changes = k % 3, {"start": k / 4, "stop": k / 4 + 2.0, "participant": f"P{k % 3}"}
        n_chans = 64 if person else 8
        window = make_window(k, n_chans, eeg=k % 7 != 3, face=person == 2 or k % 5 == 1, **changes)
        if k % 11 == 4 and window.eeg_mask is not None:
            window = dataclasses.replace(window, eeg_mask=np.arange(n_chans) != k % n_chans)
        windows.append(window)
    return windows


@pytest.mark.parametrize("size", [3, 20, 150])
def test_windows_that_are_given_together_have_the_bits_of_those_that_are_given_alone(
    path: Path, size: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("core.predictor._PAYS", 0)
    windows = unlike(150)
    alone, together = (Predictor(path, Config(model=ModelConfig(device="cpu"))) for _ in range(2))
    expected = [alone.predict([window])[0] for window in windows]
    said = [p for k in range(0, len(windows), size) for p in together.predict(windows[k : k + size])]
    assert [exact(p) for p in said] == [exact(p) for p in expected]
    assert len({p.probabilities for p in said}) > 100
    # They were read in blocks: nothing of this network has to be read one by one.
    recorded = [*together._forwards.values(), together._power]
    sizes = {len_of for one in recorded for ((len_of, *_), _), *_ in one._recorded}
    assert max(sizes) == (32 if size > 3 else 1)
    assert all(call != one._one_by_one for one in recorded for call in one._recorded.values())


def test_no_block_is_recorded_for_a_few_windows(path: Path):
    predictor = Predictor(path, Config(model=ModelConfig(device="cpu")))
    windows = [make_window(k % 7, 8, face=False, start=k / 4, stop=k / 4 + 2.0) for k in range(200)]
    sizes = []
    for k in range(0, 200, 20):
        predictor.predict(windows[k : k + 20])
        sizes.append(max(n for ((n, *_), _), *_ in predictor._power._recorded))
    assert sizes == 6 * [1] + 4 * [32]  # from 128 windows on


def test_a_missing_modality_has_no_weight_and_no_noise(predictor: Predictor):
    eeg_only, face_only = predictor.predict([make_window(face=False), make_window(eeg=False)])
    assert eeg_only.weights == (1.0, 0.0)
    assert face_only.weights == (0.0, 1.0)
    assert math.isnan(eeg_only.noise[1])
    assert math.isnan(face_only.noise[0])
    assert math.isnan(eeg_only.disagreement)
    assert eeg_only.status == face_only.status == "ok"


def test_a_student_that_was_not_taught_on_this_person_has_no_say(predictor: Predictor):
    real = make_window(simulated=False)
    face_only = make_window(eeg=False, simulated=False)
    with_eeg, without = predictor.predict([real, face_only])
    assert with_eeg.weights == (0.0, 1.0)
    assert with_eeg.notes == (NOT_TAUGHT, *NEUTRAL_NOTES["unknown"])
    np.testing.assert_allclose(with_eeg.probabilities, without.probabilities, rtol=1e-5)
    assert with_eeg.noise[0] > 0


def test_a_student_of_other_people_has_its_weight_shrunk_and_says_so(
    predictor: Predictor, monkeypatch: pytest.MonkeyPatch
):
    real, face_only = make_window(simulated=False), make_window(face=False, simulated=False)

    def said(weight: float, participants: tuple[str, ...] = ()) -> list[Prediction]:
        taught = TaughtOn(population=True, participants=participants, n_people=24, weight=weight)
        monkeypatch.setattr(predictor, "header", dataclasses.replace(predictor.header, taught_on=taught))
        predictor.forget()
        return predictor.predict([real]) + predictor.predict([face_only])

    (whole, alone), (half, less), (own, _) = said(1.0), said(0.5), said(0.5, (real.participant,))
    assert half.notes == ("taught on 24 people, not on you", *NEUTRAL_NOTES["unknown"])
    assert own.notes == NEUTRAL_NOTES["unknown"]
    assert own.weights == whole.weights
    ratio = [one.weights[0] / one.weights[1] for one in (half, whole)]
    assert ratio[0] == pytest.approx(0.5 * ratio[1], rel=1e-4)
    assert less.weights == alone.weights == (1.0, 0.0)
    uniform = 1 / len(less.classes)
    assert max(alone.probabilities) > max(less.probabilities) > uniform


def test_it_abstains_where_there_is_nothing_to_go_by(predictor: Predictor):
    nothing = make_window(eeg=False, face=False, eeg_problem="gap", face_problem="no face")
    untaught = make_window(face=False, simulated=False)
    first, second = predictor.predict([nothing, untaught])
    assert first.status == "no usable signal: EEG gap, no face"
    assert second.status == f"{NOT_TAUGHT}, face missing"
    for p in (first, second):
        assert p.label == ""
        assert all(math.isnan(x) for x in (*p.probabilities, p.valence, p.epistemic))
        assert p.weights == (0.0, 0.0)


def test_it_abstains_where_the_evidence_is_thin(path: Path):
    strict = Predictor(path, Config(model=ModelConfig(device="cpu", max_epistemic=0.0)))
    (p,) = strict.predict([make_window()])
    assert p.status == "unlike anything learnt"
    assert p.label == ""


def test_a_channel_without_a_place_counts_for_nothing(predictor: Predictor):
    window = make_window(face=False)
    assert window.positions is not None
    assert window.eeg_mask is not None
    lost, masked = window.positions.copy(), window.eeg_mask.copy()
    lost[3], masked[3] = np.nan, False
    first, second = predictor.predict(
        [dataclasses.replace(window, positions=lost), dataclasses.replace(window, eeg_mask=masked)]
    )
    assert first.probabilities == second.probabilities


def test_wild_values_do_not_make_it_fall_over(predictor: Predictor):
    window = make_window(face=False)
    assert window.eeg is not None
    (p,) = predictor.predict([dataclasses.replace(window, eeg=window.eeg * 1e9)])
    assert all(math.isfinite(x) for x in p.probabilities)


def test_a_window_of_another_length_names_both(predictor: Predictor):
    short = dataclasses.replace(make_window(face=False), eeg=np.zeros((8, 128), np.float32))
    with pytest.raises(CheckpointError, match="256 samples, but these have 128"):
        predictor.predict([short])


def test_an_embedding_of_another_face_model_names_both(predictor: Predictor):
    face = FaceObservation("P001", 10.0, embedding=np.zeros(5, np.float32), quality=1.0)
    with pytest.raises(CheckpointError, match="size 16, but the face model gives 5"):
        predictor.predict([make_window(eeg=False, face=False, faces=(face,))])


def test_warm_up_leaves_no_trace(path: Path):
    config = Config(model=ModelConfig(device="cpu"))
    cold, warm = Predictor(path, config), Predictor(path, config)
    warm.warm_up()
    assert same(cold.predict([make_window()]), warm.predict([make_window()]))
    assert cold.predict([]) == []
    assert warm.calibration_scores == {"both": (0.2, 0.4, 0.9)}


def test_devices(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device("auto").type == choose_device("cpu").type == "cpu"
    with pytest.raises(ConfigError, match="no CUDA device"):
        choose_device("cuda")
    with pytest.raises(ConfigError, match="'tpu'"):
        choose_device("tpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert choose_device("auto").type == "cuda"


def test_a_recording_played_again_gives_the_same_bits(predictor: Predictor):
    windows = [make_window(k, start=float(k), stop=k + 2.0) for k in range(5)]
    live = [predictor.predict([window])[0] for window in windows]
    again = predictor.predict(windows)
    assert same(live, again)


def test_the_past_counts_and_other_people_do_not(path: Path):
    config = Config(model=ModelConfig(device="cpu"))
    first, second = make_window(0, face=False), make_window(1, face=False, start=11.0, stop=13.0)
    fresh, experienced, among = (Predictor(path, config) for _ in range(3))
    experienced.predict([first])
    among.predict([dataclasses.replace(first, participant="P002")])
    expected = fresh.predict([second])
    assert same(among.predict([second]), expected)
    assert not same(experienced.predict([second]), expected)


def test_a_face_is_doubted_as_far_as_its_neutral_face_is_not_known(path: Path, tmp_path: Path):
    found = load(path)
    calibration = dataclasses.replace(found.header.calibration, without_neutral=3.0)
    doubting = tmp_path / "doubting.safetensors"
    save(doubting, found.network, dataclasses.replace(found.header, calibration=calibration))
    config = Config(model=ModelConfig(device="cpu"))
    windows = [
        make_window(eeg=eeg, neutral=None if known is None else Neutral(np.full(52, 0.1), np.zeros(7), known))
        for eeg in (False, True)
        for known in (None, 0.5, 1.0)
    ]
    plain, doubted = (Predictor(one, config).predict(windows) for one in (path, doubting))
    factors = [
        math.log(max(a.probabilities) * 7) / math.log(max(b.probabilities) * 7)
        for a, b in zip(plain, doubted, strict=True)
    ]
    for alone in (factors[:3], factors[3:]):
        assert alone[0] > alone[1] > alone[2] == 1.0
    assert [one.probabilities for one in plain[2::3]] == [one.probabilities for one in doubted[2::3]]
    (before,), (after,) = (Predictor(one, config).predict([make_window(face=False)]) for one in (path, doubting))
    assert before.probabilities == after.probabilities, "EEG alone has no neutral face"


def test_a_class_that_no_real_face_tested_is_doubted_where_a_real_face_says_it_first(path: Path, tmp_path: Path):
    found = load(path)
    config = Config(model=ModelConfig(device="cpu"))
    windows = [
        make_window(k, eeg=False, simulated=simulated, neutral=Neutral(np.full(52, 0.1), odds, 1.0))
        for k, odds in enumerate(np.random.default_rng(0).normal(0, 20, (8, 7)).astype(np.float32))
        for simulated in (False, True)
    ]
    plain = Predictor(path, config).predict(windows)
    first = plain[0].label
    calibration = dataclasses.replace(found.header.calibration, untested={"face": {first: 0.07}}, untested_face=3.0)
    doubting = tmp_path / "doubting.safetensors"
    save(doubting, found.network, dataclasses.replace(found.header, calibration=calibration))
    doubted = Predictor(doubting, config)
    assert doubted.opens_untested
    kinds = set()
    for window, before, after in zip(windows, plain, doubted.predict(windows), strict=True):
        assert before.label == after.label
        is_doubted = before.label == first and not window.simulated
        kinds.add((before.label == first, window.simulated))
        assert (max(after.probabilities) < max(before.probabilities)) == is_doubted
        assert (after.probabilities == before.probabilities) != is_doubted
    assert len(kinds) == 4
