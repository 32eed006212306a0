from unittest import mock

import pytest

from csnviz.views.download import Download, safe_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("SN001 AU9 frames 12-80.html", "SN001-AU9-frames-12-80.html"),
        ("../../.bashrc", "bashrc"),
        ('a"b<script>\n.csv', "a-b-script-.csv"),
        ("", "file"),
    ],
)
def test_a_file_name_keeps_letters_and_leaves_folders_and_markup_away(text, name):
    assert safe_name(text) == name
    assert safe_name(name) == name


def test_a_very_long_name_keeps_its_ending():
    assert safe_name("x" * 300 + ".csv").endswith(".csv")
    assert len(safe_name("x" * 300 + ".csv")) == 120


def test_what_is_offered_travels_as_bytes_beside_its_name_and_never_becomes_state():
    download = Download()
    before = dict(download.get_state())
    with mock.patch.object(download, "send") as send:
        download.offer("numbers of P1.csv", b"a,b\n1,2\n", "text/csv")
    words, buffers = send.call_args.args
    assert words == {"type": "offer", "name": "numbers-of-P1.csv", "media_type": "text/csv"}
    assert buffers == [b"a,b\n1,2\n"]
    assert download.get_state() == before
