"""The workbench walked through by a person: from the docket to a frame, to another reference, to a link, to a guest."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

pytestmark = pytest.mark.browser

# What a person can read with, and the ground it stands on, told from the page itself (WCAG 2.2, contrast ratio).
PALE = """() => {
  const channels = (text) => text.match(/[\\d.]+/g).map(Number);
  const linear = (c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const over = ([r, g, b, a = 1], under) => [r, g, b].map((c, i) => c * a + under[i] * (1 - a));
  function ground(element) {
    if (!element) return [255, 255, 255];
    const style = getComputedStyle(element), own = channels(style.backgroundColor.replace('color(srgb', 'rgb('));
    if (style.backgroundColor.startsWith('color(')) own.splice(0, 3, ...own.slice(0, 3).map((c) => c * 255));
    return (own[3] ?? 1) === 0 ? ground(element.parentElement) : over(own, ground(element.parentElement));
  }
  const pale = [], page = document.querySelector('.csn-page');
  for (const element of page.querySelectorAll(':not(svg *)')) {
    const text = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!text || !element.checkVisibility({visibilityProperty: true, opacityProperty: true})) continue;
    if (element.closest(':disabled, option, style, .csn-off, [aria-hidden="true"], .csn-reason')) continue;
    const under = ground(element), ink = light(over(channels(getComputedStyle(element).color), under)), paper = light(under);
    const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    if (ratio < 4.5) pale.push(`${ratio.toFixed(2)} ${element.className} ${element.textContent.trim().slice(0, 40)}`);
  }
  return pale;
}"""
CONTROLS = """() => [...document.querySelectorAll('.csn-page :is(button, select, input, summary, [tabindex="0"])')].filter(
  (e) => e.checkVisibility({visibilityProperty: true, opacityProperty: true}) && !e.classList.contains('csn-viewer'))"""


def tab(screen, key: str) -> None:
    screen.page.click(f'.csn-tabs [data-tab="{key}"]')
    screen.wait("k => document.querySelector(`.csn-tabs [data-tab=\"${k}\"]`).ariaSelected === 'true'", key)


def state(page) -> dict[str, str]:
    """What a person sees of the page's state."""
    read = """() => {
      const value = (s) => document.querySelector(s + ' select').selectedOptions[0].textContent.replaceAll('\\u00a0', ' ');
      return {person: value('.csn-participant'), unit: value('.csn-au'), reference: value('.csn-reference-list'),
        frame: document.querySelector('.csn-where').textContent.split(' ')[1],
        calibrated: document.querySelector('.csn-switch input').checked,
        numbers: [...document.querySelectorAll('.csn-tile output')].map((e) => e.textContent).join(' ')}
    }"""
    return page.evaluate(read)


@pytest.fixture
def workbench(screen):
    """The page with the docket of everybody read."""
    page = screen.page
    page.set_viewport_size({"width": 1440, "height": 900})
    page.set_checked(".csn-switch input", True)
    tab(screen, "errors")
    page.wait_for_selector(".csn-docket-row")
    screen.wait("() => !/people read/.test(document.querySelector('[data-shown]').textContent)")
    return screen


def test_from_the_docket_to_a_frame_to_another_reference_and_back(workbench):
    screen, page = workbench, workbench.page
    counts = page.inner_text(".csn-docket [role=tablist]")
    assert re.search(r"removed\s+\d+.*kept\s+\d+.*created\s+\d+.*lost\s+\d+", counts.replace("\n", " "))
    page.click('.csn-docket [role="tab"][data-what="removed"]')
    row = page.wait_for_selector('.csn-docket-row[data-place="0"][data-what="removed"]')
    cells = {cell.get_attribute("data-column"): cell.inner_text() for cell in row.query_selector_all("[data-column]")}
    page.click('.csn-docket-row[data-place="0"] [data-column="participant"]')
    screen.wait("who => document.querySelector('.csn-participant select').value === who", cells["participant"])
    screen.soon(lambda: _same(state(page)["unit"].split()[0], cells["au"].split()[0]))
    screen.wait(
        "() => /The reference makes|The reference finds/.test(document.querySelector('.csn-sentence').textContent)"
    )
    gone = state(page)
    # Every other frame as the reference in turn, until the error is there again; then the first one, and it vanishes.
    page.focus(".csn-viewer")
    page.keyboard.press("r")
    screen.wait("() => document.querySelector('.csn-sentence').textContent.includes('the reference itself')")
    screen.wait("was => document.querySelector('.csn-reference-list select').selectedOptions[0].textContent !== was",
                gone["reference"])  # fmt: skip
    assert state(page)["numbers"] != gone["numbers"]
    tab(screen, "curves")
    page.select_option(".csn-reference-list select", label=gone["reference"].replace(" ", "\u00a0"))
    screen.soon(lambda: _same(state(page), gone))
    assert screen.errors == []


def test_n_and_p_walk_from_error_to_error_with_the_face_in_sight(workbench):
    page = workbench.page
    page.click('.csn-docket [role="tab"][data-what=""]')
    page.click('.csn-docket-row[data-place="0"] [data-column="participant"]')
    page.wait_for_selector('.csn-docket-row[data-place="0"][aria-current="true"]')
    page.focus(".csn-viewer")
    page.keyboard.press("n")
    page.wait_for_selector('.csn-docket-row[data-place="1"][aria-current="true"]')
    page.keyboard.press("p")
    page.wait_for_selector('.csn-docket-row[data-place="0"][aria-current="true"]')


def test_the_visible_cut_decides_what_the_docket_lists(workbench):
    screen, page = workbench, workbench.page
    before = page.inner_text("[data-shown]")
    page.focus(".csn-cut input")
    for _ in range(8):
        page.keyboard.press("ArrowLeft")
    screen.wait("was => document.querySelector('[data-shown]').textContent !== was", before)
    screen.wait("() => document.querySelector('.csn-cut output').textContent.startsWith('1.2')")
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    screen.wait("was => document.querySelector('[data-shown]').textContent === was", before)


def test_the_timeline_shows_every_unit_and_a_click_goes_there(workbench):
    screen, page = workbench, workbench.page
    tab(screen, "timeline")
    area = page.wait_for_selector(".csn-track-area canvas")
    box = area.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.6, box["y"] + 12)
    screen.soon(lambda: _same(state(page)["unit"].split()[0], "AU1"))
    screen.wait("() => Number(document.querySelector('.csn-viewer').dataset.drawn) > 5")
    assert page.is_visible(".csn-track-cursor")


def test_candidates_are_ranked_with_reasons_and_one_becomes_the_reference(workbench):
    screen, page = workbench, workbench.page
    tab(screen, "references")
    page.wait_for_selector(".csn-gallery [data-row]")
    other = page.locator('.csn-gallery [data-row]:not([aria-selected="true"])').first
    row = other.get_attribute("data-row")
    other.click()
    page.wait_for_selector(f'.csn-gallery [data-row="{row}"][aria-selected="true"]')
    screen.wait("f => document.querySelector('.csn-reference-list select').selectedOptions[0].textContent.includes(f)",
                f"frame\u00a0{row}\u00a0".rstrip("\u00a0"))  # fmt: skip


def test_a_saved_view_and_a_link_bring_back_the_same_page(workbench, chromium):
    screen, page = workbench, workbench.page
    page.select_option(".csn-participant select", "B")
    page.select_option(".csn-au select", label="AU12 lip corner puller".replace(" ", "\u00a0"))
    page.focus(".csn-viewer")
    page.keyboard.press("End")
    screen.wait("() => document.querySelector('.csn-tiles').dataset.row === '29'")
    screen.wait("() => /\\d/.test(document.querySelector('.csn-tile[data-method=csn] output').textContent)")
    wanted = state(page)
    page.fill(".csn-view-name input", "the smile")
    page.keyboard.press("Tab")
    page.click(".csn-save-view")
    page.wait_for_selector('.csn-saved-views option:has-text("the\u00a0smile"), .csn-saved-views option:has-text("the smile")',
                           state="attached")  # fmt: skip
    page.select_option(".csn-participant select", "A")
    screen.soon(lambda: _same(state(page)["person"], "A"))
    page.select_option(".csn-saved-views select", index=1)
    screen.soon(lambda: _same(state(page), wanted))
    page.click(".csn-share button >> nth=0")
    link = page.wait_for_selector(".csn-share[data-link]").get_attribute("data-link")
    assert {"frame", "reference", "au", "calibrated"} <= set(parse_qs(urlsplit(link).query))
    if screen.kind == "lab":
        assert "/voila/render/" in link
    other = chromium.new_context(viewport={"width": 1440, "height": 900})
    second = other.new_page()
    second.set_default_timeout(120_000)
    second.goto(link)
    second.wait_for_function("() => document.querySelectorAll('.csn-provenance section').length === 3")
    second.wait_for_function("w => [...document.querySelectorAll('.csn-tile output')].map(e => e.textContent).join(' ') === w",
                             arg=wanted["numbers"])  # fmt: skip
    assert state(second) == wanted
    other.close()


def test_a_guest_sees_one_case_explained_without_scrolling(workbench, chromium):
    screen, page = workbench, workbench.page
    page.click(".csn-share button >> nth=1")
    screen.wait("() => document.querySelector('.csn-share').dataset.link.includes('page=guest')")
    link = page.get_attribute(".csn-share", "data-link")
    other = chromium.new_context(viewport={"width": 1280, "height": 720})
    guest = other.new_page()
    guest.set_default_timeout(120_000)
    guest.goto(link)
    guest.wait_for_selector(".csn-viewer[data-drawn]")
    guest.wait_for_function("() => /\\d/.test(document.querySelector('.csn-tile[data-method=csn] output').textContent)")
    shown = guest.evaluate(f"({CONTROLS})().map((e) => e.ariaLabel || e.textContent || e.labels?.[0]?.textContent)")
    assert 0 < len(shown) <= 6, shown
    assert guest.evaluate("document.scrollingElement.scrollHeight <= innerHeight")
    words = guest.inner_text(".csn-page")
    for fact in ("Participant", "Human label", "Reference", "Trained on", "27 drawn people", "Faces are shown"):
        assert fact in words
    guest.click(".csn-analyse")
    guest.wait_for_selector(".csn-tabs", state="visible")
    other.close()


def test_every_tab_can_be_reached_and_left_by_the_keyboard_and_what_has_the_focus_has_a_name(workbench):
    screen, page = workbench, workbench.page
    for key in ("curves", "timeline", "errors", "references", "export"):
        page.focus('.csn-tabs [aria-selected="true"]')
        while page.get_attribute('.csn-tabs [aria-selected="true"]', "data-tab") != key:
            was = page.get_attribute('.csn-tabs [aria-selected="true"]', "data-tab")
            page.keyboard.press("ArrowRight")
            screen.wait("w => document.querySelector('.csn-tabs [aria-selected=\"true\"]').dataset.tab !== w", was)
        seen = []
        for _ in range(40):
            page.keyboard.press("Tab")
            told = page.evaluate("""() => { const e = document.activeElement;
              const name = e.ariaLabel || e.textContent.trim() || e.labels?.[0]?.textContent.trim() || e.placeholder;
              return [Boolean(e.closest('.csn-page')), e.tagName, name] }""")
            if not told[0]:
                break
            seen.append(told)
        assert seen, key
        assert all(name for _, _, name in seen), (key, seen)


@pytest.mark.parametrize("key", ["curves", "timeline", "errors", "references", "export"])
def test_every_word_can_be_read_on_light_and_on_dark_ground(workbench, key):
    screen, page = workbench, workbench.page
    tab(screen, key)
    page.wait_for_timeout(400)
    light = page.evaluate("() => document.body.dataset.jpThemeLight")
    try:
        for theme in ("true", "false"):
            page.evaluate("t => { document.body.dataset.jpThemeLight = t }", theme)
            page.wait_for_timeout(400)
            assert page.evaluate(PALE) == []
    finally:
        page.evaluate("t => { document.body.dataset.jpThemeLight = t }", light)


def test_nothing_left_this_machine_and_nothing_went_wrong(workbench):
    assert workbench.outside == []
    assert workbench.errors == []
    assert workbench.page.evaluate("() => document.querySelector('.csn-error').classList.contains('csn-hidden')")


def _same(found: object, wanted: object) -> None:
    assert found == wanted
