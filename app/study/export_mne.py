"""A recording's EEG in the files of MNE and BIDS, with everything that was said of it, and what was left out."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import Any

import mne
import mne_bids

from acquisition.eeg_file import EegFile
from acquisition.mne_signals import EXPORTED, GAP
from acquisition.replay import open_recording, recorded_events
from acquisition.source import items
from app.study.bids_physio import write_physio
from app.study.mne_annotations import ANSWER_FIELDS, Span
from app.study.mne_others import add_others
from app.study.mne_raw import SIMULATED, to_raw
from app.study.other_streams import OtherStream, other_streams
from app.study.recorded_answers import recorded_labels
from app.study.staged_files import Wrote, refuse_others, staged
from core.config import Config
from core.data import Item, Label, Marker, Notice, Prediction, StreamInfo
from core.errors import FileFormatError
from core.reading import from_tree
from core.recording.session import Session

__all__ = ["Exported", "read_eeg", "write_bids", "write_fif"]

MOST_MARKERS = 100_000
"""That are written as MNE's annotations, which take a kilobyte or more of memory each."""
_BESIDE = ("/models", "/runs", "/trials.tsv", "/import.json")
"""What stands in a study beside its data set, which BIDS does not know."""
_FIF_YEARS = (1902, 2037)
"""FIF counts the seconds from 1970 in 32 bits."""


@dataclass(frozen=True, slots=True)
class _Began:
    """What ``session.json`` says of when a session began."""

    start: str
    """ISO 8601."""
    start_lsl: float
    """s, LSL clock."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A recording's EEG, ready to be written."""

    path: Path
    info: StreamInfo
    raw: mne.io.RawArray
    labels: tuple[Label, ...]
    left_out: tuple[str, ...]
    """What is not in it, or not as it was, in sentences."""
    others: tuple[OtherStream, ...] = ()
    """Streams beside the EEG that are to be written as files of their own."""
    first: float = 0.0
    """When the first sample of the EEG was taken, s, LSL clock."""


def read_eeg(path: Path, config: Config, person: str = "", as_misc: bool = True) -> Exported:
    """Return one person's EEG of a recording, with what belongs to it.

    Parameters
    ----------
    path : Path
        A session, an XDF, or an EEG file of another kind.
    config : Config
        Which EEG stream is meant, and its unit, where the recording does not say.
    person : str
        Of a session of several people; ``""``: the first, or the one whose stream `config` names.
    as_misc : bool
        Streams beside the EEG become channels of it; False keeps them as they are, in `Exported.others`.

    Raises
    ------
    FileFormatError
        There is no EEG, or not of that person.
    """
    said: list[str] = []
    notes: list[Span] = []
    with open_recording(path, config) as source:
        info = _chosen(source.infos, config, person, said)
        if isinstance(source, EegFile):
            source.breaks_at_cuts = False
            # A pause or gap goes out as what it is, once: MNE adds a second annotation when it reads a pause again.
            told = [note for note in source.notes if note.text not in source.gap_texts]
            notes = [Span(note.onset, note.duration, note.text, note.channels) for note in told]
        source.seek(min(0.0, source.span[0]), frames_from=math.inf)  # hours of frames would be decoded for nothing
        cameras = {one.key for one in source.infos if one.kind == "video"}
        given = _listening(items(source), cameras, said)
        labels = _labels_of(path, info, said)
        markers = [] if isinstance(source, EegFile) else _markers(path, said)
        info, (first, _), raw = to_raw([info], given, labels, config.eeg.max_gap, markers, said.append, notes)
        began = source.began if isinstance(source, EegFile) else _time_of_day(path, first, said)
        _name_other_streams(source.infos, said)
    others = other_streams(path, config, info.participant, said.append)
    if as_misc:
        add_others(raw, first, others, said.append)
    if began is not None and not _FIF_YEARS[0] <= began.year <= _FIF_YEARS[1]:
        said.append(f"Its date, {began:%Y-%m-%d}, is none that FIF can hold, and is left out.")
        began = None
    raw.set_meas_date(began)
    if not info.unit_confirmed:
        said.append("The unit of the EEG is a guess: the values are as large as it is right. Set eeg.unit to be sure.")
    said = list(dict.fromkeys(said))
    about = [info.simulated * SIMULATED, f"{EXPORTED} {metadata.version('insula')} from {path.name}.", *said]
    raw.info["description"] = " ".join(part for part in about if part)
    return Exported(path, info, raw, tuple(labels), tuple(said), () if as_misc else tuple(others), first)


def write_fif(exported: Exported, file: Path, overwrite: bool, wrote: Wrote = lambda _: None) -> Path:
    """Write the EEG as FIF, in parts where it is over 2 GB, and return the file; `wrote` takes each of them."""
    refuse_others(file, _is_own_fif(file), overwrite)
    with staged(file.parent, wrote=wrote) as draft:
        exported.raw.save(draft / file.name, verbose="error")
    return file


def write_bids(
    exported: Exported,
    session: Session,
    root: Path,
    config: Config,
    overwrite: bool,
    tell: Callable[[str], object] = lambda _: None,
    wrote: Wrote = lambda _: None,
) -> Path:
    """Write the EEG as BrainVision in a BIDS data set, other streams beside it, and return its folder.

    What a data set has for all its recordings, such as a table of participants that a person has filled in, is kept.
    `tell` takes what of the other streams is not as it was, `wrote` each file.
    """
    names = dict(part.split("-", 1) for part in session.stem.split("_") if "-" in part)
    person = exported.info.participant if Session.names_well(exported.info.participant) else names["sub"]
    place = mne_bids.BIDSPath(
        subject=person, session=names["ses"], task=names["task"], acquisition=names.get("acq"), run=names["run"],
        datatype="eeg", suffix="eeg", root=root,
    )  # fmt: skip
    there = place.directory / f"{place.basename}.vhdr"
    refuse_others(there, _is_own_bids(there), overwrite)
    exported.raw.info["line_freq"] = config.eeg.notch if config.eeg.notch > 0 else None
    known = _people(root)
    with staged(root, lambda file: _is_for_all(file, f"sub-{person}" in known), wrote) as draft:
        for shared in (*root.glob("*.*"), root / "README", *place.directory.parent.glob("*_scans.*")):
            if shared.is_file():
                copy = draft / shared.relative_to(root)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(shared.read_bytes())
        if not (draft / ".bidsignore").exists():
            (draft / ".bidsignore").write_text("".join(f"{name}\n" for name in _BESIDE), encoding="utf-8")
        drafted = place.copy().update(root=draft)
        mne_bids.write_raw_bids(
            exported.raw, drafted, format="BrainVision", allow_preload=True, overwrite=True, verbose="error"
        )
        _describe_events(drafted, exported.labels)
        said = list(exported.left_out)
        write_physio(drafted, exported.others, exported.first, names["task"], said.append)
        _describe_recording(drafted, exported, said)
    for sentence in said[len(exported.left_out) :]:
        tell(sentence)
    return root


def _chosen(infos: Sequence[StreamInfo], config: Config, person: str, said: list[str]) -> StreamInfo:
    eeg = [info for info in infos if info.kind == "eeg"]
    if not eeg:
        raise FileFormatError("The recording has no EEG stream to export.")
    meant = [info for info in eeg if config.eeg.means(info.name, info.source_id, info.hostname)]
    if person:
        meant = [info for info in eeg if info.participant == person]
        if not meant:
            known = ", ".join(sorted({info.participant for info in eeg}))
            raise FileFormatError(f"The recording has no EEG of {person}. It has that of {known}.")
    chosen = (meant or eeg)[0]
    if others := [f"{info.participant} ({info.name})" for info in eeg if info is not chosen]:
        said.append(
            f"The EEG of {chosen.participant} ({chosen.name}) is exported; that of {', '.join(others)} is left out. "
            "Take it with --participant."
        )
    return chosen


def _listening(given: Iterable[Item], cameras: Container[str], said: list[str]) -> Iterator[Item]:
    """Give items, and keep what a source has to say of the whole recording: it has no moment.

    How a replay would come by the face is no word on an export, which has no face in it.
    """
    for item in given:
        if isinstance(item, Notice) and math.isnan(item.time) and item.stream not in cameras:
            said.append(item.text)
        yield item


def _labels_of(path: Path, info: StreamInfo, said: list[str]) -> list[Label]:
    labels = recorded_labels(path)
    own = [label for label in labels if label.participant in ("", info.participant)]
    if n := len(labels) - len(own):
        said.append(f"{n} of {len(labels)} answers are about other people and are left out. --to tsv has all.")
    return own


def _name_other_streams(infos: Sequence[StreamInfo], said: list[str]) -> None:
    kinds = {"video": "pictures", "truth": "the simulation's truth"}
    if left := [word for kind, word in kinds.items() if any(info.kind == kind for info in infos)]:
        said.append(f"Not in it: {', '.join(left)}. They stay in the recording.")


def _markers(path: Path, said: list[str]) -> list[Marker]:
    """Return the markers of other programs: not more than fit into memory as MNE's annotations, of which a table is."""
    first: list[Marker] = []
    n_markers, predicted = 0, False
    for event in recorded_events(path):
        predicted |= isinstance(event, Prediction)
        if isinstance(event, Marker):
            n_markers += 1
            if n_markers <= MOST_MARKERS:
                first.append(event)
    if n_markers > MOST_MARKERS:
        said.append(
            f"The first {MOST_MARKERS} of {n_markers} markers are in it: MNE holds all of them in memory. "
            "--to tsv has all."
        )
    if predicted:
        said.append("Not in it: predictions, what was read of faces, and continuous ratings. --to tsv has them.")
    return first


def _time_of_day(path: Path, time: float, said: list[str]) -> datetime | None:
    """Return when a moment of a session was, s, LSL clock; of other programs' recordings, when the file was begun."""
    try:
        session = Session.open(path)
    except FileFormatError:
        return _file_begun(path)
    try:
        began = from_tree(session.about(), _Began, str(session.json))
        return datetime.fromisoformat(began.start) + timedelta(seconds=time - began.start_lsl)
    except (FileFormatError, ValueError, OverflowError) as error:
        said.append(f"When it was recorded is left out: {error}")
        return None


def _file_begun(path: Path) -> datetime | None:
    """Return what an XDF file says of when it was begun; its first sample was taken within a second or so."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        found = re.search(rb"<datetime>([^<]+)</datetime>", file.read(4096))
    try:
        began = datetime.strptime(found[1].decode(), "%Y-%m-%dT%H:%M:%S%z") if found else None
    except ValueError:
        return None
    return began.astimezone(UTC) if began is not None else None


def _is_own_fif(file: Path) -> bool:
    """Return whether Insula exported a FIF."""
    try:
        return EXPORTED in str(mne.io.read_info(file, verbose="error")["description"])
    except Exception:  # whatever it is, it is none of ours
        return False


def _is_own_bids(header: Path) -> bool:
    """Return whether Insula exported a BrainVision file of a BIDS data set."""
    try:
        return "InsulaVersion" in json.loads(header.with_suffix(".json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False


def _people(root: Path) -> frozenset[str]:
    """Return who is in the data set's table of participants."""
    try:
        rows = (root / "participants.tsv").read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError):
        return frozenset()
    return frozenset(row.split("\t")[0] for row in rows[1:])


def _is_for_all(file: Path, person_is_known: bool) -> bool:
    """Return whether a file is the data set's, and not to be written anew because of one recording."""
    return len(file.parts) == 1 and (file.name != "participants.tsv" or person_is_known)


def _describe_events(place: mne_bids.BIDSPath, labels: Sequence[Label]) -> None:
    """Say in the events' JSON what the labels are and by whom, and what gaps are of: BIDS leaves that to us."""
    about = place.copy().update(suffix="events", extension=".json").fpath
    known = json.loads(about.read_text(encoding="utf-8")) if about.exists() else {}
    levels = {f"affect/{label.label}": f"label {label.label}" for label in labels if label.label}
    if levels:
        known.setdefault("trial_type", {})["Levels"] = {**known.get("trial_type", {}).get("Levels", {}), **levels}
    if labels:
        known |= {name: {"Description": meaning} for name, meaning in ANSWER_FIELDS.items()}
        known["Annotators"] = sorted({f"{label.annotator} ({label.role})" for label in labels})
    table = about.with_suffix(".tsv")
    if table.exists() and "channel" in table.read_text(encoding="utf-8").partition("\n")[0].split("\t"):
        known["channel"] = {"Description": f"Of {GAP}: the channels that lack samples; n/a: all.", "Delimiter": ","}
    if known:
        about.write_text(json.dumps(known, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _describe_recording(place: mne_bids.BIDSPath, exported: Exported, said: Sequence[str]) -> None:
    # MNE-BIDS takes the maker of the file's format for that of the amplifier.
    maker = re.search(r"<manufacturer>([^<]+)<", exported.info.desc)
    about: dict[str, Any] = {"Manufacturer": maker[1] if maker else "n/a"}
    if exported.info.simulated:
        about = {"Manufacturer": "none", "TaskDescription": SIMULATED}
    about |= {"InsulaVersion": metadata.version("insula"), "LeftOut": list(said)}
    sidecar = place.copy().update(suffix="eeg", extension=".json")
    mne_bids.update_sidecar_json(sidecar, about, verbose="error")
