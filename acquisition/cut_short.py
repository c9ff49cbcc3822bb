"""Whether a file that MNE reads holds as many samples as its header promises: MNE does not say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from acquisition.file_parts import named_by_brainvision

__all__ = ["samples_there"]

_WIDTHS = {"short": 2, "single": 4, "int": 4}
"""Bytes of a value of BrainVision, by MNE's word for its format."""
_POINTS = re.compile(rb"^DataPoints\s*=\s*(\d+)", re.MULTILINE)
_MARKER_AT = re.compile(rb"^Mk\d+\s*=[^,\r\n]*,[^,\r\n]*,\s*(\d+)", re.MULTILINE)


def samples_there(path: Path, raw: Any) -> tuple[int, str]:
    """Return how many samples of a file are there, and what to say of those that are missing, ``""`` if none.

    BrainVision promises them in its header, and where that does not count them by the place of the last marker; EEGLAB
    in the ``.set`` that its ``.fdt`` belongs to; GDF by its number of records.

    Parameters
    ----------
    path : Path
    raw : mne.io.BaseRaw
        As MNE has opened it.
    """
    n, suffix = int(raw.n_times), path.suffix.lower()
    if suffix not in (".vhdr", ".set", ".gdf"):
        return n, ""
    file, extras = Path(raw.filenames[0] or path), raw._raw_extras[0]
    if suffix == ".vhdr" and extras["fmt"] in _WIDTHS:
        whole = file.stat().st_size // (_WIDTHS[extras["fmt"]] * int(extras["orig_nchan"]))
        promised = _promised(path) or n
        # Channels that stand one behind the other lose not their ends but the last of them.
        there = whole if extras["order"] == "F" else n
        short = promised - whole
    elif suffix == ".set" and file.suffix.lower() == ".fdt":
        whole = there = min(n, file.stat().st_size // (4 * int(extras["orig_nchan"])))
        short = n - whole
    elif suffix == ".gdf":
        n_records = int(extras["n_records"])
        records = (path.stat().st_size - int(extras["data_offset"])) // int(extras["bytes_tot"])
        whole = there = n if records >= n_records else max(0, records) * (n // n_records)
        short = n - whole
    else:
        return n, ""
    if short <= 0:
        return n, ""
    told, missing_s = whole + short, short / float(raw.info["sfreq"])
    return there, (
        f"{file.name} is cut short: of {told} samples that its header promises {short}, {missing_s:.1f} s, are "
        "missing. Copy it anew from where it was recorded."
    )


def _promised(header: Path) -> int:
    """Return how many samples a BrainVision header or its markers tell of; 0 for none."""
    if found := _POINTS.search(header.read_bytes()):
        return int(found[1])
    try:
        markers = named_by_brainvision(header, "MarkerFile", ".vmrk").read_bytes()
    except (OSError, ValueError):
        return 0
    return max(map(int, _MARKER_AT.findall(markers)), default=0)
