"""FaceStage on a scripted reader for its rules, and on the shipped photograph with the real models."""

import dataclasses

import cv2
import numpy as np
import pytest
import torch

from core.assets import asset_path
from core.blendshapes import BLENDSHAPES
from core.config import FaceConfig
from core.data import Chunk, StreamInfo
from core.faces import FaceStage
from core.models.face import Detection, FaceReader

INFO = StreamInfo("cam", "video", "P001", "cam", width_px=640, height_px=480)
CONFIG = FaceConfig()


class ScriptedReader:
    """Finds what the first pixel says: 0 nobody, 1 the person, 2 also a larger stranger, 3 only the stranger."""

    person, stranger = (200.0, 100.0, 350.0, 250.0), (430.0, 50.0, 630.0, 250.0)

    def __init__(self):
        self.looks = []

    def detect(self, frame, near=None):
        self.looks.append(near)
        boxes = {0: [], 1: [self.person], 2: [self.stranger, self.person], 3: [self.stranger]}[int(frame[0, 0, 0])]
        return [Detection(box, self.keypoints(box), 0.9) for box in boxes]

    @staticmethod
    def keypoints(box):
        relative = [[0.3, 0.25], [0.7, 0.25], [0.5, 0.45], [0.5, 0.68], [0.1, 0.37], [0.9, 0.37]]
        width = box[2] - box[0]
        return (np.array(relative) * width + box[:2]).astype(np.float32)

    def embed(self, crops):
        return np.ones((len(crops), 4), np.float32), np.full((len(crops), 7), 1 / 7, np.float32)

    presence = 10.0

    def mesh(self, heads):
        n = len(heads)
        presence = np.full(n, self.presence, np.float32)
        return np.zeros((n, 478, 3), np.float32), np.full((n, 52), 0.5, np.float32), presence


def frame(code, texture=True):
    pixels = (
        np.random.default_rng(0).integers(0, 256, (60, 80, 3), dtype=np.uint8) if texture else np.zeros((60, 80, 3))
    )
    image = cv2.resize(pixels, (640, 480), interpolation=cv2.INTER_NEAREST)
    image[0, 0, 0] = code
    return image


def video(codes, times, offset=0.0):
    frames = {code: frame(code) for code in set(codes)}
    return Chunk("cam", np.asarray(times, float), np.stack([frames[code] for code in codes]), clock_offset=offset)


def stage():
    reader = ScriptedReader()
    return FaceStage(INFO, CONFIG, reader), reader


def test_looks_at_the_first_frame_at_or_after_each_grid_point():
    looker, _ = stage()
    times = 10.0 + np.arange(60) / 30
    seen = [one.time for one in looker.push(video([1] * 60, times))]
    expected = [times[np.searchsorted(times, point - 1e-9)] for point in 10 + np.arange(16) / 8]
    assert seen == pytest.approx(expected)


def test_chunks_and_clock_offset_do_not_matter():
    times = 10.0 + np.arange(30) / 30
    whole, _ = stage()
    together = whole.push(video([1] * 30, times))
    parts, _ = stage()
    one_by_one = [seen for t in times for seen in parts.push(video([1], [t - 5], offset=5.0))]
    assert [one.time for one in together] == [one.time for one in one_by_one]


def test_a_gap_gives_nothing_and_a_slow_camera_each_frame_once():
    looker, _ = stage()
    assert [one.time for one in looker.push(video([1] * 4, [10.0, 10.5, 13.2, 13.21]))] == [10.0, 10.5, 13.2]


def test_stamps_that_jump_back_begin_anew():
    looker, _ = stage()
    assert len(looker.push(video([1] * 3, [10.0, 9.999, 2.0]))) == 2


def test_no_face_is_told_and_carries_nothing():
    looker, _ = stage()
    (seen,) = looker.push(video([0], [1.0]))
    assert (seen.problem, seen.box, seen.embedding, seen.quality) == ("no face", None, None, 0.0)


def test_what_is_read_later_and_elsewhere_is_what_is_read_at_once():
    chunk = video([1, 0, 1, 2, 1], [1.0, 1.2, 1.4, 1.6, 1.8])
    at_once, later = stage()[0], stage()[0]
    waiting = []

    def submit(network, do):
        waiting.append((network, do, found := []))
        return lambda: found[0]

    begun = later.begin(chunk, submit)
    assert [network for network, _, _ in waiting] == ["expression", "mesh"] * 4
    for _, do, found in sorted(waiting, key=lambda each: each[0], reverse=True):
        found.append(do())
    for one, other in zip((seen() for seen in begun), at_once.push(chunk), strict=True):
        for field in dataclasses.fields(one):
            assert np.array_equal(getattr(one, field.name), getattr(other, field.name)), field.name


def test_a_usable_face_carries_everything_read_only():
    looker, _ = stage()
    (seen,) = looker.push(video([1], [1.0]))
    assert seen.problem == ""
    assert seen.participant == "P001"
    assert seen.box == ScriptedReader.person
    assert seen.quality > 0
    for array in (seen.landmarks, seen.embedding, seen.expression, seen.blendshapes):
        assert array.dtype == np.float32
        assert not array.flags.writeable


def test_a_bad_view_keeps_its_box_and_is_not_embedded():
    looker = FaceStage(INFO, FaceConfig(min_light=250.0), ScriptedReader())
    (seen,) = looker.push(video([1], [1.0]))
    assert (seen.problem, seen.box, seen.embedding) == ("too dark", ScriptedReader.person, None)
    assert seen.blendshapes is None


def test_where_the_mesh_finds_no_face_there_are_no_blendshapes():
    looker, reader = stage()
    reader.presence = -1.0
    (seen,) = looker.push(video([1], [1.0]))
    assert (seen.problem, seen.blendshapes) == ("", None)
    assert seen.embedding is not None


def test_keeps_to_the_person_when_a_larger_stranger_comes():
    looker, _ = stage()
    seen = looker.push(video([1, 2, 2, 3, 2], [1, 1.2, 1.4, 1.6, 1.8]))
    assert [one.box for one in seen] == [ScriptedReader.person] * 3 + [None, ScriptedReader.person]
    assert seen[3].problem == "no face"


def test_another_one_is_followed_once_the_person_is_gone_for_good():
    looker, _ = stage()
    seen = looker.push(video([1, 3, 3], [1.0, 2.0, 3.5]))
    assert [one.box for one in seen] == [ScriptedReader.person, None, ScriptedReader.stranger]


def test_looks_near_while_it_follows_and_everywhere_when_lost():
    looker, reader = stage()
    looker.push(video([1, 1, 0], [1, 1.2, 1.4]))
    assert reader.looks == [None, ScriptedReader.person, ScriptedReader.person, None]


@pytest.fixture(scope="module")
def reader():
    torch.set_num_threads(1)  # as in the live process; several threads only get in each other's way here
    return FaceReader()


@pytest.fixture(scope="module")
def webcam():
    """The shipped photograph as a camera would show it: 640 x 480."""
    picture = cv2.cvtColor(cv2.imread(str(asset_path("simulated/astronaut.png"))), cv2.COLOR_BGR2RGB)
    image = np.full((480, 640, 3), 110, np.uint8)
    image[:, :576] = cv2.resize(picture, (576, 480))
    return image


def look(reader, *images):
    times = np.arange(len(images)) / 8 + 1
    return FaceStage(INFO, CONFIG, reader).push(Chunk("cam", times, np.stack(images)))


def changed(image, rotate=0.0, light=1.0, blur=0.0):
    height, width = image.shape[:2]
    image = cv2.warpAffine(image, cv2.getRotationMatrix2D((width / 2.6, height / 2), rotate, 1), (width, height))
    image = cv2.GaussianBlur(image, (0, 0), blur) if blur else image
    return (image * light).astype(np.uint8)


def test_reads_a_smile_in_the_photograph(reader, webcam):
    (seen,) = look(reader, webcam)
    assert seen.problem == ""
    assert seen.embedding.shape == (reader.n_embedding,)
    assert seen.expression.argmax() == 1
    assert abs(seen.yaw_deg) < 20
    assert seen.quality > 0.5
    assert min(measure(seen, "mouthSmileLeft"), measure(seen, "mouthSmileRight")) > 0.8
    assert measure(seen, "jawOpen") < 0.2


def measure(seen, name):
    return seen.blendshapes[BLENDSHAPES.index(name)]


@pytest.mark.parametrize("degrees", [-30, 30])
def test_a_head_on_its_side_is_read_the_same(reader, webcam, degrees):
    (upright,) = look(reader, webcam)
    (seen,) = look(reader, changed(webcam, rotate=degrees))
    assert seen.roll_deg - upright.roll_deg == pytest.approx(-degrees, abs=6)
    assert seen.expression.argmax() == 1
    np.testing.assert_allclose(seen.blendshapes, upright.blendshapes, atol=0.25)
    assert measure(seen, "mouthSmileLeft") == pytest.approx(measure(upright, "mouthSmileLeft"), abs=0.06)


@pytest.mark.parametrize(("how", "problem"), [({"light": 0.15}, "too dark"), ({"blur": 8.0}, "blurred")])
def test_what_corrupts_the_picture_is_told(reader, webcam, how, problem):
    (seen,) = look(reader, changed(webcam, **how))
    assert seen.problem == problem
    assert seen.box is not None


def test_how_much_of_a_face_is_burnt_out_is_kept(reader, webcam):
    (usual,), (bright,) = look(reader, webcam), look(reader, np.clip(webcam * 1.8, 0, 255).astype(np.uint8))
    assert usual.burnt < 0.05
    assert 0.3 < bright.burnt == np.float32(bright.burnt) < 1.0


def test_follows_the_face_through_frames_and_says_the_same_each_time(reader, webcam):
    frames = [np.roll(webcam, (3 * i, 5 * i), axis=(0, 1)) for i in range(5)]
    seen = look(reader, *frames)
    moved = np.array([one.landmarks[2] for one in seen]) - seen[0].landmarks[2]
    np.testing.assert_allclose(moved, [[5 * i, 3 * i] for i in range(5)], atol=8)
    again = look(reader, *frames)
    assert [one.embedding.tobytes() for one in seen] == [one.embedding.tobytes() for one in again]


def test_real_faces_are_found_and_smiles_told(reader, shared_data):
    people = sorted((shared_data / "london-faces" / "neutral").glob("*.jpg"))[:6]
    if not people:
        pytest.skip(f"no london-faces in {shared_data}")
    happy = {}
    for kind, suffix in (("neutral", "_03"), ("smiling", "_08")):
        folder = shared_data / "london-faces" / kind
        pictures = [cv2.imread(str(folder / f"{one.stem[:3]}{suffix}.jpg"))[..., ::-1] for one in people]
        seen = [look(reader, picture)[0] for picture in pictures]
        assert all(one.problem == "" for one in seen)
        happy[kind] = np.array([one.expression[1] for one in seen])
    assert (happy["smiling"] > happy["neutral"]).mean() >= 0.8
