import threading

import pytest

from csnviz.errors import InputError
from csnviz.views.lesson_guide import GuideSheet
from csnviz.views.lesson_play import PlayedFace


def asked(widget, **message) -> list[tuple[dict, list]]:
    """What a widget sends for a message from the browser."""
    sent = []
    widget.send = lambda content, buffers: sent.append((content, buffers))
    widget._handle_custom_msg({"type": "draw", "slot": "played", **message}, [])
    assert widget.artist.wait(20.0)
    return sent


def test_an_expression_is_drawn_with_its_numbers_and_comes_back_under_its_slot():
    drawn = []
    guide = GuideSheet(lambda expression: drawn.append(dict(expression)) or b"a face")
    assert asked(guide, slot="5-3", expression={"5": 3}) == [
        ({"type": "drawn", "slot": "5-3", "expression": {"5": 3}}, [b"a face"])
    ]
    assert drawn == [{5: 3.0}]


@pytest.mark.parametrize(
    "message",
    [
        {"expression": {"7": 1}}, {"expression": {"5": 6}}, {"expression": {"5": 1.5}}, {"expression": {"5": True}},
        {"expression": "5"}, {}, {"expression": {}, "slot": "../x"}, {"expression": {}, "slot": 5},
        {"expression": {}, "type": "else"},
    ],
)  # fmt: skip
def test_what_is_no_expression_of_known_units_is_not_drawn(message):
    assert asked(PlayedFace(lambda expression: b""), **message) == []


def test_of_faces_played_faster_than_they_are_drawn_only_the_newest_is():
    begun, go_on, drawn = threading.Event(), threading.Event(), []

    def draw(expression):
        begun.set()
        go_on.wait(20.0)
        drawn.append(dict(expression))
        return b""

    played = PlayedFace(draw)
    played.send = lambda content, buffers: None
    for intensity in range(6):
        played._handle_custom_msg({"type": "draw", "slot": "played", "expression": {"4": intensity}}, [])
        assert begun.wait(20.0)
    go_on.set()
    assert played.artist.wait(20.0)
    assert drawn == [{4: 0.0}, {4: 5.0}]


def test_what_cannot_be_drawn_is_said():
    def draw(expression):
        raise InputError("No ink. Buy some.")

    guide = GuideSheet(draw)
    assert asked(guide, expression={}) == []
    assert guide.trouble == "No ink. Buy some."


def test_the_guide_has_the_twelve_units_with_muscle_and_appearance():
    units = GuideSheet(lambda expression: b"").units
    assert [unit["number"] for unit in units] == [1, 2, 4, 5, 6, 9, 12, 15, 17, 20, 25, 26]
    assert units[3]["muscle"] == "levator palpebrae superioris"
    assert all(unit["looks"] for unit in units)
