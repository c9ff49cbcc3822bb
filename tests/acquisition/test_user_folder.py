import sys
from pathlib import Path

import pytest

from acquisition.user_folder import user_folder, write_setting


@pytest.mark.parametrize(
    ("platform", "variable", "value", "folder"),
    [
        ("linux", "XDG_CONFIG_HOME", "/x", "/x/insula"),
        ("linux", "NOTHING", "", "/home/ada/.config/insula"),
        ("darwin", "NOTHING", "", "/home/ada/Library/Application Support/Insula"),
        ("win32", "APPDATA", "/roaming", "/roaming/Insula"),
        ("win32", "INSULA_CONFIG_DIR", "/own", "/own"),
    ],
)
def test_each_platform_has_its_place(monkeypatch, platform, variable, value, folder):
    for name in ("INSULA_CONFIG_DIR", "XDG_CONFIG_HOME", "APPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(Path, "home", lambda: Path("/home/ada"))
    monkeypatch.setenv(variable, value)
    assert user_folder() == Path(folder)


def test_a_file_is_written_whole(tmp_path):
    path = tmp_path / "new" / "file.json"
    write_setting(path, "one")
    write_setting(path, "größer")
    assert path.read_text(encoding="utf-8") == "größer"
    assert [p.name for p in path.parent.iterdir()] == ["file.json"]
