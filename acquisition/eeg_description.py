"""What an EEG stream is: one description, made here whatever door it came by, LSL, XDF or a file of another kind."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
import pylsl
from pylsl.lib import lib

from acquisition.devices import Device, channel_table
from acquisition.eeg_unit import settle_unit
from acquisition.lsl_found import fits
from acquisition.lsl_rate import usual_rate
from core.config import EegConfig
from core.data import Array, Channel, Kind
from core.errors import ConfigError

__all__ = ["EegDescription", "describe_eeg", "is_meant", "likeliest_eeg", "what_is_asked"]

_Stream = TypeVar("_Stream")
_KEYS = ("name", "source_id", "hostname")
_from_xml = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_char_p)(("lsl_streaminfo_from_xml", lib))
"""liblsl has it; pylsl does not pass it on."""


@dataclass(frozen=True, slots=True)
class EegDescription:
    """What was made of a stream's own words and its first samples."""

    channels: tuple[Channel, ...]
    sfreq: float
    """The rate it declares, Hz, or where it declares none the one that its stamps show."""
    unit_confirmed: bool
    notices: tuple[tuple[Literal["info", "unit", "rate"], str], ...]
    """What a person should know of it, by kind."""


def describe_eeg(
    device: Device, config: EegConfig, sfreq: float, stamps: Array, samples: Array, keep: bool = False
) -> EegDescription:
    """Return what an EEG stream is: which of its channels are EEG, in which unit, at which rate.

    Parameters
    ----------
    device : Device
        Its own words.
    config : EegConfig
    sfreq : float
        The rate that it declares, Hz; 0 for none.
    stamps : array of shape (n_times,), s
    samples : array of shape (n_times, n_chans)
        A second or more from its beginning, in its own unit.
    keep : bool
        Keep a suggestion for channels without names in the file of the device.
    """
    table = channel_table(device, config.unit, keep)
    channels, confirmed, doubt = settle_unit(table, np.asarray(samples, dtype=np.float64))
    notices: list[tuple[Literal["info", "unit", "rate"], str]] = [("info", text) for text in table.notices]
    if doubt:
        notices.append(("unit", doubt))
    rate = sfreq or usual_rate(stamps)
    if rate != sfreq:
        notices.append(("rate", f"{device.name} declares no rate. Its stamps show {rate:g} Hz, which is taken."))
    return EegDescription(channels, rate, confirmed, tuple(notices))


def is_meant(config: EegConfig, device: Device, xml: str) -> bool:
    """Return whether a recorded stream is one that `config` would take from LSL; `xml` is its ``<info>`` document."""
    if config.predicate:
        return _fits(config.predicate, xml)
    asked = all(getattr(config, key) in ("", getattr(device, key)) for key in _KEYS)
    # A device that is named may have any type: Unicorn gives Data, OpenViBE signal, MNE-LSL's player none.
    return asked and (bool(config.name or config.source_id) or device.type.lower() == "eeg")


def likeliest_eeg(streams: Iterable[_Stream], kind_of: Callable[[_Stream], Kind]) -> list[_Stream]:
    """Return those of several streams that fit which are meant: muselsl and Neurosity give all of theirs one id."""
    by_kind: dict[str, list[_Stream]] = {}
    for stream in streams:
        by_kind.setdefault(kind_of(stream), []).append(stream)
    return by_kind.get("eeg") or by_kind.get("other") or [each for some in by_kind.values() for each in some]


def what_is_asked(config: EegConfig) -> str:
    """Return in words which stream `config` names, ``""`` if any will do."""
    asked = [f"{key} {value!r}" for key in ("predicate", *_KEYS) if (value := getattr(config, key))]
    return " and ".join(asked)


def _fits(predicate: str, xml: str) -> bool:
    """Return whether a recorded stream fits an LSL predicate, as liblsl itself would say."""
    info = pylsl.StreamInfo(handle=_from_xml(_with_ports(xml).encode()))
    if info.name().startswith("(invalid"):
        raise ConfigError(
            "eeg.predicate cannot be held against a recorded stream whose header liblsl does not read. Set eeg.name, "
            "eeg.source_id or eeg.hostname instead."
        )
    return fits(info, predicate)


def _with_ports(xml: str) -> str:
    """Return the document with the addresses that liblsl wants in one, and other recorders leave out."""
    numbers = ("created_at", "v4data_port", "v4service_port", "v6data_port", "v6service_port")
    missing = [f"<{name}>0</{name}>" for name in numbers if f"<{name}" not in xml]
    missing += [f"<{name} />" for name in ("v4address", "v6address", "uid", "session_id") if f"<{name}" not in xml]
    return xml.replace("<desc", "".join(missing) + "<desc", 1) if "<desc" in xml else xml
