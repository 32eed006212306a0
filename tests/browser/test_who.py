"""Who is misread, in a real browser: a click on the map shows the worst frame beside its reference, and leads to the workbench."""

from collections.abc import Iterator

import pytest

from csnviz import places, servers
from csnviz.data.own_choices import OwnChoices
from csnviz.evaluation.bias import worst_frame
from csnviz.evaluation.error_kinds import OVERESTIMATED
from csnviz.views.words import number
from tests.browser.conftest import PATIENCE, UNWATCHED, Stage, visiting

AU = 12
DRAWN = (
    "() => document.querySelector('.csn-people-map .js-plotly-plot').data[0].z.flat().every(value => value !== null)"
)
READ = "() => !/Reading/.test(document.body.innerText) && document.querySelector('.csn-between').innerText !== ''"


@pytest.fixture(scope="module")
def opened(chromium: object, stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """The notebook in Voila on participants A and B, of whom A is annotated to wear glasses."""
    root = places.data_root(tmp_path_factory.mktemp("who"))
    OwnChoices("cast", root).keep_attribute("A", "eyeglasses", "present")
    OwnChoices("cast", root).keep_attribute("B", "eyeglasses", "absent")
    environment = {
        "CSNVIZ_SOURCE": str(stage.path),
        "CSNVIZ_CHECKPOINTS": str(stage.checkpoints),
        "CSNVIZ_DATA_ROOT": str(root),
        "OMP_NUM_THREADS": "1",
    }
    outside, errors = [], []
    with (
        servers.start_voila(places.notebook("who"), environment, root) as server,
        visiting(chromium, outside, errors) as page,
    ):
        page.goto(server.address, timeout=PATIENCE)
        page.wait_for_selector(".csn-people-map .heatmaplayer")
        page.wait_for_function(READ)
        page.wait_for_function(DRAWN)
        yield page
    assert (outside, errors) == ([], [])


def _click(page: object, column: int, row: int) -> None:
    """Clicks a cell of the map: two people downwards, twelve units across. It hears a click once it shows what is pointed at."""
    box = page.locator(".csn-people-map .nsewdrag").bounding_box()
    x, y = box["x"] + box["width"] * (column + 0.5) / 12, box["y"] + box["height"] * (row + 0.5) / 2
    page.mouse.move(x, y)
    page.wait_for_selector(".csn-people-map .hoverlayer .hovertext")
    page.mouse.click(x, y)


@pytest.mark.browser
def test_a_click_on_the_map_shows_the_worst_frame_beside_its_reference_and_the_workbench_opens_on_it(opened, expected):
    frames = expected.frames.of("B")
    ncg = expected.without_reference(frames, UNWATCHED)
    row = worst_frame(ncg, OVERESTIMATED, "B", AU, expected.references)
    column = frames.aus.column_of(AU)
    said = number(float(ncg.estimate[row, column]))
    frame = frames.rows["frame_index"].iloc[row]

    _click(opened, column, 1)
    opened.wait_for_function(
        "() => [...document.querySelectorAll('.csn-who-cell img[src]')].filter(i => i.naturalWidth).length === 2"
    )
    captions = opened.locator(".csn-who-cell figure:not(.csn-empty) figcaption").all_inner_texts()
    assert captions == [f"NCG's worst: frame {frame}", "Reference: frame 0"]
    assert opened.locator(".csn-who-cell tbody td").all_inner_texts()[1] == said
    widths = opened.evaluate("() => [...document.querySelectorAll('.csn-who-cell img[src]')].map(i => i.naturalWidth)")
    assert widths == [336, 336]

    opened.click("text=Open this frame in the workbench")
    opened.wait_for_selector(".csn-viewer[data-drawn]")
    opened.wait_for_function(
        "t => document.querySelector('.csn-tile[data-method=\"ncg\"] output')?.textContent === t", arg=said
    )


@pytest.mark.browser
def test_people_are_marked_and_held_apart_by_an_annotated_attribute(opened):
    opened.select_option(".csn-who-marked select", label="eyeglasses")
    opened.wait_for_function("() => /● A/.test(document.querySelector('.csn-people-map').textContent)")
    assert "1 person with, 1 without: too few" in opened.inner_text(".csn-who-said")
    assert "needs drawn people" in opened.inner_text("body")
