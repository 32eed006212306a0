"""The notebook "why" as a page: a false positive, what each method looked at, a face without its glasses, the network inside."""

import re

import pytest

from tests.browser.conftest import Screen, Stage, opened
from tests.browser.legible import faint_words, in_theme, nameless_controls
from tests.browser.walking import same

pytestmark = pytest.mark.browser

PAINTED = "s => [...document.querySelectorAll(`${s} figure:not(.csn-empty) img[src]`)].map((i) => i.naturalWidth)"
CHANGED = "() => document.querySelector('.csn-what-if-answer b')?.textContent"


def test_a_false_positive_is_told_from_the_frame_to_the_channels(chromium: object, somebody_drawn: Stage) -> None:
    source = {"CSNVIZ_SOURCE": str(somebody_drawn.path)}
    with opened("voila", chromium, "why", somebody_drawn, source) as screen:
        page = screen.page
        page.wait_for_selector(".csn-story .js-plotly-plot .main-svg")  # the last part, filled after all others
        assert re.match(
            r"AU\d+, frame \d+: \d\.\d+ without calibration, .*coder \d", page.inner_text(".csn-why-sentence")
        )
        assert page.locator(".csn-story-answers .csn-parts").count() == 3
        screen.soon(lambda: same({width for width in page.evaluate(PAINTED, ".csn-story")}, {112}))

        page.hover(".csn-story-answers tr[data-part]")
        assert page.locator(".csn-story-answers .csn-why-outline").count() == 1  # on one face of three
        first = page.evaluate(CHANGED)
        other = page.locator(".csn-change:has-text('≈ Fill')").first
        other.click()
        screen.wait(f"before => ({CHANGED})() !== before", first)
        assert page.evaluate(CHANGED).startswith("Fill")
        assert "guess" in page.inner_text(".csn-what-if-answer caption")
        is_readable(screen)
        assert (screen.outside, screen.errors) == ([], [])


def is_readable(screen: Screen) -> None:
    """In both themes every word stands out, every control has a name, and nothing is wider than the page."""
    page = screen.page
    assert nameless_controls(page, "body") == []
    for theme in ("dark", "light"):
        in_theme(page, theme)
        assert faint_words(page, ".csn-story") == [], theme
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
