"""Unit strings, and the guess where there is none."""

import numpy as np
import pytest

from core.units import guess_unit, scale_to_uv


@pytest.mark.parametrize(
    ("unit", "factor"),
    [
        ("microvolts", 1.0),
        ("microvolt", 1.0),
        ("uV", 1.0),
        ("\u00b5V", 1.0),
        ("\u03bcV", 1.0),
        ("\u00c2\u00b5V", 1.0),
        ("\ufffdV", 1.0),
        ("Microvolts ", 1.0),
        ("V", 1e6),
        ("volts", 1e6),
        ("volt", 1e6),
        ("mV", 1e3),
        ("millivolts", 1e3),
        ("nV", 1e-3),
        ("", None),
        ("g", None),
        ("normalized", None),
    ],
)
def test_scale_to_uv(unit: str, factor: float | None) -> None:
    assert scale_to_uv(unit) == factor


@pytest.mark.parametrize(("unit", "factor"), [("V", 1e-6), ("mV", 1e-3), ("uV", 1.0), ("nV", 1e3)])
@pytest.mark.parametrize("amplitude", [4.0, 15.0, 80.0])
@pytest.mark.parametrize("offset", [0.0, 4200.0, -30000.0])
def test_guess_unit_sees_through_offset_and_drift(unit: str, factor: float, amplitude: float, offset: float) -> None:
    rng = np.random.default_rng(3)
    drift = np.linspace(0, 60, 1000)[:, None]
    samples = (offset + drift + amplitude * rng.standard_normal((1000, 4))) * factor
    guess, typical = guess_unit(samples)
    assert guess == unit
    assert 0.7 * amplitude < typical / factor < 1.5 * amplitude


def test_guess_unit_says_nothing_of_what_does_not_move() -> None:
    assert guess_unit(np.full((500, 4), 7.0)) == ("", 0.0)
    assert guess_unit(np.full((500, 4), np.nan)) == ("", 0.0)
    assert guess_unit(np.zeros((0, 4))) == ("", 0.0)


def test_guess_unit_survives_missing_samples_and_a_dead_channel() -> None:
    samples = np.random.default_rng(4).normal(0, 20, (800, 3))
    samples[100:200, 0] = np.nan
    samples[:, 2] = 0.0
    unit, typical = guess_unit(samples)
    assert unit == "uV"
    assert 15 < typical < 25
