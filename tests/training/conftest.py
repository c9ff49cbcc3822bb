"""A tiny world whose EEG and face tell the class plainly, for what learns."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from core.data import FaceObservation, Window
from core.models.eeg import sphere_points
from core.models.model_file import Architecture, Header, TaughtOn
from core.models.network import Network
from training.examples import Truth

N_EMBEDDING = 8
ARCHITECTURE = Architecture(
    n_embedding=N_EMBEDDING, n_virtual=6, width=16, n_eeg_features=32, n_absolute=8, n_blendshapes=0
)
LAST_LAYER = (4.0 * np.eye(7, N_EMBEDDING, dtype=np.float32), np.zeros(7, np.float32))
CLASSES = ("neutral", "happy", "sad")
AFFECT = ((0.0, 0.0), (0.8, 0.5), (-0.6, -0.3))

World = Callable[..., list[tuple[Window, Truth]]]


@pytest.fixture(scope="session")
def world() -> World:
    return make_world


def make_world(
    participant: str = "P001", seconds: int = 120, simulated: bool = True, told: bool = True, seed: int = 0
) -> list[tuple[Window, Truth]]:
    """Return windows of one participant, one a second, 8 s a mood: alpha in back for happy, in front for sad."""
    rng = np.random.default_rng([seed, *participant.encode()])
    places = sphere_points(8).numpy()
    times = np.arange(256) / 128
    side = np.sign(places[:, :1])
    pairs = []
    for k in range(seconds):
        mood = int((k // 8 + seed) % 3)
        eeg = rng.standard_normal((8, 256))
        strength = (0.0, 2.0, 2.0)[mood] * (side < 0 if mood == 1 else side > 0)
        eeg += strength * np.sin(2 * np.pi * (10.0 * times + rng.random()))
        embedding = np.full(N_EMBEDDING, 0.1, np.float32)
        embedding[mood] = 1.0
        faces = tuple(
            FaceObservation(
                participant,
                k + f / 4,
                embedding=embedding + 0.1 * rng.standard_normal(N_EMBEDDING).astype(np.float32),
                quality=0.9,
            )
            for f in range(8)
        )
        window = Window(
            participant,
            float(k),
            k + 2.0,
            eeg=(10.0 * eeg).astype(np.float32),
            eeg_mask=np.ones(8, bool),
            positions=places,
            eeg_scale=10.0,
            simulated=simulated,
            faces=faces,
        )
        truth = Truth(mood, *AFFECT[mood], trial=k // 8) if told else Truth(trial=k // 8)
        pairs.append((window, truth))
    return pairs


@pytest.fixture
def base(tmp_path_factory: pytest.TempPathFactory) -> "str":
    """The path of an untrained checkpoint whose face branch reads the tiny world's faces."""
    from core.models.checkpoint import save

    torch.manual_seed(0)
    network = Network(ARCHITECTURE)
    network.face.load_classifier(*(torch.from_numpy(part) for part in LAST_LAYER))
    path = tmp_path_factory.mktemp("base") / "base.safetensors"
    save(path, network, Header(ARCHITECTURE, TaughtOn(simulated=True), "nothing yet"))
    return str(path)


@pytest.fixture
def reading_base(base: str, tmp_path: Path) -> Path:
    """A checkpoint whose student passes on what changes in the EEG, though it does not know yet what that means."""
    from core.models.checkpoint import load, save

    checkpoint = load(Path(base))
    torch.manual_seed(1)
    torch.nn.init.normal_(checkpoint.network.eeg.reader.line.weight, std=0.1)
    path = tmp_path / "reading.safetensors"
    save(path, checkpoint.network, checkpoint.header)
    return path
