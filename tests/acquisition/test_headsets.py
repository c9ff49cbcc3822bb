"""Each row of how real headsets look on LSL: its channels, units, clock, and every sample."""

import contextlib
import queue

import numpy as np
import pylsl
import pytest

from acquisition.lsl import LslSource
from acquisition.reader import Reader
from core.config import EegConfig
from core.data import Chunk, Notice
from tests.headsets import HEADSETS, FakeOutlet

_CYTON = ("Fp1", "Fp2", "C3", "C4", "P7", "P8", "O1", "O2")
_MUSE = ("TP9", "AF7", "AF8", "TP10")
_UNICORN = ("Fz", "C3", "Cz", "C4", "Pz", "PO7", "Oz", "PO8")
_NUMBERED = tuple(f"Ch{n + 1}" for n in range(32))

ROWS = {
    # headset: EEG channels, µV per unit, kinds of notice
    "muselsl": (_MUSE, 1.0, {"clock"}),
    "bluemuse": (_MUSE, 1.0, set()),
    "openbci-gui": (_CYTON, 1.0, {"unit", "info"}),
    "openbci-gui-daisy": ((*_CYTON, "F7", "F8", "F3", "F4", "T7", "T8", "P3", "P4"), 1.0, {"unit", "info"}),
    "brainflow": (_CYTON, 1.0, {"unit", "info", "clock"}),
    "liveamp": (tuple(p.label for p in HEADSETS["liveamp"].parts[:29]), 1.0, set()),
    "emotiv": (tuple(p.label for p in HEADSETS["emotiv"].parts[3:17]), 1.0, {"unit"}),
    "unicorn": (_UNICORN, 1.0, {"unit", "info"}),
    "unicorn-data": (_UNICORN, 1.0, {"unit", "info"}),
    "ant-eego": (_NUMBERED, 1e6, {"info"}),
    "ant-eego-wrong": (_NUMBERED, 1.0, {"info", "unit"}),
    "cgx": (tuple(p.label for p in HEADSETS["cgx"].parts[:30]), 1.0, set()),
    "neurosity": (("CP3", "C3", "F5", "PO3", "PO4", "F6", "C4", "CP4"), 1.0, set()),
    "mne-lsl-player": (("Fp1", "Fp2", "T7", "T8", "P7", "P8", "O1", "O2"), 1e6, set()),
}


@pytest.fixture(scope="module")
def sessions(streaming):
    """Every headset at once, each read by a reader of its own: outlet, stream, what came in."""
    with contextlib.ExitStack() as stack:
        outlets = {key: stack.enter_context(FakeOutlet(headset)) for key, headset in HEADSETS.items()}
        inboxes = {key: queue.Queue() for key in HEADSETS}
        readers = {key: Reader(LslSource(_only(key), key), inboxes[key], pylsl.local_clock) for key in HEADSETS}
        with streaming(*outlets.values()):
            for reader in readers.values():
                stack.callback(reader.stop)
                reader.start()
            infos = {key: reader.wait_ready(60.0)[0] for key, reader in readers.items()}
        found = {}
        for key, inbox in inboxes.items():
            newest = outlets[key].stamps[-1][-1]
            items = []
            while not (items and isinstance(items[-1], Chunk) and items[-1].timestamps[-1] >= newest):
                items.append(inbox.get(timeout=120.0))
            found[key] = (outlets[key], infos[key], [item for item in items if isinstance(item, Chunk | Notice)])
        yield found


def _only(key):
    h = HEADSETS[key]
    what = f"name='{h.name}' and source_id='{h.source_id}' and channel_count={len(h.parts)}"
    return EegConfig(predicate=what, wait=30.0)


def test_every_headset_has_a_row():
    assert set(ROWS) == set(HEADSETS)


@pytest.mark.parametrize("key", HEADSETS)
def test_channels(sessions, key):
    _, info, _ = sessions[key]
    assert info.ch_names == ROWS[key][0]
    assert len(info.channels) == len(HEADSETS[key].parts)
    placed = [info.channels[i].position is not None for i in info.picks]
    assert all(placed) != key.startswith("ant")
    assert [c.label for c in info.channels] == [p.label for p in HEADSETS[key].parts]


@pytest.mark.parametrize("key", HEADSETS)
def test_unit(sessions, key):
    _, info, items = sessions[key]
    chunks = [item for item in items if isinstance(item, Chunk)]
    microvolts = np.concatenate([c.data[:, info.picks] for c in chunks]) * [
        info.channels[i].scale_uv for i in info.picks
    ]
    assert {info.channels[i].scale_uv for i in info.picks} == {ROWS[key][1]}
    assert 5.0 < np.median(microvolts.std(axis=0)) < 40.0
    assert info.unit_confirmed == ("unit" not in ROWS[key][2])


@pytest.mark.parametrize("key", HEADSETS)
def test_clock(sessions, key):
    _, info, items = sessions[key]
    rebased = HEADSETS[key].stamps == "unix"
    assert info.clock == ("rebased" if rebased else "lsl")
    epoch = 1_700_000_000.0 if rebased else 0.0
    offsets = np.array([item.clock_offset for item in items if isinstance(item, Chunk)])
    # The outlet's true clock is known here: the local one, or that plus the epoch. Delay is all that may be added.
    assert np.all(offsets + epoch > -0.02)
    assert np.all(offsets + epoch < (0.5 if rebased else 0.02))


@pytest.mark.parametrize("key", HEADSETS)
def test_what_a_person_is_told(sessions, key):
    _, _, items = sessions[key]
    notices = [item for item in items if isinstance(item, Notice) and item.kind != "rate"]
    assert {notice.kind for notice in notices} == ROWS[key][2]
    assert len(notices) == len(ROWS[key][2])


@pytest.mark.parametrize("key", HEADSETS)
def test_samples_are_raw_and_complete(sessions, key):
    outlet, info, items = sessions[key]
    data = np.concatenate([item.data for item in items if isinstance(item, Chunk)])
    stamps = np.concatenate([item.timestamps for item in items if isinstance(item, Chunk)])
    sent, sent_stamps = np.concatenate(outlet.sent), np.concatenate(outlet.stamps)
    assert info.dtype == HEADSETS[key].dtype
    assert data.dtype == sent.dtype
    # All from the first sample that was read to the last that was sent.
    np.testing.assert_array_equal(stamps, sent_stamps[-len(stamps) :])
    np.testing.assert_array_equal(data, sent[-len(data) :])
    assert len(data) >= info.sfreq


def test_keys_tell_equal_source_ids_apart(sessions):
    keys = {info.key for _, info, _ in sessions.values()}
    assert len(keys) == len(HEADSETS)
