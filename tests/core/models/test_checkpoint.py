import dataclasses
import hashlib
import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save as save_tensors

from core.config import Config, WindowConfig
from core.errors import CheckpointError
from core.models.checkpoint import load, save
from core.models.model_file import Architecture, Calibration, Header, TaughtOn, check_fits, read_header
from core.models.network import Network
from core.quality import ELECTRODE_CHECKS

ARCHITECTURE = Architecture(n_embedding=16, n_virtual=4, width=8)


def same_weights(first: Network, second: Network) -> bool:
    """Return whether two networks hold the same weights, bit for bit."""
    ours, theirs = first.state_dict(), second.state_dict()
    return ours.keys() == theirs.keys() and all(torch.equal(ours[name], theirs[name]) for name in ours)


@pytest.fixture
def header() -> Header:
    return Header(
        ARCHITECTURE,
        TaughtOn(simulated=True, participants=("P001",)),
        training_data="simulated participants",
        calibration=Calibration({"eeg": 1.5, "face": 1.0, "both": 0.8}, scores={"both": (0.1, 0.2)}),
        metrics={"accuracy": 0.5},
        config={"seed": 1},
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "models" / "mine.safetensors"


def test_what_is_saved_is_read_back_bit_for_bit(path: Path, header: Header):
    network = Network(ARCHITECTURE)
    sha256 = save(path, network, header)
    checkpoint = load(path)
    assert checkpoint.header == header
    assert same_weights(checkpoint.network, network)
    assert checkpoint.sha256 == sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert not checkpoint.network.training
    assert list(path.parent.iterdir()) == [path]


def test_the_same_model_is_the_same_file(path: Path, header: Header):
    network = Network(ARCHITECTURE)
    assert save(path, network, header) == save(path, network, header)


def test_a_missing_file_names_the_remedy(path: Path):
    with pytest.raises(CheckpointError, match=r"mine.safetensors cannot be read: No such file.*--model"):
        load(path)


@pytest.mark.parametrize("blob", [b"", b"short", b"\x80\x04\x95 a pickle, by its looks", b"\xff" * 64])
def test_a_foreign_file_is_refused(path: Path, blob: bytes):
    path.parent.mkdir()
    path.write_bytes(blob)
    with pytest.raises(CheckpointError, match="damaged, or no Insula checkpoint"):
        load(path)


def test_another_programs_safetensors_file_is_refused(path: Path):
    path.parent.mkdir()
    path.write_bytes(save_tensors({"x": torch.zeros(2)}))
    with pytest.raises(CheckpointError, match="no Insula checkpoint"):
        load(path)


def test_a_cut_file_is_refused(path: Path, header: Header):
    save(path, Network(ARCHITECTURE), header)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(CheckpointError, match="do not fit its header"):
        load(path)


def write(path: Path, tree: dict[str, object]) -> None:
    path.parent.mkdir(exist_ok=True)
    tensors = dict(Network(ARCHITECTURE).state_dict())
    path.write_bytes(save_tensors(tensors, metadata={"insula": json.dumps(tree)}))


def test_another_version_names_both(path: Path, header: Header):
    write(path, {"format": "insula-checkpoint", "version": 9, **dataclasses.asdict(header)})
    with pytest.raises(CheckpointError, match=r"version 9, but this Insula reads 'insula-checkpoint' version 2"):
        load(path)


def test_an_unknown_part_of_the_header_is_named(path: Path, header: Header):
    write(path, {"format": "insula-checkpoint", "version": 2, **dataclasses.asdict(header), "flavour": "new"})
    with pytest.raises(CheckpointError, match="flavour"):
        load(path)


def test_a_model_from_before_keeps_the_electrode_checks_that_it_was_made_with(path: Path, header: Header):
    assert header.electrode_checks == ELECTRODE_CHECKS == 2
    save(path, Network(ARCHITECTURE), header)
    tree = {"format": "insula-checkpoint", "version": 2, **dataclasses.asdict(header)}
    del tree["electrode_checks"]
    write(path, tree)
    assert read_header(path.read_bytes(), path).electrode_checks == 1
    write(path, {**tree, "electrode_checks": 3})
    with pytest.raises(CheckpointError, match="electrodes are judged by rules 3, known are 1 to 2"):
        load(path)


def test_weights_of_another_architecture_are_refused(path: Path, header: Header):
    wider = dataclasses.replace(header, architecture=dataclasses.replace(ARCHITECTURE, width=9))
    write(path, {"format": "insula-checkpoint", "version": 2, **dataclasses.asdict(wider)})
    with pytest.raises(CheckpointError, match="do not fit its header"):
        load(path)


def test_a_configuration_that_does_not_fit_names_both_values(header: Header, path: Path):
    check_fits(header, Config(), path)
    config = dataclasses.replace(Config(), window=WindowConfig(length=4.0))
    with pytest.raises(CheckpointError, match="gives 512 samples but the model reads 256"):
        check_fits(header, config, path)
    config = dataclasses.replace(Config(), eeg=dataclasses.replace(Config().eeg, sfreq=256.0))
    with pytest.raises(CheckpointError, match="256 Hz but the model reads 128 Hz"):
        check_fits(header, config, path)


@pytest.mark.parametrize(
    ("taught", "participant", "simulated", "covered"),
    [
        (TaughtOn(simulated=True), "P001", True, True),
        (TaughtOn(simulated=True), "P001", False, False),
        (TaughtOn(population=True), "P001", False, True),
        (TaughtOn(population=True), "P001", True, False),
        (TaughtOn(participants=("P001",)), "P001", False, True),
        (TaughtOn(participants=("P001",)), "P002", False, False),
        (TaughtOn(participants=("P001",)), "P001", True, False),
    ],
)
def test_whom_the_student_is_taught_on(taught: TaughtOn, participant: str, simulated: bool, covered: bool):
    assert taught.covers(participant, simulated) is covered


@pytest.mark.parametrize(
    ("part", "name", "value", "words"),
    [
        ("architecture", "n_absolute", 10**400, "n_absolute is 1000"),
        ("architecture", "n_shared", 0, "n_shared is 0"),
        ("architecture", "width", 60_000, "do not fit its header: width is 60000"),
        ("architecture", "n_shared", 60_000, "do not fit its header: n_shared is 60000"),
        ("architecture", "n_times", "many", "Expected `int`, got `str`"),
        ("architecture", "fusion", "none such", "describes no network"),
        ("architecture", "classes", ["a", "a"], "the classes are 'a', 'a'"),
        ("architecture", "sfreq", float("nan"), "rate, dropout and step"),
        ("architecture", "layers", 3, "architecture has layers"),
        ("calibration", "temperature", {"eeg": 1.0}, "the temperature of face is nan"),
        ("calibration", "scores", {"both": [float("nan")]}, "a score is no number"),
        ("taught_on", "participants", "P001", "Expected `array`, got `str`"),
    ],
)
def test_a_header_that_does_not_describe_its_weights_is_told_in_a_sentence(
    path: Path, header: Header, part: str, name: str, value: object, words: str
):
    tree = {"format": "insula-checkpoint", "version": 2, **dataclasses.asdict(header)}
    tree[part] = {**tree[part], name: value}
    write(path, tree)
    with pytest.raises(CheckpointError) as error:
        load(path)
    assert words in str(error.value)
    assert len(str(error.value)) < 500


def test_weights_that_are_no_numbers_are_refused(path: Path, header: Header):
    network = Network(ARCHITECTURE)
    network.prototypes.directions.data[0, 0] = float("nan")
    save(path, network, header)
    with pytest.raises(CheckpointError, match=r"prototypes.directions has values that are no numbers"):
        load(path)


def test_a_path_that_cannot_be_is_told():
    with pytest.raises(CheckpointError, match="cannot be read"):
        load(Path("a\0b"))
