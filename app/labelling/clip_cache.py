"""The clips of all segments that were asked about, within a bound of memory: the least worth asking lose theirs."""

from __future__ import annotations

from dataclasses import replace

from app.labelling.clips import Clip

_DONE = -1.0


class ClipCache:
    """Keeps clips by the uid of their segment.

    When there is no more room, the clip that is least worth keeping gives two of three pictures; next time all of
    them, and in the end the EEG. What is answered goes before what waits, and the oldest answer first.

    Parameters
    ----------
    max_bytes
        Room for all clips together.
    """

    def __init__(self, max_bytes: int = 256_000_000) -> None:
        self._max_bytes = max_bytes
        self._clips: dict[str, Clip] = {}
        self._sizes: dict[str, int] = {}
        self._worth: dict[str, float] = {}
        self._thinned: dict[str, int] = {}
        self._n_done = 0

    @property
    def n_bytes(self) -> int:
        """Memory that the clips take."""
        return sum(self._sizes.values())

    def put(self, uid: str, clip: Clip, worth: float) -> None:
        """Keep a clip; `worth` is 0 to 1."""
        self._clips[uid], self._worth[uid], self._thinned[uid] = clip, worth, 0
        self._sizes[uid] = _size(clip)
        while self.n_bytes > self._max_bytes and self._thin():
            pass

    def get(self, uid: str) -> Clip | None:
        """Return the clip of a segment, with what is left of it."""
        return self._clips.get(uid)

    def done(self, uid: str) -> None:
        """Know that a segment is answered: its clip is only needed if the answer is taken back."""
        if uid in self._worth:
            self._n_done += 1
            self._worth[uid] = _DONE + 1e-6 * self._n_done

    def _thin(self) -> bool:
        """Take something from the clip that is least worth it; return False if there is nothing to take."""
        left = [uid for uid, times in self._thinned.items() if times < 3]
        if not left:
            return False
        uid = min(left, key=lambda each: (self._worth[each], self._thinned[each]))
        clip, self._thinned[uid] = self._clips[uid], self._thinned[uid] + 1
        if self._thinned[uid] == 1:
            clip = replace(clip, frames=clip.frames[::3], frame_times=clip.frame_times[::3], lost="some pictures")
        elif self._thinned[uid] == 2:
            clip = replace(clip, frames=(), frame_times=(), lost="pictures")
        else:
            clip = replace(clip, eeg=None, eeg_times=None, lost="all")
        self._clips[uid], self._sizes[uid] = clip, _size(clip)
        return True


def _size(clip: Clip) -> int:
    eeg = clip.eeg.nbytes + clip.eeg_times.nbytes if clip.eeg is not None and clip.eeg_times is not None else 0
    return sum(map(len, clip.frames)) + eeg
