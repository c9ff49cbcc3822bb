"""How far liblsl can see and be seen, decided before it is used the first time.

What was measured between two network namespaces with liblsl 1.18 (`docs/reliability.md`): ResolveScope says where a
program looks, not who may look at it. An outlet listens on all network cards whatever is set. With a ListenAddress it
does not hear who asks the network for streams, so only who tries its ports can still find it.
"""

from __future__ import annotations

import configparser
import contextlib
import io
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pylsl

from acquisition.user_folder import user_folder, write_setting
from core.config import LslConfig
from core.errors import ConfigError

__all__ = ["Reach", "configure_lsl", "is_ours", "keep_to_this_machine", "reach"]

_SCOPES = ("machine", "link", "site", "organization", "global")
_FATAL_ONLY = "-3"
_OURS = "lsl_api-"
_SELF = "127.0.0.1"
_THIS_MACHINE = (
    ("multicast", "ResolveScope", "machine"), ("multicast", "ListenAddress", _SELF),
    ("multicast", "AddressesOverride", None), ("multicast", "TTLOverride", None), ("multicast", "Interfaces", None),
    ("multicast", "MachineAddresses", None), ("lab", "KnownPeers", f"{{{_SELF}}}"), ("ports", "IPv6", "disable"),
)  # fmt: skip
"""What keeps LSL to this machine, whatever else is set. Without IPv6 an outlet takes one of the 32 ports, not two."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far LSL goes, as the file says that is in force."""

    scope: str
    file: Path | None
    """What liblsl reads; None: nothing, it has its own defaults."""
    own: Path | None
    """The person's own file that it was made from, or is; None without one."""
    session_id: str
    known_peers: str
    n_ports: int
    """Ports at which the streams of one machine are found."""
    ipv6: bool
    rules: tuple[str, ...]
    """What else of the person's own says where is looked, ``key = value``."""

    @property
    def is_this_machine(self) -> bool:
        """Whether nothing on the network is looked for."""
        peers = {peer.strip() for peer in self.known_peers.strip("{} ").split(",")}
        return self.scope == "machine" and not self.rules and peers <= {_SELF, "localhost", "::1", ""}


def configure_lsl(config: LslConfig) -> None:
    """Lay `config` over the user's own lsl_api.cfg, if there is one, and have liblsl read the result.

    To be called before anything else of LSL: liblsl reads its configuration once, at its first use; importing pylsl is
    not yet a use. Processes started later inherit it. Where a person has set the environment variable ``LSLAPICFG``,
    that file rules, unless `config` keeps to this machine and it does not.
    """
    if config.scope not in _SCOPES:
        raise ConfigError(f"lsl.scope is {config.scope!r}. Set it to one of {', '.join(_SCOPES)}.")
    if _named() is not None and (config.scope != "machine" or reach().is_this_machine):
        return
    path = _write(_laid_over_own(config), config.scope)
    os.environ["LSLAPICFG"] = str(path)
    # On Windows a library that is loaded already may not see a change of the environment. Old liblsl cannot be told.
    with contextlib.suppress(NotImplementedError):
        pylsl.set_config_filename(str(path))


def keep_to_this_machine() -> None:
    """Have processes that are started from now on see and be found on this machine alone."""
    if not reach().is_this_machine:
        config = LslConfig(scope="machine")
        os.environ["LSLAPICFG"] = str(_write(_laid_over_own(config), config.scope))


def reach() -> Reach:
    """Return how far LSL goes with the file that is in force.

    Raises
    ------
    ConfigError
        The file cannot be read.
    """
    chosen = os.environ.get("LSLAPICFG")
    own = _own_file()
    file = Path(chosen) if chosen else own
    parser = _read(file)
    rules = (("multicast", "AddressesOverride"), ("multicast", "TTLOverride"), ("multicast", "Interfaces"))
    return Reach(
        scope=parser.get("multicast", "ResolveScope", fallback="site"),
        file=file,
        own=own,
        session_id=parser.get("lab", "SessionID", fallback="default"),
        known_peers=parser.get("lab", "KnownPeers", fallback="{}"),
        n_ports=_whole(parser.get("ports", "PortRange", fallback="32")),
        ipv6=not parser.get("ports", "IPv6", fallback="allow").startswith("disable"),
        rules=tuple(f"{key} = {parser.get(section, key)}" for section, key in rules if parser.has_option(section, key)),
    )


def _whole(text: str) -> int:
    return int(text) if text.strip().isdigit() else 32


def _laid_over_own(config: LslConfig) -> str:
    parser = _read(_own_file())
    values = _THIS_MACHINE if config.scope == "machine" else (("multicast", "ResolveScope", config.scope),)
    for section, key, value in (*values, ("log", "level", parser.get("log", "level", fallback=_FATAL_ONLY))):
        if not parser.has_section(section):
            parser.add_section(section)
        if value is None:
            parser.remove_option(section, key)
        else:
            parser.set(section, key, value)
    text = io.StringIO()
    parser.write(text)
    return text.getvalue()


def is_ours(file: str) -> bool:
    """Return whether a file is one that Insula has laid over a person's own."""
    return Path(file).name.startswith(_OURS)


def _named() -> Path | None:
    """Return the file that a person has named in the environment, None if there is none or it is one of ours."""
    chosen = os.environ.get("LSLAPICFG")
    return Path(chosen) if chosen and not is_ours(chosen) else None


def _own_file() -> Path | None:
    """Return the file that liblsl would find by itself."""
    places = (_named(), Path("lsl_api.cfg"), Path.home() / "lsl_api" / "lsl_api.cfg", Path("/etc/lsl_api/lsl_api.cfg"))
    return next((path for path in places if path is not None and path.is_file()), None)


def _read(file: Path | None) -> configparser.ConfigParser:
    """Return what a file says, nothing where there is none."""
    parser = configparser.ConfigParser(interpolation=None, strict=False, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment, method-assign]  # liblsl tells upper from lower case
    if file is not None:
        try:
            parser.read(file, encoding="utf-8")
        except (configparser.Error, OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{file} cannot be read: {error}. Mend it, or set LSLAPICFG to another file.") from error
    return parser


def _write(text: str, scope: str) -> Path:
    path = user_folder() / f"{_OURS}{scope}.cfg"
    try:
        write_setting(path, text)
    except OSError:
        # Settings that cannot be kept are no reason not to run.
        path = Path(tempfile.mkdtemp(prefix="insula-")) / path.name
        path.write_text(text, encoding="utf-8")
    return path
