import numpy as np

from csnviz.facs import AUSet
from csnviz.views.figures import (
    HIGHEST,
    LOWEST,
    QUIET,
    Bars,
    Curves,
    bar_patches,
    curve_patches,
    explorer_figure,
    layout_patch,
)
from csnviz.views.methods import ESTIMATORS, LABEL
from csnviz.views.thinning import thinned

AUS = AUSet((4, 9, 12))
KEYS = ("label", "ncg", "bs", "csn")
RANDOM = np.random.default_rng(3)


def some_curves(count: int = 20, **changed: np.ndarray) -> Curves:
    values = {key: RANDOM.uniform(0, 4, count).astype(np.float32) for key in KEYS}
    return Curves("AU9 nose wrinkler", np.arange(100, 100 + count), values | changed, reference=101)


def some_bars(**changed: np.ndarray) -> Bars:
    values = {key: RANDOM.uniform(0, 4, 3).astype(np.float32) for key in KEYS}
    return Bars(AUS, 104, values | changed, AUS.column_of(9))


def test_labels_and_methods_share_one_axis_from_minus_one_to_five():
    figure = explorer_figure(some_curves(), some_bars(), calibrated=True)
    assert tuple(figure.layout.yaxis.range) == (-1, 5)
    assert {trace.yaxis or "y" for trace in figure.data} == {"y"}


def test_the_curves_are_the_numbers_that_were_given():
    curves = some_curves()
    figure = explorer_figure(curves, some_bars(), calibrated=True)
    for trace, key in zip(figure.data[:4], KEYS, strict=True):
        np.testing.assert_array_equal(trace.y, curves.values[key])
        np.testing.assert_array_equal(trace.x, curves.frames)


def test_methods_differ_in_colour_and_in_line_style():
    methods = (LABEL, *ESTIMATORS)
    assert len({method.colour for method in methods}) == 4
    assert len({method.dash for method in ESTIMATORS}) == 3


def test_without_the_reference_only_the_label_and_the_non_calibrated_curve_are_shown():
    off, on = (curve_patches(some_curves(), calibrated) for calibrated in (False, True))
    assert [patch["visible"] for patch in off[:4]] == [True, True, False, False]
    assert [patch["visible"] for patch in on[:4]] == [True, True, True, True]


def test_a_frame_without_a_face_is_a_gap_and_not_a_zero():
    ncg = np.ones(20, np.float32)
    ncg[7] = np.nan
    figure = explorer_figure(some_curves(ncg=ncg), some_bars(), calibrated=False)
    assert np.isnan(figure.data[1].y[7])
    assert figure.data[1].connectgaps is False


def test_an_unfit_reference_is_marked_on_every_curve_that_uses_it():
    curves = some_curves()
    marked = Curves(curves.title, curves.frames, curves.values, curves.reference, "AU12 is labelled 3")
    assert ["⚠" in patch["name"] for patch in curve_patches(marked, True)[:4]] == [False, False, True, True]
    caution = layout_patch(marked, some_bars(), True)["annotations"][2]
    assert (caution["visible"], caution["text"]) == (True, "⚠ reference not fit: AU12 is labelled 3")
    assert layout_patch(curves, some_bars(), True)["annotations"][2]["visible"] is False
    assert not any("⚠" in patch["name"] for patch in curve_patches(curves, True)[:4])


def test_estimates_beyond_the_axis_stay_visible_at_its_edge():
    csn = np.zeros(20, np.float32)
    csn[3], csn[9] = 6.25, -1.5
    beyond = curve_patches(some_curves(csn=csn), calibrated=True)[4]
    assert (beyond["x"], beyond["y"]) == ([103, 109], [HIGHEST, LOWEST])
    assert beyond["text"] == ["CSN 6.2, beyond the axis", "CSN -1.5, beyond the axis"]
    assert curve_patches(some_curves(csn=csn), calibrated=False)[4]["x"] == []


def test_the_cursor_stands_at_the_current_frame_and_the_band_at_the_chosen_unit():
    cursor, reference, band = layout_patch(some_curves(), some_bars(), True)["shapes"]
    assert (cursor["x0"], cursor["x1"]) == (104, 104)
    assert (reference["x0"], reference["visible"]) == (101, True)
    assert (band["x0"], band["x1"]) == (0.5, 1.5)


def test_bars_show_three_methods_and_the_label_of_every_unit():
    bars = some_bars()
    for patch, key in zip(bar_patches(bars, True)[:4], ("ncg", "bs", "csn", "label"), strict=True):
        np.testing.assert_array_equal(patch["y"], bars.values[key])


def test_the_figure_never_offers_to_upload_itself():
    assert QUIET["showSendToCloud"] is False
    assert QUIET["plotlyServerURL"] == ""


def test_no_trace_needs_a_graphics_card():
    kinds = {trace.type for trace in explorer_figure(some_curves(), some_bars(), True).data}
    assert kinds == {"scatter", "bar"}


def test_a_long_recording_is_drawn_with_few_points_and_all_its_extremes():
    x, y = np.arange(100_003, dtype=np.float32), RANDOM.normal(size=100_003).astype(np.float32)
    y[:9000] = np.nan
    few_x, few_y = thinned(x, y)
    assert len(few_x) == len(few_y) <= 2500
    assert np.nanmin(few_y) == np.nanmin(y)
    assert np.nanmax(few_y) == np.nanmax(y)
    assert np.all(np.diff(few_x) >= 0)
    shown = ~np.isnan(few_y)
    np.testing.assert_array_equal(few_y[shown], y[few_x[shown].astype(int)])
    assert np.isnan(few_y[few_x < 8900]).all()


def test_a_short_recording_is_drawn_as_it_is():
    x, y = np.arange(2500, dtype=np.float32), RANDOM.normal(size=2500).astype(np.float32)
    assert thinned(x, y)[1] is y


def test_the_legend_names_no_human_label_where_nobody_coded_the_unit():
    for label, named in ((np.full(20, np.nan, np.float32), False), (np.zeros(20, np.float32), True)):
        figure = explorer_figure(some_curves(label=label), some_bars(), calibrated=True)
        assert [trace.showlegend for trace in figure.data[:4]] == [named, True, True, True]
