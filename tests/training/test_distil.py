from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import ConfigError
from core.models.checkpoint import load
from tests.training.conftest import make_world
from training.distil import distil
from training.gate import Tells
from training.muscle import Source, over_muscle
from training.own_recordings import Recording

LONG = 600


def recording(name: str, seconds: int, participant: str = "P007", seed: int = 0) -> Recording:
    windows = tuple(window for window, _ in make_world(participant, seconds, simulated=False, seed=seed))
    return Recording(name, windows)


def with_another_face(one: Recording, other: Recording) -> Recording:
    """The EEG of one recording beside the face of another one: it tells nothing of it."""
    rng = np.random.default_rng(1)
    order = np.concatenate([8 * k + np.arange(8) for k in rng.permutation(len(one.windows) // 8)])
    pairs = zip(one.windows, (other.windows[k] for k in order), strict=False)
    return Recording(one.name, tuple(replace(window, faces=face.faces) for window, face in pairs))


def test_the_face_teaches_the_eeg_of_a_real_person_without_labels(reading_base: Path, tmp_path: Path):
    out = tmp_path / "taught.safetensors"
    header = distil([recording("a", LONG)], reading_base, out)
    figures = header.metrics["distil"]
    assert figures["tells"] == Tells.YES
    assert figures["better"] is True
    assert figures["gain_over_base"] > 0.2
    assert header.taught_on.covers("P007", simulated=False)
    assert not header.taught_on.covers("P008", simulated=False)
    assert not header.taught_on.covers("P007", simulated=True)
    assert load(out).header == header
    changed = load(out).network.eeg_head.mean.weight - load(reading_base).network.eeg_head.mean.weight
    assert float(changed.detach().abs().max()) > 0.01


def test_eeg_that_tells_nothing_gets_no_say_and_changes_nothing(reading_base: Path, tmp_path: Path):
    out = tmp_path / "out.safetensors"
    header = distil([with_another_face(recording("a", LONG), recording("b", LONG))], reading_base, out)
    assert header.metrics["distil"]["tells"] == Tells.NO
    assert not header.taught_on.covers("P007", simulated=False)
    before, after = load(reading_base).network.state_dict(), load(out).network.state_dict()
    assert all(torch.equal(value, before[name]) for name, value in after.items())


def test_few_episodes_are_too_little_to_tell(reading_base: Path, tmp_path: Path):
    header = distil([recording("a", 160)], reading_base, tmp_path / "out.safetensors")
    assert header.metrics["distil"]["tells"] == Tells.TOO_LITTLE
    assert header.taught_on.participants == ()


def test_of_several_recordings_the_last_is_held_out_whole_and_stays_so(reading_base: Path, tmp_path: Path):
    three = [recording(name, 320, seed=k) for k, name in enumerate("abc")]
    first = distil(three, reading_base, tmp_path / "first.safetensors")
    (held,) = first.held_out
    assert (held.recording, held.participant) == ("c", "P007")
    assert (held.start, held.stop) == (0.0, 321.0)
    again = distil(three, tmp_path / "first.safetensors", tmp_path / "second.safetensors")
    assert again.held_out == first.held_out
    assert again.learnt_from == ("a", "b", "c")


def test_everyone_is_judged_apart(reading_base: Path, tmp_path: Path):
    deaf = with_another_face(recording("b", LONG, "P008"), recording("x", LONG, "P008"))
    header = distil([recording("a", LONG), deaf], reading_base, tmp_path / "out.safetensors")
    told = {name: one["tells"] for name, one in header.metrics["distil"]["people"].items()}
    assert told == {"P007": Tells.YES, "P008": Tells.NO}
    assert header.taught_on.participants == ("P007",)


def of_muscle(one: Recording) -> Recording:
    """The same faces beside EEG in which 35 Hz at the forehead follows them, and nothing else."""
    rng, times = np.random.default_rng(3), np.arange(256) / 128
    windows = []
    for window in one.windows:
        assert window.positions is not None
        strength = (0.0, 1.0, 2.5)[int(window.start // 8) % 3] * over_muscle(window.positions)[:, None]
        tone = np.sin(2 * np.pi * (35.0 * times + rng.random()))
        eeg = 10.0 * (rng.standard_normal((8, 256)) + strength * tone)
        windows.append(replace(window, eeg=eeg.astype(np.float32)))
    return Recording(one.name, tuple(windows))


@pytest.mark.parametrize("muscle", [False, True])
def test_what_tells_above_20_hz_at_the_forehead_alone_is_mostly_muscle(
    reading_base: Path, tmp_path: Path, muscle: bool
):
    given = recording("a", LONG)
    header = distil([of_muscle(given) if muscle else given], reading_base, tmp_path / "out.safetensors")
    said = Source.MUSCLE if muscle else Source.BRAIN
    assert header.metrics["distil"]["tells"] == Tells.YES
    assert header.metrics["distil"]["source"] == header.taught_on.source == said
    assert header.taught_on.note_on("P007", simulated=False) == f"brain or muscle: {said}"


def test_too_little_time_is_refused_and_says_how_much_is_needed(base: str, tmp_path: Path):
    with pytest.raises(ConfigError, match=r"at least 120 s.* there are 31 s"):
        distil([recording("a", 30)], Path(base), tmp_path / "out")
    with pytest.raises(ConfigError, match="there are 0 s"):
        distil([], Path(base), tmp_path / "out")
