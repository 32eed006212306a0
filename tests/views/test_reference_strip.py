from dataclasses import replace

import numpy as np
import pytest

from csnviz.views.reference_strip import ReferenceStrip, strip_figure, strip_layout, strip_traces

STRIP = ReferenceStrip(
    title="P, own camera",
    frames=np.array([3, 4, 7, 9]),
    icc=np.array([0.8, 0.7, 0.9, np.nan]),
    error=np.array([0.4, 1.2, 0.3, 0.5]),
    fit=np.array([True, False, True, False]),
    alone_icc=0.85,
    alone_error=0.6,
    chosen=0,
    chosen_by="the authors' choice",
)


def named(figure, name: str):
    return [trace for trace in figure.data if trace.name.startswith(name)]


@pytest.mark.parametrize(("name", "frames", "error"), [("fit", [3, 7], [0.4, 0.3]), ("not fit", [4, 9], [1.2, 0.5])])
def test_fit_and_unfit_candidates_are_told_apart_by_their_marks(name, frames, error):
    above, below = named(strip_figure(STRIP), name)
    assert list(above.x) == list(below.x) == frames
    np.testing.assert_allclose(below.y, error, rtol=1e-6)
    assert len({trace.marker.symbol for kind in ("fit", "not fit") for trace in named(strip_figure(STRIP), kind)}) == 2


def test_the_line_without_a_reference_runs_through_both_rows():
    above, below = named(strip_figure(STRIP), "NCG")
    assert list(above.y) == [0.85, 0.85]
    assert list(below.y) == [0.6, 0.6]


@pytest.mark.parametrize(
    ("name", "frame", "error"), [("smallest error", 7, 0.3), ("largest error", 4, 1.2), ("the authors' choice", 3, 0.4)]
)
def test_best_worst_and_chosen_are_ringed_in_both_rows_and_named_once(name, frame, error):
    above, below = named(strip_figure(STRIP), name)
    assert list(above.x) == list(below.x) == [frame]
    assert above.name == f"{name}: frame {frame}, {error:.2f}"
    assert (above.showlegend, below.showlegend) == (True, False)


def test_the_figure_itself_says_that_labels_did_the_judging():
    assert any("chosen_by = labels" in words.text for words in strip_figure(STRIP).layout.annotations)


def test_without_a_reference_in_use_the_figure_keeps_its_parts_so_that_it_can_be_patched():
    nobody = replace(STRIP, chosen=None, chosen_by="")
    assert len(strip_traces(nobody)) == len(strip_traces(STRIP))
    assert len(strip_layout(nobody).annotations) == len(strip_layout(STRIP).annotations)
    assert [trace.visible for trace in strip_traces(nobody)].count(False) == 2
