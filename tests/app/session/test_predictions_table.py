import os
from dataclasses import replace
from pathlib import Path

import pytest

from app.session.predictions_table import PredictionsTable, columns, row
from core.errors import RecordingError
from tests.core.active.test_query import SURE

NAN = float("nan")


def test_columns_are_the_ones_promised():
    assert columns(("happy", "sad")) == tuple(
        "participant start stop status label p_happy p_sad valence arousal uncertainty aleatoric epistemic "
        "disagreement weight_eeg weight_face noise_eeg noise_face model".split()
    )


def test_floats_read_back_to_the_same_bits(tmp_path: Path):
    exact = replace(SURE, valence=0.1 + 0.2, start=1234567.0625)
    with PredictionsTable(tmp_path / "p.tsv", exact.classes) as table:
        table.add(exact)
    head, line = (tmp_path / "p.tsv").read_text(encoding="utf-8").splitlines()
    cells = dict(zip(head.split("\t"), line.split("\t"), strict=True))
    assert float(cells["valence"]) == 0.1 + 0.2
    assert float(cells["start"]) == 1234567.0625


def test_an_abstention_has_no_label_and_no_numbers():
    nothing = replace(SURE, status="no usable signal: face turned away", probabilities=(NAN, NAN), valence=NAN)
    cells = dict(zip(columns(nothing.classes), row(nothing), strict=True))
    assert cells["label"] == "n/a"
    assert cells["p_a"] == "n/a"
    assert cells["valence"] == "n/a"


def test_a_folder_that_is_not_there_is_told(tmp_path: Path):
    with pytest.raises(RecordingError, match="cannot be written"):
        PredictionsTable(tmp_path / "none" / "p.tsv", ("a",))


def test_a_table_that_breaks_off_leaves_what_was_there(tmp_path: Path):
    path = tmp_path / "p.tsv"
    path.write_text("of yesterday\n", encoding="utf-8")
    nameless = replace(SURE, participant=None)  # type: ignore[arg-type]
    with pytest.raises(TypeError), PredictionsTable(path, SURE.classes) as table:
        table.add(nameless)
    assert [each.name for each in tmp_path.iterdir()] == ["p.tsv"]
    assert path.read_text(encoding="utf-8") == "of yesterday\n"


def test_what_a_link_points_to_is_written_and_the_link_stays(tmp_path: Path):
    path = tmp_path / "link.tsv"
    path.symlink_to(tmp_path / "p.tsv")
    for _ in range(2):
        with PredictionsTable(path, SURE.classes) as table:
            table.add(SURE)
        assert path.is_symlink()
        assert len((tmp_path / "p.tsv").read_text(encoding="utf-8").splitlines()) == 2


@pytest.mark.skipif(not Path(os.devnull).is_char_device(), reason="there is no such device")
def test_a_table_may_go_to_a_device():
    with PredictionsTable(os.devnull, SURE.classes) as table:
        table.add(SURE)
    assert Path(os.devnull).is_char_device()
