"""How far liblsl can see and be seen, decided before it is used the first time."""

from __future__ import annotations

import configparser
import contextlib
import io
import os
import tempfile
from pathlib import Path

import pylsl

from acquisition.user_folder import user_folder, write_setting
from core.config import LslConfig
from core.errors import ConfigError

__all__ = ["configure_lsl", "keep_to_this_machine"]

_SCOPES = ("machine", "link", "site", "organization", "global")
_FATAL_ONLY = "-3"
_OURS = "lsl_api-"


def configure_lsl(config: LslConfig) -> None:
    """Lay `config` over the user's own lsl_api.cfg, if there is one, and have liblsl read the result.

    To be called before anything else of LSL: liblsl reads its configuration once, at its first use; importing pylsl is
    not yet a use. Processes started later inherit it. Where the environment variable ``LSLAPICFG`` is set, it rules.
    """
    if config.scope not in _SCOPES:
        raise ConfigError(f"lsl.scope is {config.scope!r}. Set it to one of {', '.join(_SCOPES)}.")
    if os.environ.get("LSLAPICFG"):
        return
    path = _write(_laid_over_own(config), config.scope)
    os.environ["LSLAPICFG"] = str(path)
    # On Windows a library that is loaded already may not see a change of the environment. Old liblsl cannot be told.
    with contextlib.suppress(NotImplementedError):
        pylsl.set_config_filename(str(path))


def keep_to_this_machine() -> None:
    """Have processes that are started from now on see and be seen on this machine alone.

    Where a person has set the environment variable ``LSLAPICFG``, it rules.
    """
    if Path(os.environ.get("LSLAPICFG", _OURS)).name.startswith(_OURS):
        scope = "machine"
        os.environ["LSLAPICFG"] = str(_write(_laid_over_own(LslConfig(scope=scope)), scope))


def _laid_over_own(config: LslConfig) -> str:
    parser = _users_own()
    for section in ("multicast", "log"):
        if not parser.has_section(section):
            parser.add_section(section)
    parser.set("multicast", "ResolveScope", config.scope)
    if not parser.has_option("log", "level"):
        parser.set("log", "level", _FATAL_ONLY)
    text = io.StringIO()
    parser.write(text)
    return text.getvalue()


def _users_own() -> configparser.ConfigParser:
    """Return the configuration that liblsl would find by itself, empty if there is none."""
    parser = configparser.ConfigParser(interpolation=None, strict=False, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment, method-assign]  # liblsl tells upper from lower case
    places = (Path("lsl_api.cfg"), Path.home() / "lsl_api" / "lsl_api.cfg", Path("/etc/lsl_api/lsl_api.cfg"))
    own = next((path for path in places if path.is_file()), None)
    if own is not None:
        try:
            parser.read(own, encoding="utf-8")
        except (configparser.Error, OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{own} cannot be read: {error}. Mend it, or set LSLAPICFG to another file.") from error
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
