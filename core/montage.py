"""What the labels of a headset's channels mean: canonical 10-05 names, 3-D positions, kinds of channel."""

from __future__ import annotations

import re
from functools import cache

import numpy as np

from core.assets import asset_path
from core.data import Array, ChannelKind, StreamInfo
from core.units import guess_unit, scale_to_uv

__all__ = [
    "canonical_name", "canonical_names", "channel_kind", "guess_unit", "places", "position", "positions",
    "says_eeg", "scale_to_uv",
]  # fmt: skip

_RENAMED = {"T3": "T7", "T4": "T8", "T5": "P7", "T6": "P8"}
_EARS = frozenset({"A1", "A2", "M1", "M2"})
_PREFIX = re.compile(r"^eeg[\s_.:-]*", re.IGNORECASE)
_REFERENCE = re.compile(
    r"[\s_:-]+(ref|reference|le|re|ler|a1|a2|a1a2|a1\+a2|m1|m2|m1m2|av|avg|avr|car|linked)$", re.IGNORECASE
)
_APART = re.compile(r"^([a-z]{1,3})\s+(\d{1,2}|z)$", re.IGNORECASE)


@cache
def template() -> dict[str, tuple[float, float, float]]:
    """Return every 10-05 electrode: name -> (x, y, z), m, MNE head coordinates (x right, y front, z up)."""
    rows = (
        line.split("\t")
        for line in asset_path("montage/standard_1005.tsv").read_text(encoding="utf-8").splitlines()[1:]
    )
    return {name: (float(x), float(y), float(z)) for name, x, y, z in rows}


@cache
def _by_lower_case() -> dict[str, str]:
    return {name.lower(): _RENAMED.get(name, name) for name in template()}


def canonical_name(label: str) -> str | None:
    """Return the 10-05 name that `label` means, None if it names no electrode.

    Understands any case, ``EEG Fp1-REF``, ``Fc5.``, ``Fp 2``, ``C3-A2`` and the old T3, T4, T5, T6. A channel between
    the two ears (``A2-A1``) and a bipolar derivation (``Fp1-F3``) are no electrodes.
    """
    plain = _PREFIX.sub("", label.strip()).rstrip(". ")
    electrode = _REFERENCE.sub("", plain).rstrip(". ")
    name = _by_lower_case().get(_APART.sub(r"\1\2", electrode).lower())
    return None if name in _EARS and electrode != plain else name


def canonical_names(labels: tuple[str, ...]) -> tuple[str | None, ...]:
    """Return `canonical_name` of each label, but None for a numbered series that only looks like 10-05.

    ``A1`` is an ear lobe, and the vertex of a BioSemi cap; ``C1`` lies beside Cz, and is the first of ``C1`` to ``C8``
    of an amplifier without a montage. The other members of the series tell them apart.
    """
    names = tuple(canonical_name(label) for label in labels)
    series: dict[str, list[int]] = {}
    for i, label in enumerate(labels):
        if numbered := re.fullmatch(r"([A-Za-z]+)\s*0*([0-9]+)", label.strip()):
            series.setdefault(numbered[1].lower(), []).append(i)
    foreign = {i for members in series.values() if any(names[i] is None for i in members) for i in members}
    return tuple(None if i in foreign else name for i, name in enumerate(names))


def says_eeg(label: str) -> bool:
    """Return whether a label that names no electrode says all the same that it is EEG.

    ``EEG 001`` does, as EDF+ has it, and so does a derivation between two electrodes, ``Fp1-F3``.
    """
    plain = _PREFIX.sub("", label.strip())
    halves = [canonical_name(half) for half in plain.split("-")]
    return plain != label.strip() or (len(halves) == 2 and None not in halves and not _EARS.issuperset(halves))


def position(name: str) -> tuple[float, float, float] | None:
    """Return the position of the electrode `name`, m, MNE head coordinates; None if `name` is no electrode."""
    canonical = canonical_name(name)
    return None if canonical is None else template()[canonical]


def positions(names: tuple[str, ...]) -> Array:
    """Return the positions of `names`, array of shape (n_chans, 3), float32, m; NaN where unknown."""
    unknown = (np.nan, np.nan, np.nan)
    return np.array([position(name) or unknown for name in names], dtype=np.float32).reshape(-1, 3)


def places(info: StreamInfo) -> Array:
    """Return where a stream's electrodes are, as the device says, else where 10-05 has their names.

    Returns
    -------
    places : array of shape (n_chans, 3), float64, m, head coordinates
        NaN where unknown.
    """
    given = [info.channels[k].position for k in info.picks]
    standard = positions(info.ch_names)
    rows = [row if place is None else place for place, row in zip(given, standard, strict=True)]
    return np.array(rows, dtype=np.float64).reshape(-1, 3)


_TYPES: dict[str, ChannelKind] = {
    "eog": "eog", "ecg": "ecg", "ekg": "ecg", "emg": "emg",
    "acc": "acc", "accel": "acc", "accelerometer": "acc", "accelerometry": "acc", "gyro": "gyro", "gyroscope": "gyro",
    "counter": "counter", "trigger": "trigger", "trig": "trigger", "stim": "trigger", "marker": "trigger",
    "markers": "trigger", "timestamp": "timestamp", "time": "timestamp", "quality": "quality", "battery": "quality",
    "impedance": "quality", "aux": "misc", "misc": "misc", "bipolar": "misc", "exg": "misc", "ppg": "misc",
    "optics": "misc", "gsr": "misc", "eda": "misc", "resp": "misc", "temp": "misc", "temperature": "misc",
    "mag": "misc", "magnetometer": "misc", "ref": "misc", "gnd": "misc", "audio": "misc",
    "nirs": "misc", "fnirs": "misc", "erg": "misc", "meg": "misc", "sao2": "misc", "spo2": "misc", "light": "misc",
    "sound": "misc", "event": "trigger", "events": "trigger", "press": "misc", "pulse": "misc", "pos": "misc",
}  # fmt: skip
_NAMES: tuple[tuple[str, ChannelKind], ...] = (
    (r"(sample|packet|pkt|frame)?[\s_]*(counter|count|cnt|number|num|index|idx|nr)|packet|counter\w*", "counter"),
    (r"interpolat\w*|validation\w*([\s_]+\w+)?|batt\w*([\s_]+\w+)?|(cq|eq|hsi|raw_cq)([\s_]+\w+)?", "quality"),
    (r"([\w\s]*[\s_])?(quality|impedance|lead[\s_]?off)([\s_][\w\s]*)?", "quality"),
    (r"trig\w*([\s_]*\w+)?|trg|sti|sti[\s_]?\d+|stim\w*([\s_]?\w+)?|status|din\s?\d*", "trigger"),
    (r"digital([\s_][\w\s]*)?", "trigger"),
    (r"(hardware|software)?[\s_]*(marker|event|annotation)[\w\s]*", "trigger"),
    (r"[\w\s]*time[\s_]*stamps?([\s_][\w\s]*)?|(unix|epoch|lsl|system|sample)?[\s_]*time(:\s*\w+)?", "timestamp"),
    (r"acc(el(erometer|eration)?)?[\s_.-]*([xyz]|\d+)?", "acc"),
    (r"gyr(o(scope)?)?[\s_.-]*([xyz]|\d+)?", "gyro"),
    (r"(v|h|l|r)?eog[\s_+-]*\w*", "eog"),
    (r"[lr]?[vh]eo[lrud]?|[lis]o[12]", "eog"),  # VEO and HEO of Neuroscan; beside, above and below the eyes
    (r"(ecg|ekg)[\s_+-]*\w*", "ecg"),
    (r"\w?emg[\s_+-]*\w*", "emg"),
    (r"([\w\s]*[\s_])?aux([\s_-][\w\s-]*|\d[\w\s-]*)?|e?xg?[\s_]?\d+|bip[\s_]?\d*", "misc"),
    (r"mag(netometer)?[\s_]*[xyz]|q[0-3]|ppg\w*|optics\w*", "misc"),
    (r"gsr\d?|eda|scr|resp\w*|plet\w*|temp(erature)?|erg\d?|light|sound|audio|(lux|ir|red)|gnd|ref(erence)?", "misc"),
    (r"[am][12]\s*-\s*[am][12]", "misc"),
    # What a sleep laboratory records beside the EEG.
    (r"(loc|roc)([\s_:-]*[am][12])?|e[12]\s*[-:]\s*[am][12]", "eog"),
    (r"(chin|leg|tib)[\w\s.-]*", "emg"),
    (r"[\w\s.-]*(flow|effort|snor(e|ing)|thermistor|thermocouple|cannula)([\s_.-][\w\s.-]*)?", "misc"),
    (r"(nasal|thor(ax|acic)?|abdo?(men|minal)?|chest|cpap|etco2|tcco2)([\s_.-][\w\s.-]*)?", "misc"),
    (r"(sync|body|pos(ition)?)([\s_.-][\w\s.-]*)?", "misc"),
    (r"(s[ap]o2|osat|o2[\s_]*sat|pulse|heart|hr|bpm|ptt)([\s_.-][\w\s.-]*)?", "misc"),
)  # fmt: skip
_OTHER_SENSORS = frozenset({"seeg", "ecog", "dbs", "meg", "mag", "grad", "ref_meg", "hbo", "hbr", "fnirs_cw_amplitude"})
"""What is measured in or round the head and is no EEG, whatever its channels are called: a shaft may be named C3."""
_PATTERNS = tuple((re.compile(pattern, re.IGNORECASE), kind) for pattern, kind in _NAMES)
_UNITS: dict[str, ChannelKind] = {
    "g": "acc", "mg": "acc", "m/s^2": "acc", "m/s2": "acc", "m/s²": "acc", "dps": "gyro", "deg/s": "gyro",
    "°/s": "gyro", "rad/s": "gyro", "%": "quality", "percent": "quality", "ohm": "quality", "kohm": "quality",
    "kω": "quality", "s": "timestamp", "seconds": "timestamp", "ms": "timestamp", "mmhg": "misc", "us": "misc",
    "µs": "misc", "siemens": "misc", "bpm": "misc", "1/min": "misc", "l/min": "misc", "lpm": "misc", "cmh2o": "misc",
    "degc": "misc", "deg": "misc", "lux": "misc", "microsiemens": "misc", "c": "misc", "°c": "misc", "celsius": "misc",
}  # fmt: skip


def channel_kind(label: str, lsl_type: str = "", unit: str = "") -> ChannelKind:
    """Return what the channel carries: its own name decides first, then its type, its unit, and EEG if nothing speaks.

    The name comes first because headsets give the type ``EEG`` to counters, markers and AUX inputs alike. An unknown
    label such as ``Ch1`` counts as EEG: OpenBCI says nothing at all of its channels.
    """
    if lsl_type.strip().lower() in _OTHER_SENSORS:
        return "misc"
    electrode = canonical_name(label)
    if electrode is None:
        plain = _PREFIX.sub("", label.strip())
        for pattern, kind in _PATTERNS:
            if pattern.fullmatch(plain):
                return kind
    of_type = _TYPES.get(lsl_type.strip().lower())
    if of_type is None and electrode is None:
        # EDF+ puts the type before the name: Resp oro-nasal, Temp rectal.
        of_type = _TYPES.get(label.strip().partition(" ")[0].lower())
    if of_type is not None and not (of_type == "misc" and electrode):
        return of_type
    return _UNITS.get(unit.strip().lower(), "eeg") if electrode is None else "eeg"
