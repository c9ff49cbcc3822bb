"""What is handed out: built as a release is, installed into a fresh environment, and used there."""

import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

import insula
from app.session.predictions_table import row
from tests.insula.conftest import BEFORE

pytest.importorskip("hatchling")
from hatch_build import ROOMS, rehoused

ROOT = Path(__file__).parents[1]
_ANOTHER = "raise ImportError('this is the package of somebody else')\n"
_ALL = """
import importlib, pkgutil, insula
failed = []
for module in pkgutil.walk_packages(insula.__path__, "insula."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
        print(module.name)
"""


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the unpacked sdist alone, as pip does; no network."""
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", out, cwd=ROOT)
    with tarfile.open(next(out.glob("*.tar.gz"))) as packed:
        packed.extractall(out, filter="data")
    (source,) = (path for path in out.iterdir() if path.is_dir())
    assert (source / "docs" / "formats.md").is_file()
    assert (source / "tests" / "conftest.py").is_file()
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", out, cwd=source)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def fresh(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the programs are of an environment with the wheel, what it needs, and other people's `core` and `app`."""
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder, with_pip=False)
    scheme = sysconfig.get_paths("venv", {"base": str(folder), "platbase": str(folder)})
    packages, programs = Path(scheme["purelib"]), Path(scheme["scripts"])
    for room in ROOMS:
        (packages / room).mkdir()
        (packages / room / "__init__.py").write_text(_ANOTHER, encoding="utf-8")
    # What Insula needs is taken from here; what is installed here for editing is not, since only its own .pth says so.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    install = ("install", "--quiet", "--no-deps", "--no-index", "--disable-pip-version-check")
    run(sys.executable, "-m", "pip", "--python", programs / "python", *install, wheel, cwd=folder)
    return programs


def test_a_wheel_has_one_package_with_assets_and_licences(wheel: Path):
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
    about = next(name.partition("/")[0] for name in names if ".dist-info/" in name)
    assert {name.partition("/")[0] for name in names} == {"insula", about}
    assets = [str(path.relative_to(ROOT)) for path in (ROOT / "assets").rglob("*") if path.is_file()]
    assert {f"insula/{Path(name).as_posix()}" for name in assets} <= set(names)
    licences = ["LICENSE", *(name for name in assets if Path(name).name.startswith("LICENSE"))]
    assert {f"{about}/licenses/{name}" for name in licences} <= set(names)
    assert {"insula/py.typed", "insula/core/data.py", "insula/app/cli.py"} <= set(names)
    assert not [name for name in names if "__pycache__" in name or name.startswith("insula/tests")]


def test_nothing_in_it_needs_the_name_of_a_room(fresh: Path, tmp_path: Path):
    loaded = run(fresh / "python", "-c", _ALL, cwd=tmp_path).split()
    there = {path.relative_to(ROOT) for room in ROOMS for path in (ROOT / room).rglob("*.py")}
    assert len([name for name in loaded if name.split(".")[1] in ROOMS]) == len(there)


def test_its_commands_give_what_the_checkout_gives(fresh: Path, tmp_path: Path):
    assert run(fresh / "insula", "--version", cwd=tmp_path).startswith("insula ")
    run(fresh / "insula", "replay", BEFORE, "--out", tmp_path / "p.tsv", cwd=tmp_path)
    rows = [tuple(line.split("\t")) for line in (tmp_path / "p.tsv").read_text(encoding="utf-8").splitlines()[1:]]
    assert rows == [row(prediction) for prediction in insula.replay(BEFORE)]


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ("from core.data import A\n", "from insula.core.data import A\n"),
        ("from app import log, texts\n", "from insula.app import log, texts\n"),
        ("def f():\n    from core import data\n", "def f():\n    from insula.core import data\n"),
        ("x = 'ä'; from core.x import (\n    y,\n)\n", "x = 'ä'; from insula.core.x import (\n    y,\n)\n"),
        (
            "from corelib import x\nfrom . import core\nimport os\n",
            "from corelib import x\nfrom . import core\nimport os\n",
        ),
        ('"""from core import x"""\n', '"""from core import x"""\n'),
    ],
)
def test_only_imports_of_rooms_are_rewritten(code: str, wanted: str):
    assert rehoused(code, "x.py") == wanted


def test_what_cannot_be_rewritten_ends_the_build():
    with pytest.raises(ValueError, match=r"x\.py:2 imports a room"):
        rehoused("\nimport core.data\n", "x.py")
