import itertools
import os
import signal
import subprocess
import sys
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from core.data import Array
from core.errors import ConfigError, FileFormatError, RecordingError
from core.recording.video import VideoCoder, VideoReader, VideoWriter
from tests.core.recording.test_disk_file import run_alone

SIZE = (96, 64)


def picture(k: int) -> Array:
    rng = np.random.default_rng(k)
    ramp = np.linspace(0, 255, SIZE[0])[None, :, None] * np.ones((SIZE[1], 1, 3))
    return np.clip(np.roll(ramp, 3 * k, axis=1) + rng.integers(-9, 9, ramp.shape), 0, 255).astype(np.uint8)


def record(path: Path, n: int = 70, crf: int = 23) -> tuple[list[float], list[Array]]:
    rng = np.random.default_rng(0)
    times = [1000.0 + 0.033 * k + float(rng.uniform(0, 0.02)) for k in range(n)]
    coder, seen = VideoCoder(*SIZE, crf=crf), []
    with VideoWriter(path, *SIZE) as writer:
        for k, time in enumerate(times):
            packet, decoded = coder.code(picture(k), time)
            writer.write(packet, time)
            seen.append(decoded)
    return times, seen


def read(path: Path) -> tuple[list[float], list[Array]]:
    with VideoReader(path) as reader:
        frames = []
        while (frame := reader.read()) is not None:
            frames.append(frame)
    return [time for time, _ in frames], [rgb for _, rgb in frames]


def test_the_file_gives_the_very_pixels_that_the_coder_gave(tmp_path: Path):
    times, seen = record(tmp_path / "v.mkv")
    read_times, frames = read(tmp_path / "v.mkv")
    assert len(frames) == len(seen)
    for ours, theirs in zip(seen, frames, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_allclose(read_times, np.array(times) - times[0], rtol=0, atol=0.51e-3)  # rounded to the ms


def test_what_is_seen_is_like_what_was_taken():
    coder = VideoCoder(*SIZE)
    for k in range(20):
        _, decoded = coder.code(picture(k), 0.033 * k)
        assert np.abs(decoded.astype(int) - picture(k)).mean() < 12


@pytest.mark.parametrize("crf", [0, 40])
def test_the_quality_that_was_asked_for_is_read_as_it_was_coded(tmp_path: Path, crf: int):
    # The file's header is made without it: what is read must come from the packets alone.
    _, seen = record(tmp_path / "v.mkv", n=35, crf=crf)
    np.testing.assert_array_equal(np.stack(read(tmp_path / "v.mkv")[1]), np.stack(seen))


def test_a_file_that_was_cut_anywhere_reads_up_to_there(tmp_path: Path):
    _, seen = record(tmp_path / "v.mkv")
    whole, counts = (tmp_path / "v.mkv").read_bytes(), []
    for stop in range(3000, len(whole), 2003):
        (tmp_path / "cut.mkv").write_bytes(whole[:stop])
        _, frames = read(tmp_path / "cut.mkv")
        counts.append(len(frames))
        for ours, theirs in zip(seen, frames, strict=False):
            np.testing.assert_array_equal(ours, theirs)
    assert counts == sorted(counts)
    assert counts[0] < 5
    assert len(seen) - 5 < counts[-1] <= len(seen)


def test_a_video_without_a_frame_is_a_video_without_a_frame(tmp_path: Path):
    with VideoWriter(tmp_path / "v.mkv", *SIZE):
        pass
    assert read(tmp_path / "v.mkv") == ([], [])


def test_other_programs_open_it_and_go_to_any_second(tmp_path: Path):
    times, seen = record(tmp_path / "v.mkv")
    other, count = cv2.VideoCapture(str(tmp_path / "v.mkv")), 0
    while other.grab():
        count += 1
    other.release()
    assert count == len(seen)
    with av.open(str(tmp_path / "v.mkv")) as container:
        keys = [float(p.pts * p.time_base) for p in container.demux() if p.is_keyframe and p.pts is not None]
    assert len(keys) == 3
    assert all(after - before < 1.5 for before, after in itertools.pairwise(keys))
    with av.open(str(tmp_path / "v.mkv")) as container:
        container.seek(2_000_000)
        frame = next(container.decode(video=0))
        index = int(np.argmin(np.abs(np.array(times) - times[0] - float(frame.pts * frame.time_base))))
        assert float(frame.pts * frame.time_base) == keys[-1]
        np.testing.assert_array_equal(
            cv2.cvtColor(frame.to_ndarray(format="yuv420p"), cv2.COLOR_YUV2RGB_I420), seen[index]
        )


def test_a_full_disk_is_told_and_what_is_there_can_be_read(tmp_path: Path):
    code = (
        "import resource, signal, sys\nfrom pathlib import Path\n"
        "sys.path.insert(0, '.')\n"
        "from core.errors import RecordingError\n"
        "from tests.core.recording.test_video import SIZE, VideoCoder, VideoWriter, picture\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))\n"
        "coder, writer = VideoCoder(*SIZE), VideoWriter(Path(sys.argv[1]), *SIZE)\n"
        "try:\n"
        "    for k in range(300):\n"
        "        writer.write(coder.code(picture(k), k / 30)[0], k / 30)\n"
        "        writer.flush()\n"
        "except RecordingError as error:\n    print(k, error)\n"
    )
    path = tmp_path / "v.mkv"
    count, _, told = run_alone(code, path).partition(" ")
    assert "Free the disk" in told
    coder, frames = VideoCoder(*SIZE), read(path)[1]
    assert int(count) - 5 <= len(frames) <= int(count)
    for k, theirs in enumerate(frames):
        np.testing.assert_array_equal(coder.code(picture(k), k / 30)[1], theirs)


def test_what_is_flushed_is_there_but_for_the_newest_frame(tmp_path: Path):
    coder, path = VideoCoder(*SIZE), tmp_path / "v.mkv"
    with VideoWriter(path, *SIZE) as writer:
        for k in range(40):
            writer.write(coder.code(picture(k), k / 30)[0], k / 30)
            if k in (9, 10, 36):
                writer.flush()
                copy = tmp_path / f"{k}.mkv"
                copy.write_bytes(path.read_bytes())
                with VideoReader(copy) as reader:
                    assert len([time for time, _ in iter(reader.read, None)]) == k


def test_a_killed_program_loses_at_most_the_last_second(tmp_path: Path):
    code = (
        "import os, signal, sys\nfrom pathlib import Path\n"
        "sys.path.insert(0, '.')\n"
        "from tests.core.recording.test_video import SIZE, VideoCoder, VideoWriter, picture\n"
        "coder, writer = VideoCoder(*SIZE), VideoWriter(Path(sys.argv[1]), *SIZE)\n"
        "for k in range(150):\n    writer.write(coder.code(picture(k), k / 30)[0], k / 30)\n    writer.flush()\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    path = tmp_path / "v.mkv"
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], check=False, cwd=Path(__file__).parents[3], env=os.environ
    )
    assert done.returncode == -signal.SIGKILL
    assert len(read(path)[1]) >= 150 - 5


def test_frames_that_come_at_the_same_time_are_kept_in_order(tmp_path: Path):
    coder = VideoCoder(*SIZE)
    with VideoWriter(tmp_path / "v.mkv", *SIZE) as writer:
        for time in (5.0, 5.0, 4.9, 5.2):
            writer.write(coder.code(picture(0), time)[0], time)
    times, frames = read(tmp_path / "v.mkv")
    assert len(frames) == 4
    assert times == sorted(times)


def test_an_existing_video_is_never_overwritten(tmp_path: Path):
    (tmp_path / "v.mkv").write_text("precious")
    with pytest.raises(RecordingError, match="not overwritten"):
        VideoWriter(tmp_path / "v.mkv", *SIZE)


def test_what_cannot_be_coded_or_read_is_told(tmp_path: Path):
    with pytest.raises(ConfigError, match="even"):
        VideoCoder(95, 64)
    (tmp_path / "v.mkv").write_text("no video")
    with pytest.raises(FileFormatError, match="cannot be read as a video"), VideoReader(tmp_path / "v.mkv"):
        pass
    with av.open(str(tmp_path / "sound.mkv"), "w") as container:
        container.add_stream("pcm_s16le", rate=8000)
        container.start_encoding()
        sound = av.Packet(bytes(1600))
        sound.stream, sound.pts, sound.dts = container.streams[0], 0, 0
        container.mux(sound)
    with pytest.raises(FileFormatError, match="no video stream"), VideoReader(tmp_path / "sound.mkv"):
        pass
    with pytest.raises(RecordingError, match="cannot be made"):
        VideoWriter(tmp_path / "none" / "v.mkv", *SIZE)


@pytest.mark.parametrize("size", [(64, 48), (64, 50), (66, 52), (70, 46), (34, 36)])
def test_a_picture_of_any_even_size_comes_back_whole(size: tuple[int, int]):
    width, height = size
    coder = VideoCoder(width, height, crf=1)
    rows, columns = np.mgrid[:height, :width]
    for k in range(3):
        rgb = np.stack([255 * rows / height, 255 * columns / width, np.full(rows.shape, 60.0 * k)], axis=2)
        _, decoded = coder.code(np.ascontiguousarray(rgb.astype(np.uint8)), k / 30)
        assert decoded.shape == (height, width, 3)
        assert np.abs(decoded.astype(int) - rgb).max() < 24
        assert np.abs(decoded.astype(int) - rgb).mean() < 3
