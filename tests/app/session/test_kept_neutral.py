"""A neutral face from session to session: for the same person, camera and way of reading alone."""

from pathlib import Path

import pytest

from app.session.kept_neutral import FOLDER, NeutralKeeper, simulated_neutral
from core.config import FaceConfig
from core.data import NeutralFace
from core.face_neutral import NeutralTracker
from tests.app.staged import video_info

FACE = NeutralFace("P001", 2.0, 12.0, tuple(k / 100 for k in range(52)), (0.0, -1.5, -2.0, -3.0, -4.0, -5.0, -6.0), 77)


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("INSULA_CONFIG_DIR", str(tmp_path))
    return tmp_path / FOLDER


def keeper(config: FaceConfig | None = None) -> NeutralKeeper:
    made = NeutralKeeper(config or FaceConfig())
    made.know([video_info()])
    return made


def test_what_was_read_comes_back_to_the_bit_and_says_from_when_it_is():
    keeper().push(FACE)
    found = keeper().kept("P001", 100.0)
    assert found is not None
    assert (found.blendshapes, found.log_odds, found.n_frames) == (FACE.blendshapes, FACE.log_odds, 77)
    assert (found.start, found.stop) == (100.0, 100.0)
    assert found.kept_from.startswith("2")
    assert NeutralTracker("P001").take(found) == found


def test_another_person_camera_or_way_of_reading_has_another(folder: Path):
    keeper().push(FACE)
    assert keeper().kept("P002", 100.0) is None
    assert keeper(FaceConfig(min_light=50.0)).kept("P001", 100.0) is None
    other = NeutralKeeper(FaceConfig())
    other.cameras["P001"] = "another camera"
    assert other.kept("P001", 100.0) is None
    assert len(list(folder.iterdir())) == 1


def test_one_that_was_not_read_or_was_kept_before_is_not_kept(folder: Path):
    keeper().push(NeutralFace("P001", 2.0, 12.0, n_frames=3))
    keeper().push(NeutralFace("P001", 2.0, 2.0, FACE.blendshapes, FACE.log_odds, 77, "2026-01-01"))
    assert not folder.exists()


def test_a_damaged_file_is_as_none(folder: Path):
    keeper().push(FACE)
    (path,) = folder.iterdir()
    path.write_text("{", encoding="utf-8")
    assert keeper().kept("P001", 100.0) is None


def test_a_simulated_participants_face_is_there_from_the_start():
    face = simulated_neutral("SIM", 5.0)
    assert (face.participant, face.start) == ("SIM", 5.0)
    assert NeutralTracker("SIM").take(face) == face
