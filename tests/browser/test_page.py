"""What a person does on the page, done by a real browser in Voila and in JupyterLab."""

import re

import numpy as np
import pytest

from csnviz.data.tables import FrameTable
from csnviz.facs import DISFA
from csnviz.views.source import Source
from csnviz.views.words import number
from tests.browser.conftest import UNWATCHED
from tests.browser.walking import meet, tab

pytestmark = pytest.mark.browser

AU = 9


@pytest.fixture
def person_b(screen):
    """The page with participant B, AU9, frame 0, the reference that comes first, and calibration on."""
    page = screen.page
    tab(screen, "curves")
    meet(screen, "B")
    page.select_option(".csn-au select", label="AU9 nose wrinkler")
    page.set_checked(".csn-switch input", True)
    screen.wait("() => document.querySelector('.csn-reference-list select').value === 'frame 0 · 0.00 s'")
    page.focus(".csn-viewer")
    page.keyboard.press("Home")
    screen.wait("() => document.querySelector('.csn-where').textContent.startsWith('frame 0 of 30')")
    # The face is there at once; Python is told ten times a second, and the plot's cursor says that it knows.
    screen.soon(lambda: _same(screen.cursor(), 0))
    settled(screen, "csn")
    return screen


def settled(screen, method: str) -> None:
    """Waits until a method has a number again."""
    screen.wait('m => /\\d/.test(document.querySelector(`.csn-tile[data-method="${m}"] output`).textContent)', method)


def _same(found: object, wanted: object) -> None:
    assert found == wanted


def frames_of(stage, participant: str) -> FrameTable:
    return stage.table.of(participant)


def calibrated(expected: Source, stage, reference: int):
    references = expected.references.with_reference("B", "front", f"B/{reference}", "person")
    return expected.with_reference(frames_of(stage, "B"), references, UNWATCHED)


def test_a_participant_is_picked_and_their_face_and_numbers_are_shown(person_b, expected):
    screen = person_b
    ncg = expected.without_reference(frames_of(screen.stage, "B"), UNWATCHED).estimate[:, DISFA.column_of(AU)]
    screen.wait("() => document.querySelector('.csn-viewer').dataset.drawn === '0'")
    assert screen.bars(0) == (1, 0)
    assert screen.bars(1) == (1, 0)
    screen.shows("ncg", number(float(ncg[0])))
    screen.draws(1, ncg)


def test_twenty_steps_by_keyboard_change_picture_cursor_bars_and_numbers(person_b, expected):
    screen = person_b
    for _ in range(20):
        screen.page.keyboard.press("ArrowRight")
    screen.wait("() => document.querySelector('.csn-viewer').dataset.drawn === '20'")
    screen.wait("() => document.querySelector('.js-plotly-plot').layout.shapes[0].x0 === 20")
    assert screen.bars(0) == (1, 20)
    screen.wait("() => document.querySelector('.csn-where').textContent === 'frame 20 of 30 · 1.00 s'")
    estimate = expected.without_reference(frames_of(screen.stage, "B"), UNWATCHED).estimate[20]
    screen.shows("ncg", number(float(estimate[DISFA.column_of(AU)])))
    screen.draws(5, estimate)


def test_keys_jump_ten_frames_and_to_both_ends(person_b):
    page = person_b.page
    for key, frame in (("Shift+ArrowRight", 10), ("End", 29), ("Shift+ArrowLeft", 19), ("ArrowLeft", 18), ("Home", 0)):
        page.keyboard.press(key)
        person_b.wait(
            "f => document.querySelector('.csn-where').textContent === `frame ${f} of 30 · ${(f / 20).toFixed(2)} s`",
            frame,
        )
        person_b.wait("f => document.querySelector('.csn-viewer').dataset.drawn === String(f)", frame)
        person_b.soon(lambda frame=frame: _same(person_b.bars(0), (1, frame)))


def test_the_slider_leads_to_a_frame_and_one_without_a_face_says_why(person_b):
    person_b.page.fill(".csn-timeline input", "7")
    person_b.wait("() => document.querySelector('.csn-sentence').textContent.includes('no face found')")
    assert person_b.page.inner_text('[data-face="image"] .csn-reason') == "no face found"
    person_b.shows("ncg", "–")


def test_the_switch_takes_the_calibrated_curves_away_and_brings_them_back(person_b):
    screen = person_b
    screen.page.set_checked(".csn-switch input", False)
    screen.wait("() => document.querySelector('.js-plotly-plot').data[3].visible === false")
    screen.shows("csn", "off")
    screen.page.set_checked(".csn-switch input", True)
    screen.wait("() => document.querySelector('.js-plotly-plot').data[3].visible === true")
    settled(screen, "csn")


def test_another_reference_changes_its_picture_the_calibrated_curves_and_numbers_alone(person_b, expected):
    screen = person_b
    before = calibrated(expected, screen.stage, 0)
    column = DISFA.column_of(AU)
    ncg = screen.curve(1)
    screen.draws(3, before.csn.estimate[:, column])
    screen.page.keyboard.press("Shift+ArrowRight")
    screen.wait("() => document.querySelector('.js-plotly-plot').layout.shapes[0].x0 === 10")
    screen.page.click(".csn-use-reference")
    after = calibrated(expected, screen.stage, 10)
    screen.draws(3, after.csn.estimate[:, column])
    screen.draws(2, after.bs.estimate[:, column])
    np.testing.assert_array_equal(screen.curve(1), ncg)
    assert np.nanmax(np.abs(after.csn.estimate - before.csn.estimate)) > 0.1
    screen.shows("csn", number(float(after.csn.estimate[10, column])))
    screen.soon(lambda: _same(screen.bars(1), (1, 10)))
    screen.page.select_option(".csn-reference-list select", "frame 0 · 0.00 s")
    screen.draws(3, before.csn.estimate[:, column])


def test_an_unfit_reference_is_marked_on_the_curves_that_use_it(person_b):
    screen = person_b
    screen.page.keyboard.press("End")
    screen.wait("() => document.querySelector('.js-plotly-plot').layout.shapes[0].x0 === 29")
    screen.page.click(".csn-use-reference")
    screen.wait("() => document.querySelector('.js-plotly-plot').data[3].name === 'CSN ⚠'")
    screen.wait("() => document.querySelector('.csn-fitness.csn-unfit').textContent.includes('AU12 is labelled 3')")
    assert screen.page.evaluate("() => document.querySelector('.js-plotly-plot').data[1].name") == "NCG"
    screen.page.select_option(".csn-reference-list select", "frame 0 · 0.00 s")
    screen.wait("() => document.querySelector('.js-plotly-plot').data[3].name === 'CSN'")


@pytest.mark.parametrize(
    ("question", "face"), [("Why does NCG say so?", "image"), ("What did the reference cancel?", "reference")]
)
def test_a_question_colours_the_face_it_is_about_and_says_where_it_starts(person_b, question, face):
    screen = person_b
    screen.page.keyboard.press("ArrowRight")
    screen.wait("() => document.querySelector('.js-plotly-plot').layout.shapes[0].x0 === 1")
    screen.page.select_option(".csn-question select", label=question)
    screen.page.click(".csn-ask")
    screen.wait(f"() => document.querySelector('[data-face=\"{face}\"].csn-mapped')")
    coloured = screen.page.evaluate(
        """face => { const c = document.querySelector(`[data-face="${face}"] .csn-map`);
           const d = c.getContext('2d').getImageData(0, 0, 112, 112).data;
           return d.filter((v, i) => i % 4 === 3 && v > 40).length }""",
        face,
    )
    assert coloured > 100
    screen.wait("() => document.querySelector('.csn-why .csn-note').textContent.includes('gap')")
    words = screen.page.inner_text(".csn-why .csn-note")
    assert "Starts at the mean of eight drawn faces" in words
    assert re.search(r"Completeness gap \d\.\d\d", words)
    screen.page.focus(".csn-viewer")
    screen.page.keyboard.press("ArrowRight")
    screen.wait("() => !document.querySelector('.csn-mapped')")


def test_a_question_right_after_a_step_is_about_the_frame_that_is_seen(person_b):
    screen = person_b
    screen.page.select_option(".csn-question select", label="Why does NCG say so?")
    screen.page.focus(".csn-viewer")
    # In one go, as fast as hands never are: Python has not heard of the last steps when the button is pressed.
    screen.page.evaluate("""() => {
        const viewer = document.querySelector('.csn-viewer'), ask = document.querySelector('.csn-ask');
        for (let i = 0; i < 4; i++) viewer.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight', bubbles: true}));
        ask.focus();
        ask.click();
    }""")
    screen.wait("() => document.querySelector('.csn-viewer').dataset.drawn === '4'")
    screen.wait("() => document.querySelector('[data-face=\"image\"].csn-mapped')")


def test_a_held_key_paints_frames_on_the_way_and_ends_at_the_last(person_b):
    screen = person_b
    screen.page.evaluate("""() => { window.painted = new Set(); const v = document.querySelector('.csn-viewer');
        new MutationObserver(() => window.painted.add(v.dataset.drawn)).observe(v, {attributes: true}) }""")
    for _ in range(29):
        screen.page.keyboard.down("ArrowRight")
    screen.page.keyboard.up("ArrowRight")
    screen.wait("() => document.querySelector('.js-plotly-plot').layout.shapes[0].x0 === 29")
    screen.soon(lambda: _same(screen.bars(0), (1, 29)))
    assert len(screen.page.evaluate("() => [...window.painted]")) >= 15


def test_nothing_is_wider_than_the_window(person_b):
    for width, height in ((1280, 800), (1440, 900)):
        person_b.page.set_viewport_size({"width": width, "height": height})
        person_b.wait("() => { const p = document.querySelector('.csn-page'); return p.scrollWidth <= p.clientWidth }")
    person_b.wait("() => Math.abs(document.querySelector('.csn-chart .main-svg').clientWidth"
                  " - document.querySelector('.csn-plot').clientWidth) < 40")  # fmt: skip


def test_the_plot_has_no_button_that_shares_or_uploads(person_b):
    titles = person_b.page.evaluate(
        "() => [...document.querySelectorAll('.modebar-btn')].map(b => b.dataset.title ?? '')"
    )
    assert not [title for title in titles if re.search("share|cloud|plotly.com", title, re.IGNORECASE)]


def test_nothing_left_this_machine_and_the_console_has_no_error(person_b):
    assert person_b.outside == []
    assert person_b.errors == []
