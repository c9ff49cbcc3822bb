"""Films of other programs: pictures in the order and at the times of a player, also where some cannot be decoded."""

import struct
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from core.recording import film as film_module
from core.recording.film import FilmReader

N, FPS, GROUP = 24, 8, 8


def coded(codec: str) -> list[av.Packet]:
    """Return packets of pictures that grow lighter by 10, some coded in another order than they are shown in."""
    encoder: Any = av.CodecContext.create(codec, "w")
    encoder.width = encoder.height = 64
    encoder.pix_fmt, encoder.time_base, encoder.framerate = "yuv420p", Fraction(1, FPS), Fraction(FPS)
    encoder.gop_size, encoder.max_b_frames = GROUP, 2
    encoder.options = {"sc_threshold": "0", "keyint_min": str(GROUP)} if codec == "libx264" else {"sc_threshold": "0"}
    packets = []
    for k in range(N):
        frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 10 * k, np.uint8), format="rgb24")
        frame.pts = k
        packets += encoder.encode(frame)
    return [*packets, *encoder.encode(None)]


def write(path: Path, codec: str, packets: list[tuple[int, av.Packet]]) -> Path:
    """Write packets, each at its place of the file: an AVI keeps no other times."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=FPS)
        stream.width = stream.height = 64
        stream.pix_fmt, stream.time_base = "yuv420p", Fraction(1, FPS)
        for place, packet in packets:
            own = av.Packet(bytes(packet))
            own.stream, own.time_base, own.is_keyframe = stream, Fraction(1, FPS), packet.is_keyframe
            own.pts, own.dts = (place, place) if path.suffix == ".avi" else (packet.pts, packet.dts)
            container.mux(own)
    return path


def read(path: Path) -> tuple[list[tuple[float, int]], FilmReader]:
    """Return when each picture is shown, in pictures, and which of those that were coded it is."""
    with FilmReader(path) as film:
        found = []
        while (one := film.read()) is not None:
            found.append((one[0] * FPS, round(float(one[1].mean()) / 10)))
    return found, film


@pytest.mark.parametrize("codec", ["libx264", "mpeg4"])
def test_all_pictures_of_an_avi_come_in_order_at_their_times(tmp_path: Path, codec: str):
    found, film = read(write(tmp_path / "f.avi", codec, list(enumerate(coded(codec)))))
    assert found == [(pytest.approx(k), k) for k in range(N)]
    assert (film.number, film.n_lost) == (N - 1, 0)
    assert film.seconds == pytest.approx(N / FPS)


@pytest.mark.parametrize("name", ["f.avi", "f.ts", "f.mkv"])
@pytest.mark.parametrize("n_gone", [1, 3, GROUP + 2])
def test_a_film_that_begins_within_a_group_shows_what_can_be_decoded_at_its_times(
    tmp_path: Path, name: str, n_gone: int
):
    packets = coded("libx264")[n_gone:]
    found, film = read(write(tmp_path / name, "libx264", list(enumerate(packets))))
    first = GROUP * (1 + n_gone // GROUP)
    assert [which for _, which in found] == list(range(first, N)), "from the first that stands alone"
    np.testing.assert_allclose(np.diff([at for at, _ in found]), 1.0, atol=1e-3)
    if name == "f.avi":
        assert found[0][0] == pytest.approx(first - n_gone), "what cannot be decoded has its time"
        assert film.n_lost == first - n_gone
    assert film.number == film.n_lost + len(found) - 1


def test_damage_within_a_film_costs_what_builds_on_it_and_moves_no_other_picture(tmp_path: Path):
    packets = coded("libx264")
    for k in range(GROUP + 1, 2 * GROUP):
        packets[k] = av.Packet(b"\xff" * packets[k].size)
    found, film = read(write(tmp_path / "f.avi", "libx264", list(enumerate(packets))))
    assert {which: round(at, 3) for at, which in found} == {k: k for k in range(N) if not GROUP < k < 2 * GROUP}
    assert (film.number, film.n_lost) == (N - 1, GROUP - 1)


def test_pictures_that_nobody_wants_are_counted_and_not_turned_into_rgb(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    turned: list[int] = []
    upright = film_module._upright
    monkeypatch.setattr(film_module, "_upright", lambda frame: turned.append(film.number) or upright(frame))
    film: FilmReader = FilmReader(write(tmp_path / "f.mkv", "libx264", list(enumerate(coded("libx264")))))
    found = []
    with film:
        while (one := film.read(lambda time: (round(time * FPS), film.number % 4) == (film.number, 1))) is not None:
            found.append(one[1].shape)
    assert turned == list(range(1, N, 4))
    assert found == [(64, 64, 3) if k % 4 == 1 else (0, 0, 3) for k in range(N)]
    assert (film.number, film.n_lost) == (N - 1, 0)


def test_a_picture_that_is_shown_again_takes_its_time(tmp_path: Path):
    """A program that was late writes nothing into an AVI, and the picture before stays."""
    packets = [(k + 3 * (k >= GROUP), packet) for k, packet in enumerate(coded("libx264"))]
    found, film = read(write(tmp_path / "f.avi", "libx264", packets))
    assert found == [(pytest.approx(k + 3 * (k >= GROUP)), k) for k in range(N)]
    assert film.n_lost == 0


def test_an_empty_packet_does_not_end_a_film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = write(tmp_path / "f.avi", "libx264", list(enumerate(coded("libx264"))))
    given = film_module._packets

    def with_an_empty_one(container: Any, stream: Any) -> Iterator[Any]:
        for packet in given(container, stream):
            if packet.dts == GROUP:
                empty: Any = av.Packet()
                empty.stream, empty.dts = stream, packet.dts
                yield empty
            yield packet

    monkeypatch.setattr(film_module, "_packets", with_an_empty_one)
    found, film = read(path)
    assert [which for _, which in found] == list(range(N))
    assert film.n_lost == 0


ONE, LAST = 1 << 16, 1 << 30
SHOWN = {
    "as it is": ((ONE, 0, 0, 0, ONE, 0, 0, 0, LAST), "top left"),
    "a quarter clockwise": ((0, ONE, 0, -ONE, 0, 0, 48 * ONE, 0, LAST), "top right"),
    "a quarter back": ((0, -ONE, 0, ONE, 0, 0, 0, 64 * ONE, LAST), "bottom left"),
    "upside down": ((-ONE, 0, 0, 0, -ONE, 0, 64 * ONE, 48 * ONE, LAST), "bottom right"),
    "mirrored": ((-ONE, 0, 0, 0, ONE, 0, 64 * ONE, 0, LAST), "top right"),
    "mirrored and a quarter": ((0, ONE, 0, ONE, 0, 0, 0, 0, LAST), "top left"),
}


@pytest.mark.parametrize("how", SHOWN)
def test_a_film_is_read_as_a_player_shows_it(tmp_path: Path, how: str):
    matrix, corner = SHOWN[how]
    path = tmp_path / "phone.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        lying = np.zeros((48, 64, 3), np.uint8)
        lying[:24, :32] = 255
        for k in range(3):
            frame = av.VideoFrame.from_ndarray(lying, format="rgb24")
            frame.pts = k
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    content = bytearray(path.read_bytes())
    at = content.index(b"tkhd") + 44
    assert struct.unpack(">9i", content[at : at + 36]) == SHOWN["as it is"][0]
    content[at : at + 36] = struct.pack(">9i", *matrix)
    path.write_bytes(content)
    with FilmReader(path) as film:
        found = film.read()
    assert found is not None
    picture = found[1]
    assert picture.shape == ((64, 48, 3) if "quarter" in how else (48, 64, 3))
    tall, wide = picture.shape[0] // 2, picture.shape[1] // 2
    halves = {"top": slice(0, tall), "bottom": slice(tall, None), "left": slice(0, wide), "right": slice(wide, None)}
    light = {
        f"{row} {column}": picture[halves[row], halves[column]].mean()
        for row in ("top", "bottom")
        for column in ("left", "right")
    }
    assert max(light, key=light.__getitem__) == corner
    assert light[corner] > 240
    assert sorted(light.values())[2] < 20
