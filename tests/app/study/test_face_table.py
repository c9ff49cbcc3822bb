"""What was read of the face, as a table."""

import csv
from pathlib import Path

import pytest

from app.study.face_table import COLUMNS, write_faces
from core.blendshapes import BLENDSHAPES
from core.data import FaceObservation
from tests.acquisition.test_recorded_faces import CAMERA, faces, given, record


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
