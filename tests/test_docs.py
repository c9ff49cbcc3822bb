"""The site, built strictly; the notebook, run; and that nothing which is promised is left out of the reference."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import insula
from app.cli import commands_of, parser
from tests.acquisition.edf_files import Signal, eeg, sine, write_edf

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def test_the_site_is_built_without_a_warning(tmp_path: Path):
    pytest.importorskip("sphinx")
    build = (sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", "-d", tmp_path / "trees")
    done = subprocess.run([*build, DOCS, tmp_path / "site"], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    page = re.sub(r"<[^>]+>", "", (tmp_path / "site" / "reference" / "python.html").read_text(encoding="utf-8"))
    for said in ("array of shape (n_chans, n_times)", "Raises", "FileFormatError", "-1 unpleasant to 1 pleasant"):
        assert said in page
    commands = (tmp_path / "site" / "reference" / "commands.html").read_text(encoding="utf-8")
    assert all(f"insula {name}" in commands for name in commands_of(parser()))


def test_the_reference_has_all_that_is_promised():
    reference = (DOCS / "reference" / "python.md").read_text(encoding="utf-8")
    there = set(re.findall(r"insula\.(\w+)", reference))
    assert set(insula.__all__) - {"main", "Records"} <= there
    assert there <= set(insula.__all__)


def test_notebooks_run(tmp_path: Path):
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    for file in sorted((DOCS / "examples").glob("*.ipynb")):
        notebook = nbformat.read(file, as_version=4)
        assert not any(cell.get("outputs") for cell in notebook.cells), f"{file.name}: clear its outputs"
        nbclient.NotebookClient(notebook, timeout=600, resources={"metadata": {"path": file.parent}}).execute()
        said = "".join(str(output) for cell in notebook.cells for output in cell.get("outputs", ()))
        assert "6.0 s, 2.0 s: affect/happy" in said
        assert "image/png" in said


def test_the_code_of_the_tutorial_for_python_runs_on_a_recording_with_more_than_electrodes(tmp_path: Path):
    signals = [*eeg(4.0, "Fp1 Fp2 C3 C4"), Signal("ECG", sine(1.0, 4.0), unit="mV", physical=(-100.0, 100.0))]
    names = {"insula-study/sourcedata/sub-P001/ses-01": write_edf(tmp_path / "P001.edf", signals)}
    text = (DOCS / "tutorials" / "from-python.md").read_text(encoding="utf-8")
    blocks = [block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "listen()" not in block]
    assert len(blocks) == 2
    for name, real in names.items():
        assert name in text
        blocks = [block.replace(name, real.as_posix()) for block in blocks]
    said: dict[str, Any] = {}
    for block in blocks:
        exec(block, said)
    assert said["s"].raw.get_channel_types() == ["eeg"] * 4 + ["ecg"]
    assert len(said["table"]) == 8  # windows of 2 s every 0.25 s; the ninth would end with a sample that is not there
    assert (
        str(said["table"]["status"][-1])
        == said["prediction"].status
        == "student not taught on this person, face missing"
    )


def test_every_option_of_every_command_says_what_it_does():
    for name, command in {"": parser(), **commands_of(parser())}.items():
        silent = [
            action.dest for action in command._actions if not action.help and action.dest not in ("command", "act")
        ]
        assert not silent, f"insula {name}: {silent}"


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_shells_complete_commands_and_options(shell: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        parser().parse_args(["--completion", shell])
    assert ended.value.code == 0
    script = capsys.readouterr().out
    assert {"replay", "--leave-out", "--this-machine"} <= set(re.findall(r"[\w-]+", script))
