"""Answers to Label Studio and ELAN and back: values in seconds, and nothing lost or doubled."""

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from app.cli import main
from app.study.elan import read_elan, write_elan
from app.study.label_exchange import Stretch, answers
from app.study.label_studio import read_label_studio, setting, write_label_studio
from core.data import Label
from core.errors import FileFormatError
from core.label_rules import standing
from core.recording.label_reader import LabelReader
from tests.app.study.test_export import ANSWER, session

ZERO = 5000.25
FIRST = Label(
    "u1", "s1", "P001", ZERO + 10.1234567, ZERO + 14.5, ZERO + 20, annotator="anna", label="happy", valence=0.5,
    confidence=0.75, note="smiles & laughs", response_time=2.5,
)  # fmt: skip
SOFT = replace(FIRST, uid="u2", segment="s2", start=ZERO + 30, stop=ZERO + 33, label="sad",
               shares=(("sad", 2 / 3), ("fear", 1 / 3)))  # fmt: skip
OTHER = replace(FIRST, uid="u3", annotator="ben", answer="artefact", label="", valence=float("nan"))
INSIDE = replace(FIRST, uid="u4", segment="", start=ZERO + 12, stop=ZERO + 13, label="", note="")
LABELS = [FIRST, SOFT, OTHER, INSIDE]


@pytest.mark.parametrize("tool", ["elan", "label studio"])
def test_what_comes_back_as_it_went_is_the_same_and_is_whole_where_it_was_not(tmp_path: Path, tool: str):
    path = tmp_path / "out"
    stretches, zero = sent(path, tool)
    assert zero == ZERO
    assert answers(stretches, ZERO, LABELS, ["P001"]) == []
    again = {label.uid: label for label in answers(stretches, ZERO, [], ["P001"])}
    assert {uid: repr(label) for uid, label in again.items()} == {label.uid: repr(label) for label in LABELS}


def test_the_times_that_go_out_are_seconds_of_the_recording(tmp_path: Path):
    write_label_studio(tmp_path / "a.json", LABELS, ZERO, "a.csv")
    (task,) = json.loads((tmp_path / "a.json").read_text())
    regions = [r for a in task["annotations"] for r in a["result"] if r["type"] == "timeserieslabels"]
    values = {r["id"]: r["value"] for r in regions}
    assert values["u1"]["start"] == pytest.approx(10.1234567, abs=1e-9)
    assert values["u1"]["end"] == pytest.approx(14.5)
    assert values["u1"]["timeserieslabels"] == ["happy"]
    assert values["u3"]["timeserieslabels"] == ["artefact"]
    numbers = {r["from_name"]: r["value"]["number"] for a in task["annotations"] for r in a["result"]
               if r["id"] == "u1" and r["type"] == "number"}  # fmt: skip
    assert numbers == {"valence": 0.5, "confidence": 0.75}
    names = {one.get("value") for one in ElementTree.fromstring(setting(LABELS, ["happy"], ["Fp1"])).iter("Label")}
    assert {"happy", "artefact", "sad 0.6667, fear 0.3333"} <= names

    write_elan(tmp_path / "a.eaf", LABELS, ZERO, "face.mkv")
    root = ElementTree.fromstring((tmp_path / "a.eaf").read_bytes())
    slots = {one.get("TIME_SLOT_ID"): int(one.get("TIME_VALUE", "-1")) for one in root.iter("TIME_SLOT")}
    told = {one.findtext("ANNOTATION_VALUE"): (slots[one.get("TIME_SLOT_REF1")], slots[one.get("TIME_SLOT_REF2")])
            for one in root.iter("ALIGNABLE_ANNOTATION")}  # fmt: skip
    assert told["happy"] == (10123, 14500)
    assert told["sad 0.6667, fear 0.3333"] == (30000, 33000)
    for tier in root.iter("TIER"):
        own = [one.get("TIME_SLOT_REF1") for one in tier.iter("ALIGNABLE_ANNOTATION")]
        ends = [slots[one.get("TIME_SLOT_REF2")] for one in tier.iter("ALIGNABLE_ANNOTATION")]
        assert all(slots[b] >= end for b, end in zip(own[1:], ends, strict=False)), "ELAN allows no overlap on a tier"
    assert len(list(root.iter("TIER"))) == 3
    assert root.find("HEADER/MEDIA_DESCRIPTOR").get("MEDIA_URL") == "./face.mkv"  # type: ignore[union-attr]


@pytest.mark.parametrize("tool", ["elan", "label studio"])
def test_what_was_changed_supersedes_what_it_was_once(tmp_path: Path, tool: str):
    path = tmp_path / "out"
    write(path, tool)
    text = path.read_text()
    happy, surprise = (">happy<", ">surprise<") if tool == "elan" else ('"happy"\n', '"surprise"\n')
    assert happy in text
    path.write_text(text.replace(happy, surprise))
    stretches, _ = read(path, tool)
    (changed,) = answers(stretches, ZERO, LABELS, ["P001"])
    assert (changed.label, changed.supersedes, changed.annotator, changed.segment) == ("surprise", "u1", "anna", "s1")
    assert changed.start == FIRST.start, "a time that was only rounded stays"
    assert answers(stretches, ZERO, [*LABELS, changed], ["P001"]) == []
    (more,) = answers(stretches, ZERO, [*LABELS, replace(FIRST, uid="u8", label="anger", supersedes="u1")], ["P001"])
    assert more.supersedes == "u8"


@pytest.mark.parametrize("tool", ["elan", "label studio"])
def test_answers_from_before_the_tools_time_come_back_as_they_were(tmp_path: Path, tool: str):
    path, zero = tmp_path / "out", ZERO + 12.0
    if tool == "elan":
        assert write_elan(path, LABELS, zero) == 0
        assert write_elan(path, LABELS, ZERO + 20.0) == 3, "all but SOFT end before it"
        assert [one.said for one in read(path, tool)[0]] == ["sad 0.6667, fear 0.3333"]
        write_elan(path, LABELS, zero)
    else:
        write_label_studio(path, LABELS, zero, "a.csv")
    stretches, told = read(path, tool)
    assert told == zero
    assert answers(stretches, zero, LABELS, ["P001"]) == []
    first = next(one for one in stretches if one.carried == FIRST)
    (changed,) = answers([replace(first, said="anger")], zero, LABELS, ["P001"])
    assert (changed.label, changed.start, changed.stop) == ("anger", FIRST.start, FIRST.stop)


def test_scales_and_notes_that_were_set_in_label_studio(tmp_path: Path):
    path = tmp_path / "a.json"
    write_label_studio(path, LABELS, ZERO, "a.csv")
    (task,) = json.loads(path.read_text())
    results = task["annotations"][0]["result"]
    for one in results:
        if one["id"] == "u1" and one["from_name"] in ("valence", "note"):
            one["value"] |= {"number": -0.25} if one["from_name"] == "valence" else {"text": ["no smile"]}
    value = {"start": 3.0, "end": 4.0, "timeserieslabels": ["fear"]}
    results += [{"id": "new", "from_name": "label", "type": "timeserieslabels", "value": value},
                {"id": "new", "from_name": "arousal", "type": "number", "value": {**value, "number": 1}},
                {"id": "bad", "from_name": "label", "type": "timeserieslabels", "value": value},
                {"id": "bad", "from_name": "arousal", "type": "number", "value": {"number": 7}}]  # fmt: skip
    path.write_text(json.dumps([task]))
    stretches, _, lost = read_label_studio(path)
    assert lost == 1, "7 is on no scale from -1 to 1"
    changed, new = answers(stretches, ZERO, LABELS, ["P001"])
    assert (changed.supersedes, changed.valence, changed.note) == ("u1", -0.25, "no smile")
    assert (changed.label, changed.confidence, changed.start) == ("happy", 0.75, FIRST.start)
    assert (new.label, new.arousal, new.start) == ("fear", 1.0, ZERO + 3.0)
    assert answers(stretches, ZERO, [*LABELS, changed, new], ["P001"]) == []


def test_a_copy_of_an_annotation_is_a_second_annotators(tmp_path: Path):
    path = tmp_path / "a.json"
    write_label_studio(path, LABELS, ZERO, "a.csv")
    (task,) = json.loads(path.read_text())
    first = task["annotations"][0]
    assert first["result"][0]["id"] == "u1"
    copy = json.loads(json.dumps(first)) | {"id": 7, "completed_by": {"email": "cleo@lab"}}
    for one in copy["result"]:
        one["id"] = f"r{one['id']}"  # Label Studio gives regions of a copy names of their own
        if one["from_name"] == "label" and one["id"] == "ru1":
            one["value"] |= {"timeserieslabels": ["fear"]}
    task["annotations"].insert(0, copy)
    path.write_text(json.dumps([task]))
    stretches, _, lost = read_label_studio(path)
    new = answers(stretches, ZERO, LABELS, ["P001", "P002"])
    assert lost == 0
    assert {(one.annotator, one.supersedes, one.role) for one in new} == {("cleo@lab", "", "observer")}
    told = {one.segment: one for one in new}
    assert [told[name].label for name in ("s1", "s2", "")] == ["fear", "sad", ""], "agreeing is an answer, too"
    assert (told["s1"].participant, told["s1"].start, told["s1"].valence) == ("P001", FIRST.start, 0.5)
    assert standing([*LABELS, *new])[: len(LABELS)] == LABELS
    assert answers(stretches, ZERO, [*LABELS, *new], ["P001", "P002"]) == []

    copy["result"][0]["value"] |= {"timeserieslabels": ["anger"]}
    task["annotations"] = [copy | {"parent_annotation": 1}]  # what it was copied from is not in the file any more
    path.write_text(json.dumps([task]))
    (again,) = answers(read_label_studio(path)[0], ZERO, [*LABELS, *new], ["P001", "P002"])
    assert (again.label, again.supersedes, again.annotator) == ("anger", told["s1"].uid, "cleo@lab")


def test_copies_by_two_without_a_number_are_the_answers_of_both(tmp_path: Path):
    path = tmp_path / "a.json"
    write_label_studio(path, [FIRST], ZERO, "a.csv")
    (task,) = json.loads(path.read_text())
    copy = task["annotations"][0] | {"parent_annotation": 1}
    copy.pop("id", None)
    task["annotations"] += [copy | {"completed_by": {"email": f"{name}@lab"}} for name in ("cleo", "dora")]
    path.write_text(json.dumps([task]))
    new = answers(read_label_studio(path)[0], ZERO, LABELS, ["P001", "P002"])
    assert sorted(one.annotator for one in new) == ["cleo@lab", "dora@lab"]


def test_a_file_that_elan_itself_made(tmp_path: Path):
    (tmp_path / "x.eaf").write_text(
        """<?xml version="1.0" encoding="UTF-8"?>
<ANNOTATION_DOCUMENT AUTHOR="" DATE="2026-11-20T10:00:00+01:00" FORMAT="3.0" VERSION="3.0">
    <HEADER MEDIA_FILE="" TIME_UNITS="milliseconds"><PROPERTY NAME="lastUsedAnnotationId">2</PROPERTY></HEADER>
    <TIME_ORDER>
        <TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="1500"/><TIME_SLOT TIME_SLOT_ID="ts2" TIME_VALUE="2750"/>
        <TIME_SLOT TIME_SLOT_ID="ts3"/>
    </TIME_ORDER>
    <TIER LINGUISTIC_TYPE_REF="default-lt" TIER_ID="emotion" ANNOTATOR="cleo">
        <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts2">
            <ANNOTATION_VALUE>happy</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
        <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a2" TIME_SLOT_REF1="ts2" TIME_SLOT_REF2="ts3">
            <ANNOTATION_VALUE>sad</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
    </TIER>
</ANNOTATION_DOCUMENT>"""
    )
    stretches, zero, lost = read_elan(tmp_path / "x.eaf")
    assert (zero, lost) == (None, 1)
    (label,) = answers(stretches, 100.0, [], ["P001"])
    assert (label.participant, label.annotator, label.label) == ("P001", "cleo", "happy")
    assert (label.start, label.stop) == (101.5, 102.75)
    with pytest.raises(FileFormatError, match="Of whom"):
        answers(stretches, 100.0, [], ["P001", "P002"])


def test_a_region_that_was_drawn_in_label_studio(tmp_path: Path):
    value = {"start": 3.5, "end": 5.25, "instant": False, "timeserieslabels": ["happy", "sad"]}
    result = [
        {"id": "xY", "from_name": "label", "to_name": "ts", "type": "timeserieslabels", "value": value},
        *(
            {"id": "zz", "type": "timeserieslabels", "value": value | wrong}
            for wrong in (
                {"start": "?"},
                {"start": float("nan")},
                {"end": float("inf")},
                {"end": 10**400},
                {"start": True},
            )
        ),
    ]
    task = {
        "id": 7,
        "data": {"csv": "/data/a.csv", "insula_zero": float("nan")},
        "annotations": [{"completed_by": 3, "result": result}],
    }
    (tmp_path / "a.json").write_text(json.dumps([task]))
    stretches, zero, lost = read_label_studio(tmp_path / "a.json")
    assert (zero, lost) == (None, 5)
    (label,) = answers(stretches, 100.0, [], ["P001"])
    assert (label.start, label.stop, label.annotator) == (103.5, 105.25, "label studio 3")
    assert label.shares == (("happy", 0.5), ("sad", 0.5))


@pytest.mark.parametrize("tool", ["elan", "label studio"])
def test_what_was_drawn_there_and_then_changed_is_one_answer_with_its_history(tmp_path: Path, tool: str):
    path = tmp_path / "out"
    write(path, tool)
    if tool == "elan":
        slots = '<TIME_SLOT TIME_SLOT_ID="tsA" TIME_VALUE="3500" /><TIME_SLOT TIME_SLOT_ID="tsB" TIME_VALUE="5250" />'
        drawn = (
            '<TIER TIER_ID="new" ANNOTATOR="cleo" PARTICIPANT="P001"><ANNOTATION>'
            '<ALIGNABLE_ANNOTATION ANNOTATION_ID="a5" TIME_SLOT_REF1="tsA" TIME_SLOT_REF2="tsB">'
            "<ANNOTATION_VALUE>anger</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION>"
            "</ANNOTATION></TIER></ANNOTATION_DOCUMENT>"
        )
        text = path.read_text().replace("</TIME_ORDER>", slots + "</TIME_ORDER>")
        path.write_text(text.replace("</ANNOTATION_DOCUMENT>", drawn))
        edits = (("3500", "3600"), (">anger<", ">disgust<"))
    else:
        (task,) = json.loads(path.read_text())
        region = {"start": 3.5, "end": 5.25, "timeserieslabels": ["anger"]}
        result = [{"id": "xY", "from_name": "label", "type": "timeserieslabels", "value": region}]
        task["annotations"].append({"id": 57, "completed_by": 3, "result": result})
        path.write_text(json.dumps([task]))
        edits = (('"start": 3.5', '"start": 3.6'), ('"anger"', '"disgust"'))
    known = list(LABELS)
    for k in range(3):
        (new,) = answers(read(path, tool)[0], ZERO, known, ["P001"])
        assert answers(read(path, tool)[0], ZERO, [*known, new], ["P001"]) == []
        assert new.supersedes == (known[-1].uid if k else "")
        known.append(new)
        if k < 2:
            assert edits[k][0] in path.read_text()
            path.write_text(path.read_text().replace(*edits[k]))
    drawn_last = known[-1]
    assert [one.uid for one in standing(known)] == [*(one.uid for one in LABELS), drawn_last.uid]
    assert (drawn_last.start, drawn_last.stop, drawn_last.label) == (ZERO + 3.6, ZERO + 5.25, "disgust")
    assert drawn_last.annotator == ("cleo" if tool == "elan" else "label studio 3")


def test_what_was_brought_in_by_what_it_says_alone_is_known_again(tmp_path: Path):
    (old,) = answers([Stretch(3.5, 5.25, "anger", "cleo")], ZERO, [], ["P001"])
    assert answers([Stretch(3.5, 5.25, "anger", "cleo", drawn="label studio 57 xY")], ZERO, [old], ["P001"]) == []


def test_what_is_drawn_in_elan_gets_a_number_that_is_free_and_what_says_nothing_is_counted(tmp_path: Path):
    path = tmp_path / "out"
    write_elan(path, LABELS, ZERO)
    root = ElementTree.fromstring(path.read_bytes())
    properties = {one.get("NAME"): one.text for one in root.iterfind("HEADER/PROPERTY")}
    ids = [int(one.get("ANNOTATION_ID", "")[1:]) for one in root.iter("ALIGNABLE_ANNOTATION")]
    assert int(properties["lastUsedAnnotationId"] or "") == max(ids) == len(LABELS)
    assert (properties["URN"] or "").startswith("urn:nl-mpi-tools-elan-eaf:")
    path.write_text(path.read_text().replace(">happy<", "><"))
    stretches, _, lost = read_elan(path)
    assert (len(stretches), lost) == (len(LABELS) - 1, 1)


@pytest.mark.parametrize("text", ["", "<x/>", "[]", '{"a": 1}', "[1]", '[{"id": 1}]'])
def test_what_is_neither_is_told(tmp_path: Path, text: str):
    (tmp_path / "f").write_text(text)
    for reader in (read_elan, read_label_studio):
        with pytest.raises(FileFormatError):
            reader(tmp_path / "f")


def sent(path: Path, tool: str) -> tuple[list[Stretch], float | None]:
    write(path, tool)
    return read(path, tool)


def write(path: Path, tool: str) -> None:
    if tool == "elan":
        write_elan(path, LABELS, ZERO)
    else:
        write_label_studio(path, LABELS, ZERO, "a.csv")


def read(path: Path, tool: str) -> tuple[list[Stretch], float | None]:
    stretches, zero, lost = (read_elan if tool == "elan" else read_label_studio)(path)
    assert lost == 0
    return stretches, zero


def test_an_answer_of_nobody_comes_back_from_elan_as_it_went(tmp_path: Path):
    nobody = replace(FIRST, annotator="")
    write_elan(tmp_path / "a.eaf", [nobody], ZERO)
    stretches, _, lost = read_elan(tmp_path / "a.eaf")
    assert lost == 0
    assert answers(stretches, ZERO, [nobody], ["P001"]) == []
    (changed,) = answers([replace(stretches[0], said="anger")], ZERO, [nobody], ["P001"])
    assert (changed.annotator, changed.supersedes) == ("", "u1")


@pytest.mark.parametrize("digits", [400, 5000])
def test_a_time_of_elan_that_is_none_is_counted_as_lost(tmp_path: Path, digits: int):
    path = tmp_path / "a.eaf"
    write_elan(path, [FIRST], ZERO)
    path.write_text(path.read_text().replace('"14500"', f'"{digits * "9"}"'))
    assert read_elan(path)[::2] == ([], 1)


def test_answers_that_supersede_each_other_are_read_to_an_end():
    one, other = (replace(FIRST, uid=uid, supersedes=before) for uid, before in (("u1", "u2"), ("u2", "u1")))
    stretch = Stretch(20.0, 21.0, "anger", "anna", "P001", ident="u1")
    (changed,) = answers([stretch], ZERO, [one, other], ["P001"])
    assert changed.supersedes in ("u1", "u2")


def test_of_whom_answers_are_that_name_nobody_is_said_by_an_option(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    made = session(tmp_path / "study", ("P001", "P002"), labels=(ANSWER,))
    drawn = [{"id": 1, "annotations": [{"id": 2, "result": [{"id": "r", "type": "timeserieslabels", "value": {
        "start": 4.0, "end": 6.0, "timeserieslabels": ["sad"]}}]}]}]  # fmt: skip
    (tmp_path / "drawn.json").write_text(json.dumps(drawn))
    words = ["labels", "import", str(made.folder), str(tmp_path / "drawn.json")]
    assert main(words) == 3
    assert "or with --participant" in capsys.readouterr().err
    assert main([*words, "--participant", "P003"]) == 2
    assert "the recording is of P001, P002" in capsys.readouterr().err
    for added in ("1 answer", "0 answers"):
        assert main([*words, "--participant", "P002"]) == 0
        assert f": {added} added" in capsys.readouterr().out
    with LabelReader(made.labels) as reader:
        assert [(one.participant, one.label) for one in reader.all()] == [("P001", "happy"), ("P002", "sad")]
