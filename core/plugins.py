"""Others' code that runs in Insula because it is installed: entry points by group and name, loaded when asked for.

- ``insula.encoders``: of EEG ``(sfreq, n_times) -> module``, of faces ``classes -> module``, of a further modality
  ``() -> module``; `core.models.own_encoders`
- ``insula.features``: ``window -> {name: number}``
- ``insula.queries``: ``prediction -> score``, 0 not worth asking to 1 most; `core.active.query`
- ``insula.datasets``: a published data set; `app.study.datasets.dataset`
- ``insula.sources``: ``.ext``: ``path -> mne.io.BaseRaw``; any other name: ``participant -> Source``
"""

from __future__ import annotations

from importlib import metadata
from typing import Any, Literal

from core.errors import PluginError

__all__ = ["Group", "installed", "load_plugin", "requirement"]

Group = Literal["insula.encoders", "insula.features", "insula.queries", "insula.datasets", "insula.sources"]


def installed(group: Group) -> tuple[str, ...]:
    """Return the names that installed packages give to a group, in alphabetical order."""
    return tuple(sorted({entry.name for entry in metadata.entry_points(group=group)}))


def load_plugin(group: Group, name: str, needed_by: str = "") -> Any:
    """Return what an installed package offers.

    Parameters
    ----------
    group : str
    name : str
    needed_by : str
        Who asks, for the error, such as ``Model mine.safetensors``.

    Raises
    ------
    PluginError
        No package offers it, two do, or it cannot be loaded.
    """
    entry = _entry(group, name, needed_by)
    try:
        return entry.load()
    except Exception as error:  # whatever others' code does when it is imported
        what = f"{group} {name!r} ({entry.value})"
        raise PluginError(f"{what} cannot be loaded: {type(error).__name__}: {error}") from error


def requirement(group: Group, name: str) -> str:
    """Return which package offers it, with its version, such as ``insula-bands 0.1.0``."""
    entry = _entry(group, name, "")
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist is not None else entry.value


def _entry(group: Group, name: str, needed_by: str) -> metadata.EntryPoint:
    found = {entry.value: entry for entry in metadata.entry_points(group=group, name=name)}
    if len(found) == 1:
        return next(iter(found.values()))
    if found:
        raise PluginError(f"{group} {name!r} is offered by {' and '.join(sorted(found))}. Uninstall all but one.")
    who = f"{needed_by} needs" if needed_by else "Asked for is"
    there = ", ".join(installed(group)) or "none"
    raise PluginError(f"{who} {group} {name!r}, which no installed package offers. Installed: {there}.")
