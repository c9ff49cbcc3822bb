"""A neutral face from session to session: for the same person, camera and way of reading alone."""

from pathlib import Path

from app.session.kept_neutral import NeutralKeeper, simulated_neutral
from app.study.erase import erase, find_traces
from core.config import FaceConfig
from core.data import NeutralFace
from core.face_neutral import NeutralTracker
from tests.app.staged import video_info

FACE = NeutralFace("P001", 2.0, 12.0, tuple(k / 100 for k in range(52)), (0.0, -1.5, -2.0, -3.0, -4.0, -5.0, -6.0), 77)


def keeper(study: Path, config: FaceConfig | None = None) -> NeutralKeeper:
    made = NeutralKeeper(study, config or FaceConfig())
    made.know([video_info()])
    return made


def test_what_was_read_comes_back_to_the_bit_and_says_from_when_it_is(tmp_path: Path):
    keeper(tmp_path).push(FACE)
    found = keeper(tmp_path).kept("P001", 100.0)
    assert found is not None
    assert (found.blendshapes, found.log_odds, found.n_frames) == (FACE.blendshapes, FACE.log_odds, 77)
    assert (found.start, found.stop) == (100.0, 100.0)
    assert found.kept_from.startswith("2")
    assert NeutralTracker("P001").take(found) == found


def test_another_person_study_camera_or_way_of_reading_has_another(tmp_path: Path):
    keeper(tmp_path).push(FACE)
    assert keeper(tmp_path).kept("P002", 100.0) is None
    assert keeper(tmp_path, FaceConfig(min_light=50.0)).kept("P001", 100.0) is None
    other = NeutralKeeper(tmp_path, FaceConfig())
    other.cameras["P001"] = "another camera"
    assert other.kept("P001", 100.0) is None
    assert keeper(tmp_path / "another").kept("P001", 100.0) is None


def test_one_that_was_not_read_or_was_kept_before_is_not_kept(tmp_path: Path):
    keeper(tmp_path).push(NeutralFace("P001", 2.0, 12.0, n_frames=3))
    keeper(tmp_path).push(NeutralFace("P001", 2.0, 2.0, FACE.blendshapes, FACE.log_odds, 77, "2026-01-01"))
    assert list(tmp_path.iterdir()) == []


def test_who_is_erased_has_none(tmp_path: Path):
    keeper(tmp_path).push(FACE)
    erase(find_traces(tmp_path, "P001"))
    assert keeper(tmp_path).kept("P001", 100.0) is None


def test_a_damaged_file_is_as_none(tmp_path: Path):
    keeper(tmp_path).push(FACE)
    (path,) = tmp_path.rglob("*.json")
    path.write_text("{", encoding="utf-8")
    assert keeper(tmp_path).kept("P001", 100.0) is None


def test_a_simulated_participants_face_is_there_from_the_start():
    face = simulated_neutral("SIM", 5.0)
    assert (face.participant, face.start) == ("SIM", 5.0)
    assert NeutralTracker("SIM").take(face) == face
