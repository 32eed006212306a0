"""The gallery and the attributes in a real browser, with the real Python behind them and no kernel in between."""

import base64
import os
from collections.abc import Iterator
from pathlib import Path

import anywidget
import numpy as np
import pytest

from csnviz.data.candidates import Candidate, candidates_with_labels
from csnviz.data.manifest import read_manifest
from csnviz.data.tables import FrameTable
from csnviz.views import gallery as gallery_module
from csnviz.views.attributes_panel import AttributesPanel
from csnviz.views.gallery import DRAG_TYPE, Gallery
from tests.browser.legible import faint_words, in_theme, nameless_controls
from tests.small_disfa import jpeg

VIEWS = Path(gallery_module.__file__).parent

MODEL = """([source, state]) => {
  const heard = {};
  window.outbox = [];
  window.model = {
    get: (name) => state[name], set: (name, value) => { state[name] = value; outbox.push({ set: name, value }); },
    save_changes() {}, send: (message) => outbox.push({ message }),
    on: (name, act) => (heard[name] ??= []).push(act), off() {},
    fire: (name, ...words) => (heard[name] ?? []).forEach((act) => act(...words)),
    change(name, value) { state[name] = value; this.fire(`change:${name}`); },
    deliver(message, files) {
      const views = files.map((file) => new DataView(Uint8Array.from(atob(file), (c) => c.charCodeAt(0)).buffer));
      this.fire("msg:custom", message, views);
    },
  };
  const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  return import(address).then((widget) => widget.default.render({ model, el: document.querySelector("#here") }));
}"""


class Shown:
    """A widget drawn in a page; `exchange` carries messages and traits both ways, as a kernel would."""

    def __init__(self, page, widget: anywidget.AnyWidget, script: str) -> None:
        self.page, self.widget = page, widget
        self._inbox = []
        widget.send = lambda message, buffers=None: self._inbox.append((message, buffers or []))
        names = [
            name for name in widget.keys if not name.startswith("_") and name not in ("layout", "tabbable", "tooltip")
        ]
        widget.observe(lambda change: self._changed.append(change["name"]), names)
        self._changed = []
        page.evaluate(MODEL, [(VIEWS / script).read_text(), {name: getattr(widget, name) for name in names}])
        self.exchange()

    def exchange(self) -> None:
        for _ in range(4):
            self.page.wait_for_timeout(60)
            for each in self.page.evaluate("() => outbox.splice(0)"):
                if "message" in each:
                    self.widget._heard(self.widget, each["message"], [])
                else:
                    setattr(self.widget, each["set"], each["value"])
            for name in dict.fromkeys(self._changed):
                self.page.evaluate("([n, v]) => model.change(n, v)", [name, getattr(self.widget, name)])
            self._changed.clear()
            for message, buffers in self._inbox:
                files = [base64.b64encode(buffer).decode() for buffer in buffers]
                self.page.evaluate("([m, f]) => model.deliver(m, f)", [message, files])
            self._inbox.clear()


@pytest.fixture
def page(request, chromium) -> Iterator[object]:
    """An empty page of ours, 700 wide, which fails the test when anything was written to its console as an error."""
    page = chromium.new_page(viewport={"width": 700, "height": 620})
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: said.type == "error" and errors.append(said.text))
    css = "".join((VIEWS / f"{name}.css").read_text() for name in ("page", "gallery", "attributes"))
    light = str("dark" not in request.node.name).lower()
    card = '<div class="csn-page"><div class="csn-card" id="here">'
    page.set_content(f'<style>body {{ margin: 0 }} {css}</style><body data-jp-theme-light="{light}">{card}')
    yield page
    if folder := os.environ.get("CSNVIZ_SCREENSHOTS"):
        page.screenshot(path=f"{folder}/{request.node.name}.png")
    page.close()
    assert errors == []


def offered(count: int = 40) -> list[Candidate]:
    words = [("near the usual face", "looks ahead", "eyes open", "sharp"), ("looks ahead", "mouth closed")]
    fit = []
    for i in range(count - 4):
        doubts = ("turned 7°",) if i % 3 == 2 else ()
        fit.append(Candidate(3 * i, f"P/{3 * i}", 100 + 3 * i, 0.15 * i, 1 - i / 99, words[i % 2], doubts))
    faults = ("the face is turned 22° to the picture's right", "the eyes are shut")
    unfit = [(500 + i, f"P/{500 + i}", 600 + i, np.nan, 0.1, (), (), faults[: 1 + i % 2]) for i in range(4)]
    return fit + [Candidate(*each) for each in unfit]


def picture(row: int) -> bytes:
    return jpeg(np.full((60, 60, 3), (row * 5) % 256, np.uint8))


@pytest.fixture
def chosen():
    return []


def test_candidates_are_walked_by_arrow_keys_and_chosen_by_enter_or_click(page, chosen):
    gallery = Gallery(chosen.append, lambda: chosen.append("kept"))
    gallery.offer(offered(), picture, 6)
    shown = Shown(page, gallery, "gallery.js")
    items = page.get_by_role("option")
    assert items.count() == 40
    name = "frame 106 · 0.30 s, rank 3: near the usual face, looks ahead, eyes open, sharp, turned 7°; the reference in use"
    assert items.nth(2).get_attribute("aria-label") == name
    assert page.locator('li[tabindex="0"]').count() == 1
    page.keyboard.press("Tab")  # to the button
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.dataset.row") == "6", "the reference in use is where one begins"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    columns = page.evaluate(
        "() => getComputedStyle(document.querySelector('ul')).gridTemplateColumns.split(' ').length"
    )
    page.keyboard.press("ArrowDown")
    page.keyboard.press(" ")
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    items.nth(1).click()
    shown.exchange()
    assert chosen == [9, 3 * (3 + columns), 0, 3]
    gallery.chosen = 3
    shown.exchange()
    assert page.locator('li[aria-selected="true"]').get_attribute("data-row") == "3"
    page.get_by_role("button", name="Accept for good").click()
    shown.exchange()
    assert chosen[-1] == "kept"
    gallery.said = "Kept: frame 103 is the reference."
    shown.exchange()
    assert page.locator("output").inner_text() == gallery.said
    end, start = (page.locator(each).bounding_box() for each in ("output", "ul"))
    assert end["y"] + end["height"] <= start["y"], (
        "it is said where one looks, and not below a list that one has to scroll"
    )
    gallery.said = ""
    shown.exchange()
    assert page.locator(".csn-gallery-common").inner_text() == "True of every ranked face: looks ahead."
    cut_off = "() => [...document.querySelectorAll('.csn-number')].filter((e) => e.scrollWidth > e.clientWidth).length"
    assert page.evaluate(cut_off) == 0


def test_only_pictures_in_sight_are_asked_for(page):
    asked = []

    def heard(row: int) -> bytes:
        asked.append(row)
        return picture(row)

    gallery = Gallery(lambda row: None)
    gallery.offer(offered(), heard, None)
    shown = Shown(page, gallery, "gallery.js")
    assert 0 < len(asked) < 40
    assert page.locator("li img").count() == len(asked)
    page.locator("ul").evaluate("(list) => { list.scrollTop = list.scrollHeight }")
    shown.exchange()
    assert 503 in asked
    assert len(asked) == len(set(asked)), "no picture is asked for twice"
    assert not page.get_by_role("button", name="Accept for good").is_visible(), "nothing can be kept"


def test_without_pictures_a_drawn_face_stands_in_each_place_in_the_dark_theme_too(page):
    gallery = Gallery(lambda row: None, lambda: None)
    gallery.labels_offered = True
    gallery.offer(offered(12), lambda row: None, None)
    shown = Shown(page, gallery, "gallery.js")
    assert page.locator("li img").count() == 0
    assert page.locator("li svg").count() == 12
    assert page.get_by_role("button", name="Accept for good").is_disabled(), "there is no reference to accept"
    page.get_by_label("Rank with the labels too").check()
    shown.exchange()
    assert gallery.labels_wanted
    assert "the eyes are shut" in page.locator("li.csn-not-fit").nth(1).inner_text()


def test_a_candidate_that_is_dragged_carries_its_row(page):
    gallery = Gallery(lambda row: None)
    gallery.offer(offered(8), picture, None)
    Shown(page, gallery, "gallery.js")
    page.evaluate(
        """(type) => { const slot = Object.assign(document.createElement("div"), { id: "slot", textContent: "here" });
          slot.addEventListener("dragover", (event) => event.preventDefault());
          slot.addEventListener("drop", (event) => { slot.dataset.row = event.dataTransfer.getData(type); });
          document.querySelector(".csn-page").append(slot); }""",
        DRAG_TYPE,
    )
    page.drag_and_drop('li[data-row="6"]', "#slot")
    assert page.locator("#slot").get_attribute("data-row") == "6"


def test_letters_and_clicks_annotate_and_the_focus_stays(page):
    kept, table = [], read_manifest("disfa").attributes

    def annotate(attribute: str, value: str) -> None:
        kept.append((attribute, value))
        table.loc[(table["participant"] == "SN003") & (table["attribute"] == attribute), ["value", "by"]] = (
            value,
            "person",
        )
        panel.show("SN003", table)

    panel = AttributesPanel(annotate)
    panel.show("SN003", table)
    shown = Shown(page, panel, "attributes.js")
    glasses = page.get_by_role("button", name="eyeglasses: not annotated")
    glasses.click()
    shown.exchange()
    page.keyboard.press("b")
    page.keyboard.press("g")
    page.keyboard.press("n")  # somebody else's key
    shown.exchange()
    assert kept == [("eyeglasses", "present"), ("facial hair", "present"), ("eyeglasses", "absent")]
    assert page.evaluate("() => document.activeElement.dataset.letter") == "g"
    page.keyboard.press("c")
    page.keyboard.press("c")
    page.keyboard.press("c")
    page.keyboard.press("x")
    shown.exchange()
    assert page.get_by_role("button", name="crow's feet: unsure, annotated by you").is_visible()
    assert page.get_by_role("button", name="nasolabial folds: absent, annotated by you").is_visible()
    assert not page.get_by_role("button", name="the rest is absent").is_visible()
    panel.read_only = True
    shown.exchange()
    assert page.get_by_role("button", name="eyeglasses: absent, annotated by you").is_disabled()


def test_words_stand_out_from_their_ground(page):
    gallery = Gallery(lambda row: None, lambda: None)
    gallery.offer(offered(12), picture, 0)
    Shown(page, gallery, "gallery.js")
    assert page.locator(".csn-for, .csn-doubt, .csn-fault, .csn-thumbnail i").count() > 12
    assert nameless_controls(page, ".csn-page") == []
    for theme in ("light", "dark"):
        in_theme(page, theme)
        assert faint_words(page, ".csn-page") == [], theme


def test_drawn_people_are_ranked_and_shown(page, chosen, stage):
    frames: FrameTable = stage.table.of("A")
    gallery = Gallery(chosen.append)
    gallery.offer(candidates_with_labels(frames, None), frames.picture, 0)
    Shown(page, gallery, "gallery.js")
    assert page.locator("li").count() > 5
