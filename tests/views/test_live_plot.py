import time

import plotly.graph_objects as go

from csnviz.views.live_plot import LivePlot


def bars(*heights: float) -> list[go.Bar]:
    return [go.Bar(x=[0, 1], y=list(heights))]


def test_the_same_traces_show_other_numbers_and_a_page_that_is_loaded_again_begins_with_them():
    plot = LivePlot(go.Figure(bars(1, 2)), "Two bars", "mine")
    plot.connect()
    plot.show(bars(3, 4), go.Layout(height=200))
    assert list(plot.figure.data[0].y) == [3, 4]
    assert plot.figure.layout.height == 200
    assert list(plot.figure._widget_data[0]["y"]) == [3, 4]
    assert set(plot.ground._dom_classes) == {"csn-plot", "mine"}


def test_nothing_is_changed_before_a_browser_has_drawn_the_plot():
    plot = LivePlot(go.Figure(bars(1, 2)), "Two bars")
    plot.show(bars(3, 4), go.Layout())
    assert list(plot.figure.data[0].y) == [1, 2]
    plot._hear({"new": None})
    plot._hear({"new": {"trace_deltas": []}})
    deadline = time.monotonic() + 10
    while list(plot.figure.data[0].y) == [1, 2] and time.monotonic() < deadline:
        time.sleep(0.05)
    assert list(plot.figure.data[0].y) == [3, 4]


def test_a_click_is_told_by_its_place():
    plot, clicks = LivePlot(go.Figure(bars(1, 2)), "Two bars"), []
    plot.on_click(0, lambda across, downwards: clicks.append((across, downwards)))
    points = type("Points", (), {"xs": [1.2], "ys": [0.0]})
    for call in plot.figure.data[0]._click_callbacks:
        call(None, points, None)
    assert clicks == [(1, 0)]
