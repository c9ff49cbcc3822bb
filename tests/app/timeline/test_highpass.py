import numpy as np
from scipy.signal import butter, sosfilt, sosfilt_zi

from app.timeline.highpass import HighPass


def test_it_is_scipys_butterworth_in_chunks_of_any_size() -> None:
    x = 4000.0 + np.random.default_rng(0).normal(0, 30.0, (3000, 3)).cumsum(axis=0)
    sos = butter(2, 1.0, "highpass", fs=250.0, output="sos")
    expected, _ = sosfilt(sos, x, axis=0, zi=sosfilt_zi(sos)[:, :, None] * x[0])
    one = HighPass(1.0, 250.0)
    parts = [one.push(part) for part in np.split(x, np.cumsum([1, 5, 64, 65, 500]))]
    np.testing.assert_allclose(np.concatenate(parts), expected, atol=1e-6)
    one.forget()
    np.testing.assert_allclose(one.push(x), expected, atol=1e-6)
