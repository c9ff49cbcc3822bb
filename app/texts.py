"""The texts that windows show: screen by screen, fixed words before those that are put together.

What a person cannot act on is not said. Not here are the texts of errors, which stand where they are raised, and those
of notices about a stream, which its source words.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from acquisition.lsl_found import FoundStream
from core.config import ParticipantConfig
from core.data import MODALITIES, Fault, NeutralFace, Prediction, StreamHealth, StreamInfo
from core.sensors.reading import Measure, Reading
from core.status import NEUTRAL_NOTES, NOT_TAUGHT, Abstention, abstention

# What every screen says

TITLE = "Insula"
EEG = "EEG"
FACE_SHORT = "face"
VALENCE = "valence"
AROUSAL = "arousal"
NEXT = "next"
NOW = "now"
NO = "no"
YES = "yes"
SIMULATED = "SIMULATED"
SIMULATED_TIP = "At least one stream comes from a simulated participant; nothing of it is a real person's."
NOT_RECORDED = "not recorded"
QUITE_SURE = 0.95
"""Calibrated probability from which a lone class is called so; below, most were wrong (docs/results.md, section 10)."""
PICTURES = "Pictures (*.png *.svg)"
TABLES = "Tables (*.tsv)"


def notice(infos: Mapping[str, StreamInfo], stream: str, text: str) -> str:
    """Return a notice with the stream it is about, by its key, and with whose that is of several people."""
    info = infos.get(stream)
    name = info.name if info else ""
    return persons(f"{name}: {text}" if name and name not in text else text, whose_stream(infos, stream))


def whose_stream(infos: Mapping[str, StreamInfo], stream: str) -> str:
    """Return whose a stream is, by its key; ``""`` where there is one person alone."""
    people = {info.participant for info in infos.values()} - {""}
    return infos[stream].participant if stream in infos and len(people) > 1 else ""


def clock(seconds: float) -> str:
    """Return a time within the session such as ``12:31`` or ``1:02:31``."""
    whole = max(0, int(seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def span(seconds: float) -> str:
    """Return a length of time such as ``30 s`` or ``5 min``."""
    return f"{seconds:g} s" if seconds < 60 else f"{seconds / 60:g} min"


def age(seconds: float) -> str:
    """Return how long ago something was."""
    if not math.isfinite(seconds):
        return "–"
    # Adding zero makes of a negative zero a plain one; the newest sample may be a moment ahead of the clock.
    return f"{round(seconds, 2) + 0.0:.2f} s" if seconds < 10 else since(seconds)


def since(seconds: float) -> str:
    """Return how long ago something was that comes now and then."""
    if not math.isfinite(seconds):
        return "–"
    whole = max(0, int(seconds))
    return f"{whole} s" if whole < 120 else f"{whole // 60} min" if whole < 7200 else f"{whole // 3600} h"


def count(number: int) -> str:
    """Return a number with its thousands set apart."""
    return f"{number:,}".replace(",", "\u202f")


def size(n_bytes: float) -> str:
    """Return a file size in the unit that reads best."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if n_bytes >= factor:
            return f"{n_bytes / factor:.1f} {unit}"
    return f"{n_bytes:.0f} B"


def speed(factor: float) -> str:
    """Return how fast it plays."""
    return f"{factor:g} ×"


def voltage(uv: float) -> str:
    """Return a voltage in the unit that reads best."""
    if not math.isfinite(uv):
        return "–"
    for factor, unit in ((1e6, "V"), (1e3, "mV"), (1.0, "µV"), (1e-3, "nV")):
        if abs(uv) >= factor:
            return f"{uv / factor:.3g} {unit}" if uv / factor < 1000 else f"{uv / factor:,.0f} {unit}"
    return f"{1e6 * uv:.2g} pV" if uv else "0 µV"


def and_more(count: int) -> str:
    """Return that there are more problems than are shown."""
    return f"  (and {count} more)"


def and_others(count: int) -> str:
    """Return that there are more than are listed."""
    return f"and {count} more"


def saved(path: object) -> str:
    """Return where something was saved."""
    return f"Saved: {path}"


# The window: panels and the buttons at the top

AFFECT = "Affect now"
CLASSES = "Expression"
CLASSES_SHORT = "classes"
TRUST = "Trust"
TIME = "Over time"
TRACES = "EEG"
FACE = "Face"
STREAMS = "Streams"
LABELLING = "Label"
SESSION = "Session"
PRIVATE_BUTTON = "Private"
THEME_BUTTON = "Light/dark"
PARTICIPANT = "participant shown"
HIDDEN_NOW = "hidden while it is labelled"


PEOPLE_BUTTON = "People"
PEOPLE_KEY_TEXT = "of several people each whole, then all"


def show_person(name: str) -> str:
    """Return what a press on a name does."""
    return f"Signals of {name} below"


def eeg_of_person(note: str, lost: bool) -> str:
    """Return how good a person's EEG is, in a few words."""
    return EEG_LOST if lost else f"{EEG}: {note}" if note else ""


def persons(stream: str, name: str) -> str:
    """Return what a stream is called with whose it is, `name` is ``""`` where that need not be said.

    The name comes first: the rest is left out where room is short.
    """
    return f"{name} · {stream}" if name else stream


def of_person(title: str, name: str) -> str:
    """Return a panel's title with whom it is of, `name` is ``""`` where there is one person alone."""
    return f"{title} · {name}" if name else title


def person_now(prediction: Prediction) -> str:
    """Return what is said of a person, in a few words."""
    if prediction.status != "ok":
        return prediction.status
    return f"{prediction.label} {max(prediction.probabilities):.2f}\n{_sensors(prediction)}"


def _sensors(prediction: Prediction) -> str:
    each = zip(prediction.modalities, prediction.weights, strict=True)
    return " · ".join(f"{modality_name(name)} {weight:.1f}" for name, weight in each)


def modality_name(name: str) -> str:
    """Return what a modality is called where there is little room."""
    return {"eeg": EEG, "face": FACE_SHORT}.get(name, name.replace("_", " "))


def of_whom(name: str, question: str) -> str:
    """Return a question with the name of the person whom it is about."""
    return f"{name}: {question}"


BLIND = "Blind"
NOT_BLIND = "Not blind"
BLIND_TIP = "Blind: what the model says of a moment stays hidden until you have answered."

# The state line

WAITING = "Waiting for streams. Turn on headset and camera."
DOING = {
    "recording": "Not recording",
    "looking": "Only looking, nothing is recorded:",
    "replaying": "Replaying",
    "labelling": "Labelling",
}
"""What the state line begins with while nothing is recorded."""
NO_NEWS = "Nothing new comes from the sensors."
PREDICTIONS_STOPPED = "Predictions have stopped."
NO_PREDICTIONS = "There are no predictions."
LOADING = "The model is being loaded."
ENDED = "The recording has been played to its end."
ALL_ENDED = "All that was to be read has come to its end. Nothing more is recorded: end the session."


def recording(participant: str, elapsed: str) -> str:
    """Return the first sentence of the state line while data reaches the disk."""
    return f"Recording {participant}, {elapsed}.".replace(" ,", ",")


def trusted(*weights: float, modalities: Sequence[str] = MODALITIES) -> str:
    """Return how far each sensor is trusted, in words."""
    each = zip(modalities, weights, strict=True)
    used = sorted(((modality_name(name), w) for name, w in each if w > 0), key=lambda one: -round(one[1], 1))
    if not used:
        return "No sensor is trusted."
    (first, weight), *others = used
    start = f"{first[0].upper()}{first[1:]}"
    if not others:
        return f"{start} alone is trusted."
    return f"{start} trusted {weight:.1f}, {', '.join(f'{name} {w:.1f}' for name, w in others)}."


def one_of(names: Sequence[str]) -> str:
    """Return names as a choice: ``happy, neutral or sad``."""
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def expression(label: str, probability: float, possible: Sequence[str], n_classes: int) -> str:
    """Return what is shown, as sure as its prediction set is small."""
    others = [name for name in possible if name != label]
    if not possible or len(possible) > n_classes / 2:
        return f"Unsure, {label} at most."
    if others:
        return f"{one_of([label, *others]).capitalize()}."
    return f"{label.capitalize()}, {'quite sure' if probability >= QUITE_SURE else 'perhaps'}."


def no_statement(status: str) -> str:
    """Return that the model abstains, and why."""
    return f"No statement: {_plain(status)}."


def bad_electrodes(names: Sequence[str]) -> str:
    """Return the bad electrodes in words, the first four by name."""
    if not names:
        return ""
    shown = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
    return f"{len(names)} electrode{'s' if len(names) > 1 else ''} bad: {shown}."


def recording_silent(seconds: float) -> str:
    """Return that the recorder has not been heard of."""
    return f"No word from the recorder for {seconds:.0f} s. Check the disk; if this stays, stop and start a new run."


def recording_stopped() -> str:
    """Return that nothing is written any more, for no reason that the recorder gave."""
    return "The recording has stopped. What was written is kept; start a new run to go on recording."


def recording_problem(problem: str) -> str:
    """Return what the recorder says is wrong."""
    return f"Recording: {problem}"


def disk_low(free_bytes: float) -> str:
    """Return how little room the disk has left."""
    return f"Disk nearly full, {size(free_bytes)} left. Free some space, or end the session soon."


def stream_lost(name: str, kind: str, seconds: float, at: str = "") -> str:
    """Return that a stream is gone, since when in the session, and how it comes back."""
    if kind == "video":
        remedy = "Plug the camera in again"
    elif kind == "markers":
        remedy = "Start the program that sends it again"
    else:
        remedy = "Turn the device on or bring it nearer, and check its LSL app"
    when = f"at {at}, {clock(seconds)} ago" if at else f"{clock(seconds)} ago"
    return f"{name} lost {when}. {remedy}; it is picked up by itself and the gap is marked."


def stream_was_lost(name: str) -> str:
    """Return that a recording has nothing of a stream here."""
    return f"{name} was lost when this was recorded; it is missing until it comes back."


def stream_silent(name: str, seconds: float) -> str:
    """Return that a connected stream gives nothing."""
    return f"{name} is connected but has sent nothing for {seconds:.0f} s. Check that its app is streaming."


def behind(seconds: float) -> str:
    """Return that what is seen is old because the computer does not keep up."""
    return (
        f"This computer is {seconds:.0f} s behind. EEG is not lost, pictures may be: close other programs, or record "
        "without the face."
    )


PASSED_OVER = "This computer does not keep up: some windows are passed over, so that predictions are of now."


def rate_off(name: str, effective: float, nominal: float, simulated: bool) -> str:
    """Return that a stream does not run at the rate that it promised."""
    remedy = "This computer is too busy to simulate it." if simulated else "Check battery, cable or Bluetooth."
    return f"{name} runs at {effective:.1f} Hz, not {nominal:g} Hz. {remedy}"


def nothing_on_disk(name: str) -> str:
    """Return that a stream arrives but is not in the file."""
    return f"Nothing of {name} is on disk. Stop, check the study folder, and start a new run."


def unit_assumed(name: str, unit: str) -> str:
    """Return that a unit is a guess."""
    return f"{name} does not tell its unit; {unit} is assumed from the size of the signal. Set eeg.unit to confirm it."


def progress(stage: str, share: float, elapsed_s: float) -> str:
    """Tell how far something has come and about how long it will take."""
    left = elapsed_s * (1.0 - share) / share if share > 0.02 else math.nan
    rest = "" if math.isnan(left) else f", about {clock(left)} left"
    return f"{share:.0%}{rest}: {stage}"


def eeg_figures_note(seconds: float) -> str:
    """Return of what the figures are, and what they are not."""
    so_far = f"The last {seconds + 2:.0f} s, electrodes that were judged bad left out." if seconds else "No EEG yet."
    return f"{so_far} Figures of the signal, not of a feeling: muscle, blinks and electrodes are in them as well."


NO_FIGURES = "No clean EEG yet: it comes with the first window of it."
NO_POWER = "not known yet"
NO_CLEAN_ELECTRODE = "Every electrode was judged bad."
READ_OFF_HOW = "Point at a plot to read it off."


def eeg_figures_keys(close: str) -> str:
    """Return what keys and mouse do in the window on the EEG's figures."""
    closes = f"{close} or Esc closes" if close else "Esc closes"
    return f"Wheel zooms · dragging moves · 0 shows all again · {closes}"


def no_asymmetry(pair: tuple[str, str] | None, pairs: Sequence[tuple[str, str]]) -> str:
    """Return why no asymmetry is drawn."""
    if pair is not None:
        return f"{pair[0]} or {pair[1]} was judged bad all the while."
    return f"It takes one of {', '.join(' and '.join(each) for each in pairs)}."


def no_past(seconds: float, wanted: float) -> str:
    """Return that there is too little of a person's own past."""
    return f"It takes {wanted:.0f} s of EEG; there are {seconds:.0f} s."


def band_title(name: str, band: tuple[float, float]) -> str:
    """Return what a map is of."""
    return f"{name} {band[0]:g}–{band[1]:g} Hz"


def band_words(most: tuple[str, float], least: tuple[str, float]) -> str:
    """Return where a band has the most and the least power."""
    return f"{most[0]} {most[1]:.3g} µV²\n{least[0]} {least[1]:.3g} µV²"


def asymmetry_title(pair: tuple[str, str] | None) -> str:
    """Return which electrodes' alpha is compared."""
    if pair is None:
        return "Alpha asymmetry: no pair of electrodes on the forehead"
    return f"Alpha asymmetry: ln {pair[0]} − ln {pair[1]}, and this person's own past"


def read_off(plot: str, across: float, up: float) -> str:
    """Return what the place under the mouse stands for."""
    return f"{plot.split(':')[0]}: {across:.2f}, {up:.3g}"


def teaching(participant: str) -> str:
    """Return that a person's sessions are being learnt from."""
    return f"Teaching from the sessions of {participant}."


COMMAND_CRASHED = "Its process was ended or has crashed. What had been kept by then is there."


def teaching_failed(why: str) -> str:
    """Return that teaching has ended without a verdict, and why."""
    return f"Nothing was taught. {why}".strip()


def nothing_learnt(participant: str) -> str:
    """Return that there is no model to be used."""
    return f"No other model has learnt from {participant or 'anyone'}. Teach makes one, if something holds."


def reads_here(file: str, people: Sequence[str]) -> str:
    """Return which model a session is read with, and from whom it has learnt."""
    return f"Read with {file}, which has learnt from {', '.join(people) or 'nobody by name'}."


def has_learnt(file: str, participant: str) -> str:
    """Return that another model than the one that reads has learnt from a person."""
    return f"{file} has learnt from {participant}. Another model reads now."


def reads_now(file: str) -> str:
    """Return which model reads from now on."""
    return f"{file} reads from now on."


def reads_again(file: str) -> str:
    """Return that the first model reads again."""
    return f"{file} reads again, as at first."


def other_classes(name: str, found: Sequence[str], wanted: Sequence[str]) -> str:
    """Return that a model cannot take another one's place."""
    return (
        f"{name} tells {', '.join(found)}, but this session is read for {', '.join(wanted)}. "
        "A model of other classes needs a new session."
    )


def other_modalities(name: str, found: Sequence[str], wanted: Sequence[str]) -> str:
    """Return that a model cannot take another one's place, since it reads other sensors."""
    here, there = (", ".join(map(modality_name, names)) for names in (found, wanted))
    return f"{name} reads {here}, but this session is read from {there}. Such a model needs a new session."


def fault(raised: Fault) -> str:
    """Return that a part of the program has ended, and in which file the details are."""
    details = f" Details are in {raised.log}" if raised.log else ""
    text = raised.text.rstrip(".")
    if raised.where == "model":
        return f"{text}. The recording is shown without predictions.{details}"
    said = f"Error in {raised.where}: {text}."
    if raised.recording_continues:
        return f"{said}{details}"
    goes_on = "The window goes on." if raised.where == "window" else "What is recorded is kept; start a new run."
    return f"{said} {goes_on}{details}"


def asked_by(model: str) -> str:
    """Return whose predictions say what is worth asking: those of a model file now, ``""`` for those made live."""
    return f"asked by {model}, as it predicts now" if model else "asked by the session's model, as it predicted live"


def read_so_far(elapsed: float, whole: float) -> str:
    """Return how much of a recording has been gone through for questions."""
    return f"{clock(min(max(elapsed, 0.0), whole))} of {clock(whole)} read."


# Affect, expression and trust

UNPLEASANT = "unpleasant"
PLEASANT = "pleasant"
CALM = "calm"
EXCITED = "excited"
NO_PREDICTION = "No prediction yet. The first comes some seconds after the data."
ABSTAINS = "No statement"
HIDDEN = "Hidden until you have answered"
HIDDEN_FROM_RATER = "Hidden while you rate"
NOT_USED = "not used"
NOTE_REMEDIES = {NOT_TAUGHT: "not taught on this person: Teach does, from recordings"}
FACE_NOTES = frozenset(note for notes in NEUTRAL_NOTES.values() for note in notes)
"""Those of a prediction's notes that are of the face; all others are of the EEG."""
NO_NEUTRAL = "own neutral face not known"
SENSOR_PROBLEMS: dict[str, dict[str, str]] = {
    "eeg": {
        "missing": "no data: turn on the headset",
        "gap": "a gap in the data",
        "flat": "flat: check ground and reference",
        "settling": "settling, ready in some seconds",
        "few channels": "too few good electrodes",
        "no good channels": "no good electrode",
    },
    "face": {
        "missing": "no picture: check the camera",
        "no face": "no face: sit before the camera",
        "turned away": "turned away",
        "too dark": "too dark: more light",
        "too small": "too small: come closer",
        "blurred": "blurred: hold still, clean the lens",
    },
}
"""By modality; one beside EEG and face says the problem as it is."""
CLEAN_NOISE = 1.5
TWO_MODELS = "disc: A, ring: B"


def remark(prediction: Prediction, modality: int, problem: str = "", recorded: bool = False) -> str:
    """Return what must be known of a sensor's weight: why it is not used, or how noisy it is.

    What to do about it is left out of a recording, where nothing can be done.
    """
    if problem:
        text = SENSOR_PROBLEMS.get(prediction.modalities[modality], {}).get(problem, problem)
        return text.split(":")[0] if recorded else text
    notes = _notes(prediction, prediction.modalities[modality], recorded)
    noise, used = prediction.noise[modality], prediction.weights[modality] > 0
    if notes and not used:
        return notes
    if not math.isfinite(noise):
        return "not there"
    if not used:
        return NOT_USED
    level = "clean" if noise < CLEAN_NOISE else f"noise {noise:.1f} × clean"
    return f"{level}; {notes}" if notes else level


def _notes(prediction: Prediction, name: str, recorded: bool) -> str:
    if name == "face" and FACE_NOTES.intersection(prediction.notes):
        return NO_NEUTRAL if recorded else f"{NO_NEUTRAL}: ⇧ F asks"
    of_eeg = [note for note in prediction.notes if note not in FACE_NOTES] if name == "eeg" else []
    return "; ".join(NOTE_REMEDIES.get(note, note) for note in of_eeg)


def hidden(span: tuple[float, float] | None) -> str:
    """Return why nothing is shown of a stretch; one without an end is for who rates."""
    return HIDDEN_FROM_RATER if span is not None and math.isinf(span[1]) else HIDDEN


def why_not(status: str) -> str:
    """Return why the model makes no statement, in as few words as carry it."""
    short = _plain(status)
    return short[:1].upper() + short[1:]


def _plain(status: str) -> str:
    known = abstention(status)
    if known is None:
        return status
    reason, sensors = known
    short = {Abstention.NO_SIGNAL: "", Abstention.NOT_TAUGHT: f"{EEG} not taught"}.get(reason, reason.value)
    return ", ".join(part for part in (short, sensors) if part) or status


def rings(outer: float, inner: float) -> str:
    """Return what the two rings on the plane hold."""
    return f"rings: {inner:.0%}, {outer:.0%}"


def promise(coverage: float) -> str:
    """Return how often the marked set of classes is to hold the true one; whether it does hangs on the person."""
    return f"marked: aims at {coverage:.0%}"


# Over time, and the EEG

SECOND_MODEL = "dashed: model B"
ANEW = "predicted anew"
ASKED = "asked"
EEG_LOST = "EEG lost"
EEG_LOST_REMEDY = "Turn the headset on or bring it nearer.\nIt is picked up by itself."
NO_EEG = "No EEG yet.\nTurn on the headset and its LSL app; it is found by itself."


def time_note(seconds: float, traces: str, two_models: bool = False) -> str:
    """Return how much is seen of the time, and how the lines in it are drawn."""
    return " · ".join(part for part in (SECOND_MODEL if two_models else "", span(seconds), traces) if part)


def trace_note(scale_uv: float, first: int, last: int, n_chans: int) -> str:
    """Return how the traces are drawn."""
    shown = f"{n_chans} channels" if first == 0 and last == n_chans else f"channels {first + 1}–{last} of {n_chans}"
    return f"{shown} · {scale_uv:g} µV a step · drawn above 1 Hz"


SENSORS = "Other streams over time"


def sensors_note(n_shown: int, n: int) -> str:
    """Return how many of the other streams are seen."""
    return f"{n_shown} of {n} other stream{'s' if n > 1 else ''}"


def sensor_lane(info: StreamInfo, shown: Sequence[str], n_more: int) -> str:
    """Return what stands in the lane of a stream: its name, type, and the channels that are drawn."""
    of_type = info.type if info.type and info.type.lower() not in info.name.lower() else ""
    more = f" and {n_more} more" if n_more else ""
    whose = info.participant and f" · {info.participant}"
    return f"{' '.join(part for part in (stream_name(info), of_type) if part)}: {', '.join(shown)}{more}{whose}"


def reading(reading: Reading) -> str:
    """Return what a stream says of the body, in one line; a figure that cannot be said is a dash."""
    told = [_measure(each, bool(reading.problem)) for each in reading.measures]
    return " · ".join(told) if not reading.problem else f"{reading.problem}{': ' if told else ''}{' · '.join(told)}"


def _measure(measure: Measure, doubtful: bool) -> str:
    known = math.isfinite(measure.value) and not doubtful
    rounded = round(measure.value, measure.digits) + 0.0 if known else 0.0  # adding zero makes a plain one of −0
    value = f"{rounded:.{measure.digits}f}".replace("-", "−") if known else "–"
    return f"{measure.name} {value}{'' if measure.unit.startswith('/') else ' '}{measure.unit}".rstrip()


# Electrodes

ELECTRODES = "Electrodes"
NO_ELECTRODES = "No electrodes yet"
NO_PLACES = "Where these electrodes sit is not known. Name the channels in the headset's app."
JUDGING = "Judged as soon as there is a full window of data."
LINE_NOISE = "Line noise"
MUSCLE = "Muscle"
POOR = "poor"
CLEAN = "clean"
LOUD = 0.7
REASONS = {
    "invalid samples": "invalid samples: check the device",
    "flat": "flat: check the contact",
    "clipping": "clipping: lower the gain, check the contact",
    "too large": "too large: check the contact",
    "pops": "pops: reseat the electrode",
    "line noise": "line noise: check ground and reference",
    "muscle": "muscle: ask the person to relax the jaw",
    "unlike its neighbours": "unlike its neighbours",
    "louder than its neighbours": "louder than its neighbours: check the contact",
    "louder than the others": "louder than the others: check the contact",
    "quieter than its neighbours": "quieter than its neighbours: check contact and gain",
    "quieter than the others": "quieter than the others: check contact and gain",
    "drifts": "drifts: clean the skin, wait for the gel",
    "marked bad": "marked as bad in the file",
}


def reason(why: str) -> str:
    """Return why an electrode is bad and what to do about it."""
    return f"{why}: wipe the gel between them" if why.startswith("bridged with ") else REASONS.get(why, why)


def drawn_smaller(share: float) -> str:
    """Return that a trace is drawn smaller than its neighbours, ``""`` if it is not."""
    return "" if share > 0.75 else f", drawn at 1/{1 / share:.0f}"


def short_reason(why: str) -> str:
    """Return why an electrode is bad, without the remedy."""
    return reason(why).split(":")[0]


def shortest_reason(why: str) -> str:
    """Return why an electrode is bad where there is hardly any room."""
    if why.startswith("bridged with "):
        return f"= {why.removeprefix('bridged with ')}"
    return short_reason(why).removesuffix(" than its neighbours").removesuffix(" than the others")


def electrodes_note(n_good: int, n_chans: int) -> str:
    """Return how many electrodes are good."""
    return f"all {n_chans} good" if n_good == n_chans else f"{n_good} of {n_chans} good"


def electrode_tip(name: str, why: str, score: float) -> str:
    """Return what is known of one electrode."""
    if why:
        return f"{name}: {reason(why)}"
    if not math.isfinite(score):
        return name
    return f"{name}: {'clean' if score > 0.7 else 'fair' if score > 0.35 else 'poor'}"


def loudness(level: float) -> str:
    """Return how loud a disturbance is, in a word; `level` from 0 to 1, where a channel becomes unusable."""
    return "low" if level < 0.35 else "some" if level < LOUD else "strong" if level < 1 else "too strong"


# The face

NO_VIDEO = "No picture yet.\nPlug in a camera; it is found by itself."
NO_CAMERA = "No camera in this session.\nIn the next, choose one on the first screen."
NO_CAMERA_RECORDED = "No camera in this session."
NO_CAMERA_SHORT = "no camera in this session"
NO_PICTURE_KEPT = "No picture of this moment."
PRIVATE = "Picture hidden"
CAMERA_LOST = "Camera lost"
CAMERA_LOST_REMEDY = "Plug it in again; it is picked up by itself."
FILM_ENDED = "The film has ended"
CAMERA_STOPPED = "The camera is not read any more"
CAMERA_STILL = "The picture stands still"
CAMERA_STILL_REMEDY = "Check that no other program holds the camera."
FACE_REMEDIES = {
    "no face": "Sit before the camera.",
    "turned away": "Look towards the camera.",
    "too dark": "More light on the face.",
    "too small": "Come closer.",
    "blurred": "Hold still, clean the lens.",
}


def camera_over(at_its_end: bool) -> tuple[str, str]:
    """Return why no picture comes any more, and what of it: a film is at its end, or reading the camera failed."""
    if at_its_end:
        return FILM_ENDED, "The session goes on without a face."
    return CAMERA_STOPPED, "Start Insula again to have it."


def no_picture_any_more(at_its_end: bool) -> str:
    """Return the same where there is room for a few words."""
    return "no picture: the film has ended" if at_its_end else "no picture: start Insula again"


RELAX_HOW = "Mouth closed, eyes on the screen. Esc skips."


def relax(left: float, is_ahead: bool) -> str:
    """Return what is asked of the person whose neutral face is wanted, `left` seconds before it is over."""
    return f"Relax your face for {left:.0f} s" if is_ahead else f"Relax your face · {max(1.0, left):.0f} s"


def neutral_read(face: NeutralFace, key: str, are_several: bool = False) -> str:
    """Return what came of asking for a neutral face: whose, where there are several people, and how it is asked again.

    `key` is ``""`` where it cannot be, in a recording.
    """
    whose = face.participant if are_several else ""
    if face.blendshapes:
        return persons(f"Neutral face read from {face.n_frames} pictures", whose)
    again = f" {f'Show {whose}, press' if whose else 'Press'} {key} to try again." if key else ""
    return persons(f"Neutral face not read: only {face.n_frames} pictures were clear and still.{again}", whose)


def by_key(text: str, key: str) -> str:
    """Return what is told with the key that does what it ends with."""
    return f"{text.removesuffix('.')} ({key})."


NO_FACE_TO_RELAX = "There is no picture of a face yet."
FACE_MEASURES = "What the face does"
AGAINST = {
    "own": "against own neutral face",
    "running": "against a running estimate",
    "unknown": "against people in general",
}
"""What the face's measures are compared with."""
_MEASURED = {
    "mouth": ("mouth", "smile", "corners down"),
    "brows": ("brows", "brows up", "brows down"),
    "eyes": ("eyes", "eyes wide", "eyes narrow"),
    "jaw": ("jaw", "jaw open", "jaw"),
}


def face_measure(name: str, direction: int) -> str:
    """Return what a measure of the face says: at rest its name, raised (1) or lowered (-1) what the face does."""
    return _MEASURED[name][direction]


def face_quality(quality: float) -> str:
    """Return how good the picture of the face is, in words."""
    return "clear" if quality >= 0.6 else "fair" if quality >= 0.3 else "poor: more light, or closer"


# Streams

STREAM_COLUMNS = ("Stream", "State", "Rate", "Last sample", "Jitter", "Lost", "Gaps", "Clock", "Unit", "On disk")
STREAM_TIPS = (
    "name, kind and channels",
    "whether data comes",
    "measured over the last ten seconds without gaps, and as the device declares it",
    "how old the newest sample is by its own stamp",
    "how evenly the stamps follow each other: the standard deviation of their steps",
    "samples missing in gaps, and one by one where even stamps tell; frames that the camera lost",
    "breaks in the stream and how long they were together",
    "what is added to the device's stamps to be on this machine's clock",
    "unit of the EEG; assumed where the device does not tell it and nobody has confirmed it",
    "samples or frames in the file so far",
)
STREAMS_DETAILS = "Details"
STREAMS_SUMMARY = "Summary"
STREAMS_DETAILS_TIP = "Rates, ages, jitter, losses, gaps, clocks and units of all streams"
NO_STREAMS = "No streams yet."
KINDS = {"eeg": "EEG", "video": "camera", "truth": "ground truth", "markers": "markers"}
_FEW_UNITS = 3


def stream_name(info: StreamInfo) -> str:
    """Return what a stream is called."""
    told = not info.simulated or "simulated" in info.name.lower()
    return info.name if told else f"{info.name} (simulated)"


def stream_kind(info: StreamInfo) -> str:
    """Return what a stream carries, with its channels."""
    if info.kind == "other":
        return f"{info.type or 'no type'} · {len(info.channels)} channel{'s' if len(info.channels) != 1 else ''}"
    return KINDS.get(info.kind, info.kind) + (f" · {len(info.picks)} channels" if info.picks else "")


def stream_trouble(
    info: StreamInfo, health: StreamHealth | None, silent: bool, rate_off: bool, gone_at: str = ""
) -> str:
    """Return in a few words what is wrong with a stream, ``""`` if nothing is."""
    if health is not None and health.ended:
        return "has ended" if health.connected else "not read any more"
    if health is not None and not health.connected:
        if info.kind == "markers":
            return f"gone since {gone_at}, {n_markers(health)}" if gone_at else f"gone, {markers_so_far(health)}"
        return f"lost, last sample {since(health.last_sample_age)} ago"
    if health is not None and silent:
        return f"silent for {since(health.last_sample_age)}"
    if health is not None and rate_off:
        return f"{health.effective_sfreq:.1f} of {health.nominal_sfreq:g} Hz"
    return "unit assumed" if info.kind == "eeg" and not info.unit_confirmed else ""


OFFERED = "not recorded: press to add"
OFFERED_TIP = "A program sends this stream and nobody has chosen it. Press to record it from now on."
TAKE_BACK_TEXT = "go on with what may be the lost stream"


def take_back(info: StreamInfo, key: str) -> str:
    """Return what is asked of a stream that may be a lost one."""
    whose = f"{info.participant}'s " if info.participant else ""
    return f"is it {whose}lost {info.name}?" + (f" {key}" if key else "")


def take_back_tip(info: StreamInfo, candidate: FoundStream) -> str:
    """Return all that tells a stream that may be a lost one from it."""
    return (
        f"{info.name} of {info.hostname} is lost. This one has its name and its channels:\n"
        f"source_id {candidate.source_id!r}, on {candidate.hostname}, outlet {candidate.uid}.\n"
        f"It had source_id {info.source_id!r} when the session began.\n"
        "Press to go on with it. It is noted in the recording."
    )


def stream_line(info: StreamInfo, health: StreamHealth | None) -> str:
    """Return what a healthy stream gives, in a few words."""
    if info.awaited:
        return "waiting for its program"
    if info.kind == "markers":
        return "no marker yet" if health is None else markers_so_far(health)
    if health is None:
        rate = f"{info.sfreq:g} Hz declared" if info.sfreq else "irregular"
        return f"{stream_kind(info)} · {rate}"
    rate = f"{health.effective_sfreq:.1f} Hz" if health.nominal_sfreq else f"{count(health.n_samples)} so far"
    gaps = f" · {health.n_gaps} gap{'s' if health.n_gaps > 1 else ''}" if health.n_gaps else ""
    return f"{stream_kind(info)} · {rate}{gaps}"


def markers_so_far(health: StreamHealth) -> str:
    """Return how many markers have come, and when the last one did."""
    if not health.n_samples:
        return n_markers(health)
    return f"{n_markers(health)}, last {since(health.last_sample_age)} ago"


def marker(text: str, time: float, stream: str) -> str:
    """Return what another program said, when in the session, and by which stream."""
    when = "" if math.isnan(time) else f"{clock(time)}.{int(max(0.0, time) % 1 * 1000):03d}"
    return f"{text}\n{' · '.join(part for part in (when, stream) if part)}"


def n_markers(health: StreamHealth) -> str:
    """Return how many markers have come."""
    if not health.n_samples:
        return "no marker yet"
    return f"{count(health.n_samples)} marker{'s' if health.n_samples > 1 else ''}"


def stream_cells(info: StreamInfo, health: StreamHealth | None, disk: str) -> tuple[str, ...]:
    """Return a stream's line in the table, one text for each of `STREAM_COLUMNS`."""
    name = f"{stream_name(info)} · {stream_kind(info)}"
    state = "found" if health is None else "running" if health.connected else "× lost"
    if health is not None and health.ended:
        state = "ended" if health.connected else "× stopped"
    if info.awaited:
        return name, "waited for", *("–" for _ in STREAM_COLUMNS[2:-1]), disk
    if info.kind == "markers":
        come = health is not None and health.n_samples > 0
        last = since(health.last_sample_age) if health is not None and come else "–"
        clock = _clock_words(info, health if come else None)
        return name, state, "irregular", last, "–", "–", "–", clock, "–", disk
    if health is None:
        return name, state, f"{info.sfreq:g} Hz", "–", "–", "–", "–", _clock_words(info, None), unit_words(info), disk
    rate = f"{health.effective_sfreq:.1f} of {health.nominal_sfreq:g} Hz" if health.nominal_sfreq else "irregular"
    jitter = f"{1000 * health.jitter:.2f} ms" if math.isfinite(health.jitter) else "–"
    gaps = f"{health.n_gaps}, {health.missing:.1f} s" if health.n_gaps else "0"
    return (
        name, state, rate, age(health.last_sample_age), jitter, count(health.n_dropped), gaps,
        _clock_words(info, health), unit_words(info), disk,
    )  # fmt: skip


def stream_tip(cells: Sequence[str]) -> str:
    """Return the details of a stream, one a line."""
    return "\n".join(f"{column}: {cell}" for column, cell in zip(STREAM_COLUMNS, cells, strict=True))


def on_disk(n_samples: int | None, recorded: bool) -> str:
    """Return how much of a stream is in the file."""
    if not recorded:
        return NOT_RECORDED
    return "–" if n_samples is None else count(n_samples)


def unit_words(info: StreamInfo) -> str:
    """Return the unit of a stream's EEG channels, and whether it is a guess; of other streams those they state."""
    if info.kind == "other":
        units = list(dict.fromkeys(channel.unit for channel in info.channels if channel.unit))
        return ", ".join(units[:_FEW_UNITS]) + (" …" if len(units) > _FEW_UNITS else "") or "–"
    if not info.picks:
        return "–"
    unit = {1.0: "µV", 1e3: "mV", 1e6: "V", 1e-3: "nV"}.get(info.channels[info.picks[0]].scale_uv)
    unit = unit or info.channels[info.picks[0]].unit or "?"
    return unit if info.unit_confirmed else f"{unit}, assumed"


def _clock_words(info: StreamInfo, health: StreamHealth | None) -> str:
    if info.clock == "rebased":
        return "re-based"
    if health is None:
        return "–"
    # Adding zero makes of a negative zero a plain one.
    return f"{round(1000 * health.clock_offset, 1) + 0.0:+.1f} ms".replace("-", "−")


# Labelling: the question and its answers

QUESTIONS = "What does the person show here?"
QUESTION_FELT = "What did you feel here?"
QUESTION_UNSEEN = "No camera: nobody else can see what was felt here. Skip it, or have the person answer."
QUESTION_FELT_UNSEEN = "No camera: only the person can tell. What did you feel here?"
CANNOT_TELL = "cannot tell"
ARTEFACT = "artefact"
NO_FACE = "no face"
SKIP = "skip"
UNSKIP = "unskip"
UNDO = "undo"
REDO = "redo"
SAVE = "keep"
SAVE_TIP = "keep the scales without a class"
CONFIDENCE = "How sure are you?"
CONFIDENCE_STEPS = ("guess", "unsure", "fairly", "sure", "certain")
NOT_SET = "not set"
GRID = "pleasantness and excitement"
MORE = "More"
NOTE = "Note"
NOTE_HINT = "anything worth knowing of this moment"
ANNOTATOR = "Annotator"
ROLE = "Labels as"
ROLES = {"observer": "observer", "expert": "expert", "self": "shown person"}
AUTO_ADVANCE = "Next comes"
ADVANCE = {"itself": "by itself", "enter": "on Enter"}
ORDER = "Which next"
ORDERS = {
    "mixed": "mixed",
    "score": "least sure",
    "time": "in order",
    "random": "at random",
    "markers": "near markers",
}
ORDER_TEXT = "another order of the moments"
SEVERAL = "Several classes"
MIXTURE = "mixture"
MIXTURE_TEXT = "a mixture: each press adds a share, ↵ keeps"
BEGINS_TEXT = "the moment begins where the playback is"
ENDS_TEXT = "the moment ends where the playback is"
SPLIT_TEXT = "split the moment in two where the playback is"
JOIN_TEXT = "make the parts of a split moment one again"
BOUNDS = "Moment"
BOUNDS_ACTS = (
    ("begins", "begins", BEGINS_TEXT),
    ("ends", "ends", ENDS_TEXT),
    ("split", "split", SPLIT_TEXT),
    ("join", "join", JOIN_TEXT),
)
"""(act, word, what it does)."""
SPLIT_DONE = "Split in two; this is the first part."
JOINED = "The parts are one moment again."
NOT_SPLIT = "This moment was not split."
PART_ANSWERED = "A part of the moment is answered: take that answer back first."
TOO_SHORT = "That would be too short to see anything: half a second at least."
EEG_FIGURES = "EEG by itself"
EEG_FIGURES_BUTTON = "EEG"
EEG_FIGURES_TEXT = "spectrum and band powers"
SPECTRUM = "Spectrum: each electrode, and their median"
FREQUENCY = "Hz"
DENSITY = "µV² / Hz"
MINUTES = "minutes"
ASYMMETRY = "Alpha asymmetry"
ASYMMETRY_UNIT = "ln right − ln left"
DRIFT = "Power against the person's own past"
DRIFT_UNIT = "dB"
TEACH = "Teach"
TEACH_TEXT = "learn what holds from all sessions of this person"
SWAP_TEXT = "use what was learnt, or go back"
USE_LEARNT = "Use it"
GO_BACK = "Go back"
CANCEL = "Cancel"
CLOSE = "Close"
CLOSE_TEXT = "close the window"
CANCELLING = "Teaching is being stopped."
TEACHING_CANCELLED = "Teaching was stopped. The model is what it was."
NOT_IN_A_STUDY = "This is no session of a study, so there is nothing to teach from."
NOBODY_TO_TEACH = "There is nobody to learn from yet."
DONE = "Done"
DONE_TEXT = "close: every answer is on disk"
STOP = "Stop"
STOP_TEXT = "end the session"
KEEP_GOING = "Keep going"
MARK_TEXT = "mark the last seconds (or drag)"
NOTHING_TO_MARK = "There is nothing to mark yet: no data have come."

DECIDING = "where annotators disagree"
QUESTION_ADJUDICATE = "Which answer holds? Both stay; yours decides."


def said_by(answers: Sequence[tuple[str, str, float]]) -> str:
    """Return who said what of a moment, and how sure they were, 0 to 1, NaN where they did not say."""
    words = (f"{who}: {said or 'scales alone'}" + _sure(confidence) for who, said, confidence in answers)
    return " · ".join(words)


def _sure(confidence: float) -> str:
    if not math.isfinite(confidence):
        return ""
    return f" ({CONFIDENCE_STEPS[round(confidence * (len(CONFIDENCE_STEPS) - 1))]})"


def agreement_line(asked: str, alpha: float, annotators: int, moments: int) -> str:
    """Return how far annotators agree on one thing."""
    return f"{asked}: Krippendorff's alpha {_figure(alpha)} ({annotators} annotators, {moments} moments)"


def pair_line(first: str, second: str, kappa: float, same: int, moments: int) -> str:
    """Return how far two annotators agree on the class."""
    return f"{first} and {second}: Cohen's kappa {_figure(kappa)}, the same in {same} of {moments}"


def conflict_line(
    participant: str, times: tuple[float, float], told: Sequence[tuple[str, str]], decided: tuple[str, str] | None
) -> str:
    """Return who said what of a moment, s, and what was decided."""
    words = ", ".join(f"{who} {said}" for who, said in told)
    end = f"; {decided[0]} decided {decided[1]}" if decided is not None else ""
    return f"{participant} {times[0]:.2f} to {times[1]:.2f} s: {words}{end}"


def merged(answers: int, samples: int, there: int, path: object) -> str:
    """Return what came of merging label files."""
    added = f"{many(answers, 'answer')} and {many(samples, 'sample')} of ratings"
    return f"{path}: {added} added, {there} already there."


def imported(new: int, known: int, lost: int, path: object) -> str:
    """Return what came of answers of another tool."""
    unread = f" Left out, without times or class, or with a number outside of its scale: {lost}." if lost else ""
    return f"{path}: {many(new, 'answer')} added, {known} already there.{unread}"


def many(number: int, what: str) -> str:
    """Return how many of something there are, in words."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def before_the_video(n: int, n_all: int) -> str:
    """Return that ELAN cannot hold some answers."""
    return (
        f"{n} of {n_all} answers end before the video begins, where ELAN has no time, and are not in it. "
        "They stay in the recording."
    )


def nothing_to_adjudicate(n_decided: int) -> str:
    """Return that annotators do not disagree about anything that is not decided."""
    done = f" {n_decided} are decided already." if n_decided else ""
    return f"There is no moment to which two annotators gave different answers.{done}"


def _figure(value: float) -> str:
    return f"{value:.3f}" if math.isfinite(value) else "cannot be told"


# Labelling: the moment, and what is said round it


def label_button(n_waiting: int) -> str:
    """Return what stands on the way to the questions."""
    return f"{LABELLING} ({n_waiting})" if n_waiting else LABELLING


PLAYBACK = "the moment that is asked about"
PAUSED = "paused"
NO_CLIP = "No picture or EEG was kept of this moment."
NO_PICTURE = "No picture was kept of this moment."
CLIP_LOST = {
    "some pictures": "Memory is full: every third picture is left. A recording shows them all later.",
    "pictures": "Memory is full: no picture is left. A recording shows them later.",
    "all": "Memory is full: nothing of this moment is left. A recording shows it later.",
    "reading": "Being read from the recording.",
}
"""What a moment lacks."""
PICTURES_COME = "Its pictures are being read, a second at most. Answer once they are there."
NOTHING_TO_LABEL = "Nothing to label right now.\n\nInsula asks here when it is unsure of a moment."
READING = "The recording is being read.\n\nWhat is worth asking comes here meanwhile."
ALL_ANSWERED = (
    "Nothing more to label.\n\nEvery answer is on disk; the window can be closed.\n"
    "Teach, on the study's screen, learns from the answers."
)
KEEPING = "Writing to disk …"


def clip_note(scale_uv: float, n_shown: int, n_chans: int) -> str:
    """Return how the EEG of a moment is drawn."""
    shown = f"{n_shown} of {n_chans} channels · " if n_shown < n_chans else ""
    return f"{shown}{scale_uv:g} µV a step"


def stop_question(participant: str, seconds: float) -> str:
    """Ask whether a recording is to end."""
    return f"Stop recording {participant} ({clock(seconds)})?" if participant else f"Stop recording ({clock(seconds)})?"


def marked(seconds: float) -> str:
    """Return that a person's mark is kept, and of how long a stretch it is."""
    return f"{seconds:.1f} s are marked, to be labelled next or later."


def trimmed(seconds: float) -> str:
    """Return how long the moment is that is asked about now."""
    return f"{seconds:.1f} s are asked about now, and are what the answer is of."


def label_late(seconds: float) -> str:
    """Return that an answer has not reached the disk."""
    return f"No word that your answer is on disk, for {seconds:.0f} s. Check the recording, then answer again."


def label_of(answer: str, label: str, shares: Sequence[tuple[str, float]] = ()) -> str:
    """Return what was answered last."""
    if answer == "skip":
        return "Skipped"
    if shares:
        return f"Kept: {', '.join(f'{name} {share:.0%}' for name, share in shares)}"
    return f"Kept: {label or ('scales alone' if answer == 'label' else answer)}"


def label_not_kept(error: str) -> str:
    """Return that an answer is not on disk yet, and that it is not lost."""
    return f"{error} Your answer waits in memory and is written as soon as that works."


def labels_left_over(count: int, path: object) -> str:
    """Return where the answers are that never came onto their disk."""
    return f"{count} answers could not be written to the session. They are in {path}: keep that file."


def label_not_recorded(answer: str, label: str, _: Sequence[tuple[str, float]] = ()) -> str:
    """Return what was answered last where nothing is kept."""
    return f"Not recorded: {label or answer}. This run keeps nothing"


def waiting(n_waiting: int, n_done: int, n_others: int, n_skipped: int, seconds_left: float) -> str:
    """Return how many segments are worth asking, how many are answered and by whom, and how long the rest takes."""
    parts = [f"{n_waiting} worth asking", f"{n_done} answered" + (" by you" if n_others else "")]
    parts += [f"{n_others} by others"] if n_others else []
    parts += [f"{n_skipped} skipped"] if n_skipped else []
    if n_waiting and math.isfinite(seconds_left):
        parts.append(f"{max(1.0, seconds_left / 60):.0f} min left")
    return " · ".join(parts)


def asked_because(why: str) -> str:
    """Return why a segment is asked, told only after the answer or outside blind mode."""
    return f"Asked because: {why}"


def model_said(label: str, members: Sequence[str]) -> str:
    """Return what the model thought of a segment."""
    if not label:
        return "The model makes no statement here."
    others = [name for name in members if name != label]
    if len(others) > 3:
        return f"The model says {label}, or any of {len(others)} others."
    return f"The model says {label}" + (f", or {', '.join(others)}." if others else ".")


# Labelling: continuous ratings

RATE = "Rate while it plays"
RATE_STOP = "stop rating"
RATE_SOURCES = ("this moment", "all that plays")
RATE_HELP = "Keep the mouse in the field, or use ↑ and ↓. Every sample is kept as it is given."
RATE_JOYSTICK = "The joystick moves the mark."


def rated(seconds: float, n_kept: int) -> str:
    """Return how much has been rated and is on disk."""
    return f"{clock(seconds)} rated, {n_kept} samples on disk"


# A recording that is replayed

BACK = "10 s back"
ON = "10 s on"
PAUSE = "pause"
SLOW_DOWN = "slower"
SPEED_UP = "faster"
UNSURE = "unsure"
GAP = "gap"
LABELLED = "label"
SAVE_VIEW_BUTTON = "save view"
SAVE_NUMBERS_BUTTON = "save numbers"
SAVE_VIEW_TITLE = "Save the view"
SAVE_NUMBERS_TITLE = "Save the predictions: those of the recording, and those made here"


def replay_speed(speed: float) -> str:
    """Return how fast a recording is played."""
    return "as fast as it goes" if math.isinf(speed) else f"{speed:g} ×"


def replay_note(
    elapsed: float, whole: float, speed: float, paused: bool, recorded: bool, since: float = math.nan
) -> str:
    """Return where one is in a recording, how fast it goes, and whose predictions are drawn over all of it.

    `since` is from when on it has been predicted anew, NaN if nothing was left out.
    """
    pace = "paused" if paused else replay_speed(speed)
    whose = "the line shows what was predicted live" if recorded else "the line fills as it is predicted"
    anew = "" if math.isnan(since) else f" · predicted anew from {clock(since)}"
    return f"{clock(elapsed)} of {clock(whole)} · {pace}{anew} · {whose}"


# The keys, as their sheet explains them

KEYS_TITLE = "Keys"
KEYS_CLOSE = "Esc or ? closes this sheet."
KEYS_MORE = "? shows the others, Esc closes this sheet."
GROUP_CLASSES = "Classes"
GROUP_LABEL = "Labelling"
GROUP_PLAY = "The moment"
GROUP_VIEW = "View"
GROUP_REPLAY = "The session"
SKIP_TEXT = "skip this moment"
UNSKIP_TEXT = "bring back what was skipped last"
UNDO_TEXT = "take the last answer or skip back"
REDO_TEXT = "give the answer again that was taken back"
SAVE_TEXT = "keep the scales alone; or go on"
VALENCE_DOWN = "valence: less pleasant"
VALENCE_UP = "valence: more pleasant"
AROUSAL_UP = "arousal: more excited"
AROUSAL_DOWN = "arousal: calmer"
CONFIDENCE_TEXT = "how sure you are, from guess to certain"
NOTE_TEXT = "write a note; Enter or Esc leaves it"
MORE_TEXT = "note, annotator, and what is rarely needed"
RATE_TEXT = "rate valence or arousal while it plays"
PLAY_TEXT = "stop the moment, or play it again"
FRAME_BACK_TEXT = "one picture back"
FRAME_ON_TEXT = "one picture on"
SLOWER_TEXT = "slower, down to half the speed"
FASTER_TEXT = "faster, up to double the speed"
ONLY_FACE_TEXT = "only the face, and back to both"
ONLY_EEG_TEXT = "only the EEG, and back to both"
BLIND_TEXT = "hide the model's view until you answer"
BACK_TEXT = "10 seconds back"
ON_TEXT = "10 seconds on"
FAR_BACK_TEXT = "a minute back"
FAR_ON_TEXT = "a minute on"
PAUSE_TEXT = "stand still, go on"
SLOW_DOWN_TEXT = "slower"
SPEED_UP_TEXT = "faster"
NEXT_UNSURE_TEXT = "next unsure moment"
LAST_UNSURE_TEXT = "unsure moment before"
NEXT_GAP_TEXT = "next gap"
LAST_GAP_TEXT = "gap before"
NEXT_LABEL_TEXT = "next label"
LAST_LABEL_TEXT = "label before"
SAVE_VIEW_TEXT = "save the view: PNG or SVG"
SAVE_NUMBERS_TEXT = "save the numbers: TSV"
ZEN_TEXT = "labelling alone, and back to all"
LARGER = "draw the traces larger"
SMALLER = "draw the traces smaller"
SHORTER = "show fewer seconds"
LONGER = "show more seconds"
EARLIER_CHANNELS = "earlier channels"
LATER_CHANNELS = "later channels"
MORE_CHANNELS = "more channels at once"
FEWER_CHANNELS = "fewer channels, further apart"
SENSORS_TEXT = "the next other streams, or none"
SWEEP_TEXT = "sweep or scroll the traces"
EEG_ALONE_TEXT = "the EEG large, and back to all"
LANDMARKS_TEXT = "dots on the face"
STREAMS_TEXT = "details of the streams, or their summary"
NEUTRAL_TEXT = "ask for the neutral face, anew"
PRIVATE_TEXT = "hide or show the person's picture"
THEME_TEXT = "light or dark"
KEYS_TEXT = "show these keys"
FULL_SCREEN_TEXT = "full screen and back"
ESCAPE_TEXT = "close this sheet, leave full screen"

# The first screen

START_TITLE = "New session"
START_SUBTITLE = "Insula reads affect live from EEG and face. For research."
START_SESSION = "Session"
START_STUDY = "Study folder"
START_CHOOSE = "Choose …"
START_PARTICIPANT = "Participant"
START_SESSION_NAME = "Session"
START_TASK = "Task"
START_ACQUISITION = "Acquisition (optional)"
START_EXAMPLES = {"participant": "P001", "session": "01", "task": "film", "acquisition": "dry"}
START_LABELLER = "Who labels"
START_ANNOTATOR = "Name"
START_CLASSES = "Own classes, if the model's are not what is asked"
START_CLASSES_HINT = "calm, stressed, bored"
START_SCALES = "Own scales"
START_SCALES_HINT = "stress 1 to 7, effort 0 to 10"
START_ROLES = {"observer": "observer", "self": "the participant", "expert": "expert"}
START_CONSENTS = {
    "record_eeg": ("EEG is recorded", ""),
    "record_video": ("The face is filmed", ""),
    "keep_video": ("The picture is kept", "else only what was read from the face"),
    "share": ("The data is shared with other researchers", ""),
    "train": ("Models may learn from the data", ""),
}
START_EEG = "EEG"
START_WITHOUT_EEG = "Without EEG"
START_NO_STREAM_FOUND = "No EEG yet. Turn on the headset and its LSL app; it shows up here by itself."
START_ONLY_SIMULATED = "This EEG is simulated. Choose it for a try-out, or turn on the headset and its LSL app."
START_LISTENING = "Listening …"
START_GONE = "gone; turn it on again"
START_CHANNELS = "Channels and unit …  F4"
START_FACE = "Face"
START_WITHOUT_FACE = "Without a camera"
START_NO_CAMERA_FOUND = "No camera yet. Plug one in; it shows up here by itself."
START_LOOKING = "Looking …"
START_MARKERS = "Other streams to record: markers, sensors"
START_MARKERS_AWAITED = "not there yet; recorded from when its program is started"
PEOPLE_TITLE = "Several participants"
PEOPLE_TIP = "Who wears which stream, where there are several participants"
PEOPLE_TEXT = (
    "Two to four people, each with a name of letters and digits. Nothing is guessed from the order of finding."
)
PEOPLE_NO_CAMERA = "no camera"
PEOPLE_NOBODY = "nobody alone"
PEOPLE_KEEP = "Keep"
START_MODEL = "Model"
START_SHIPPED = "The one that comes with Insula"
START_OTHER_MODEL = "Another file …"
START_NETWORK = "LSL"
START_THIS_MACHINE = "This machine only"
START_THIS_MACHINE_NOTE = "else headsets on the local network are found too"
START_PUBLISH = "Send predictions out"
START_PUBLISH_NOTE = "for programs that react to them"
START_BACK = "Back"
START_BACK_TIP = "leave without a session; nothing was made"
START_GO = "Start recording"
START_WATCH = "Only look"
START_WATCH_TIP = "The same session without a recording: nothing is kept."
START_SIMULATED = "Simulated participant"
START_SIMULATED_TIP = "A session with a simulated participant: no headset, no camera, nobody's data."
OPENING_MODEL = "loading the model"
OPENING_STREAMS = "waiting for what they send"
START_READY = "All is ready."
START_DOUBT = "Ready. What the channels or their unit are is a guess, though: settle it with F4 first."
START_NO_STUDY = "Choose the folder that holds the study's recordings."
START_NO_EEG = "Choose an EEG stream, or go on without EEG."
START_NOTHING = "Without EEG and without a camera there is nothing to read. Choose one of them."
START_EEG_NOT_AGREED = "Nobody has said yet that EEG may be recorded: tick it, or choose to go on without EEG."
START_FACE_NOT_AGREED = "Nobody has said yet that the face may be filmed: tick it, or choose to go on without a camera."
START_STREAM_GONE = "The EEG stream that is chosen is not there any more. Turn it on again, or choose another."


def start_agreed(participant: str) -> str:
    """Return the title of what a participant has agreed to."""
    return f"What {participant} has agreed to" if participant else "What the participant has agreed to"


def start_empty(name: str) -> str:
    """Return that a name is missing."""
    return f"Give the {name} a name of letters and digits, such as {START_EXAMPLES[name]}."


def start_letters(name: str, value: str) -> str:
    """Return that BIDS does not take a name."""
    return f"{name.capitalize()} {value!r}: BIDS wants letters and digits alone, such as {START_EXAMPLES[name]}."


def start_is_file(path: str) -> str:
    """Return that the study cannot lie in a file."""
    return f"{path} is a file. Choose a folder."


def start_not_writable(path: str) -> str:
    """Return that a folder cannot be written."""
    return f"{path} cannot be written by you. Choose another folder, or change its rights."


def start_unusable(path: str, why: str) -> str:
    """Return that a folder cannot be used."""
    return f"{path} cannot be used: {why}. Choose another folder."


def start_place(stem: str, run: int) -> str:
    """Return what the files will be called, and that nothing is overwritten; in one line, for which there is room."""
    if not stem:
        return ""
    if run == 1:
        return stem
    return f"{stem}, run 1 stays" if run == 2 else f"{stem}, runs 1 to {run - 1} stay"


def start_room(free_bytes: int, per_second: float) -> str:
    """Return how much room the disk has, and for about how long."""
    hours = free_bytes / per_second / 3600
    for_long = "days" if hours > 48 else f"about {hours:.0f} h" if hours >= 2 else f"about {60 * hours:.0f} min"
    return f"{size(free_bytes)} free: room for {for_long} of recording."


def start_low(free_bytes: int, per_second: float) -> str:
    """Return that the disk is nearly full."""
    return f"The disk is nearly full. {start_room(free_bytes, per_second)} Free some space first, or choose another."


def start_stream(n_chans: int, sfreq: float, of_type: str, hostname: str) -> str:
    """Return what a stream announces of itself."""
    rate = f"{sfreq:g} Hz" if sfreq else "no rate declared"
    kind = "" if of_type.lower() == "eeg" else f" · type {of_type!r}"
    return f"{n_chans} channels · {rate}{kind} · on {hostname or 'an unknown machine'}"


def start_simulated(words: str) -> str:
    """Return what a stream announces, and that it is nobody's."""
    return f"{SIMULATED} · {words}"


def start_markers(of_type: str, hostname: str) -> str:
    """Return what a stream of markers announces of itself."""
    kind = "markers" if of_type.lower() == "markers" else f"markers, type {of_type!r}"
    return f"{kind} · on {hostname or 'an unknown machine'}"


def start_other(of_type: str, n_chans: int, sfreq: float, hostname: str) -> str:
    """Return what a stream of any other kind announces of itself."""
    rate = f"{sfreq:g} Hz" if sfreq else "irregular"
    parts = (of_type or "no type", f"{n_chans} channel{'s' if n_chans > 1 else ''}", rate)
    return f"{' · '.join(parts)} · on {hostname or 'an unknown machine'}"


def people_button(names: Sequence[str]) -> str:
    """Return what stands on the button that asks who wears what."""
    return ", ".join(names) if len(names) > 1 else "Several people"


def person_number(number: int) -> str:
    """Return what stands in the empty field of a participant's name."""
    return f"person {number}"


def person_wears(what: str, number: int) -> str:
    """Return what a screen reader calls the choice of what a participant wears."""
    return f"{what} of person {number}"


def whose(stream: str) -> str:
    """Return what a screen reader calls the choice of who wears a stream."""
    return f"{stream} is worn by"


def person_eeg(name: str, found: FoundStream) -> str:
    """Return how an EEG stream stands in a list."""
    return f"{found.name if found.name == name else f'{found.name} ({name})'} · {found.n_chans} channels"


def not_there_yet(name: str) -> str:
    """Return how a stream or camera stands in a list that is not there."""
    return f"{name} · not there yet"


def worn_by(words: str, name: str) -> str:
    """Return what a stream announces of itself, and who wears it."""
    return f"worn by {name} · {words}" if name else words


def wears(person: ParticipantConfig) -> str:
    """Return what a participant wears, in a line."""
    parts = [person.eeg if person.eeg != "none" else "no EEG"]
    parts.append(f"camera {person.camera}" if person.camera != "none" else "no camera")
    return f"{person.name}: {', '.join(parts)}"


def start_heard(info: StreamInfo, health: StreamHealth | None) -> str:
    """Return what is heard of the stream that is chosen."""
    rate = f"{health.effective_sfreq:.1f} of {info.sfreq:g} Hz" if health is not None else f"{info.sfreq:g} Hz"
    return f"{len(info.picks)} electrodes · {rate} · {unit_words(info)}"


def start_camera(number: str, name: str) -> tuple[str, str]:
    """Return what a camera is called, and what more there is to say."""
    return (name or f"Camera {number}", f"camera {number}" if name else "")


def start_camera_gone(camera: str) -> str:
    """Return that the camera that is chosen is not there."""
    return f"Camera {camera} is not there. Plug it in, choose another, or go on without a camera."


def start_fault(text: str, log: str = "") -> str:
    """Return that the first screen itself has a fault, and in which file the details are."""
    said = f"Error in this window: {text.rstrip('.')}. Nothing was begun; what stands here still holds."
    return f"{said} Details are in {log}" if log else said


def start_opening(names: Sequence[str], stage: str = "") -> str:
    """Return that the session is being opened, and what is done now."""
    listed = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names) or "the session"
    return f"Opening {listed}{': ' if stage else ''}{stage} …"


def titled(method: str) -> str:
    """Return the title of a session's window, with the method of the model that reads where it has a name."""
    return f"{TITLE} · {by_method(method)}" if method else TITLE


def by_method(method: str) -> str:
    """Return the name of how a model fuses and was taught, in words; nothing where it has none."""
    return f"method {method}" if method else ""


def taught(simulated: bool, population: bool, participants: Sequence[str], training_data: str) -> str:
    """Return whom a model's EEG student knows."""
    if population:
        return f"Its EEG student is held to be fit for anyone. Taught on {training_data}."
    if participants:
        return f"Its EEG student knows {', '.join(participants)}. Anyone else is read from the face alone."
    if simulated:
        return "Its EEG student knows simulated participants alone: a real person is read from the face, until taught."
    return "Its EEG student has learnt from nobody: a person is read from the face alone."


# The dialog for a headset's channels and unit

UNIT_NAMES = {"uV": "microvolts", "mV": "millivolts", "V": "volts", "nV": "nanovolts"}
CHANNELS_HOW = (
    "Say which electrode each channel is. Ask the person to blink: Fp1 and Fp2 jump. With eyes closed, alpha is "
    "largest at O1 and O2."
)
CHANNELS_UNIT = "Unit"
CHANNELS_MAP = "On the head"
CHANNELS_SIGNAL = "Signal"
CHANNELS_FILL = "Fill in"
CHANNELS_WAYS = {
    "remembered": "as remembered",
    "labels": "as the device labels them",
    "usual": "as this device is usually worn",
    "order": "in the order of the 10-20 system",
    "none": "nothing",
}
CHANNELS_NOT = "no electrode"
CHANNELS_UNNAMED = (
    "No electrode is named. Name those that you know, or fill them in above; where nobody knows, confirm once more."
)
CHANNELS_KEEP = "Confirm and remember"
CHANNELS_CANCEL = "Cancel"
CHANNELS_LIKELY = "most like EEG"


def doubt(n_electrodes: int, n_unknown: int, guessed: bool, unit: str) -> str:
    """Return what is doubtful of a stream's channels and unit, ``""`` if nothing is."""
    said = []
    if n_unknown:
        all_of_them = n_unknown == n_electrodes
        which = "No electrode has a name" if all_of_them else f"{n_unknown} of {n_electrodes} electrodes have no name"
        said.append(f"{which} that says where it sits.")
    if guessed:
        said.append("The names of its electrodes are a guess.")
    if unit:
        said.append(f"Its unit, {UNIT_NAMES[unit]}, is a guess.")
    return " ".join(said)


def unit_means(amplitude_uv: float, alpha_uv: float, like_eeg: bool) -> str:
    """Return what a unit would make of the signal."""
    verdict = "as EEG is" if like_eeg else "far too large for EEG" if amplitude_uv > 500 else "far too small for EEG"
    alpha = f", alpha {voltage(alpha_uv)}" if math.isfinite(alpha_uv) else ""
    return f"typical {voltage(amplitude_uv)}{alpha}: {verdict}" if amplitude_uv else "nothing moves, so it cannot tell"


def channels_of(name: str) -> str:
    """Return the title of the dialog for a device's channels."""
    return f"Channels and unit of {name}"


def no_electrode(name: str) -> str:
    """Return that a name is no electrode's."""
    return f"{name!r} is no electrode of the 10-05 system. Names look like Fp1, Cz, PO7."


def twice(name: str) -> str:
    """Return that an electrode was named twice."""
    return f"{name} is there twice. Each electrode has one place."


def not_remembered(why: str) -> str:
    """Return that the answer could not be kept."""
    return f"It cannot be remembered: {why}. Set INSULA_CONFIG_DIR to a folder that can be written, and start again."


def looks(scope: str) -> str:
    """Return where streams are looked for."""
    if scope == "machine":
        return "Streams are looked for on this machine alone"
    network = "this machine and its local network" if scope == "link" else f"this machine and networks ({scope})"
    return f"Streams are looked for on {network}"


def sends(publish: bool) -> str:
    """Return who can read what is predicted."""
    if publish:
        return "Predictions go out on LSL: whoever reaches this machine can read them, LSL knows no password"
    return "Nothing goes out on LSL"
