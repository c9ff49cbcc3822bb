"""What is promised of `import insula`: it is quick, typed, documented, and its examples run."""

import doctest
import inspect
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import insula

_PRIVATE = sorted(file.stem for file in Path(insula.__file__).parent.glob("_[a-z]*.py"))


def test_importing_it_loads_nothing_that_is_slow():
    heavy = ("numpy", "torch", "mne", "scipy", "pylsl", "PyQt6", "cv2")
    ask = f"import insula, sys; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_reading_a_recording_needs_no_torch(recording: Path):
    ask = f"import insula, sys; insula.load({str(recording)!r}).labels; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_each_name_is_there_and_says_what_it_is():
    for name in insula.__all__:
        thing = getattr(insula, name)
        if inspect.isclass(thing) or inspect.isfunction(thing):
            assert thing.__doc__, name
    assert set(insula.__all__) <= set(dir(insula))
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        insula.nothing  # noqa: B018
    assert (Path(insula.__file__).parent / "py.typed").is_file()


@pytest.mark.parametrize("name", ["__init__", *_PRIVATE])
def test_examples_run(name: str, recording: Path):
    module = insula if name == "__init__" else import_module(f"insula.{name}")
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    failed, _ = doctest.testmod(module, extraglobs={"recording": recording}, optionflags=flags)
    assert not failed
