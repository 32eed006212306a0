"""Files that the page gives away, saved by a real browser out of Voila and out of JupyterLab."""

import io
import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from csnviz import servers

pytestmark = pytest.mark.browser

PATIENCE = 120_000
CONTENT = bytes(range(256)) * 4096 * 2
"""Two megabytes of every byte there is."""

CELL = """
import threading
import ipywidgets
import numpy as np
from csnviz.facs import AUSet
from csnviz.views.chart import Chart
from csnviz.views.download import Download
from csnviz.views.figures import Bars, Curves
download, keys = Download(), ("label", "ncg", "bs", "csn")
curve = np.array([0, 1, 2, np.nan, 3], np.float32)
curves = Curves("AU9 nose wrinkler", np.arange(5), {key: curve + place for place, key in enumerate(keys)}, 0)
bars = Bars(AUSet((4, 9)), 2, {key: np.array([1, 2], np.float32) for key in keys}, 1)
chart = Chart(curves, bars, print, print, threading.RLock())
acts = {
    "bytes": lambda: download.offer("every byte/twice.bin", bytes(range(256)) * 8192, "application/octet-stream"),
    "svg": lambda: chart.save("svg", "P1 AU9", "P1; reference: frame 0. CSN-IR50: cast 0123456789ab."),
    "png": lambda: chart.save("png", "P1 AU9", "P1; reference: frame 0. CSN-IR50: cast 0123456789ab."),
    "html": lambda: download.offer("figure.html", chart.as_html("P1", "P1; frame 0.").encode(), "text/html"),
    "later": lambda: (chart.connect(), chart.show_frame(Bars(bars.aus, 4, bars.values, 1))),
}
buttons = [ipywidgets.Button(description=name) for name in acts]
for button in buttons:
    button.on_click(lambda pressed: acts[pressed.description]())
ipywidgets.VBox([download, *buttons, chart.ground])
"""


@pytest.fixture(scope="module", params=["voila", "lab"])
def page(
    request: pytest.FixtureRequest, chromium: object, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[object]:
    folder = tmp_path_factory.mktemp("downloads")
    notebook = folder / "downloads.ipynb"
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}}
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "source": CELL, "outputs": [], "execution_count": None}
    notebook.write_text(json.dumps({"cells": [cell], "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}))
    root = folder / "root"
    root.mkdir()
    start = {"voila": servers.start_voila, "lab": servers.start_lab}[request.param]
    context = chromium.new_context(viewport={"width": 1200, "height": 800}, accept_downloads=True)
    with start(notebook, {"OMP_NUM_THREADS": "1"}, root) as server:
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.errors = []
        page.on("console", lambda said: said.type == "error" and page.errors.append(said.text))
        address = server.address
        if request.param == "lab":
            address = address.replace("/lab/tree/", f"/lab/workspaces/{uuid.uuid4().hex}/tree/") + "&reset"
        page.goto(address)
        if request.param == "lab":
            page.wait_for_selector("text=Python 3 (ipykernel) | Idle")
            page.click(".lm-MenuBar-itemLabel:text('Run')")
            page.click(".lm-Menu-itemLabel:text-is('Run All Cells')")
        page.wait_for_selector(".js-plotly-plot .main-svg")
        yield page
    context.close()


def saved(page: object, button: str) -> tuple[str, Path]:
    """The name that the browser was given, and where the file lies."""
    with page.expect_download() as waiting:
        page.click(f"button:text-is('{button}')")
    return waiting.value.suggested_filename, Path(waiting.value.path())


def test_two_megabytes_arrive_byte_for_byte_under_a_safe_name(page):
    name, path = saved(page, "bytes")
    assert name == "every-byte-twice.bin"
    assert path.read_bytes() == CONTENT


def test_an_svg_holds_its_caption_the_labels_and_the_curves_on_white(page):
    name, path = saved(page, "svg")
    svg = path.read_text(encoding="utf-8")
    assert name == "P1-AU9.svg"
    assert svg.startswith("<svg")
    for words in ("reference: frame 0. CSN-IR50: cast 0123456789ab.", "AU9 nose wrinkler", "Human label"):
        assert words in svg
    assert "fill: rgb(255, 255, 255)" in svg


def test_a_png_is_twice_as_fine_and_white_at_its_edge(page):
    name, path = saved(page, "png")
    picture = Image.open(io.BytesIO(path.read_bytes())).convert("RGB")
    assert name == "P1-AU9.png"
    assert picture.size == (2400, 790)
    pixels = np.asarray(picture, int)
    assert (pixels[0] == 255).all()
    assert (pixels.sum(axis=2) < 400).any()


def test_an_html_figure_opens_offline_and_draws_itself(page, chromium, tmp_path):
    _, path = saved(page, "html")
    figure = tmp_path / "figure.html"
    figure.write_bytes(path.read_bytes())
    context = chromium.new_context(offline=True)
    alone, asked, errors = context.new_page(), [], []
    alone.on("request", lambda request: asked.append(request.url))
    alone.on("pageerror", lambda error: errors.append(str(error)))
    alone.goto(figure.as_uri())
    alone.wait_for_selector(".js-plotly-plot .main-svg", timeout=PATIENCE)
    assert "P1; frame 0." in alone.inner_text(".js-plotly-plot")
    assert [url for url in asked if not url.startswith(("data:", "blob:"))] == [figure.as_uri()]
    assert not errors
    context.close()


def test_the_chart_still_follows_python_after_files_were_saved(page):
    page.click("button:text-is('later')")
    page.wait_for_function("() => document.querySelector('.js-plotly-plot').layout.shapes[0].x0 === 4")
    assert not page.errors
