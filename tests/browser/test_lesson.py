"""The lesson from end to end by keyboard: two passes over twenty faces, and scores equal to a key made by hand."""

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from csnviz import places
from tests.browser.conftest import Screen, Stage, opened
from tests.browser.legible import faint_words, in_theme, nameless_controls

pytestmark = pytest.mark.browser

# By hand, question by question: the truth, and what a student answers to the face alone and beside its neutral.
#         face 1  2    3    4    5    6    7    8    9    10   11   12   13   14   15   16   17   18   19   20
# fmt: off
TRUTH = "   0 2  0 0  3 0  0 1  2 2  0 0  3 0  0 3  2 0  0 2  4 0  1 0  0 3  0 0  3 4  4 0  0 2  2 4  0 0  5 3".split()  # noqa: SIM905
ALONE = "   2 4  2 0  1 2  3 0  3 2  1 0  2 1  0 2  3 2  2 1  5 0  2 0  0 4  1 1  4 3  3 1  2 1  1 4  3 2  5 2".split()  # noqa: SIM905
BESIDE = "  0 2  0 0  3 0  1 1  2 2  0 0  3 0  0 3  2 0  0 1  4 0  1 1  0 3  0 0  3 4  4 0  0 2  2 3  0 0  5 3".split()  # noqa: SIM905
# fmt: on
ONLY_NETWORKS = [place for place in range(40) if place in (5, 9, 11, 19, 27, 31, 35, 39)]  # glasses and beards
PEOPLE_TOO = [place for place in range(40) if place not in ONLY_NETWORKS]


def cells(answers: list[float], places_of_group: list[int]) -> list[str]:
    """What a row of the table has to say, computed without csnviz."""
    truth = np.array([int(TRUTH[place]) for place in places_of_group])
    given = np.array([answers[place] for place in places_of_group], dtype=float)
    letters = np.floor(np.clip(given, 0, 5) + 0.5)
    off, n, absent = abs(letters - truth), len(truth), truth == 0
    by_chance = np.mean([(a - t) ** 2 for a in letters for t in truth])
    kappa, (g, t) = 1 - np.mean(off**2) / by_chance, (given - given.mean(), truth - truth.mean())
    icc = 2 * (g @ t) / (g @ g + t @ t)
    counts = f"{sum(off == 0)} of {n}", f"{sum(off <= 1)} of {n}", f"{sum(letters[absent] >= 1)} of {sum(absent)}"
    return [*counts, *(f"{value:.2f}".replace("-", "−") for value in (kappa, icc))]


@pytest.fixture(scope="module", params=["voila", "lab"])
def lesson(
    request: pytest.FixtureRequest, chromium: object, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Screen]:
    """The lesson as a student opens it: in Voila on the projector of a classroom, in JupyterLab on a screen of its own."""
    root = places.data_root(tmp_path_factory.mktemp("lesson"))
    width, height = {"voila": (1280, 720), "lab": (1680, 1000)}[request.param]
    with opened(request.param, chromium, "learn", Stage(None, root, root, root), {}, width, height) as screen:
        screen.page.wait_for_selector('.csn-guide [data-drawn="1-3"]')
        yield screen


def step(lesson: Screen, key: str) -> None:
    lesson.page.click(f'.csn-tabs [data-tab="{key}"]')
    panels = {"units": ".csn-guide", "play": ".csn-play", "code": ".csn-coding", "scores": ".csn-scores"}
    lesson.page.wait_for_selector(panels[key])


def at(lesson: Screen, place: int) -> None:
    """Waits until this question is asked, counted from 0; 40 is the end of a pass."""
    lesson.wait("p => document.querySelector('.csn-coding').dataset.place === String(p)", place)


def answer(lesson: Screen, answers: list[str], first: int = 0) -> None:
    """Presses the key of each answer; Python has heard of the last one when this returns."""
    for place, key in enumerate(answers[first:], first):
        lesson.page.press(".csn-coding", key)  # there, wherever JupyterLab has put the focus meanwhile
        at(lesson, place + 1)
    lesson.wait("n => document.querySelector('.csn-coding progress').value === n || n === 40", len(answers))


def small_print(page: object) -> list[str]:
    """Visible words in letters of less than 20 pixels."""
    return page.evaluate("""() => [...document.querySelectorAll('.csn-lesson *')].filter((e) =>
        [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) && e.tagName !== 'STYLE'
        && e.checkVisibility({visibilityProperty: true}) && parseFloat(getComputedStyle(e).fontSize) < 20)
        .map((e) => `${e.className}: ${e.textContent.slice(0, 40)}`)""")


def test_the_guide_is_led_by_keys_and_draws_each_unit_beside_the_neutral_face(lesson):
    page = lesson.page
    page.focus(".csn-units")
    for key in (*["ArrowDown"] * 3, "5"):
        page.keyboard.press(key)
    page.wait_for_selector('.csn-guide [data-drawn="5-5"]:not(.csn-waiting)')
    words = page.inner_text(".csn-guide .csn-unit-words")
    assert "AU5 upper lid raiser" in words
    assert "levator palpebrae superioris" in words
    widths = page.evaluate("() => [...document.querySelectorAll('.csn-guide img')].map((i) => i.naturalWidth)")
    assert widths == [288, 288]


def test_a_slider_moves_its_unit_and_back_to_neutral_takes_all_away(lesson):
    page = lesson.page
    step(lesson, "play")
    page.focus('.csn-play [data-au="4"]')
    page.keyboard.press("3")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(""".csn-play [data-drawn='{"4":3,"5":1}']""")
    assert page.get_attribute('.csn-play [data-au="4"]', "aria-valuetext") == "C, marked"
    page.click(".csn-rest")
    page.wait_for_selector(""".csn-play figure:last-child [data-drawn='{}']""")


def test_twenty_faces_are_coded_twice_by_keyboard_and_the_scores_are_those_of_a_key_made_by_hand(lesson, tmp_path):
    page = lesson.page
    step(lesson, "code")
    page.wait_for_selector('.csn-coding [data-drawn="blind 1"]')
    assert page.is_hidden('.csn-coding [data-face="neutral"]')
    page.focus(".csn-coding")
    answer(lesson, ["5", *ALONE[1:14]])
    for key in ("ArrowLeft", "Backspace", *["ArrowLeft"] * 12):
        page.keyboard.press(key)
    page.keyboard.press(ALONE[0])  # a second thought about the first
    at(lesson, 1)
    lesson.wait("() => document.querySelector('.csn-last').textContent.startsWith('Face 1, AU5: 2 (B)')")

    lesson.come()
    step(lesson, "code")
    at(lesson, 14)  # the first that has no answer yet
    step(lesson, "scores")
    assert "Both passes of step 3 come first" in page.inner_text(".csn-scores")
    step(lesson, "code")
    page.focus(".csn-coding")
    answer(lesson, ALONE, 14)
    page.keyboard.press("Enter")
    page.wait_for_selector('.csn-coding [data-drawn="beside 1"]')
    assert page.is_visible('.csn-coding [data-face="neutral"]')
    answer(lesson, BESIDE)
    page.keyboard.press("Enter")
    page.wait_for_selector(".csn-results")

    estimates = downloaded(page, "My answers (csv)", tmp_path)
    assert [row["truth"] for row in estimates] == TRUTH
    raters = {
        "blind": [float(key) for key in ALONE],
        "beside": [float(key) for key in BESIDE],
        "ncg": [float(row["ncg"]) for row in estimates],
        "csn": [float(row["csn"]) for row in estimates],
    }
    for table, group in enumerate((PEOPLE_TOO, ONLY_NETWORKS)):
        for rater, answers in raters.items():
            row = f'.csn-results section:nth-of-type({table + 1}) [data-rater="{rater}"] td'
            shown, wanted = page.eval_on_selector_all(row, "cs => cs.map((c) => c.textContent)"), cells(answers, group)
            assert shown[:3] == wanted[:3], rater
            # Estimates have two decimals in the file.
            np.testing.assert_allclose(*(
                [float(cell.replace("−", "-")) for cell in row[3:]] for row in (shown, wanted)), atol=0.011)  # fmt: skip
    words = page.inner_text(".csn-results section:nth-of-type(2)")
    assert "you in 3 of 8 alone and 6 of 8 beside the neutral (3 more)" in words
    [scores, *_] = downloaded(page, "My scores (csv)", tmp_path)
    assert scores["exact"] == str(sum(a == t for a, t in zip(ALONE, TRUTH, strict=True)))


def test_after_the_end_each_face_says_what_was_true(lesson):
    page = lesson.page
    step(lesson, "code")
    page.focus(".csn-coding")
    page.keyboard.press("5")  # answers nothing any more
    for place in (1, 2, 3, 4):
        page.keyboard.press("ArrowRight")
        at(lesson, place)
    told = page.inner_text(".csn-told").splitlines()
    assert told[:2] == ["True: 3 (C), with hooded lids.", "You: 1 (A) alone, 3 (C) beside the neutral."]
    assert told[2].startswith("Networks: ")


@pytest.mark.parametrize("lesson", ["voila"], indirect=True)
@pytest.mark.parametrize("key", ["units", "play", "code", "scores"])
def test_every_step_is_large_stands_out_has_names_and_fits_the_projector(lesson, key):
    page = lesson.page
    step(lesson, key)
    assert small_print(page) == []
    for theme in ("dark", "light"):
        in_theme(page, theme)
        assert faint_words(page, ".csn-lesson") == []
    assert nameless_controls(page, ".csn-lesson") == []
    size = page.evaluate(
        "() => { const e = document.querySelector('.csn-lesson'); return [e.scrollWidth, e.scrollHeight] }"
    )
    assert size[0] <= 1280
    assert key == "scores" or size[1] <= 720


def test_nothing_left_this_machine_and_the_console_has_no_error(lesson):
    assert lesson.outside == []
    assert lesson.errors == []


def downloaded(page: object, button: str, folder: Path) -> list[dict[str, str]]:
    """The rows of the CSV file that a button saves."""
    with page.expect_download() as saving:
        page.click(f"button:text-is('{button}')")
    saving.value.save_as(folder / "file.csv")
    return list(csv.DictReader((folder / "file.csv").open(encoding="utf-8")))
