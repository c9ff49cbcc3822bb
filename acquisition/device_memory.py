"""What is known of devices that do not name their channels: built-in suggestions, and what a person has set."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from acquisition.user_folder import user_folder, write_setting
from core.errors import ConfigError, FileFormatError
from core.reading import json_file
from core.units import scale_to_uv

__all__ = ["Mapping", "recall", "remember", "suggestion"]


@dataclass(frozen=True, slots=True)
class Mapping:
    """Names for the channels of one device, and the unit of its EEG."""

    names: tuple[str, ...]
    """One per channel, in the order of the stream; ``""`` where nothing is known."""
    unit: str = ""
    """``uV``, ``mV``, ``V`` or ``nV`` once a person has set it; ``""``: the stream or the magnitude decides."""
    confirmed: bool = False
    """True once a person has said that the names are right."""


_CYTON = ("Fp1", "Fp2", "C3", "C4", "P7", "P8", "O1", "O2")
_DAISY = (*_CYTON, "F7", "F8", "F3", "F4", "T7", "T8", "P3", "P4")
_ACC, _GYR = ("ACC_X", "ACC_Y", "ACC_Z"), ("GYR_X", "GYR_Y", "GYR_Z")
_UNICORN = ("Fz", "C3", "Cz", "C4", "Pz", "PO7", "Oz", "PO8")
_MUSE = ("TP9", "AF7", "AF8", "TP10")
_CROWN = ("CP3", "C3", "F5", "PO3", "PO4", "F6", "C4", "CP4")


def _brainflow(eeg: tuple[str, ...]) -> tuple[str, ...]:
    """Return the rows of BrainFlow's board data for Cyton and Cyton with Daisy, in its order."""
    other, analog = (f"Other {n}" for n in range(7)), (f"AUX {n}" for n in range(3))
    return ("Package Num", *eeg, *_ACC, *other, *analog, "Timestamp", "Marker")


_KNOWN: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = (
    (r"obci|open.?bci|cyton|daisy|brainflow", (_CYTON, _DAISY, _brainflow(_CYTON), _brainflow(_DAISY))),
    (r"unicorn", (_UNICORN, (*_UNICORN, *_ACC, *_GYR, "Battery", "Counter", "Validation Indicator"))),
    (r"muse", (_MUSE, (*_MUSE, "Right AUX"))),
    (r"crown|neurosity", (_CROWN,)),
)


def suggestion(name: str, source_id: str, n_chans: int) -> Mapping:
    """Return how a known device without labels is usually mounted; a mapping without names if it is not known."""
    for pattern, layouts in _KNOWN:
        if re.search(pattern, f"{name} {source_id}", re.IGNORECASE):
            for names in layouts:
                if len(names) == n_chans:
                    return Mapping(names)
    return Mapping(("",) * n_chans)


_LONGEST = 100
"""Letters of a device's name in the name of its file: no system takes more than 255, and a name may have thousands."""


def path_for(name: str, hostname: str, labels: tuple[str, ...]) -> Path:
    """Return the file that keeps the mapping of one device: known again by name, host and its own labels."""
    known_by = json.dumps([name, hostname, len(labels), labels], ensure_ascii=False)
    plain = re.sub(r"\W+", "-", name, flags=re.ASCII).strip("-")[:_LONGEST] or "device"
    return user_folder() / "devices" / f"{plain}-{hashlib.sha256(known_by.encode()).hexdigest()[:12]}.json"


def recall(name: str, hostname: str, labels: tuple[str, ...]) -> Mapping | None:
    """Return what was remembered of a device, None if nothing was.

    Raises
    ------
    ConfigError
        The file was changed into something that cannot be used.
    """
    path = path_for(name, hostname, labels)
    if not path.is_file():
        return None
    try:
        mapping = json_file(path, Mapping)
    except FileFormatError as error:
        raise ConfigError(f"{error} Mend it, or delete it to start anew.") from error
    if mapping.unit and scale_to_uv(mapping.unit) is None:
        raise ConfigError(f"{path} has the unit {mapping.unit!r}. Set it to uV, mV, V or nV, or to nothing.")
    if len(mapping.names) != len(labels):
        raise ConfigError(f"{path} has {len(mapping.names)} names for {len(labels)} channels. Give each one a name.")
    return mapping


def remember(name: str, hostname: str, labels: tuple[str, ...], mapping: Mapping) -> Path:
    """Keep `mapping` for the device in a file that a person can edit; return its path."""
    path = path_for(name, hostname, labels)
    tree = {"device": name, "host": hostname, "labels": labels, **asdict(mapping)}
    write_setting(path, json.dumps(tree, indent=2, ensure_ascii=False) + "\n")
    return path
