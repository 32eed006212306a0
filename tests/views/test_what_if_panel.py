import re

import numpy as np

from csnviz.explain.results import Changed
from csnviz.views.source import Change
from csnviz.views.what_if_panel import FIRST_ASK, NOTHING, WhatIfPanel, what_if_html

OFF = Change("off", "Remove the eyeglasses", approximate=False)
FILL = Change("fill", "Fill the nose bridge", "nose bridge")
OWN = Change(
    "own", "The reference's own nose bridge", "nose bridge", approximate=False, question="It answers only: did it move?"
)


def changed(after: dict[str, float], on_reference: bool = False) -> Changed:
    before = {"ncg": 2.0, "bs": 1.0, "csn": float("nan")}
    return Changed("Without the eyeglasses", np.zeros((8, 8, 3), np.uint8), before, after, False, on_reference)


def test_each_change_has_a_button_and_what_is_filled_by_guessing_is_marked():
    pressed = []
    panel = WhatIfPanel(pressed.append)
    panel.offer((OFF, FILL, OWN))
    assert [button.description for button in panel.buttons.children] == [
        "Remove the eyeglasses", "≈ Fill the nose bridge", "The reference's own nose bridge"
    ]  # fmt: skip
    assert "≈ means that the new pixels are a guess" in panel._answer.value
    assert "did it move?" in panel.buttons.children[2].tooltip
    panel.buttons.children[1].click()
    assert pressed == [FILL]


def test_where_nothing_can_be_changed_that_is_said_and_before_an_answer_what_to_do():
    panel = WhatIfPanel(lambda _: None)
    assert FIRST_ASK in panel._answer.value
    panel.offer(())
    assert NOTHING in panel._answer.value


def test_every_method_is_shown_before_and_after_and_a_dash_where_there_is_none():
    html = what_if_html(changed({"ncg": 0.5, "bs": -0.2, "csn": float("nan")}), OFF)
    assert re.findall(r"<td>([^<]*)</td>", html) == ["2.0 → 0.5", "1.0 → −0.2", "– → –"]
    # Of five steps, 2.0 are 40 %, and nothing is shorter than nothing.
    assert re.findall(r"width: ([\d.]+)%", html) == ["40.0", "10.0", "20.0", "0.0", "0.0", "0.0"]


def test_estimates_beyond_the_scale_are_told_apart_too():
    html = what_if_html(changed({"ncg": 8.0, "bs": 6.0, "csn": float("nan")}), OFF)
    assert re.findall(r"width: ([\d.]+)%", html) == ["25.0", "100.0", "12.5", "75.0", "0.0", "0.0"]


def test_the_answer_says_what_it_is_worth():
    after = {"ncg": 0.5, "bs": 0.0, "csn": 0.0}
    assert "drawn again without it" in what_if_html(changed(after), OFF)
    assert "The reference was changed the same way." in what_if_html(changed(after, on_reference=True), OFF)
    assert "The new pixels are a guess." in what_if_html(changed(after), FILL)
    assert "It answers only: did it move?" in what_if_html(changed(after), OWN)
