from dataclasses import replace

import pandas as pd
import pytest

from csnviz.errors import InputError
from csnviz.evaluation.bias import NEUTRAL_OFFSET
from csnviz.views.methods import CSN
from csnviz.views.who_panel import HIDDEN, NO_LAB, WhoPage

ATTRIBUTES = pd.DataFrame(
    [("P1", "eyeglasses", "present", "person"), ("P2", "eyeglasses", "absent", "person")],
    columns=["participant", "attribute", "value", "by"],
)


@pytest.fixture
def page(source):
    made = WhoPage(replace(source, attributes=ATTRIBUTES), None, lambda state: opened.append(state) or made.open)
    opened = made.opened = []
    for plot in (made.map, made.effects):
        plot.connect()
    assert made.networks.wait()
    return made


def test_everybody_is_read_and_the_map_is_filled(page):
    assert page.misread.read == ("P1", "P2")
    cells = page.map.figure.data[0]
    assert [row[1] for row in cells.z] == [1.0, 1.0]
    assert page.people.children[-1].children == ()


def test_a_click_shows_the_worst_frame_beside_the_reference_with_its_numbers(page):
    page._click(1, 1)
    assert "P2, AU9 nose wrinkler, overestimate: NCG 10 of 10 frames" in page._words.value
    assert page.faces.file("image")
    assert page.faces.file("reference")
    assert page.faces.titles["reference"] == "Reference: frame 0"
    assert "<td>1.8</td>" in page._numbers.value
    assert page.map.figure.layout.shapes[0].visible


def test_the_frame_opens_in_the_workbench(page):
    page._click(1, 0)
    page.open.click()
    state = page.opened[0]
    assert (state.frame.partition("/")[0], state.au, state.calibrated) == ("P1", 9, True)
    assert f"?{state.query.replace('&', '&amp;')}" in page._numbers.value
    assert page.people.children[-1].children == (page.open,)


def test_a_cell_in_which_nothing_could_happen_says_so(page):
    page.measure.value = "false negative"
    page._click(0, 0)
    assert "no such frame" in page._words.value
    assert page.open.disabled
    page._click(7, 9)  # beside the map
    assert "no such frame" in page._words.value


def test_another_method_or_measure_changes_the_map_and_both_lists_of_measures(page):
    page.method.value, page.measure_here.value = CSN, NEUTRAL_OFFSET
    assert page.measure.value == NEUTRAL_OFFSET
    assert page.map.figure.data[0].z[0][1] == pytest.approx(0.2)
    assert "intensity steps" in page.effects.figure.layout.yaxis.title.text
    page.marked.value = "eyeglasses"
    assert list(page.map.figure.layout.yaxis.ticktext) == ["● P1", "P2"]


def test_the_known_attributes_of_a_person_are_named(page):
    page._click(1, 0)
    assert "P1 is known to have: eyeglasses." in page._words.value


def test_hidden_faces_stay_hidden(source):
    page = WhoPage(replace(source, hidden_faces=True))
    assert page.networks.wait()
    page._click(1, 0)
    assert (page.faces.file("image"), page.faces.file("reference")) == (b"", b"")
    assert page._numbers.value.count(HIDDEN) == 1
    assert page.open.layout.display == "none"


def test_without_drawn_people_the_lab_says_what_it_needs(page):
    assert page.lab is None
    assert NO_LAB in page.stress.children[1].value


def test_what_goes_wrong_is_a_sentence(source):
    def refuse(frames, watch):
        raise InputError("The network is not there.")

    page = WhoPage(replace(source, without_reference=refuse))
    assert page.networks.wait()
    assert "The network is not there." in page._notice.value


def test_nobody_is_read_before_a_browser_has_the_map(source):
    page = WhoPage(source, networks_wait=60.0)
    assert not page.networks.wait(0.3)
    page.map.connect()
    assert page.networks.wait(30.0)
    assert set(page.misread.read) == set(source.frames.participants)
