"""The guest's page at 1280 by 720: all of it is in sight, and nothing is written over anything."""

import pytest

pytestmark = pytest.mark.browser


def test_a_guest_s_page_fits_a_small_screen_and_its_title_ends_before_the_switch(screen, chromium):
    if screen.kind == "lab":
        pytest.skip("a guest is sent to Voila")
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    guest = context.new_page()
    guest.set_default_timeout(120_000)
    guest.goto(f"{screen.page.url.partition('&')[0]}&calibrated=1&page=guest")
    guest.wait_for_selector(".csn-viewer[data-drawn]")
    guest.wait_for_function("() => /\\d/.test(document.querySelector('.csn-tile[data-method=csn] output').textContent)")
    guest.wait_for_selector(".csn-chart .main-svg")
    # The page itself and not the document: in Voila a part of the document scrolls, which then is never too high.
    assert guest.evaluate("document.querySelector('.csn-page').getBoundingClientRect().bottom <= innerHeight")
    title, switch = (guest.locator(each).bounding_box() for each in (".csn-title", ".csn-switch"))
    assert title["x"] + title["width"] <= switch["x"]
    words, button = (guest.locator(each).bounding_box() for each in (".csn-lines", ".csn-analyse"))
    assert button["y"] + button["height"] <= words["y"] + words["height"] + 20, "the button stands beside the words"
    context.close()


def test_what_is_said_about_a_copied_link_moves_nothing(screen):
    page = screen.page
    page.set_viewport_size({"width": 1440, "height": 900})
    page.locator(".csn-share button >> nth=0").scroll_into_view_if_needed()  # in JupyterLab the page begins lower
    before = [page.locator(each).bounding_box() for each in (".csn-tabs", ".csn-share button >> nth=0", ".csn-lower")]
    page.click(".csn-share button >> nth=0")
    page.wait_for_selector(".csn-share[data-link]")
    page.wait_for_timeout(300)
    after = [page.locator(each).bounding_box() for each in (".csn-tabs", ".csn-share button >> nth=0", ".csn-lower")]
    if page.query_selector(".csn-by-hand") is None:
        assert after == before
