"""The docket of errors in a real browser, served by Voila: walked through by keys, filtered, and saved."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from csnviz import places, servers
from tests.browser.legible import faint_words, in_theme, nameless_controls

pytestmark = pytest.mark.browser

PATIENCE = 120_000
MADE = Path(__file__).with_name("made_docket.py")


@pytest.fixture(scope="module")
def page(chromium, tmp_path_factory) -> Iterator[object]:
    """A docket of made-up errors alone on a page of 1180 by 300 pixels, with the page's colours."""
    folder = tmp_path_factory.mktemp("docket")
    cell = {"cell_type": "code", "execution_count": None, "id": "page", "metadata": {}, "outputs": []}
    source = f"import runpy\nrunpy.run_path({str(MADE)!r})['page']"
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    notebook = folder / "docket.ipynb"
    notebook.write_text(
        json.dumps({"cells": [{**cell, "source": source}], "metadata": kernel, "nbformat": 4, "nbformat_minor": 5})
    )
    root = places.data_root(folder / "root")
    with servers.start_voila(notebook, {"OMP_NUM_THREADS": "1"}, root) as server:
        context = chromium.new_context(viewport={"width": 1222, "height": 380}, accept_downloads=True)
        shown = context.new_page()
        shown.set_default_timeout(PATIENCE)
        shown.faults = []
        shown.on("console", lambda said: said.type == "error" and shown.faults.append(said.text))
        shown.on("pageerror", lambda error: shown.faults.append(str(error)))
        shown.goto(server.address)
        shown.wait_for_selector(".csn-docket-row")
        yield shown
        context.close()


@pytest.fixture
def docket(page):
    """The list as it is at first."""
    if page.is_visible("[data-clear]"):
        page.click(".csn-docket-filters [data-clear]")
    listed(page, 2000)
    return page


def listed(page, count: int) -> None:
    page.wait_for_function(
        "n => document.querySelector('[role=grid]').getAttribute('aria-rowcount') === String(n + 1)", arg=count
    )


def went(page, words: str) -> None:
    page.wait_for_function("t => document.querySelector('.went').textContent.includes(t)", arg=words)


def first(page, words: str) -> None:
    page.wait_for_function(
        "t => document.querySelector('.csn-docket-row[data-place=\"0\"]')?.innerText.includes(t)", arg=words
    )


def test_two_thousand_runs_are_listed_with_a_few_elements(docket):
    assert docket.locator(".csn-docket-row").count() < 40
    assert docket.inner_text("[data-shown]") == "2000 runs · 7 of 12 people read"
    heights = docket.evaluate("[...document.querySelectorAll('.csn-docket-row')].map(r => r.offsetHeight)")
    assert set(heights) <= {0, 24}
    docket.evaluate("document.querySelector('.csn-docket-list').scrollTop = 1e9")
    docket.wait_for_selector('.csn-docket-row[data-place="1999"]')
    docket.evaluate("document.querySelector('.csn-docket-list').scrollTop = 0")
    docket.wait_for_selector('.csn-docket-row[data-place="0"]')


def test_the_four_fates_and_their_counts_stand_together(docket):
    words = [re.sub(r"\s+", " ", text) for text in docket.locator('[role="tab"]').all_inner_texts()]
    assert words == ["all 2000", "✓ removed 500", "● kept 500", "⚠ created 500", "✗ lost 500"]
    docket.click('[role="tab"][data-what="created"]')
    listed(docket, 500)
    docket.select_option('[data-filter="au"]', "9")
    listed(docket, 125)
    assert docket.inner_text('[role="tab"][data-what="removed"] b') == "125"
    assert docket.inner_text('[role="tab"][data-what="created"] b') == "125"


def test_words_are_looked_for_while_one_types(docket):
    docket.fill('[data-filter="words"]', "eyeglasses p3")
    listed(docket, 500)
    docket.fill('[data-filter="words"]', "giraffe")
    docket.wait_for_selector(".csn-docket-none:visible")
    docket.click(".csn-docket-none [data-clear]")
    listed(docket, 2000)


def test_keys_move_show_and_step(docket):
    docket.focus(".csn-docket-list")
    docket.keyboard.press("Home")
    docket.keyboard.press("ArrowDown")
    docket.keyboard.press("ArrowDown")
    docket.keyboard.press("Enter")
    went(docket, "run 2;")
    docket.wait_for_selector('.csn-docket-row[data-place="2"][aria-current="true"]')
    docket.keyboard.press("n")
    went(docket, "run 3;")
    docket.keyboard.press("p")
    docket.keyboard.press("p")
    went(docket, "run 1;")
    docket.keyboard.press("End")
    active = docket.get_attribute(".csn-docket-list", "aria-activedescendant")
    assert docket.get_attribute(f"#{active}", "data-place") == "1999"
    docket.keyboard.press("Home")


def test_the_column_in_order_says_so(docket):
    def order(of: str) -> str:
        return docket.get_attribute(f'.csn-docket-head [data-column="{of}"]', "aria-sort")

    assert (order("n"), order("au")) == ("descending", "none")
    docket.click('.csn-docket-head [data-column="au"] button')
    docket.wait_for_selector('.csn-docket-head [data-column="au"][aria-sort="ascending"]')
    first(docket, "AU4 ")
    docket.click('.csn-docket-head [data-column="au"] button')
    docket.wait_for_selector('.csn-docket-head [data-column="au"][aria-sort="descending"]')
    first(docket, "AU25")
    docket.click('.csn-docket-head [data-column="n"] button')
    first(docket, "AU4 ")


def test_marked_rows_are_saved_frame_by_frame(docket):
    for place in (0, 1):
        docket.click(f'.csn-docket-row[data-place="{place}"] [data-column="mark"]')
    docket.wait_for_function("document.querySelector('[data-save=frames]').textContent === 'Save frames of 2 marked'")
    with docket.expect_download() as waiting:
        docket.click('[data-save="frames"]')
    assert waiting.value.suggested_filename == "csnviz_frames.csv"
    found = pd.read_csv(waiting.value.path())
    # Run i is frames i to i + 2 of its person, and the first two are of two people.
    assert found.groupby("participant")["frame_index"].agg(list).tolist() == [[0, 1, 2], [1, 2, 3]]
    for place in (0, 1):
        docket.click(f'.csn-docket-row[data-place="{place}"] [data-column="mark"]')
    docket.wait_for_function("document.querySelector('[data-save=errors]').textContent === 'Save runs'")
    with docket.expect_download() as waiting:
        docket.click('[data-save="errors"]')
    assert len(pd.read_csv(waiting.value.path())) == 2000


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_control_has_a_name_and_every_word_can_be_read(docket, theme):
    in_theme(docket, theme)
    assert nameless_controls(docket, ".csn-docket") == []
    assert faint_words(docket, ".csn-docket") == []


def test_nothing_went_wrong_in_the_browser(docket):
    assert docket.faults == []
