import numpy as np
import pandas as pd

from csnviz.facs import AUSet
from csnviz.views.bias_effects import NO_LINES, Effects, effects_figure, effects_traces
from csnviz.views.methods import ESTIMATORS

AUS = AUSet((9, 12))
LINES = pd.DataFrame(
    [
        ("NCG", "AU12", 0.2, 0.1, 0.3, "told"),
        ("NCG", "AU09", 0.5, np.nan, np.nan, ""),
        ("CSN", "AU09", -0.1, -0.2, 0.0, ""),
    ],
    columns=["method", "au", "difference", "low", "high", "words"],
)


def test_each_method_has_its_dots_in_its_colour_over_each_unit():
    ncg, bs, csn = effects_traces(Effects(AUS, LINES, True, "points"))
    np.testing.assert_allclose(ncg.y, [50, 20])
    assert np.isnan(bs.y).all()
    np.testing.assert_allclose(csn.y, [-10, np.nan])
    assert [trace.marker.color for trace in (ncg, bs, csn)] == [method.colour for method in ESTIMATORS]
    np.testing.assert_allclose(csn.x - ncg.x, 0.44)


def test_an_interval_reaches_from_low_to_high_and_a_dot_without_one_is_hollow():
    ncg, _, _ = effects_traces(Effects(AUS, LINES, False, "steps"))
    np.testing.assert_allclose(ncg.error_y.array, [np.nan, 0.1])
    np.testing.assert_allclose(ncg.error_y.arrayminus, [np.nan, 0.1])
    assert list(ncg.marker.symbol) == ["circle-open", "circle"]
    assert list(ncg.hovertext) == ["", "told"]


def test_before_there_is_anything_the_figure_has_its_three_traces():
    figure = effects_figure(Effects(AUS, NO_LINES, True, "points"))
    assert len(figure.data) == 3
    assert len(figure.layout.shapes) == 1
    assert figure.layout.yaxis.title.text == "points"


def test_the_axis_reaches_every_dot_and_no_odd_interval_takes_the_room_from_the_others():
    usual = effects_figure(Effects(AUS, LINES, True, "points")).layout.yaxis.range
    # The highest dot is at 50 points, no interval ends higher.
    np.testing.assert_allclose(usual, [-54, 54])
    odd = LINES.assign(high=[0.3, np.nan, 9.0], low=[0.1, np.nan, -9.0])
    np.testing.assert_allclose(effects_figure(Effects(AUS, odd, False, "steps")).layout.yaxis.range, [-2.16, 2.16])
