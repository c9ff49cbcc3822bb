from pathlib import Path

from app.session.engine import Ended
from app.session.label_keeper import LabelKeeper
from app.session.offline_questions import OfflineQuestions
from core.data import Label
from core.recording.labels import LabelStore
from tests.app.staged import Stage, segment


def test_all_questions_are_there_at_once_and_an_answer_is_on_disk_before_it_is_told(tmp_path: Path) -> None:
    asked = [segment("a", 10.0, 0.9), segment("b", 50.0, 0.8)]
    path, info = tmp_path / "labels.sqlite", Stage(2).eeg
    label = Label("u", "a", "P001", 10.0, 14.0, 15.0, label="sad", valence=0.1, arousal=0.1, confidence=0.5)
    with OfflineQuestions(asked, [info], LabelKeeper(path)) as answering:
        told = [answering.outbox.get_nowait() for _ in range(4)]
        assert told[:3] == [info, *asked]
        assert isinstance(told[3], Ended)
        answering.put(label)
        assert answering.outbox.get(timeout=10.0) is label
        with LabelStore(path) as store:
            assert [kept.uid for kept in store.all()] == ["u"]
