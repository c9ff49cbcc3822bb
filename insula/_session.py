"""A recording, with all that was said and read of it, on one time."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from acquisition.eeg_file import EegFile
from acquisition.recorded_faces import recorded_faces
from acquisition.replay import open_recording, readable, recorded_events, samples_of
from acquisition.source import items
from app.study.export_mne import Exported, read_eeg
from app.study.recorded_answers import recorded_answers
from core.config import Config
from core.config import load as load_config
from core.data import Chunk, Label, Marker, Prediction, StreamInfo
from core.errors import ConfigError, FileFormatError
from core.files import no_pipe
from insula._bids import bids_path, with_sidecars
from insula._records import Records, as_records, face_records, label_records, marker_records, rating_records

if TYPE_CHECKING:
    import mne


def load(
    path: str | os.PathLike[str], *, participant: str = "", config: str | os.PathLike[str] | Config = ""
) -> Session:
    """Return a recording.

    Parameters
    ----------
    path : path-like
        A session's folder, its ``_session.json`` or ``.xdf``; a file of LabRecorder; ``.edf .bdf .fif .vhdr .gdf .set
        .cnt``; a `mne_bids.BIDSPath`, or a folder of a BIDS data set in which one recording lies.
    participant : str
        Whose EEG is meant where several people were recorded; empty: the first. Of a file that does not say whose it
        is, who it is taken for.
    config : path-like
        A TOML file such as ``--config`` takes: which stream is meant, and its unit, where the recording does not say.

    Returns
    -------
    Session
        Nothing but its headers has been read yet.

    Raises
    ------
    FileFormatError
        It is nothing that Insula reads.
    ConfigError
        There is nothing at `path`, or the configuration is wrong.

    Examples
    --------
    >>> import insula
    >>> session = insula.load(recording)
    >>> session.participants
    ('P001',)
    >>> session.raw.get_data("eeg").shape, session.raw.info["sfreq"]  # V and Hz
    ((6, 1536), 128.0)
    >>> session.raw.annotations.description.tolist()
    ['affect/happy']
    >>> session.predictions["stop"][:3]  # s, from the first sample of `raw`
    array([2.  , 2.25, 2.5 ])
    >>> session.labels[["start", "stop", "label", "annotator"]].tolist()
    [(6.0, 8.0, 'happy', 'anna')]
    """
    where = Path(os.fspath(path))
    if not where.exists():
        raise ConfigError(f"{where} does not exist.")
    if not isinstance(config, Config):
        config = load_config(Path(config)) if os.fspath(config) else Config()
    return Session(_recording_at(no_pipe(where)), participant, config)


class Session:
    """One recording, as `insula.load` returns it.

    All times are seconds of the session: 0 is the first sample of the EEG, as in `raw`; without EEG, the first sample.
    Each table is read when it is first asked for, and kept.
    """

    def __init__(self, path: Path, participant: str, config: Config) -> None:
        self.path = path
        """The file that holds its samples."""
        self.config = config
        self._participant = participant
        with open_recording(path, config, participant, pictures=False) as source:
            self._infos = source.infos
            notes = source.notes if isinstance(source, EegFile) else ()
            self._is_xdf = not isinstance(source, EegFile)
            self._notes = notes
            begin, end = source.span
            eeg = self._eeg()
            source.seek(min(0.0, begin), frames_from=float("inf"))
            first = (
                float(item.times[0])
                for item in items(source)
                if eeg and isinstance(item, Chunk) and item.stream == eeg.key and len(item.timestamps)
            )
            self.start = next(first, begin) if eeg else begin
            """When the session's time is 0, s, on the LSL clock of the machine that recorded it; 0 of other files."""
            self.duration = end - self.start
            """Seconds from then to the end of the recording."""

    def __repr__(self) -> str:
        return f"<Session {self.path.name}: {', '.join(self.participants)}, {self.duration:.1f} s>"

    @property
    def participants(self) -> tuple[str, ...]:
        """Who was recorded."""
        return tuple(dict.fromkeys(info.participant for info in self._infos if info.kind in ("eeg", "video")))

    @cached_property
    def raw(self) -> mne.io.RawArray:
        """The EEG of one participant as MNE knows it, in V, with what was recorded beside it.

        Markers of other programs, answers (``affect/happy``, with annotator, valence, arousal as extras), gaps
        (``BAD_gap``) and annotations of the file are annotations; electrodes have 10-05 names and places where these
        are known. What is not in it, `left_out` says.

        Raises
        ------
        FileFormatError
            The recording has no EEG.
        """
        return self._exported.raw

    @property
    def left_out(self) -> tuple[str, ...]:
        """What is not in `raw`, or not as it was, in sentences."""
        return self._exported.left_out

    @cached_property
    def predictions(self) -> Records:
        """What the model said live, a row a window; see `insula.as_records` for the columns.

        Empty where nothing was predicted while it was recorded: `insula.replay` predicts.
        """
        found = [event for event in self._events() if isinstance(event, Prediction)]
        return as_records(found, self.start)

    @cached_property
    def labels(self) -> Records:
        """The answers that stand, of all annotators, a row each, by when what they are of begins.

        ``participant``; ``start stop``, s; ``annotator role answer label``; ``valence arousal``, -1 to 1;
        ``confidence``, 0 to 1; ``note``; ``response_time``, s; ``n_plays prediction_shown segment scheme model uid``.
        """
        return label_records(self._answers[0], self.start)

    @cached_property
    def ratings(self) -> Records:
        """Continuous ratings, a row a sample: ``time``, s, and ``value``, -1 to 1, of ``scale``, valence or arousal.

        Beside these, ``participant annotator role segment device speed uid``; ``uid`` names an uninterrupted run.
        """
        return rating_records(self._answers[1], self.start)

    @cached_property
    def face(self) -> Records:
        """What was read of the face live, a row for each frame that was looked at.

        ``participant``; ``time``, s; ``problem``, empty where there is none; ``quality``, 0 to 1; ``yaw roll``,
        degrees; ``box_...`` and landmarks, pixels; 52 blendshapes, 0 to 1; ``expression_<class>``. Single precision,
        NaN where nothing is known.
        """
        return face_records(recorded_faces(self.path) if self._is_xdf else (), self.start)

    @cached_property
    def markers(self) -> Records:
        """What other programs said, and annotations of a file: ``time``, s; ``stream``; ``text``; ``duration``, s.

        Markers over LSL are of a moment and have none, NaN.
        """
        if self._is_xdf:
            return marker_records([event for event in self._events() if isinstance(event, Marker)], self.start)
        told = [Marker(note.onset, note.text, self.path.stem) for note in self._notes]
        return marker_records(told, self.start, [note.duration for note in self._notes])

    @cached_property
    def _answers(self) -> tuple[list[Label], list[tuple[str | float, ...]]]:
        return recorded_answers(self.path)

    @cached_property
    def _exported(self) -> Exported:
        exported = read_eeg(self.path, self.config, self._participant if len(self.participants) > 1 else "")
        if (place := bids_path(self.path)) is not None:
            with_sidecars(exported.raw, exported.info, place)
        return exported

    def _eeg(self) -> StreamInfo | None:
        eeg = [info for info in self._infos if info.kind == "eeg"]
        known = sorted({info.participant for info in eeg})
        if self._participant and self._is_xdf and len(known) > 1:
            eeg = [info for info in eeg if info.participant == self._participant]
            if not eeg:
                raise FileFormatError(f"{self.path} has no EEG of {self._participant}. It has that of {known}.")
        meant = [i for i in eeg if self.config.eeg.means(i.name, i.source_id, i.hostname)]
        return next(iter(meant or eeg), None)

    def _events(self) -> list[Prediction | Marker]:
        if not self._is_xdf:
            return []
        return [event for event in recorded_events(self.path) if isinstance(event, Prediction | Marker)]


def _recording_at(path: Path) -> Path:
    """Return the recording that a path means: of a folder that is no session, the one file in it that can be read."""
    if not path.is_dir():
        return samples_of(path)
    if any(path.rglob("*_session.json")):
        return samples_of(path)
    found = sorted(file for file in path.rglob("*") if file.suffix.lower() in readable())
    if len(found) != 1:
        names = ", ".join(str(each.relative_to(path)) for each in found[:5]) or "none"
        raise FileFormatError(f"{path} must hold one recording, but has {names}. Name the file.")
    return found[0]
