"""What may be a lost stream is offered, and goes to the source that lost it."""

from acquisition.lsl_found import FoundStream
from app.session.lost_streams import LostStreams
from core.data import StreamInfo

A = StreamInfo("a", "eeg", "P001", "Muse")
B = StreamInfo("b", "eeg", "P002", "Muse")
BACK = FoundStream("Muse", "EEG", "lab", "1", "uid", 4, 256.0, "eeg")


class Source:
    def __init__(self, info: StreamInfo, *candidates: FoundStream) -> None:
        self.infos = (info,)
        self.candidates = candidates
        self.taken: list[FoundStream] = []
        self.take_back = self.taken.append


class Camera:
    infos = (StreamInfo("cam", "video", "P001", "cam"),)


def test_a_candidate_goes_to_the_stream_that_a_person_named():
    a, b = Source(A, BACK), Source(B)
    lost = LostStreams([Camera(), a])  # type: ignore[list-item]
    lost.add(b)  # type: ignore[arg-type]
    assert lost.offers() == [(A, BACK)]
    b.candidates = (BACK,)
    assert lost.offers() == [(A, BACK), (B, BACK)]
    lost.take_back("b", BACK)
    assert (a.taken, b.taken) == ([], [BACK])
