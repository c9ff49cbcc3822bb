import numpy as np

from app.labelling.clip_cache import ClipCache
from app.labelling.clips import Clip


def clip() -> Clip:
    frames = tuple(bytes(1000) for _ in range(9))
    eeg = np.zeros((100, 2), np.float32)
    return Clip(0.0, 9.0, tuple(map(float, range(9))), frames, np.zeros(100), eeg)


def sizes(cache: ClipCache, *uids: str) -> list[int]:
    return [len(cache.get(uid).frames) for uid in uids]  # type: ignore[union-attr]


def test_the_least_worth_asking_gives_its_pictures_first() -> None:
    cache = ClipCache(26_500)
    for uid, worth in (("a", 0.5), ("b", 0.9), ("c", 0.7)):
        cache.put(uid, clip(), worth)
    assert sizes(cache, "a", "b", "c") == [3, 9, 9]
    assert cache.get("a").frame_times == (0.0, 3.0, 6.0)  # type: ignore[union-attr]
    assert cache.n_bytes <= 26_500
    assert [cache.get(uid).lost for uid in "abc"] == ["some pictures", "", ""]  # type: ignore[union-attr]


def test_what_is_answered_goes_before_what_waits() -> None:
    cache = ClipCache(26_500)
    for uid, worth in (("a", 0.9), ("b", 0.8)):
        cache.put(uid, clip(), worth)
        cache.done(uid)
    cache.put("c", clip(), 0.1)
    cache.put("d", clip(), 0.2)
    assert sizes(cache, "a", "b", "c", "d") == [0, 3, 9, 9]


def test_memory_stays_bounded_though_nothing_is_answered() -> None:
    cache = ClipCache(6_000)
    for k in range(10):
        cache.put(str(k), clip(), 0.5)
    assert cache.n_bytes <= 6_000
    assert {cache.get(str(k)).lost for k in range(10)} <= {"all", "pictures", "some pictures", ""}  # type: ignore[union-attr]
    assert cache.get("0").lost == "all"  # type: ignore[union-attr]
    assert cache.get("none") is None
