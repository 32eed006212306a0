"""The page on a dataset, in a real browser in Voila: whose networks are shown, who is hidden, and the menu of cases."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import numpy as np
import pytest

from csnviz import places, servers
from csnviz.cast.dataset import draw_frame
from csnviz.faces.crop import crop_face, face_picture
from tests import small_disfa

pytestmark = pytest.mark.browser

PATIENCE = 120_000
PLAYED_BY = {"SN010": "C108", "SN001": "C104", "SN012": "C109", "SN003": "C112"}


CELL = """
import os
from csnviz import workbench
workbench.open_page({**os.environ, "CSNVIZ_IN_SAMPLE": "1" if "in_sample" in os.environ["QUERY_STRING"] else ""})
"""
"""One server gives both pages: starting a second one takes longer than all that is tested here."""


STEP_AND_CHOOSE = """camera => {
    const event = (type, more) => new (more ? KeyboardEvent : Event)(type, { bubbles: true, ...more });
    document.activeElement.dispatchEvent(event("keydown", { key: "ArrowRight" }));
    const list = document.querySelector(".csn-camera select");
    list.value = camera;
    list.dispatchEvent(event("change"));
}"""
"""The next frame, and another camera in the same moment."""


def drawn(participant: str, frame: int) -> tuple[np.ndarray, bytes]:
    """A drawn face in a participant's place; three of the six frames are drawn."""
    return _drawn(participant, frame % 3)


@cache
def _drawn(participant: str, frame: int) -> tuple[np.ndarray, bytes]:
    picture, points = draw_frame(PLAYED_BY[participant], 16 * frame)
    return crop_face(picture, points), small_disfa.jpeg(face_picture(picture, points))


@pytest.fixture(scope="module")
def pages(chromium, tmp_path_factory) -> Iterator[tuple[object, object]]:
    """The page on a small DISFA with the runs of folds 1 and 2, without and with people who are in-sample."""
    folder = tmp_path_factory.mktemp("small")
    root = places.data_root(folder / "root")
    small_disfa.keep(small_disfa.table(folder / "crops", drawn), root)
    environment = {
        "CSNVIZ_SOURCE": "dataset:disfa",
        "CSNVIZ_RUNS": str(small_disfa.fold_runs(folder / "runs")),
        "CSNVIZ_DATA_ROOT": str(root),
        "OMP_NUM_THREADS": "1",
    }
    notebook = folder / "small.ipynb"
    cell = {"cell_type": "code", "id": "page", "metadata": {}, "outputs": [], "execution_count": None, "source": CELL}
    notebook.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    with servers.start_voila(notebook, environment, root) as server, closing_context(chromium) as context:
        opened = [context.new_page() for _ in range(2)]
        for page, more in zip(opened, ("", "&in_sample=1"), strict=True):
            page.set_default_timeout(PATIENCE)
            page.goto(f"{server.address}{more}", wait_until="commit")
        for page in opened:
            numbers_of_three_methods(page)
        yield tuple(opened)


@contextmanager
def closing_context(chromium) -> Iterator[object]:
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    try:
        yield context
    finally:
        context.close()


def numbers_of_three_methods(page) -> None:
    page.wait_for_function("() => document.querySelectorAll('.csn-provenance section').length === 3", timeout=PATIENCE)


def reads(page, selector: str, text: str) -> None:
    """Waits until an element has this text in it."""
    page.wait_for_function(
        "([s, t]) => document.querySelector(s)?.textContent.includes(t)", arg=[selector, text], timeout=PATIENCE
    )


def choose(page, chooser: str, label: str) -> None:
    page.select_option(f".csn-{chooser} select", label=label)


@pytest.mark.parametrize(("who", "count", "fold"), [("SN010", 2, 1), ("SN001", 2, 1), ("SN012", 3, 2)])
def test_beside_the_numbers_stands_that_the_networks_never_saw_this_person(pages, who, count, fold):
    page, _ = pages
    choose(page, "participant", who)
    reads(
        page, ".csn-numbers .csn-standing", f"Networks trained on {count} people of DISFA, not this one (fold {fold})."
    )
    assert page.is_visible(".csn-numbers .csn-standing")
    assert page.locator(".csn-in-sample:not(.csn-docket-row)").count() == 0


def test_who_is_hidden_and_who_may_not_be_shown_these_faces_can_be_read_without_a_click(pages):
    page, _ = pages
    assert page.locator(".csn-participant option").all_inner_texts() == ["SN010", "SN001", "SN012"]
    words = page.inner_text(".csn-cautions")
    assert "Do not show these faces to anybody who is not on the agreement." in words
    assert "1 of 4 people (fold 3) is hidden, because every network here was trained on them." in words
    assert "Real people" in page.inner_text(".csn-about")


def test_a_case_leads_to_its_person_camera_and_unit(pages):
    page, _ = pages
    choose(page, "participant", "SN012")
    choose(page, "camera", "right")
    choose(page, "cases", "Figure 2c: bridge of the eyeglasses")
    reads(page, ".csn-sentence", "AU9 nose wrinkler")
    reads(page, ".csn-case-note", "takes the bridge of the eyeglasses")
    chosen = [page.locator(f".csn-{name} select option:checked").inner_text() for name in ("participant", "camera")]
    assert chosen == ["SN010", "left"]
    choose(page, "au", "AU12 lip corner puller")
    page.wait_for_function("() => document.querySelector('.csn-cases select').selectedIndex === 0")


def test_the_other_camera_shows_the_other_picture_of_the_same_frame(pages):
    page, _ = pages
    choose(page, "participant", "SN001")
    choose(page, "camera", "left")
    page.focus(".csn-viewer")
    last = small_disfa.first_index("SN001") + small_disfa.FRAMES - 1
    for _ in range(100):  # until this person's frames are there the key leads to the end of the former one's
        page.keyboard.press("End")
        page.wait_for_timeout(200)
        if f"frame {last} of" in page.inner_text(".csn-where"):
            break
    reads(page, ".csn-where", f"frame {last} of")
    middle = """() => { const c = document.querySelector('.csn-picture').getContext('2d');
                return [...Array(112).keys()].map(x => c.getImageData(1 + 3 * x, 168, 1, 1).data[0]) }"""
    page.wait_for_function(f"() => {{ const row = ({middle})(); return Math.max(...row) - Math.min(...row) > 50 }}")
    left = page.evaluate(middle)
    choose(page, "camera", "right")
    mirrored = f"(left) => ({middle})().every((shade, x) => Math.abs(shade - left[111 - x]) < 60)"
    page.wait_for_function(mirrored, arg=left)
    reads(page, ".csn-where", f"frame {last} of")
    reads(page, ".csn-reference .csn-fitness", "the authors' choice")


def test_a_camera_chosen_right_after_a_step_shows_the_frame_of_that_step(pages):
    page, _ = pages
    first = small_disfa.first_index("SN001")

    def known(camera: str, step: int) -> None:
        """Waits until Python looks at this frame of this camera, which the address says, and the page shows it."""
        frame = f"disfa/SN001/{camera}/SN001/{first + step:04d}"
        page.wait_for_function("f => new URLSearchParams(location.search).get('frame') === f", arg=frame)
        reads(page, ".csn-where", f"frame {first + step} of")

    choose(page, "participant", "SN010")
    choose(page, "participant", "SN001")
    choose(page, "camera", "left")
    known("left", 0)
    for step, camera in enumerate(("right", "left", "right", "left"), start=1):
        page.focus(".csn-viewer")
        page.evaluate(STEP_AND_CHOOSE, camera)
        known(camera, step)


def test_somebody_whom_every_network_was_trained_on_is_hatched_where_that_was_asked_for(pages):
    _, page = pages
    assert "hidden" not in page.inner_text(".csn-cautions")
    choose(page, "participant", "SN003")
    page.set_checked(".csn-switch input", True)
    reads(page, ".csn-standing.csn-in-sample", "In-sample: networks trained on 2 people of DISFA, this one among them")
    reads(page, ".csn-chart", "in-sample: this person was trained on")
    numbers_of_three_methods(page)
    page.wait_for_selector(".csn-plot .csn-in-sample")
    ground = "s => getComputedStyle(document.querySelector(s)).backgroundImage"
    for place in (".csn-plot .csn-in-sample", '.csn-tile[data-method="ncg"]', '.csn-tile[data-method="csn"]'):
        assert "repeating-linear-gradient" in page.evaluate(ground, place), place
    assert page.evaluate(ground, '.csn-tile[data-method="label"]') == "none"
    read = "() => { const d = document.querySelector('.js-plotly-plot').data; return [d[3].line.dash, d[7].marker.pattern.shape] }"
    assert page.evaluate(read) == ["dashdot", "\\"]
    choose(page, "participant", "SN010")
    # The docket still lists the other person's errors, on hatched ground.
    page.wait_for_selector(".csn-in-sample:not(.csn-docket-row)", state="detached")
    page.wait_for_function(f"() => ({read})()[0] === 'solid'")
