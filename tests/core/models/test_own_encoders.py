"""Others' encoders in the network: taken as they are, whatever wrote them, and refused where they do not fit."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.export import Dim, export
from torch.export import save as save_exported

from core.errors import PluginError
from core.models.checkpoint import load, save
from core.models.model_file import Architecture, Header, TaughtOn
from core.models.network import Network
from core.models.own_encoders import EegNumbers, FaceFrames
from core.models.traced_network import TracedNetwork


class Spread(nn.Module):
    """Log of the variance over the good channels, with dropout that must stay off."""

    n_numbers = 1

    def __init__(self) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.tensor(2.0))
        self.dropout = nn.Dropout(0.9)

    def forward(self, eeg: Tensor, positions: Tensor, mask: Tensor) -> Tensor:
        power = (eeg.square().mean(dim=-1) * mask).sum(dim=1, keepdim=True) / mask.sum(dim=1, keepdim=True)
        return self.gain * self.dropout(power.log())


@pytest.fixture
def exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed package whose encoder is a file that torch.export wrote."""
    batch, chans = Dim("batch", min=1, max=512), Dim("chans", min=1, max=256)
    given = (torch.randn(2, 4, 256), torch.randn(2, 4, 3), torch.ones(2, 4) > 0)
    sizes = ({0: batch, 1: chans},) * 3
    save_exported(export(Spread().eval(), given, dynamic_shapes=sizes), tmp_path / "spread.pt2")
    (tmp_path / "spread_encoder.py").write_text(
        "import torch\nfrom pathlib import Path\n\n\ndef make(sfreq, n_times):\n"
        "    module = torch.export.load(Path(__file__).with_name('spread.pt2')).module()\n"
        "    module.n_numbers = 1\n    return module\n",
        encoding="utf-8",
    )
    about = tmp_path / "spread-3.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: spread\nVersion: 3\n", encoding="utf-8")
    (about / "entry_points.txt").write_text("[insula.encoders]\nspread = spread_encoder:make\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)


@pytest.mark.usefixtures("exported")
def test_what_torch_export_wrote_is_an_encoder(tmp_path: Path):
    architecture = Architecture(eeg_encoder="spread")
    save(tmp_path / "m.safetensors", Network(architecture), Header(architecture, TaughtOn(), "nothing"))
    read = load(tmp_path / "m.safetensors")
    assert read.header.needs == ("spread 3",)
    eeg, places, mask = torch.randn(3, 6, 256), torch.zeros(3, 6, 3), torch.ones(3, 6) > 0
    torch.testing.assert_close(read.network.eeg.log_power(eeg, places, mask), Spread().eval()(eeg, places, mask))
    assert [str(each.requires_grad) for each in read.network.eeg.front_end()] == ["False"]


def test_an_encoder_keeps_its_mode_and_its_weights():
    encoder = EegNumbers(Spread(), "spread").train()
    eeg, places, mask = torch.randn(3, 6, 256), torch.zeros(3, 6, 3), torch.ones(3, 6) > 0
    torch.testing.assert_close(encoder(eeg, places, mask), encoder(eeg, places, mask), rtol=0, atol=0)
    assert not any(each.requires_grad for each in encoder.parameters())


def test_a_callable_that_is_no_module_is_not_recorded_as_a_constant():
    def loudness(eeg: Tensor, positions: Tensor, mask: Tensor) -> np.ndarray:
        return np.log(eeg.numpy().var(axis=(1, 2)))[:, None]

    loudness.n_numbers = 1  # type: ignore[attr-defined]

    class Round(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = EegNumbers(loudness, "loudness")

        def forward(self, *given: Tensor) -> tuple[Tensor]:
            return (self.encoder(*given),)

    call = TracedNetwork(Round().eval())
    places, mask = torch.zeros(1, 2, 3), torch.ones(1, 2) > 0
    for scale in (1.0, 10.0):
        eeg = scale * torch.linspace(-1.0, 1.0, 512).reshape(1, 2, 256)
        assert float(call(eeg, places, mask)[0]) == pytest.approx(float(np.log(eeg.numpy().var())), rel=1e-5)


def test_what_does_not_fit_is_refused_in_words():
    with pytest.raises(PluginError, match="'f' has no n_numbers"):
        EegNumbers(lambda *_: None, "f")
    two = Spread()
    two.n_numbers = 2
    with pytest.raises(PluginError, match=r"'two' gives an array of shape \(1, 1\), not \(1, 2\)"):
        EegNumbers(two, "two")(torch.ones(1, 2, 9), torch.zeros(1, 2, 3), torch.ones(1, 2) > 0)
    flat = FaceFrames(lambda embeddings, blendshapes: embeddings[..., 0], "flat", 7)
    with pytest.raises(PluginError, match=r"'flat' gives an array of shape \(1, 16\), not \(1, 16, 7\)"):
        flat(torch.zeros(1, 16, 256), torch.zeros(1, 16, 52))
