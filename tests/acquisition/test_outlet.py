"""What other programs get from Insula's outlets, read with pylsl alone."""

import json
import math
from dataclasses import replace

import numpy as np
import pylsl
import pytest

from acquisition.outlet import AffectOutlet, EventOutlet, FaceOutlet
from core.blendshapes import BLENDSHAPES
from core.data import FaceObservation, Label, Notice, Prediction, Segment
from tests.core.recording.test_face_stream import face

CLASSES = ("neutral", "happy", "sad")
LABELS = [
    *("valence", "arousal", "p_neutral", "p_happy", "p_sad"),
    *("u_total", "u_epistemic", "u_aleatoric", "rel_eeg", "rel_face"),
]


def _prediction(stop, status="ok", participant="P001"):
    return Prediction(
        participant, stop - 2.0, stop, status, CLASSES, (0.25, 0.5, 0.25), 0.5, -0.25, 0.1, 0.2, 1.0, 0.75, 0.125, 0.3,
        0.0, (0.75, 0.25), (1.0, 2.0), ("happy",), 0.9,
    )  # fmt: skip


def _inlet(source_id):
    (found,) = pylsl.resolve_bypred(f"contains(source_id,'{source_id}')", 1, 10.0)
    inlet = pylsl.StreamInlet(found, recover=False)
    inlet.open_stream(10.0)
    return inlet


def test_affect():
    with AffectOutlet("P001", CLASSES, "0123456789abcdef", 2.0, 0.25) as outlet:
        inlet = _inlet("P001-affect")
        for event in (
            _prediction(100.0),
            _prediction(100.25, participant="P002"),
            Notice("eeg", 1.0, "lost", ""),
            _prediction(100.5, status="gap"),
        ):
            outlet.push(event)
        first, t_first = inlet.pull_sample(10.0)
        second, t_second = inlet.pull_sample(10.0)
        info = inlet.info(10.0)
    assert (t_first, t_second) == (100.0, 100.5)
    assert first == [0.5, -0.25, 0.25, 0.5, 0.25, 1.0, 0.125, 0.75, 0.75, 0.25]
    assert np.isnan(second).all()
    assert (info.name(), info.type(), info.nominal_srate()) == ("Insula P001 Affect", "Affect", 0.0)
    assert info.channel_format() == pylsl.cf_float32
    assert info.get_channel_labels() == LABELS
    assert set(info.get_channel_units()) == {"normalized"}
    assert info.desc().child("model").child_value("sha256") == "0123456789abcdef"
    assert info.desc().child("window").child_value("length") == "2"


@pytest.fixture
def events():
    with EventOutlet("P001", ["eeg"]) as outlet:
        inlet = _inlet("P001-events")

        def push(*pushed, n_expected):
            for event in pushed:
                outlet.push(event)
            got = [inlet.pull_sample(10.0) for _ in range(n_expected)]
            assert inlet.pull_sample(0.0) == (None, None)
            return [(json.loads(sample[0]), stamp) for sample, stamp in got]

        yield push


def test_events(events):
    segment = Segment("s1", "P001", 10.0, 14.0, 0.8, "EEG and face disagree", _prediction(14.0))
    label = Label("l1", "s1", "P001", 10.0, 14.0, 20.0, label="happy", note="größer")
    notice = Notice("eeg", 21.0, "lost", "gone")
    others = (
        Segment("s2", "P002", 10.0, 14.0, 0.8, "", _prediction(14.0)),
        Label("l2", "s2", "P002", 10.0, 14.0, 20.0),
        Notice("another", 21.0, "lost", ""),
        _prediction(14.0),
    )
    got = events(segment, label, notice, *others, n_expected=3)
    (seg, seg_stamp), (lab, lab_stamp), (note, note_stamp) = got
    assert (seg_stamp, lab_stamp, note_stamp) == (14.0, 20.0, 21.0)
    assert seg == {
        **{"event": "segment", "uid": "s1", "participant": "P001", "start": 10.0, "stop": 14.0, "score": 0.8},
        **{"reason": "EEG and face disagree", "predicted": "happy"},
    }
    assert (lab["event"], lab["segment"], lab["label"], lab["note"]) == ("label", "s1", "happy", "größer")
    assert not any(isinstance(value, float) and math.isnan(value) for value in lab.values())
    assert "valence" not in lab
    assert note == {
        **{"event": "notice", "participant": "P001", "stream": "eeg", "time": 21.0, "kind": "lost", "text": "gone"}
    }


def test_event_stream_is_a_marker_stream():
    with EventOutlet("P003"):
        info = _inlet("P003-events").info(10.0)
    assert (info.type(), info.channel_count(), info.nominal_srate()) == ("Markers", 1, 0.0)
    assert info.channel_format() == pylsl.cf_string


def test_source_ids_are_stable_and_differ():
    ids = []
    for _ in range(2):
        with (
            AffectOutlet("P001", CLASSES, "", 2.0, 0.25),
            EventOutlet("P001"),
            AffectOutlet("P002", CLASSES, "", 2.0, 0.25),
        ):
            found = pylsl.resolve_bypred("starts-with(source_id,'insula-')", 3, 10.0)
            ids.append({f.source_id() for f in found})
    assert ids[0] == ids[1]
    assert len(ids[0]) == 3


def test_the_face_goes_out_with_names_and_without_what_a_person_is_known_by():
    seen = face(1)
    with FaceOutlet("P001") as outlet:
        inlet = _inlet("P001-face")
        outlet.push(replace(seen, participant="P002"))
        outlet.push(_prediction(100.0))
        outlet.push(seen)
        outlet.push(FaceObservation("P001", 101.0, "no face"))
        row, stamp = inlet.pull_sample(10.0)
        nothing, _ = inlet.pull_sample(10.0)
        info = inlet.info(10.0)
    said = dict(zip(info.get_channel_labels(), row, strict=True))
    assert stamp == seen.time
    assert said["mouthSmileLeft"] == float(seen.blendshapes[BLENDSHAPES.index("mouthSmileLeft")])
    assert (said["yaw"], said["quality"]) == (seen.yaw_deg, seen.quality)
    assert not [name for name in said if "embedding" in name]
    assert math.isnan(dict(zip(info.get_channel_labels(), nothing, strict=True))["mouthSmileLeft"])
