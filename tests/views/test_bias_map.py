import json

import numpy as np
import pytest

from csnviz.facs import AUSet
from csnviz.views.bias_map import OFFSETS, RATES, PeopleMap, map_figure, map_layout, map_traces

AUS = AUSet((9, 12))
VALUES = np.array([[0.25, np.nan], [0.0, 1.0]])


def shown(**changes):
    counts = {"errors": np.array([[1, 0], [0, 3]]), "frames": np.array([[4, 0], [8, 3]])}
    given = {"people": ("A", "● B"), "aus": AUS, "values": VALUES, **counts, "signed": False, "highest": 1.0}
    return PeopleMap(**{**given, "what": "overestimate", **changes})


def test_a_cell_says_who_which_unit_and_on_how_many_frames_it_stands():
    cells, empty = map_traces(shown())
    assert cells.hovertext[0][0] == "A, AU9 nose wrinkler<br>overestimate in 1 of 4 frames (25%)"
    assert [list(row) for row in cells.text] == [["25%", ""], ["0%", "100%"]]
    assert list(empty.hovertext) == ["A, AU12 lip corner puller<br>overestimate: no such frame"]


def test_what_is_undefined_is_hatched_and_has_no_colour():
    cells, empty = map_traces(shown())
    assert cells.z[0][1] is None
    assert (list(empty.y), empty.base[0] + empty.x[0] / 2) == ([0], pytest.approx(1.0))
    assert empty.marker.pattern.shape == "/"
    # A NaN in a table of numbers would be no JSON, and the browser would never hear of the others.
    json.dumps(map_figure(shown()).to_plotly_json()["data"][0]["z"], allow_nan=False)


def test_only_what_may_be_below_nothing_gets_two_colours_around_it():
    cells, _ = map_traces(shown())
    assert (cells.zmin, cells.zmax) == (0.0, 1.0)
    assert cells.colorscale[-1][1] == RATES[-1][1]
    signed, _ = map_traces(
        shown(values=np.array([[-0.5, 0.2], [0.0, 1.5]]), signed=True, highest=2.0, what="neutral offset")
    )
    assert (signed.zmin, signed.zmax) == (-2.0, 2.0)
    assert signed.colorscale[0][1] == OFFSETS[0][1]
    assert signed.text[0][0] == "−0.5"
    assert signed.hovertext[1][1].endswith("neutral offset +1.50 (3 reference frames)")


def test_people_who_are_not_estimated_yet_say_so():
    _, empty = map_traces(shown(unread=frozenset({0})))
    assert empty.hovertext[0].endswith("not estimated yet")


def test_the_cell_looked_at_is_framed():
    around = map_layout(shown(chosen=(1, 0))).shapes[0]
    assert (around.x0, around.x1, around.y0, around.y1, around.visible) == (-0.5, 0.5, 0.5, 1.5, True)
    assert map_layout(shown()).shapes[0].visible is False
    assert list(map_layout(shown()).yaxis.ticktext) == ["A", "● B"]
