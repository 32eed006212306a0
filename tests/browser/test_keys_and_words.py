"""The workbench by the keyboard alone, by the names that a screen reader says, and by what can be read on it; in both themes."""

import pytest

from csnviz.facs import DISFA
from tests.browser.legible import faint_words, in_theme, nameless_controls
from tests.browser.walking import (
    CONTROLS,
    FIRST,
    TABS,
    frame_shown,
    leads_to,
    number_in,
    on_tab,
    same,
    state,
    tab,
    use_reference,
)

pytestmark = pytest.mark.browser


def test_an_error_is_found_and_another_reference_tried_by_the_keyboard_alone(workbench):
    screen, page = workbench, workbench.page
    tab(screen, "curves")
    page.focus('.csn-tabs [aria-selected="true"]')
    for key in ("timeline", "errors"):
        page.keyboard.press("ArrowRight")
        on_tab(screen, key)
    reach(page, "e => e.classList.contains('csn-docket-list')")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    leads_to(screen, 1)
    reach(page, "e => e.classList.contains('csn-viewer') || e.matches('[data-frame]')", "Shift+Tab")
    here = frame_shown(page)
    page.keyboard.press("ArrowLeft" if here else "ArrowRight")
    beside_it = here - 1 if here else 1
    screen.wait("i => document.querySelector('.csn-tiles').dataset.row === String(i)", beside_it)
    page.keyboard.press("r")
    screen.soon(lambda: same(number_in(state(page)["reference"]), beside_it))
    use_reference(screen, FIRST)
    screen.soon(lambda: same(state(page)["reference"], FIRST))


def reach(page, wanted: str, key: str = "Tab") -> None:
    """Presses Tab until what has the focus is what is wanted."""
    for _ in range(80):
        page.keyboard.press(key)
        if page.evaluate(f"() => ({wanted})(document.activeElement)"):
            return
    raise AssertionError(f"80 times {key} did not lead to {wanted}")


@pytest.mark.parametrize("key", TABS)
def test_on_every_tab_all_controls_are_reached_by_tab_have_a_name_and_show_the_focus(workbench, key):
    screen, page = workbench, workbench.page
    tab(screen, key)
    page.wait_for_timeout(200)
    assert nameless_controls(page, ".csn-page") == []
    wanted = page.evaluate(f"""() => ({CONTROLS})().concat(document.querySelector('.csn-viewer')).filter((e) =>
      e.tabIndex >= 0 && !e.disabled && !e.closest('.modebar') && e.getClientRects().length)
      .map((e, i) => e.dataset.nth = String(i)).length""")
    page.evaluate(f"() => ({CONTROLS})()[0].focus()")
    seen, unseen = set(), []
    for _ in range(wanted + 40):
        told = page.evaluate("""() => { const e = document.activeElement, s = getComputedStyle(e);
          const shows = s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0;
          return [Boolean(e.closest('.csn-page')), e.dataset.nth ?? '', shows, e.outerHTML.slice(0, 120)] }""")
        if not told[0] and seen:
            break
        seen.add(told[1])
        if told[0] and not told[2]:
            unseen.append(told[3])
        page.keyboard.press("Tab")
    missed = page.evaluate("""seen => [...document.querySelectorAll('[data-nth]')].filter((e) => !seen.includes(e.dataset.nth))
      .map((e) => e.outerHTML.slice(0, 120))""", list(seen))  # fmt: skip
    page.evaluate("() => document.querySelectorAll('[data-nth]').forEach((e) => delete e.dataset.nth)")
    assert wanted > 10
    assert missed == []
    assert unseen == [], "what has the focus looks as if it had not"


@pytest.mark.parametrize("key", TABS)
def test_every_word_can_be_read_on_light_and_on_dark_ground(workbench, key):
    screen, page = workbench, workbench.page
    tab(screen, key)
    before = page.evaluate("() => document.body.dataset.jpThemeLight")
    try:
        for theme in ("light", "dark"):
            in_theme(page, theme)
            assert faint_words(page, ".csn-page") == [], theme
            if key == "curves":
                page.set_checked(".csn-switch input", False)
                screen.shows("csn", "off")
                assert faint_words(page, ".csn-page") == [], f"{theme}, without calibration"
                page.set_checked(".csn-switch input", True)
    finally:
        page.evaluate("t => { document.body.dataset.jpThemeLight = t }", before)


@pytest.mark.parametrize("screen", ["lab"], indirect=True)
def test_jupyterlab_takes_no_plain_key_that_was_pressed_on_the_page(workbench):
    screen, page = workbench, workbench.page
    cells_there = page.locator(".jp-Notebook .jp-Cell").count()
    for place in (".csn-participant select", '.csn-docket [role="tab"][data-what=""]', ".csn-cut input", "summary"):
        page.focus(place)
        for key in ("x", "b", "a", "d", "d"):  # in JupyterLab these cut, add and delete cells
            page.keyboard.press(key)
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells_there
    page.focus(".csn-au select")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    screen.soon(lambda: same(state(page)["unit"], DISFA.units[1].title))
    page.keyboard.press("Control+Shift+C")
    page.wait_for_selector(".lm-CommandPalette", state="visible")
    page.keyboard.press("Escape")


def test_nothing_left_this_machine_and_nothing_went_wrong(workbench):
    assert workbench.outside == []
    assert workbench.errors == []
