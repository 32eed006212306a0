import numpy as np
import pandas as pd
import pytest

from csnviz.errors import InputError
from csnviz.facs import AUSet
from csnviz.views.latest_only import LatestOnly
from csnviz.views.stress import BOTH, IMAGE, Dosed, Lab, Preset, Stressed
from csnviz.views.stress_figure import Moved, moved_figure, moved_layout, moved_traces, nothing_moved
from csnviz.views.stress_panel import StressPanel, in_words

AUS = AUSet((4, 9))
PRESET = Preset("Glasses taken for AU9", "P2", "eyeglasses", 9, "Look at the bridge.")


def values(ncg, csn):
    return {key: np.array(each, np.float32) for key, each in (("ncg", ncg), ("bs", ncg), ("csn", csn))}


def answer(asked: Dosed, watch) -> Stressed:
    """Glasses add their dose to AU9 in NCG, whatever they are worn on."""
    if asked.attribute == "a hat":
        raise InputError("The cast knows no attribute 'a hat'.")
    label = np.array([0, 2], np.float32)
    off = values([0, 0.5], [0, 0.25])
    return Stressed(AUS, label, off, values([0, 0.5 + asked.dose], [0, 0.25]), (b"a", b"b", b"c", b"d"), 0.7, 0)


def everybody(asked: Dosed, watch) -> tuple[pd.DataFrame, int]:
    line = ("NCG", "AU09", asked.dose, 0.5, 1.5, "words")
    return pd.DataFrame([line], columns=["method", "au", "difference", "low", "high", "words"]), 5


@pytest.fixture
def panel():
    lab = Lab(("P1", "P2"), 12, ("eyeglasses", "beard", "a hat"), (PRESET,), answer, everybody)
    failures = []
    networks = LatestOnly(lambda _: None, failures.append)
    made = StressPanel(lab, AUS, networks, lambda who, au: 7 if (who, au) == ("P2", 9) else None)
    for plot in (made.chart, made.crowd):
        plot.connect()
    made.networks, made.failures = networks, failures
    return made


def test_a_case_puts_the_attribute_on_both_faces_of_its_person_in_their_worst_frame(panel):
    panel.preset.value = PRESET
    assert panel.networks.wait()
    assert panel.asked == Dosed("P2", 7, "eyeglasses", 1.0, BOTH)
    assert "NCG 0.5 to 1.5" in panel.words.value
    assert "CSN 0.2 to 0.2" in panel.words.value
    assert "Look at the bridge." in panel.words.value
    assert panel.faces.value.count("<img") == 4
    np.testing.assert_allclose(panel.chart.figure.data[0].y, [0, 1.0])


def test_another_dose_or_place_asks_again_and_another_person_leaves_the_case(panel):
    panel.preset.value = PRESET
    panel.dose.value = 0.4
    panel.worn.value = IMAGE
    assert panel.networks.wait()
    assert panel.asked == Dosed("P2", 7, "eyeglasses", 0.4, IMAGE)
    assert panel.preset.value == PRESET
    np.testing.assert_allclose(panel.chart.figure.data[0].y, [0, 0.4], atol=1e-6)
    panel.person.value = "P1"
    assert panel.networks.wait()
    assert panel.preset.value != PRESET


def test_a_handful_of_people_are_asked_when_the_button_is_pressed(panel):
    panel.everybody.click()
    assert panel.networks.wait()
    assert "5 people" in panel.crowd_words.value
    np.testing.assert_allclose(panel.crowd.figure.data[0].y, [np.nan, 1.0])


def test_what_cannot_be_drawn_is_a_sentence(panel):
    panel.attribute.value = "a hat"
    assert panel.networks.wait()
    assert panel.failures == ["The cast knows no attribute 'a hat'."]


def test_the_words_are_about_the_unit_that_moves_most_where_no_case_says_which():
    words = in_words(Dosed("P1", 3, "eyeglasses", 0.5), answer(Dosed("P1", 3, "eyeglasses", 0.5), None), 0)
    assert words.startswith(
        "AU9 nose wrinkler, frame 3, label 2 (slight): eyeglasses from 0 to 0.5 on image and reference moves"
    )
    assert words.endswith("P1 carries it at 0.70 in the cast.")


def test_bars_are_changes_and_the_axis_reaches_them_all():
    moved = Moved(AUS, np.zeros(2, np.float32), values([1, 1], [1, 1]), values([1, -1], [1, 1.5]), 9)
    np.testing.assert_allclose(moved_traces(moved)[0].y, [0, -2])
    assert moved_layout(moved).yaxis.range[0] == pytest.approx(-2.16)
    band = moved_layout(moved).shapes[-1]
    assert (band.x0, band.x1, band.visible) == (0.5, 1.5, True)
    assert moved_figure(nothing_moved(AUS)).layout.shapes[-1].visible is False
