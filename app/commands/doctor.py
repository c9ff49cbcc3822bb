"""``insula doctor``: what this machine has, what it lacks, and how to get it."""

from __future__ import annotations

import argparse
import importlib
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import metadata

from acquisition.lsl_config import configure_lsl
from app.commands.doctor_network import network_checks
from app.commands.doctor_report import report
from app.display import why_no_window
from app.log import newest_log
from app.session.configuration import configuration, settings_for_a_report
from core.assets import asset_path
from core.config import LslConfig
from core.errors import SourceError

_LIBRARIES = ("numpy", "scipy", "torch", "pylsl", "pyxdf", "av", "cv2", "mne", "PyQt6.QtWidgets")


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. `needed` False marks what Insula can do without."""

    name: str
    good: bool
    text: str
    needed: bool = True


def run(args: argparse.Namespace) -> int:
    """Print every check, or the report; raise if something is missing that Insula cannot do without."""
    config = configuration(args)
    configure_lsl(config.lsl)
    if args.report:
        sys.stdout.write(report(map(_in_short, checks()), settings_for_a_report(config), newest_log()))
        return 0
    missing = []
    for check in (*checks(), *network(config.lsl)):
        sys.stdout.write(f"{_mark(check)} {check.name:<10} {check.text}\n")
        if check.needed and not check.good:
            missing.append(check.name)
    if missing:
        raise SourceError(f"missing: {', '.join(missing)}. See above for how to get it.")
    return 0


def network(config: LslConfig) -> Iterator[Check]:
    """Give what is found of LSL and the network; with it Insula could do more."""
    try:
        for name, good, text in network_checks(config):
            yield Check(name, good, text, needed=False)
    except Exception as error:  # whatever goes wrong while looking is the finding
        yield Check("network", False, f"{error!r} while it was looked at", needed=False)


def _mark(check: Check) -> str:
    return "ok  " if check.good else "MISS" if check.needed else "--  "


def _in_short(check: Check) -> str:
    """Return a check for a report: cameras have their owners' names, and errors have paths."""
    known = check.good and check.name in ("python", "liblsl", "GPU", *(name.partition(".")[0] for name in _LIBRARIES))
    return f"{_mark(check)} {check.name:<10} {check.text if known else ''}".rstrip()


def checks() -> Iterator[Check]:
    """Give the checks one by one, the quick ones first."""
    good = (3, 11) <= sys.version_info[:2] <= (3, 13)
    yield Check("python", good, f"{platform.python_version()} on {platform.platform()}; 3.11 to 3.13 are supported")
    for name in _LIBRARIES:
        yield _guarded(name.partition(".")[0], partial(_library, name), needed=True)
    yield _guarded("liblsl", _liblsl, needed=True)
    yield _guarded("model", lambda: str(next(asset_path("models").glob("*.safetensors")).name), needed=True)
    yield _guarded("GPU", _gpu, needed=False)
    yield _display()
    yield _guarded("camera", _cameras, needed=False)
    yield _disk()


def _guarded(name: str, look: Callable[[], str], needed: bool) -> Check:
    try:
        return Check(name, True, look(), needed)
    except Exception as error:  # whatever goes wrong while looking is the finding
        return Check(name, False, _remedy(str(error) or type(error).__name__), needed)


def _remedy(text: str) -> str:
    # Qt says which shared library is missing; the package of the same name has it on Debian.
    if "cannot open shared object file" in text:
        return f"{text}. On Debian: `make run` as root installs it, or see tools/setup.sh for the package"
    if "No module named" in text:
        return f"{text}. Run `make run`, or pip install insula"
    return text


def _library(name: str) -> str:
    module = importlib.import_module(name)
    top = name.partition(".")[0]
    version = getattr(module, "__version__", None) or metadata.version({"cv2": "opencv-python-headless"}.get(top, top))
    return str(version)


def _liblsl() -> str:
    import pylsl

    version = pylsl.library_version()
    return f"{version // 100}.{version % 100}, clock runs at {pylsl.local_clock():.3f} s"


def _gpu() -> str:
    import torch

    if not torch.cuda.is_available():
        raise SourceError("none that PyTorch can use; the live path is made for two CPU cores")
    return str(torch.cuda.get_device_name(0))


def _display() -> Check:
    reason = why_no_window()
    return Check("display", not reason, reason or "a window can be opened", needed=False)


def _cameras() -> str:
    from acquisition.webcam import list_cameras

    found = list_cameras()
    if not found:
        raise SourceError("none found; EEG alone works, and a video file can stand in (face.camera = PATH)")
    return ", ".join(str(camera) for camera in found)


def _disk() -> Check:
    free = shutil.disk_usage(".").free / 1e9
    return Check("disk", free > 1.0, f"{free:.1f} GB free here; a session needs about 1.5 GB an hour with video")
