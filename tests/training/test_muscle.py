import numpy as np
import pytest

from core.montage import position
from training.gate import Tells, Verdict
from training.muscle import Source, low_bands, over_muscle, source


def verdict(tells: Tells, gain: float, error: float = 0.01) -> Verdict:
    return Verdict(tells, False, 30, 300.0, gain, error, 0.0, 0.0, 0.0, 0.0)


def test_electrodes_over_forehead_and_temples_are_known_by_their_place():
    near = "Fp1 Fpz AF7 AF4 F7 F3 Fz F8 FT7 FC6 T7 T8 TP9 TP7 C5".split()
    far = "FC1 FCz C3 Cz C4 CP3 P7 P3 Pz P8 PO7 O1 Oz O2".split()
    places = np.array([position(name) for name in near + far], np.float32)
    assert over_muscle(places).tolist() == [True] * len(near) + [False] * len(far)


def test_only_bands_that_end_below_20_hz_are_left():
    assert low_bands(2).tolist() == [True] * 5 + [False] * 3 + [True] * 5 + [False] * 3


YES, NO = verdict(Tells.YES, 0.1), verdict(Tells.NO, 0.0)


@pytest.mark.parametrize(
    ("without", "alone", "said"),
    [
        (YES, YES, Source.BRAIN),
        (NO, YES, Source.MUSCLE),
        (NO, NO, Source.UNKNOWN),
        (verdict(Tells.NO, 0.05, 0.06), YES, Source.UNKNOWN),
        (None, YES, Source.UNKNOWN),
    ],
)
def test_where_it_comes_from(without: Verdict | None, alone: Verdict, said: Source):
    assert source(verdict(Tells.YES, 0.2), without, alone) == said
    assert source(NO, without, alone) == Source.UNKNOWN
