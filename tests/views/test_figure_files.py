import json
from unittest import mock

import numpy as np
import pytest

from csnviz.data.tables import PredictionTable
from csnviz.facs import AUSet
from csnviz.views.figure_files import figure_caption, figure_for_file, figure_html, figure_message
from csnviz.views.figures import Bars, Curves, explorer_figure

AUS = AUSet((4, 9, 12))


def column(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


@pytest.fixture
def curves() -> Curves:
    values = {"label": column(0, 0, 3), "ncg": column(1, 2, 4), "bs": column(0, 1, 3), "csn": column(0, 0, 3)}
    return Curves("AU9 nose wrinkler", np.array([10, 11, 12]), values, reference=10)


@pytest.fixture
def bars() -> Bars:
    return Bars(AUS, 11, {key: column(0, 1, 2) for key in ("label", "ncg", "bs", "csn")}, 1)


@pytest.fixture
def table(frames) -> PredictionTable:
    words = {"network": {"name": "cast <b>CSN</b>", "sha256": "0123456789abcdef" * 4}, "versions": {"csnviz": "0.1"}}
    blank = np.full((len(frames), 3), np.nan, np.float32)
    return PredictionTable(frames.rows, blank, blank, frames.aus, "intensity", "CSN-IR50", "OFC", words)


def test_a_caption_names_the_person_the_frames_the_reference_and_the_network(curves, table):
    assert figure_caption(curves, "P1, front camera", [table]) == (
        "P1, front camera, frames 10–12 (3); reference: frame 10. CSN-IR50: cast <b>CSN</b> 0123456789ab. csnviz 0.1."
    )


def test_a_caption_says_what_speaks_against_the_numbers(curves, table):
    flawed = Curves(curves.title, curves.frames, curves.values, 10, "eyes closed", in_sample=True)
    caption = figure_caption(flawed, "P1", [table])
    assert "not fit: eyes closed" in caption
    assert "in-sample" in caption
    without = Curves(curves.title, curves.frames, curves.values)
    assert "no reference" in figure_caption(without, "P1", [])


def test_a_figure_for_a_file_draws_what_the_page_draws_on_white_and_with_its_caption(curves, bars):
    page, file = explorer_figure(curves, bars, True), figure_for_file(curves, bars, True, "P1; reference: frame 10.")
    for one, other in zip(page.data, file.data, strict=True):
        assert one.to_plotly_json().keys() == other.to_plotly_json().keys()
        np.testing.assert_array_equal(one.y, other.y)
    assert (file.layout.paper_bgcolor, file.layout.plot_bgcolor) == ("#ffffff", "#ffffff")
    assert file.layout.annotations[-1].text == "P1; reference: frame 10."
    assert len(page.layout.annotations) == len(file.layout.annotations) - 1


def test_a_long_caption_makes_the_figure_higher_and_markup_in_it_stays_text(curves, bars):
    short, long = (figure_for_file(curves, bars, True, text) for text in ("a", "<i>network</i> & " * 40))
    assert long.layout.height > short.layout.height
    assert "&lt;i&gt;network&lt;/i&gt; &amp;" in long.layout.annotations[-1].text


def test_the_page_of_a_figure_needs_no_other_file(curves, bars):
    html = figure_html(figure_for_file(curves, bars, True, "P1"), "P1 <AU9>")
    assert "<title>P1 &lt;AU9&gt;</title>" in html
    assert "<script src=" not in html
    assert "<link" not in html
    assert '"showSendToCloud": false' in html


def test_what_the_browser_is_sent_is_plain_json_with_a_safe_name(curves, bars):
    message = figure_message(figure_for_file(curves, bars, True, "P1"), "svg", "P1/AU9")
    assert json.loads(json.dumps(message)) == message
    assert (message["type"], message["format"], message["name"]) == ("download", "svg", "P1-AU9.svg")
    assert (message["width"], message["height"]) == (1200, 395)


def test_the_chart_sends_what_it_shows(curves, bars):
    import threading

    from csnviz.views.chart import Chart

    chart = Chart(curves, bars, print, print, threading.RLock())
    with mock.patch.object(chart.widget, "send") as send:
        chart.save("png", "P1", "a caption")
    message = send.call_args.args[0]
    assert (message["name"], message["figure"]["layout"]["annotations"][-1]["text"]) == ("P1.png", "a caption")
    assert "a caption" in chart.as_html("P1", "a caption")
