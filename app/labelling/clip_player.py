"""Which clip plays: one that is in memory, or one that is read from the recording, the next one before it is asked."""

from __future__ import annotations

from collections.abc import Callable

from app.labelling.clip_cache import ClipCache
from app.labelling.clip_reader import ClipReader, Footage
from app.labelling.clip_view import ClipView
from app.labelling.clips import Clip
from core.data import Segment

_ROOM_BYTES = 64_000_000
"""Memory for clips that can be read again: the last dozen answers can be taken back at once."""


class ClipPlayer:
    """Puts the clip of the segment that is asked about into the playback.

    Parameters
    ----------
    playback
        Plays it.
    cut
        Gives what there is in memory of a segment.
    """

    def __init__(self, playback: ClipView, cut: Callable[[Segment], Clip]) -> None:
        self._playback = playback
        self._cut = cut
        self._cache = ClipCache()
        self._reader: ClipReader | None = None
        self._shown: Segment | None = None
        self._due: list[Segment] = []
        """What is to be read: the moment that is shown, then the one that comes next."""

    def read_from(self, footage: Footage) -> None:
        """Read from a recording what is not in memory, or not any more."""
        self._reader, self._cache = ClipReader(footage, self._playback), ClipCache(_ROOM_BYTES)
        self._reader.grown.connect(self._grow)

    def offer(self, segment: Segment) -> None:
        """Keep what can be shown now of a segment."""
        if self._cache.get(segment.uid) is None:
            self._cache.put(segment.uid, self._cut(segment), segment.score)

    def cut_again(self, segment: Segment) -> None:
        """Cut the clip of a segment anew: more of it can be shown now."""
        self._grow(segment, self._cut(segment))

    def show(self, segment: Segment | None, upcoming: Segment | None = None) -> None:
        """Play the clip of a segment from its beginning; `upcoming` is read ahead."""
        self._shown = segment
        self._playback.show_clip(self._cache.get(segment.uid) if segment is not None else None)
        self.expect(upcoming)

    def expect(self, upcoming: Segment | None) -> None:
        """Read ahead what comes next."""
        self._due = [each for each in (self._shown, upcoming) if each is not None and self._lacks(each)]
        self._read()

    def done(self, uid: str) -> None:
        """Know that a segment is answered."""
        self._cache.done(uid)

    def set_private(self, private: bool) -> None:
        """Show and read no pixels of the person, or show them again."""
        self._playback.set_private(private)
        if self._reader is not None and self._shown is not None:
            self._reader.leave()
            self.expect(None)

    def _lacks(self, segment: Segment) -> bool:
        clip = self._cache.get(segment.uid)
        return clip is not None and (clip.lost != "" or not (clip.frames or clip.has_eeg))

    def _read(self) -> None:
        if self._reader is None:
            return
        if not self._due:
            self._reader.leave()
        elif self._due[0] is not self._reader.reading:
            clip = self._cache.get(self._due[0].uid)
            assert clip is not None
            self._reader.read(self._due[0], clip, pictures=not self._playback.private)
        if self._due and self._due[0] is self._shown:
            self._playback.fill(self._reader.clip)

    def _grow(self, segment: Segment, clip: Clip) -> None:
        if segment is self._shown:
            self._playback.fill(clip)
        if clip.lost == "reading":
            return
        if not self._playback.private:  # else it still lacks its pictures
            self._cache.put(segment.uid, clip, segment.score)
        self._due = [each for each in self._due if each is not segment]
        self._read()
