import numpy as np
import pandas as pd
import pytest

from csnviz.recipes.explanation_finding import Finding, counted, finding_lines, over_people

LINES = pd.DataFrame({"participant": ["a", "a", "a", "b", "c"], "value": [0.0, 0.0, 3.0, 2.0, 6.0]})


def test_everybody_weighs_alike_however_many_frames_they_have():
    mean, low, high = over_people(LINES, "value")
    assert mean == pytest.approx((1 + 2 + 6) / 3)
    assert low < mean < high


def test_two_people_have_no_interval():
    assert np.isnan(over_people(LINES[LINES["participant"] != "c"], "value")[1:]).all()


def test_lines_and_people_are_counted():
    assert counted(LINES) == "5 frames, 3 people"


def test_a_finding_is_a_line_of_the_table():
    assert finding_lines([Finding("what", "asked", "found", "of", "yes")])[2:] == [
        "| what | asked | found | of | yes |"
    ]
