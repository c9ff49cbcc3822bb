"""What was read of the face, as a table."""

import csv
from pathlib import Path

import pytest

from acquisition.recorded_faces import recorded_faces
from app.study.face_table import COLUMNS, write_faces
from core.blendshapes import BLENDSHAPES
from core.data import FaceObservation
from tests.acquisition.test_recorded_faces import CAMERA, faces, given, record
from tests.core.recording.test_face_stream import bits


def test_each_frame_that_was_looked_at_is_a_row_with_names(tmp_path: Path):
    wanted = faces(given())
    passed = FaceObservation("P001", 2.95, "not looked at")
    write_faces(record(tmp_path, [*given(), passed], CAMERA).xdf, tmp_path / "face.tsv", 0.5)
    with (tmp_path / "face.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert [float(row["time"]) for row in rows] == [*(face.time for face in wanted), 2.95]  # type: ignore[union-attr]
    assert [float(row["in_session"]) for row in rows] == pytest.approx([float(row["time"]) - 0.5 for row in rows])
    for row, face in zip(rows, wanted, strict=False):
        assert isinstance(face, FaceObservation)
        assert face.blendshapes is not None
        assert face.landmarks is not None
        for k, name in enumerate(BLENDSHAPES):
            assert float(row[name]) == pytest.approx(float(face.blendshapes[k]), rel=1e-6)
        assert float(row["yaw"]) == face.yaw_deg
        assert float(row["mouth_y"]) == pytest.approx(float(face.landmarks[3, 1]), rel=1e-6)
        assert (row["participant"], row["problem"]) == ("P001", "n/a")
    assert rows[-1]["problem"] == "not looked at"
    assert rows[-1]["mouthSmileLeft"] == "n/a"
    assert not [name for name in COLUMNS if "embedding" in name]


def test_where_nothing_was_read_there_is_no_table(tmp_path: Path):
    session = record(tmp_path, [item for item in given() if not isinstance(item, FaceObservation)])
    write_faces(session.xdf, tmp_path / "face.tsv", 0.0)
    assert not (tmp_path / "face.tsv").exists()


@pytest.mark.parametrize("damage", [b"<insula>[", b"<<<<<<<<<"], ids=["what Insula says of it", "all of its header"])
def test_a_damaged_header_of_the_eeg_costs_no_face(tmp_path: Path, damage: bytes):
    path = record(tmp_path, given(), CAMERA).xdf
    whole = path.read_bytes()
    at = whole.index(b"<insula>", whole.index(b"<name>amp</name>"))
    assert b"</info>" not in whole[whole.index(b"<name>amp</name>") : at]
    path.write_bytes(whole[:at] + damage + whole[at + len(damage) :])
    again = list(recorded_faces(path))
    assert [bits(face) for face in again] == [bits(face) for face in faces(given())]  # type: ignore[arg-type]
    write_faces(path, tmp_path / "face.tsv", 0.0)
    with (tmp_path / "face.tsv").open(encoding="utf-8") as file:
        assert len(list(csv.DictReader(file, delimiter="\t"))) == len(again) == 15
