"""EEG of a simulated participant: dipoles in a sphere, mixed to any montage, with rhythms that follow the affect.

What the signal says of the affect, per unit of valence or arousal and at the source, as the natural logarithm of power:

* frontal alpha asymmetry, ln right - ln left, rises with valence: left frontal activity with approach and pleasant
  affect (Davidson et al. 1990, J. Pers. Soc. Psychol. 58, 330; the index as in Coan & Allen 2004, Biol. Psychol. 67,
  7). Anger is left-frontal in people as well (Harmon-Jones & Allen 1998); here asymmetry follows valence alone;
* alpha falls with arousal, most of all posterior (De Cesarei & Codispoti 2011, Psychophysiology 48, 1397; Barry et
  al. 2007, Clin. Neurophysiol. 118, 2765);
* beta rises with arousal (Ray & Cole 1985, Science 228, 750);
* muscles of the face are heard at the temples when smiling and on the forehead when frowning or afraid (Cacioppo et
  al. 1986, J. Pers. Soc. Psychol. 50, 260; Goncharova et al. 2003, Clin. Neurophysiol. 114, 1580): no brain activity,
  yet it tells as much as in real recordings. `EegKnobs.facial_emg_uv` = 0 takes it away.

Subjects differ in alpha frequency and strength, trait asymmetry, exponent and strength of the background, places of
the sources, and in each slope; in some an effect is near nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np

from acquisition.simulator.artefacts import Artefacts, EegKnobs
from acquisition.simulator.head import CENTRE, RADIUS, SCALP, cortical_columns, surface_columns
from acquisition.simulator.trajectory import Trajectory, seeded
from core.data import Array, frozen
from core.errors import ConfigError
from core.montage import position

CAP_32 = (
    *("Fp1", "Fp2", "F7", "F3", "Fz", "F4", "F8", "FC5", "FC1", "FC2", "FC6", "T7", "C3", "Cz", "C4", "T8"),
    *("CP5", "CP1", "CP2", "CP6", "P7", "P3", "Pz", "P4", "P8", "PO7", "PO3", "PO4", "PO8", "O1", "Oz", "O2"),
)
"""32 electrodes of a usual cap."""
_BLOCK = 4.0
"""Seconds that are made at once; noise comes in tiles of twice this that fade into each other."""
_N_BACKGROUND = 24
_POSTERIOR = np.array([(-0.25, -0.90, 0.25), (0.25, -0.90, 0.25), (-0.35, -0.70, 0.60), (0.35, -0.70, 0.60)])
_FRONTAL = np.array([(-0.52, 0.72, 0.45), (0.52, 0.72, 0.45)])
_BETA = np.array([(-0.45, 0.35, 0.80), (0.45, 0.35, 0.80), (0.0, 0.80, 0.60)])
_MUSCLES = np.array([(-0.080, 0.055, 0.010), (0.080, 0.055, 0.010), (-0.022, 0.112, 0.012), (0.022, 0.112, 0.012)])
_MUSCLE_REACH = 0.03
_EMG = np.array([(0, 0), (1, 0.1), (0.1, 0.5), (0.1, 0.5), (0.2, 0.6), (0.2, 0.7), (0.4, 1)]).repeat(2, axis=1)
"""How much each class's expression moves left and right temple, left and right brow: shape (n_classes, n_muscles)."""
_ALPHA_POSTERIOR = slice(_N_BACKGROUND, _N_BACKGROUND + len(_POSTERIOR))
_ALPHA_FRONTAL = slice(_ALPHA_POSTERIOR.stop, _ALPHA_POSTERIOR.stop + len(_FRONTAL))
_BETA_SOURCES = slice(_ALPHA_FRONTAL.stop, _ALPHA_FRONTAL.stop + len(_BETA))
_MUSCLE_SOURCES = slice(_BETA_SOURCES.stop, _BETA_SOURCES.stop + len(_MUSCLES))
_SLOPES = {"asymmetry": 1.0, "posterior": -0.8, "frontal": -0.4, "beta": 0.6}


class EegGenerator:
    """The EEG of one simulated participant with one montage; any stretch of it, in any order, always the same.

    Parameters
    ----------
    seed : int
        The subject: not negative. The same subject with another montage has the same brain.
    ch_names : sequence of str
        Electrodes, 10-05 names.
    sfreq : float
    trajectory : Trajectory
        What the subject feels; sample ``i`` is taken at ``i / sfreq`` seconds of it.
    knobs : EegKnobs

    Examples
    --------
    EEG and truth of subject 7, the first ten minutes, made some hundred times as fast as it would be recorded:

    >>> trajectory = Trajectory(7)
    >>> eeg = EegGenerator(7, ("AF7", "AF8", "TP9", "TP10"), 256.0, trajectory)
    >>> x = eeg.block(0, 600 * 256)
    >>> valence, arousal = trajectory.at(eeg.times(0, 600 * 256))
    >>> labels = trajectory.index(eeg.times(0, 600 * 256))
    """

    def __init__(
        self,
        seed: int,
        ch_names: Sequence[str],
        sfreq: float,
        trajectory: Trajectory,
        knobs: EegKnobs | None = None,
    ) -> None:
        self.ch_names = tuple(ch_names)
        self.sfreq = float(sfreq)
        self._seed = seed
        self._trajectory = trajectory
        self._knobs = knobs or EegKnobs()
        self._n_block = round(_BLOCK * sfreq)
        positions = _positions(self.ch_names)
        self._artefacts = Artefacts(seed, self.ch_names, positions, sfreq, self._n_block, self._knobs)
        self._draw_subject()
        self._mixing = self._mix(positions)
        self._tile = lru_cache(maxsize=4)(self._make_tile)
        self._block = lru_cache(maxsize=4)(self._make_block)

    def block(self, first_sample: int, n: int) -> Array:
        """Return samples ``first_sample`` to ``first_sample + n``, array of shape (n, n_chans), float32, µV.

        Dropped-out channels read 0. Samples while the whole stream has dropped out (`missing`) are there too; whoever
        sends them leaves them out.
        """
        return self._cut(self._block, first_sample, n)

    def missing(self, first_sample: int, n: int) -> Array:
        """Return where the whole stream has dropped out, array of shape (n,), bool."""
        return self._cut(self._artefacts.missing, first_sample, n)

    def times(self, first_sample: int, n: int) -> Array:
        """Return the times of the samples, array of shape (n,), float64, s since the start."""
        times: Array = np.arange(first_sample, first_sample + n) / self.sfreq
        return times

    def _cut(self, make: Callable[[int], Array], first: int, n: int) -> Array:
        size = self._n_block
        blocks = range(first // size, (first + max(n, 1) - 1) // size + 1)
        return np.concatenate([make(b)[max(0, first - b * size) : max(0, first + n - b * size)] for b in blocks])

    def _draw_subject(self) -> None:
        rng = seeded(self._seed, 10)
        alpha_hz = float(np.clip(rng.normal(10.0, 0.9), 8.0, 12.5))
        self._factors = rng.lognormal(0.0, (0.2, 0.45, 0.3))
        exponent = float(rng.uniform(0.9, 1.6))
        self._trait = float(rng.normal(0.0, 0.25))
        brain, spread = self._knobs.effect * self._knobs.brain, self._knobs.slope_spread
        self._slopes = {name: brain * mean * rng.normal(1.0, spread) for name, mean in _SLOPES.items()}
        directions = np.concatenate([_anywhere(rng), np.concatenate([_POSTERIOR, _FRONTAL, _BETA])])
        directions += 0.12 * rng.standard_normal(directions.shape)
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        self._places = CENTRE + RADIUS * rng.uniform(0.65, 0.85, (len(directions), 1)) * directions
        tilt = np.where(np.arange(len(directions)) < _N_BACKGROUND, 0.7, 0.2)[:, None]
        self._moments = directions + tilt * rng.standard_normal(directions.shape)
        self._spectra = _spectra(2 * self._n_block, self.sfreq, exponent, alpha_hz)

    def _mix(self, positions: Array) -> Array:
        """Return what each source of unit variance brings to each electrode, array of shape (n_sources, n_chans)."""
        knobs, (background, alpha, beta) = self._knobs, self._factors
        brain = cortical_columns(positions, self._places, self._moments)
        everywhere = cortical_columns(SCALP, self._places[:_N_BACKGROUND], self._moments[:_N_BACKGROUND])
        brain[:, :_N_BACKGROUND] *= knobs.background_uv * background / np.sqrt(np.mean((everywhere**2).sum(axis=1)))
        # Four posterior sources overlap: each has half the power's root, so that together they have `alpha_uv`.
        brain[:, _ALPHA_POSTERIOR] *= 0.5 * knobs.alpha_uv * alpha
        brain[:, _ALPHA_FRONTAL] *= 0.45 * knobs.alpha_uv * alpha
        brain[:, _BETA_SOURCES] *= knobs.beta_uv * beta
        muscles = surface_columns(positions, _MUSCLES, _MUSCLE_REACH)
        return np.concatenate([brain, muscles], axis=1).T.astype(np.float32)

    def _make_tile(self, number: int) -> Array:
        """Return one tile of all sources' noise, array of shape (2 * n_block, n_sources), float32, variance 1."""
        rng = seeded(self._seed, 20, number)
        noise = rng.standard_normal((2, *self._spectra.shape), dtype=np.float32)
        tile = np.fft.irfft(self._spectra * (noise[0] + 1j * noise[1]), 2 * self._n_block, axis=1)
        return frozen(np.ascontiguousarray(tile.T, dtype=np.float32))

    def _make_block(self, number: int) -> Array:
        size = self._n_block
        # Equal-power fade: sine and cosine squared sum to one, so the noise's variance never changes.
        fade = np.sin(np.pi / 2 * (np.arange(size, dtype=np.float32)[:, None] + 0.5) / size)
        sources = fade * self._tile(number + 1)[:size] + fade[::-1] * self._tile(number)[size:]
        data = (sources * self._gains(number)) @ self._mixing
        noise = seeded(self._seed, 30, number).standard_normal(data.shape, dtype=np.float32)
        data += np.float32(self._knobs.sensor_uv) * noise
        self._artefacts.add(number, data)
        self._artefacts.drop(number, data)
        return frozen(data)

    def _gains(self, block: int) -> Array:
        """Return what affect and bursts make of each source, array of shape (n_block, n_sources), float32."""
        times = self._artefacts.times(block)
        valence, arousal = self._trajectory.at(times)
        slopes = self._slopes
        gains = np.ones((len(times), len(self._mixing)), dtype=np.float32)
        gains[:, _ALPHA_POSTERIOR] = np.exp(0.5 * slopes["posterior"] * arousal)[:, None]
        tilt = 0.5 * (self._trait + slopes["asymmetry"] * valence)
        power = slopes["frontal"] * arousal[:, None] + tilt[:, None] * np.array([-1, 1])
        gains[:, _ALPHA_FRONTAL] = np.exp(0.5 * power)
        gains[:, _BETA_SOURCES] = np.exp(0.5 * slopes["beta"] * arousal)[:, None]
        face = self._knobs.effect * self._knobs.facial_emg_uv * (self._trajectory.expression(times) @ _EMG)
        gains[:, _MUSCLE_SOURCES] = face + self._artefacts.muscle(block, len(_MUSCLES))
        return gains


def _positions(ch_names: Sequence[str]) -> Array:
    found = {name: position(name) for name in ch_names}
    unknown = [name for name, place in found.items() if place is None]
    if unknown:
        raise ConfigError(f"No position is known for the channels {unknown}. Use 10-05 names such as Fp1, Cz or TP9.")
    return np.array([found[name] for name in ch_names], dtype=float)


def _anywhere(rng: np.random.Generator) -> Array:
    """Return directions spread over the brain, array of shape (_N_BACKGROUND, 3)."""
    height = rng.uniform(-0.3, 1.0, _N_BACKGROUND)
    turn = rng.uniform(0, 2 * np.pi, _N_BACKGROUND)
    ring = np.sqrt(1 - height**2)
    return np.stack([ring * np.cos(turn), ring * np.sin(turn), height], axis=1)


def _spectra(n_times: int, sfreq: float, exponent: float, alpha_hz: float) -> Array:
    """Return each source's amplitude spectrum, shape (n_sources, n_freqs), float32, for noise of variance 1."""
    freqs = np.fft.rfftfreq(n_times, 1 / sfreq)
    pink = np.where(freqs >= 0.4, np.maximum(freqs, 0.4) ** -exponent, 0.0)
    alpha = np.exp(-0.5 * ((freqs - alpha_hz) / 0.8) ** 2) + 0.02 * np.exp(-0.5 * ((freqs - 2 * alpha_hz) / 1.5) ** 2)
    beta = np.exp(-0.5 * ((freqs - 21.0) / 4.0) ** 2)
    muscle = np.where(freqs < min(120.0, 0.45 * sfreq), np.clip((freqs - 15) / 25, 0, 1), 0.0)
    counts = (_N_BACKGROUND, len(_POSTERIOR) + len(_FRONTAL), len(_BETA), len(_MUSCLES))
    power = np.repeat(np.stack([pink, alpha, beta, muscle]), counts, axis=0)
    power[:, -1] = 0
    amplitude: Array = n_times / 2 * np.sqrt(power / power.sum(axis=1, keepdims=True))
    return amplitude.astype(np.float32)
