"""Text from outside, fit to be shown."""

from xml.etree import ElementTree

import pytest

from core.data import Channel, StreamInfo
from core.plain_text import is_whole, plain, repaired


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Muse-1234 (0°)", "Muse-1234 (0°)"),
        ("Größe\u3000脳波 🧠", "Größe\u3000脳波 🧠"),
        ("می\u200cروم 👩\u200d🔬", "می\u200cروم 👩\u200d🔬"),
        ("a\x00b\x1b[31mc\x9bd", "a�b�[31mc�d"),
        ("one\ntwo\r\tthree\u2028four", "one�two��three�four"),
        ("EEG\u202egpj\u2066", "EEG�gpj�"),
        ("half \ud800 pair", "half � pair"),
        ("<img src=file:///etc/passwd>", "<img src=file:///etc/passwd>"),
        ("x" * 200, "x" * 200),
        ("x" * 201, "x" * 199 + "…"),
    ],
)
def test_plain(text, shown):
    assert plain(text) == shown
    assert plain(shown) == shown
    assert is_whole(shown) == (shown == text)


def test_every_stream_has_plain_texts_and_keeps_what_it_announced():
    info = StreamInfo("key", "eeg", "", "A\x1b]0;evil\x07", "EEG\n", hostname="host", source_id="i" * 300)
    assert (info.name, info.type, info.hostname) == ("A�]0;evil�", "EEG�", "host")
    assert len(info.source_id) == 200
    assert dict(info.announced) == {"name": "A\x1b]0;evil\x07", "type": "EEG\n", "source_id": "i" * 300}
    assert StreamInfo("key", "eeg", "", "Muse").announced == ()


def test_channels_too():
    channel = Channel("C\x08z", "C\x08z", unit="u\x00V")
    assert (channel.name, channel.label, channel.unit) == ("C�z", "C�z", "u�V")


@pytest.mark.parametrize("odd", ["\x01", "&#1;", "&#x1B;", "&#xFFFF;", "&#999999999999;", "\ufffe", "&#xD800;"])
def test_what_no_xml_can_hold_is_replaced(odd):
    (root,) = [ElementTree.fromstring(repaired(f"<name>a{odd}b&#252;&amp;&#10;</name>"))]
    assert root.text == "a�bü&\n"
