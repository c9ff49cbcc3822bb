import numpy as np

from core.ringbuffer import RingBuffer


def test_the_newest_stay_in_order_whatever_the_pushes():
    rng = np.random.default_rng(0)
    ring = RingBuffer(50, 1)
    n = 0
    for size in rng.integers(0, 120, 200):
        numbers = np.arange(n, n + size, dtype=float)
        ring.push(numbers, numbers[None])
        n += int(size)
        kept = ring.data[0]
        assert len(ring) == len(kept) == min(n, len(ring))
        np.testing.assert_array_equal(kept, np.arange(n - len(kept), n))
        np.testing.assert_array_equal(ring.stamps, kept)
        assert ring.first == n - len(kept)
        assert len(kept) >= min(n, 50)
        assert len(kept) <= 100
