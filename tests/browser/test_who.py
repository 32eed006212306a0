"""Who is misread, in a real browser: a click on the map shows the worst frame beside its reference, and leads to the workbench."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from csnviz import places
from csnviz.data.own_choices import OwnChoices
from csnviz.evaluation.bias import worst_frame
from csnviz.evaluation.error_kinds import OVERESTIMATED
from csnviz.views.words import number
from tests.browser.conftest import UNWATCHED, Stage, opened

AU = 12
DRAWN = (
    "() => document.querySelector('.csn-people-map .js-plotly-plot').data[0].z.flat().every(value => value !== null)"
)
READ = "() => !/Reading/.test(document.body.innerText) && document.querySelector('.csn-between').innerText !== ''"


@pytest.fixture(scope="module", params=["voila", "lab"])
def who(
    request: pytest.FixtureRequest, chromium: object, stage: Stage, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[object]:
    """The notebook on participants A and B, of whom A is annotated to wear glasses."""
    root = places.data_root(tmp_path_factory.mktemp("who"))
    OwnChoices("cast", root).keep_attribute("A", "eyeglasses", "present")
    OwnChoices("cast", root).keep_attribute("B", "eyeglasses", "absent")
    environment = {"CSNVIZ_SOURCE": str(stage.path), "CSNVIZ_CHECKPOINTS": str(stage.checkpoints)}
    with opened(request.param, chromium, "who", replace(stage, root=root), environment, 1440, 1200) as screen:
        screen.page.wait_for_selector(".csn-people-map .heatmaplayer")
        screen.wait(READ)
        screen.wait(DRAWN)
        yield screen.page
    assert (screen.outside, screen.errors) == ([], [])


def _click(page: object, column: int, row: int) -> None:
    """Clicks a cell of the map: two people downwards, twelve units across. It hears a click once it shows what is pointed at."""
    box = page.locator(".csn-people-map .nsewdrag").bounding_box()
    x, y = box["x"] + box["width"] * (column + 0.5) / 12, box["y"] + box["height"] * (row + 0.5) / 2
    page.mouse.move(x, y)
    page.wait_for_selector(".csn-people-map .hoverlayer .hovertext")
    page.mouse.click(x, y)


@pytest.mark.browser
def test_a_click_on_the_map_shows_the_worst_frame_beside_its_reference_and_the_workbench_opens_on_it(who, expected):
    frames = expected.frames.of("B")
    ncg = expected.without_reference(frames, UNWATCHED)
    row = worst_frame(ncg, OVERESTIMATED, "B", AU, expected.references)
    column = frames.aus.column_of(AU)
    said = number(float(ncg.estimate[row, column]))
    frame = frames.rows["frame_index"].iloc[row]

    _click(who, column, 1)
    who.wait_for_function(
        "() => [...document.querySelectorAll('.csn-who-cell img[src]')].filter(i => i.naturalWidth).length === 2"
    )
    captions = who.locator(".csn-who-cell figure:not(.csn-empty) figcaption").all_inner_texts()
    assert captions == [f"NCG's worst: frame {frame}", "Reference: frame 0"]
    assert who.locator(".csn-who-cell tbody td").all_inner_texts()[1] == said
    widths = who.evaluate("() => [...document.querySelectorAll('.csn-who-cell img[src]')].map(i => i.naturalWidth)")
    assert widths == [336, 336]

    who.click("text=Open this frame in the workbench")
    who.wait_for_selector(".csn-viewer[data-drawn]")
    who.wait_for_function(
        "t => document.querySelector('.csn-tile[data-method=\"ncg\"] output')?.textContent === t", arg=said
    )


@pytest.mark.browser
def test_people_are_marked_and_held_apart_by_an_annotated_attribute(who):
    who.select_option(".csn-who-marked select", label="eyeglasses")
    who.wait_for_function("() => /● A/.test(document.querySelector('.csn-people-map').textContent)")
    assert "1 person with, 1 without: too few" in who.inner_text(".csn-who-said")
    assert "needs drawn people" in who.inner_text("body")


@pytest.mark.browser
def test_the_plots_of_a_page_draw_with_one_bundle_of_plotly(who):
    plots = who.locator(".js-plotly-plot").count()
    assert plots > 1
    assert who.locator('[role="figure"][aria-label]').count() == plots
    assert who.evaluate("() => performance.getEntriesByName('csnviz plotly').length") == 1
