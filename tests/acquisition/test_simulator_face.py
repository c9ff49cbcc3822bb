from dataclasses import replace

import numpy as np
import pytest

from acquisition.simulator.face import FaceGenerator, FaceKnobs
from acquisition.simulator.morph import Morph
from acquisition.simulator.trajectory import CLASSES, Trajectory
from core.config import FaceConfig
from core.data import Chunk, StreamInfo
from core.faces import FaceStage
from core.models.face import FaceReader

SEED = 1001
SEEDS = range(1001, 1007)
INFO = StreamInfo("cam", "video", "P001", "cam", width_px=640, height_px=480)


def make(knobs=None, seed=SEED, **mood):
    return FaceGenerator(seed, Trajectory(seed, **mood), knobs=knobs or FaceKnobs.clean())


@pytest.fixture(scope="module")
def morph():
    return Morph()


@pytest.fixture(scope="module")
def reader():
    return FaceReader()


def look(reader, generator, frames):
    """What the real face branch makes of some frames, the first look at a person each."""
    stages = (FaceStage(INFO, FaceConfig(), reader) for _ in frames)
    return [
        stage.push(Chunk("cam", np.array([i / 30]), generator.frame(i)[np.newaxis]))[0]
        for stage, i in zip(stages, frames, strict=True)
    ]


def mouth(image):
    """The mouth and its surroundings in the texture."""
    return image[325:420, 390:530].astype(float)


def test_frames_are_the_same_in_any_order():
    forward, backward = make(FaceKnobs()), make(FaceKnobs())
    indices = [0, 7, 100, 1000]
    ahead = [forward.frame(i) for i in indices]
    back = [backward.frame(i) for i in reversed(indices)][::-1]
    assert all(np.array_equal(a, b) for a, b in zip(ahead, back, strict=True))
    assert ahead[0].shape == (480, 640, 3)
    assert ahead[0].dtype == np.uint8


def test_each_class_changes_the_face_and_nothing_else(morph):
    textures = [morph.texture(intensity) for intensity in np.eye(len(CLASSES))]
    for i, one in enumerate(textures):
        for other in textures[:i]:
            changed = np.abs(one.astype(int) - other).max(axis=2) > 10
            assert changed.sum() > 2000
            rows, columns = np.nonzero(changed)
            assert rows.min() >= 145
            assert rows.max() <= 500
            assert columns.min() >= 295
            assert columns.max() <= 630


def test_intensity_goes_on_smoothly(morph):
    def at(share):
        return morph.texture(np.array([1 - share, 0, 0, share, 0, 0, 0]))[145:500, 295:630].astype(float)

    whole = np.abs(at(1.0) - at(0.0)).mean()
    steps = [np.abs(at((i + 1) / 8) - at(i / 8)).mean() for i in range(8)]
    assert max(steps) < 0.5 * whole


def test_the_smile_shows_teeth_and_the_neutral_face_does_not(morph):
    neutral, happy = (morph.texture(np.eye(len(CLASSES))[i]) for i in (0, 1))
    white = [np.count_nonzero(image[345:375, 420:500].min(axis=2) > 195) for image in (neutral, happy)]
    assert white[1] > 300
    assert white[0] < 0.3 * white[1]


def test_an_open_mouth_is_dark(morph):
    dark = [np.count_nonzero(mouth(morph.texture(w)).max(axis=2) < 70) for w in np.eye(len(CLASSES))]
    assert dark[CLASSES.index("surprise")] > 1200
    assert dark[CLASSES.index("fear")] > 300
    assert dark[CLASSES.index("neutral")] < 30


def forced(kind):
    """A frame within and one without an episode."""
    seen = make(FaceKnobs(0, episodes=((kind, 2.0, 4.0),), blur_per_min=0, dark_per_min=0, absent_per_min=0))
    return seen.frame(90), make().frame(90), seen.frame(30), make().frame(30)


@pytest.mark.parametrize("kind", ["away", "blur", "dark", "absent"])
def test_episodes_come_when_they_are_forced(kind):
    corrupted, good, before, same = forced(kind)
    assert np.array_equal(before, same)
    assert np.abs(corrupted.astype(int) - good).mean() > 4


def test_darkness_is_dark_and_blur_blurs():
    corrupted, good, *_ = forced("dark")
    assert corrupted.mean() < 0.2 * good.mean()
    corrupted, good, *_ = forced("blur")
    edges = [np.abs(np.diff(image[:, :, 1].astype(float)[::4, ::4], axis=1)).mean() for image in (corrupted, good)]
    assert edges[0] < 0.7 * edges[1]


def test_absence_leaves_the_wall_alone():
    corrupted, good, *_ = forced("absent")
    assert corrupted[100:400].std(axis=(0, 1)).max() < 15 < good[100:400].std(axis=(0, 1)).min()


def test_random_episodes_come_about_as_often_as_asked():
    knobs = FaceKnobs(away_per_min=0, blur_per_min=0, dark_per_min=0, absent_per_min=2.0, sensor_noise=0)
    generator = make(knobs)
    absent = [generator.frame(i)[200:300, 280:360].std() < 15 for i in range(0, 5400, 15)]
    assert 0.03 < np.mean(absent) < 0.3


def test_subjects_differ():
    frames = [make(seed=seed).frame(0).astype(int) for seed in (1001, 1002, 1003)]
    assert np.abs(frames[0] - frames[1]).mean() > 5
    assert np.abs(frames[0] - frames[2]).mean() > 5


@pytest.mark.parametrize("shown", CLASSES)
def test_the_real_face_branch_reads_what_is_shown(reader, shown):
    seen = [one for seed in SEEDS for one in look(reader, make(seed=seed, classes=[shown]), range(0, 1500, 300))]
    assert [one.problem for one in seen] == [""] * len(seen)
    right = [CLASSES[one.expression.argmax()] == shown for one in seen]
    assert np.mean(right) >= 0.8


@pytest.mark.parametrize(
    ("kind", "problem"), [("away", "turned away"), ("dark", "too dark"), ("absent", "no face"), ("blur", "blurred")]
)
def test_the_real_face_branch_names_what_corrupts_the_picture(reader, kind, problem):
    seen = []
    for seed in SEEDS:
        generator = make(replace(FaceKnobs.clean(), episodes=((kind, 1.0, 3.0),)), seed=seed)
        before, during, after = look(reader, generator, [15, 60, 105])
        assert not before.problem
        assert not after.problem
        seen.append(during.problem)
    assert np.mean([one == problem for one in seen]) >= 0.8, seen


def test_the_head_turns_as_far_as_it_should(reader):
    def turned(yaw, seed):
        generator = make(replace(FaceKnobs.clean(), yaw_deg=yaw, episodes=(("away", 0.0, 9.0),)), seed=seed)
        return look(reader, generator, [60])[0].yaw_deg

    for yaw in (20, 40, 50, 60):
        assert abs(np.mean([abs(turned(yaw, seed)) for seed in SEEDS]) - yaw) < 8
    # Half of the subjects are mirrored.
    assert {np.sign(turned(40, seed)) for seed in SEEDS} == {-1, 1}


def test_the_real_detector_sees_nobody_where_nobody_is(reader):
    assert reader.detect(forced("absent")[0]) == []
