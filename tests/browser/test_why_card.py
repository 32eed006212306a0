"""From a row of the docket to its explanation, and on to a face without its eyeglasses."""

import re
from collections.abc import Iterator

import pytest

from csnviz import places
from tests.browser.conftest import Screen, Stage, opened
from tests.browser.legible import faint_words, in_theme, nameless_controls
from tests.browser.walking import cells, leads_to, on_tab, row, same, state, tab

pytestmark = pytest.mark.browser

TABS_AT = """() => { const top = (what) => document.querySelector(what).getBoundingClientRect().top;
  return top('.csn-tabs') - top('.csn-page') }"""
WIDTH = 'face => document.querySelector(`.csn-why-faces [data-face="${face}"] img`).naturalWidth'


@pytest.fixture(params=["voila", "lab"])
def drawn(request: pytest.FixtureRequest, chromium: object, somebody_drawn: Stage) -> Iterator[Screen]:
    """The page on them, in Voila and in JupyterLab."""
    with opened(
        request.param, chromium, "explore", somebody_drawn, {"CSNVIZ_SOURCE": str(somebody_drawn.path)}
    ) as screen:
        screen.methods_are_there()
        yield screen


def test_an_error_is_explained_in_one_click_and_asked_again_without_the_eyeglasses(drawn):
    screen, page = drawn, drawn.page
    tab(screen, "errors")
    page.wait_for_selector(row(0))
    at = explained(screen, 0)
    begins = rf"{at['au'].split()[0]}, frame \d+: {at['ncg']} without calibration, .*; coder {at['label']}"
    assert re.match(begins, page.inner_text(".csn-why-sentence"))

    page.click("button:text-is('Remove the eyeglasses')")
    page.wait_for_selector(".csn-what-if-answer")
    screen.soon(lambda: same(page.evaluate(WIDTH, "changed"), 112))
    lines = [words.split() for words in page.locator(".csn-what-if-answer tr").all_inner_texts()]
    assert {line[0]: line[1] for line in lines} == {"NCG": at["ncg"], "BS": at["bs"], "CSN": at["csn"]}
    lengths = "names => names.map((n) => document.querySelector(`.csn-what-if-answer .csn-${n}`).style.width)"
    before, after = page.evaluate(lengths, ["before", "after"])
    assert before != after, "NCG says the same without the eyeglasses"

    page.locator("button:has-text('≈ Fill')").first.focus()
    page.keyboard.press("Enter")
    screen.wait("() => /^Fill/.test(document.querySelector('.csn-what-if-answer b')?.textContent)")
    assert "guess" in page.inner_text(".csn-what-if-answer caption")
    check_legible(page)
    assert (screen.outside, screen.errors) == ([], [])


def explained(screen, place: int) -> dict[str, str]:
    """Asks why of one row, and waits until the card shows it; what the row says."""
    page = screen.page
    at = cells(page, row(place))
    page.click(f'{row(place)} [data-column="why"]')
    page.wait_for_selector(".csn-parts")
    on_tab(screen, "why")
    assert state(page)["unit"] == at["au"]
    for face in ("image", "reference", "difference"):
        screen.soon(lambda face=face: same(page.evaluate(WIDTH, face), 112))
    return at


def check_legible(page) -> None:
    assert nameless_controls(page, ".csn-why-card") == []
    before = page.evaluate("() => document.body.dataset.jpThemeLight")
    for theme in ("light", "dark"):
        in_theme(page, theme)
        assert faint_words(page, ".csn-why-card") == [], theme
    page.evaluate("t => { document.body.dataset.jpThemeLight = t }", before)


def test_a_row_is_explained_on_faces_and_by_parts_and_nothing_moves(workbench):
    screen, page = workbench, workbench.page
    page.click(f'{row(0)} [data-column="participant"]')
    leads_to(screen, 0)
    screen.soon(lambda: same(page.locator(".csn-busy").inner_text().strip(), ""))
    before = page.evaluate(TABS_AT)
    at = explained(screen, 0)
    assert page.inner_text(".csn-why-sentence").startswith(f"{at['au'].split()[0]}, frame ")
    screen.wait("() => document.querySelector('.csn-stage.csn-mapped')")
    assert page.evaluate(TABS_AT) == pytest.approx(before, abs=1)
    check_legible(page)
    page.select_option(".csn-why-card .csn-why-method select", label="Occlusion by part")
    screen.wait("() => !document.querySelector('.csn-parts') && !document.querySelector('.csn-stage.csn-mapped')")
    assert page.evaluate("() => document.querySelector('.csn-error').classList.contains('csn-hidden')")
    page.select_option(".csn-why-card .csn-why-method select", label="Integrated gradients")


def test_a_row_is_explained_by_the_keyboard_alone(workbench):
    screen, page = workbench, workbench.page
    page.focus(".csn-docket-list")
    page.keyboard.press("Home")
    page.keyboard.press("w")
    on_tab(screen, "why")
    page.wait_for_selector(".csn-parts")
    assert page.evaluate("() => document.activeElement.dataset.tab") == "why"
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("() => Boolean(document.activeElement.closest('.csn-why-card'))"):
            break
    else:
        raise AssertionError("20 times Tab did not lead from the tab to its card")
    tab(screen, "errors")


def test_a_filmed_face_without_labels_is_explained_on_request_and_only_guesses_are_offered(
    chromium, realdata, tmp_path
):
    clip, root = realdata / "video" / "pyfeat_single_face.mp4", places.data_root(tmp_path)
    stage = Stage(None, clip, places.checkpoints(), root)
    with opened("voila", chromium, "explore", stage, {"CSNVIZ_SOURCE": str(clip)}) as screen:
        page = screen.page
        screen.methods_are_there()
        page.focus(".csn-viewer")
        shown = page.locator('.csn-docket [data-column="kind"], .csn-docket [data-filter="kind"] option')
        called = page.eval_on_selector_all(".csn-docket, .csn-docket-list", "all => all.map((e) => e.ariaLabel)")
        assert not any("error" in words.lower() for words in (*shown.all_text_contents(), *called))
        assert len(called) == 2
        for _ in range(40):  # to where he smiles
            page.keyboard.press("ArrowRight")
        tab(screen, "why")
        page.click(".csn-why-card .csn-ask:enabled")
        page.wait_for_selector(".csn-parts")
        said = page.inner_text(".csn-why-sentence")
        assert re.match(r"AU\d+, frame \d+: −?\d\.\d+ without calibration.*; not coded$", said)
        for face in ("image", "reference", "difference"):
            screen.soon(lambda face=face: same(page.evaluate(WIDTH, face), 112))
        assert page.locator(".csn-change:has-text('Remove')").count() == 0
        page.locator("button:has-text('≈ Fill')").first.click()
        page.wait_for_selector(".csn-what-if-answer")
        assert "guess" in page.inner_text(".csn-what-if-answer caption")
        check_legible(page)
        assert (screen.outside, screen.errors) == ([], [])
