"""The frame viewer alone in a real Chromium: faces and timeline of 100,000 invented frames, placed on one page."""

import io
import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

STRIPES, PATIENCE = 12, 60_000
MANY, FEW = 100_000, 300
AUS = (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 18, 20, 23, 24, 25, 26, 43, 45)
RED, GREEN, BLUE = (220, 30, 30), (20, 160, 60), (40, 60, 210)
REFERENCE = 40


# ---- in the kernel: the page that the notebook shows ---------------------------------------------------------------------
def stand() -> None:
    """Shows one viewer twice, and what Python hears of it."""
    import ipywidgets
    from IPython.display import display

    from csnviz.views.viewer import FaceViewer

    viewer, heard = FaceViewer(), ipywidgets.HTML()
    heard.add_class("heard")
    said = []

    def note(kind):
        def write(value):
            said.append([kind, value])
            heard.value = json.dumps(said)

        return write

    viewer.on_event_step(note("event"))
    viewer.on_drop_reference(note("drop"))
    viewer.on_letter(note("letter"))
    viewer.on_choose_unit(note("unit"))
    viewer.observe(lambda change: setattr(viewer, "settled", change["new"]), "index")
    viewer.letters, viewer.calibrated, viewer.region = "gb", True, [[0, 1, 12, 11]]
    viewer.unit = 6

    def other(_):
        viewer.show(_faces(1, FEW), 3)

    def first(_=None):
        viewer.show(_faces(0, MANY), 0)
        viewer.show_reference(_plain(RED), f"Reference: frame {REFERENCE}", row=REFERENCE)
        viewer.show_tracks(_tracks(MANY))

    def why(_):
        viewer.show_attribution("image", viewer.index, np.full((112, 112), 120, np.int8))

    first()
    buttons = []
    for name, act in (("other", other), ("first", first), ("why", why)):
        button = ipywidgets.Button(description=name)
        button.on_click(act)
        button.add_class(f"press-{name}")
        buttons.append(button)
    faces = ipywidgets.VBox([viewer])
    timeline = ipywidgets.VBox([viewer])
    style = ipywidgets.HTML(f"<style>{(Path(__file__).parents[2] / 'csnviz/views/page.css').read_text()}</style>")
    for box, name in ((faces, "csn-card"), (timeline, "csn-card"), (timeline, "csn-timeline-place"), (faces, "narrow")):
        box.add_class(name)
    faces.layout.width = "620px"
    page = ipywidgets.VBox([style, faces, timeline, ipywidgets.HBox(buttons), heard])
    page.add_class("csn-page")
    display(page)


def _faces(person, count):
    from csnviz.views.viewer import Faces

    numbers = np.arange(count)
    shift = (numbers % 50)[:, None, None] / 500
    square = np.array([[0.3, 0.2], [0.3, 0.7333], [0.7, 0.7333], [0.7, 0.2]], np.float32)
    within = np.stack(
        [np.tile(np.linspace(0.1, 0.9, 11), 7)[:68], np.repeat(np.linspace(0.2, 0.8, 7), 11)[:68]], axis=1
    )
    points = square[0] + within * (square[2] - square[0])
    return Faces(
        numbers,
        numbers / 20,
        {7: "no face found"},
        lambda row: _bar_code(person, row % 512),
        (),
        lambda row: _plain(BLUE, 112),
        lambda row: None if row == 9 else _filmed(row),
        lambda rows: (points[None] + shift[list(rows)]).astype(np.float32),
        lambda rows: (square[None] + shift[list(rows)]).astype(np.float32),
    )


def _jpeg(picture):
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=90)
    return file.getvalue()


def _bar_code(person, frame):
    stripes = np.repeat([255 * int(bit) for bit in f"1{person:01b}{frame:09b}1"], 336 // STRIPES).astype(np.uint8)
    return _jpeg(Image.fromarray(np.tile(stripes, (336, 1))).convert("RGB"))


def _plain(colour, side=336):
    return _jpeg(Image.new("RGB", (side, side), colour))


def _filmed(row):
    picture = Image.new("RGB", (480, 360), GREEN)
    shift = row % 50 / 500
    box = (int((0.3 + shift) * 480), int((0.2 + shift) * 360), int((0.7 + shift) * 480), int((0.7333 + shift) * 360))
    ImageDraw.Draw(picture).rectangle(box, fill=BLUE)
    return _jpeg(picture)


def _tracks(count):
    from csnviz.views.tracks import make_tracks

    random, time_ = np.random.default_rng(2), np.arange(count)[:, None]
    period = 300 + 97 * np.arange(len(AUS))[None]
    label = np.round(np.clip(6 * np.sin(2 * np.pi * time_ / period) - 2, 0, 5)).astype(np.float32)
    bias = np.where(np.arange(len(AUS)) % 3 == 0, 1.2 + np.sin(time_ / 900), 0.1)
    ncg = label + bias + random.normal(0, 0.25, label.shape)
    csn = label * 0.9 + random.normal(0, 0.2, label.shape)
    usable = (np.arange(count) % 9000) > 500
    values = {"label": label, "ncg": ncg, "bs": ncg - 0.8, "csn": csn}
    for key in ("ncg", "bs", "csn"):
        values[key] = np.where(usable[:, None], values[key], np.nan).astype(np.float32)
    return make_tracks(AUS, values, usable, 2.0)


# ---- in the test: the page and what can be read off it ---------------------------------------------------------------------
class Bed:
    """The open page."""

    def __init__(self, page):
        self.page, self.errors = page, []
        # The module is imported from a blob; what Voila's own scripts say is for the tests of the page.
        page.on("console", lambda said: said.type == "error" and self._note(f"{said.location['url']} {said.text}"))
        page.on("pageerror", lambda error: self._note(error.stack or str(error)))

    def _note(self, said):
        if "blob:" in said or "anywidget" in said:
            self.errors.append(said)

    def wait(self, condition, argument=None):
        self.page.wait_for_function(condition, arg=argument, timeout=PATIENCE)

    def drawn(self, index):
        self.wait("i => document.querySelector('.csn-viewer').dataset.drawn === String(i)", index)

    def bars(self):
        """The person and the frame in the bar code, as they are painted now."""
        middles = [int((place + 0.5) * 336 / STRIPES) for place in range(STRIPES)]
        read = """xs => { const c = document.querySelector('.csn-picture').getContext('2d');
                  return xs.map(x => c.getImageData(x, 168, 1, 1).data[0] > 128 ? '1' : '0').join('') }"""
        bits = self.page.evaluate(read, middles)
        return int(bits[1]), int(bits[2:11], 2)

    def pixel(self, x, y, canvas=".csn-picture", place=0):
        """The colour at a share of a canvas's width and height."""
        read = """([s, p, x, y]) => { const c = document.querySelectorAll(s)[p];
                  return [...c.getContext('2d').getImageData(x * c.width, y * c.height, 1, 1).data] }"""
        return self.page.evaluate(read, [canvas, place, x, y])

    def heard(self):
        text = self.page.inner_text(".heard")
        return json.loads(text) if text.strip() else []

    def hears(self, kind, value):
        """Waits until the last that Python heard is this."""
        self.wait(
            "e => { const t = document.querySelector('.heard').innerText; return t && JSON.stringify(JSON.parse(t).at(-1)) === e }",
            json.dumps([kind, value], separators=(",", ":")),
        )

    def set(self, name, key):
        self.page.click(f'[data-choose="{name}"] [data-key="{key}"]')

    def seen(self):
        return [float(part) for part in self.page.get_attribute(".csn-tracks", "data-seen").split()]


def _like(pixel, colour):
    return max(abs(a - b) for a, b in zip(pixel[:3], colour, strict=True)) < 40


@pytest.fixture(scope="module")
def bed(chromium, tmp_path_factory) -> Iterator[Bed]:
    from csnviz import places, servers

    folder = tmp_path_factory.mktemp("viewer")
    cell = f"from runpy import run_path\nrun_path({str(Path(__file__).resolve())!r})['stand']()"
    code = {"cell_type": "code", "execution_count": None, "id": "a", "metadata": {}, "outputs": [], "source": cell}
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = folder / "viewer.ipynb"
    notebook.write_text(
        json.dumps({"cells": [code], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5})
    )
    root = places.data_root(folder / "root")
    with servers.start_voila(notebook, {"OMP_NUM_THREADS": "1"}, root) as server:
        context = chromium.new_context(viewport={"width": 1280, "height": 1250})
        bed = Bed(context.new_page())
        bed.page.set_default_timeout(PATIENCE)
        bed.address = server.address
        bed.page.goto(server.address, timeout=PATIENCE)
        bed.page.wait_for_selector(".csn-viewer[data-drawn]")
        bed.page.wait_for_selector('.csn-legend [data-key="false positive"]')
        yield bed
        context.close()


@pytest.fixture
def fresh(bed):
    """The first frame, aligned, with the reference beside it, the whole recording below, the panel of controls open."""
    if bed.page.get_attribute("[data-open]", "aria-expanded") == "false":
        bed.page.click("[data-open]")
    bed.set("view", "face")
    bed.set("compare", "beside")
    for name in ("landmarks", "regions", "loop"):
        bed.page.set_checked(f'[data-set="{name}"]', False)
    bed.page.click('[data-zoom="Infinity"]')
    bed.page.focus(".csn-viewer")
    bed.page.keyboard.press("Home")
    bed.drawn(0)
    bed.page.mouse.move(5, 5)
    return bed


# ---- stepping --------------------------------------------------------------------------------------------------------------
STEPS = """async (keys) => {
  const root = document.querySelector('.csn-viewer'), took = [];
  const until = (done) => new Promise((go) => { const look = () => done() ? go() : requestAnimationFrame(look); look(); });
  for (const key of keys) {
    const began = performance.now(), before = root.dataset.drawn;
    root.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    await until(() => root.dataset.drawn !== before);
    took.push(performance.now() - began);
    await new Promise((go) => setTimeout(go, 15));
  }
  return took;
}"""


def test_a_step_to_a_frame_that_is_here_takes_less_than_50_ms(fresh):
    took = fresh.page.evaluate(STEPS, ["ArrowRight"] * 60)
    fresh.page.evaluate(STEPS, ["ArrowLeft"] * 20)
    cached = fresh.page.evaluate(STEPS, ["ArrowRight", "ArrowLeft"] * 30)
    print(f"\ncached step, ms: p50 {np.median(cached):.1f}, p95 {np.quantile(cached, 0.95):.1f}; "
          f"onwards with prefetch: p95 {np.quantile(took, 0.95):.1f}")  # fmt: skip
    assert np.quantile(cached, 0.95) < 50
    assert fresh.bars() == (0, 40)


def test_a_key_held_for_three_seconds_paints_at_least_70_of_90_frames(fresh):
    fresh.page.evaluate("""() => { window.painted = new Set(); const v = document.querySelector('.csn-viewer');
        window.watching = new MutationObserver(() => window.painted.add(v.dataset.drawn));
        window.watching.observe(v, { attributes: true }) }""")
    fresh.page.evaluate("""async () => { const v = document.querySelector('.csn-viewer'), began = performance.now();
        for (let i = 0; i < 90; i++) {
          v.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }));
          await new Promise((go) => setTimeout(go, Math.max(0, began + (i + 1) * 1000 / 30 - performance.now()))) } }""")
    fresh.drawn(90)
    painted = fresh.page.evaluate("() => { window.watching.disconnect(); return [...window.painted].length }")
    print(f"\nheld key: {painted} of 90 frames painted")
    assert painted >= 70


def test_keys_step_frames_seconds_and_to_both_ends(fresh):
    for key, frame in (
        ("ArrowRight", 1), ("Shift+ArrowRight", 11), ("PageUp", 31), ("PageDown", 11), ("Shift+ArrowLeft", 1), ("ArrowUp", 2),
        ("End", MANY - 1), ("Home", 0),
    ):  # fmt: skip
        fresh.page.keyboard.press(key)
        fresh.drawn(frame)
        assert fresh.bars() == (0, frame % 512)


def test_shift_goes_as_far_as_was_asked_and_keys_typed_there_are_left_alone(fresh):
    fresh.page.fill('[data-set="stride"]', "25")
    fresh.page.press('[data-set="stride"]', "ArrowUp")
    assert fresh.page.input_value('[data-set="stride"]') == "26"
    assert fresh.page.get_attribute(".csn-viewer", "data-drawn") == "0"
    fresh.page.focus(".csn-viewer")
    fresh.page.keyboard.press("Shift+ArrowRight")
    fresh.drawn(26)
    fresh.page.fill('[data-set="stride"]', "10")


def test_playing_follows_the_clock_and_loops_when_asked(fresh):
    fresh.page.keyboard.press("End")
    fresh.drawn(MANY - 1)
    fresh.page.set_checked('[data-set="loop"]', True)
    fresh.page.select_option('[data-set="speed"]', "4")
    for _ in range(4):
        fresh.page.keyboard.press("ArrowLeft")
    fresh.page.focus(".csn-viewer")
    fresh.page.keyboard.press(" ")
    fresh.wait(
        "() => { const i = Number(document.querySelector('.csn-viewer').dataset.drawn); return i > 20 && i < 5000 }"
    )
    began, first = time.monotonic(), int(fresh.page.input_value("[data-frame]"))
    fresh.page.wait_for_timeout(1500)
    rate = (int(fresh.page.input_value("[data-frame]")) - first) / (time.monotonic() - began)
    assert fresh.page.get_attribute("[data-play]", "aria-label") == "pause"
    fresh.page.focus(".csn-viewer")
    fresh.page.keyboard.press(" ")
    fresh.page.select_option('[data-set="speed"]', "1")
    assert rate == pytest.approx(80, rel=0.25)  # four times 20 frames a second


def test_letters_and_events_are_told_to_python_and_other_letters_are_not(fresh):
    for key, expected in (("n", ["event", 1]), ("p", ["event", -1]), ("g", ["letter", "g"])):
        fresh.page.keyboard.press(key)
        fresh.hears(*expected)
    before = len(fresh.heard())
    fresh.page.keyboard.press("z")
    fresh.page.keyboard.press("Control+b")
    fresh.page.wait_for_timeout(300)
    assert len(fresh.heard()) == before


def test_what_is_still_on_its_way_is_said(fresh):
    fresh.page.evaluate("""() => { window.said = []; const w = document.querySelector('.csn-where');
        new MutationObserver(() => window.said.push(w.textContent)).observe(w, { childList: true });
        window.ask = WebSocket.prototype.send;
        WebSocket.prototype.send = function (...a) { setTimeout(() => window.ask.apply(this, a), 700) } }""")
    fresh.page.fill("[data-frame]", "60000")
    fresh.drawn(60000)
    said = fresh.page.evaluate("() => { WebSocket.prototype.send = window.ask; return window.said }")
    assert any("loading 60000" in words for words in said)
    assert fresh.page.inner_text(".csn-where") == "frame 60000 of 100000 · 3000.00 s"


# ---- comparing ---------------------------------------------------------------------------------------------------------------
def test_wipe_shows_the_frame_on_one_side_of_the_divider_and_the_reference_on_the_other(fresh):
    fresh.set("compare", "wipe")
    face = fresh.page.locator('[data-face="image"]').bounding_box()
    fresh.page.mouse.move(face["x"] + face["width"] * 0.5, face["y"] + 50)
    fresh.page.mouse.down()
    fresh.page.mouse.move(face["x"] + face["width"] * 0.25, face["y"] + 60)
    fresh.page.mouse.up()
    assert float(fresh.page.input_value("[data-share] input")) == pytest.approx(25, abs=1)
    assert _like(fresh.pixel(0.3, 0.5), RED)
    assert _like(fresh.pixel(0.04, 0.5), (255, 255, 255))
    fresh.page.fill("[data-share] input", "90")
    assert not _like(fresh.pixel(0.3, 0.5), RED)


def test_onion_skin_blends_frame_and_reference_by_their_shares(fresh):
    fresh.set("compare", "onion")
    fresh.page.fill("[data-share] input", "25")
    white, red = np.array([255, 255, 255]), np.array(RED)
    assert _like(fresh.pixel(0.04, 0.5), 0.75 * white + 0.25 * red)


def test_the_network_s_crop_is_shown_as_it_is(fresh):
    fresh.set("view", "network")
    fresh.wait("() => document.querySelector('.csn-viewer').dataset.drawn === '0'")
    fresh.wait(
        "() => document.querySelector('.csn-picture').getContext('2d').getImageData(168, 168, 1, 1).data[2] > 150"
    )
    assert _like(fresh.pixel(0.5, 0.5), BLUE)


def test_over_a_filmed_frame_the_reference_colours_and_landmarks_lie_where_the_face_is(fresh):
    fresh.page.keyboard.press("ArrowRight")
    fresh.set("view", "filmed")
    fresh.wait(
        "() => document.querySelector('.csn-picture').width === 480 && document.querySelector('.csn-viewer').dataset.drawn === '1'"
    )
    # The picture is 4:3 and stands in the middle of a square; frame 1's face lies 1/500 to the lower right of frame 0's.
    middle, beside = (0.502, 0.125 + 0.75 * 0.469), (0.1, 0.5)
    fresh.wait(
        "() => document.querySelector('.csn-picture').getContext('2d').getImageData(40, 240, 1, 1).data[3] === 255"
    )
    assert _like(fresh.pixel(*middle), BLUE)
    assert _like(fresh.pixel(*beside), GREEN)
    fresh.set("compare", "wipe")
    fresh.page.fill("[data-share] input", "0")
    assert _like(fresh.pixel(*middle), RED)
    assert _like(fresh.pixel(*beside), GREEN)
    fresh.set("compare", "beside")
    assert _like(fresh.pixel(*middle), BLUE)
    fresh.page.set_checked('[data-set="landmarks"]', True)
    first = (0.3 + 0.4 * 0.1 + 0.002, 0.125 + 0.75 * (0.2 + 0.5333 * 0.2 + 0.002))
    assert _like(fresh.pixel(*first, ".csn-overlay"), (255, 255, 255))
    fresh.page.set_checked('[data-set="landmarks"]', False)
    fresh.page.click(".press-why")
    fresh.wait("() => document.querySelector('[data-face=\"image\"].csn-mapped')")
    assert fresh.pixel(*middle, ".csn-overlay")[3] > 100
    assert fresh.pixel(*beside, ".csn-overlay")[3] == 0
    fresh.page.fill('[data-set="opacity"]', "0.2")
    assert fresh.pixel(*middle, ".csn-overlay")[3] == pytest.approx(51, abs=3)
    fresh.page.fill('[data-set="opacity"]', "0.75")


def test_a_frame_that_was_not_kept_as_filmed_says_so(fresh):
    fresh.set("view", "filmed")
    for _ in range(9):
        fresh.page.keyboard.press("ArrowRight")
    fresh.drawn(9)
    fresh.wait("() => document.querySelector('.csn-reason').textContent === 'There is no such picture of this frame.'")


def test_a_frame_becomes_the_reference_by_key_and_by_dragging(fresh):
    fresh.page.keyboard.press("ArrowRight")
    fresh.drawn(1)
    fresh.page.keyboard.press("r")
    fresh.hears("drop", 1)
    fresh.page.keyboard.press("ArrowRight")
    fresh.drawn(2)
    fresh.page.drag_and_drop('[data-face="image"]', '[data-face="reference"]')
    fresh.hears("drop", 2)


# ---- the timeline --------------------------------------------------------------------------------------------------------------
def test_a_hundred_thousand_frames_of_twenty_units_are_drawn_and_panned_at_an_interactive_rate(fresh):
    frames = fresh.page.evaluate("""async () => {
        const area = document.querySelector('.csn-track-area'), root = document.querySelector('.csn-tracks');
        const { left, top } = area.getBoundingClientRect();
        const at = { clientX: left + 600, clientY: top + 100, bubbles: true, cancelable: true };
        const next = () => new Promise(requestAnimationFrame), drew = [];
        for (let i = 0; i < 4; i++) { area.dispatchEvent(new WheelEvent('wheel', { ...at, deltaY: -100 })); await next(); }
        const began = performance.now();
        for (let i = 0; i < 60; i++) {
          area.dispatchEvent(new WheelEvent('wheel', { ...at, deltaY: 8, shiftKey: true }));
          await next(); drew.push(Number(root.dataset.drawMs)) }
        return [drew, 60000 / (performance.now() - began)] }""")
    drew, rate = frames
    p50, p95 = np.quantile(drew, [0.5, 0.95])
    print(f"\n100,000 x 20: one drawing p50 {p50:.1f} ms, p95 {p95:.1f} ms; panned at {rate:.0f} per second")
    assert np.median(drew) < 60
    assert rate > 12
    first, last = fresh.seen()
    assert 0 < first < last < MANY


def test_the_timeline_zooms_around_the_pointer_and_fits_again(fresh):
    area = fresh.page.locator(".csn-track-area").bounding_box()
    x = area["x"] + 54 + (area["width"] - 54) * 0.25
    fresh.page.mouse.move(x, area["y"] + 100)
    fresh.page.mouse.wheel(0, -600)
    fresh.wait("() => document.querySelector('.csn-tracks').dataset.seen !== '0.0 100000.0'")
    first, last = fresh.seen()
    assert first + 0.25 * (last - first) == pytest.approx(25_000, abs=150)
    fresh.page.focus(".csn-tracks")
    fresh.page.keyboard.press("0")
    fresh.wait("() => document.querySelector('.csn-tracks').dataset.seen === '0.0 100000.0'")
    fresh.page.keyboard.press("+")
    fresh.wait("() => document.querySelector('.csn-tracks').dataset.seen !== '0.0 100000.0'")
    assert np.diff(fresh.seen()) == pytest.approx(50_000)


def test_dragging_pans_without_jumping(fresh):
    fresh.page.click('[data-zoom="0.5"]')
    fresh.page.click('[data-zoom="0.5"]')
    area = fresh.page.locator(".csn-track-area").bounding_box()
    before = fresh.seen()
    fresh.page.mouse.move(area["x"] + 700, area["y"] + 100)
    fresh.page.mouse.down()
    fresh.page.mouse.move(area["x"] + 500, area["y"] + 100, steps=5)
    fresh.page.mouse.up()
    expected = before[0] + 200 * 25_000 / (area["width"] - 54)
    fresh.wait(
        "e => Math.abs(Number(document.querySelector('.csn-tracks').dataset.seen.split(' ')[0]) - e) < 100", expected
    )
    assert fresh.page.get_attribute(".csn-viewer", "data-drawn") == "0"


def test_a_click_jumps_to_the_frame_and_chooses_the_unit(fresh):
    area = fresh.page.locator(".csn-track-area").bounding_box()
    width = area["width"] - 54
    fresh.page.mouse.click(area["x"] + 54 + width * 0.6, area["y"] + 24 * 8 + 12)
    fresh.hears("unit", 8)
    frame = int(fresh.page.evaluate("() => document.querySelector('[data-frame]').value"))
    assert frame == pytest.approx(60_000, abs=MANY / width)
    fresh.drawn(frame)
    assert fresh.bars() == (0, frame % 512)
    where = fresh.page.locator(".csn-track-cursor").bounding_box()
    assert where["x"] + where["width"] / 2 == pytest.approx(area["x"] + 54 + width * 0.6, abs=2)
    fresh.page.keyboard.press("ArrowDown")
    fresh.hears("unit", 9)
    assert fresh.page.inner_text(".csn-track-says").find("AU14") > 0
    fresh.page.keyboard.press("ArrowRight")
    fresh.drawn(frame + 1)


def test_hovering_says_frame_unit_and_values_and_shows_a_small_picture(fresh):
    area = fresh.page.locator(".csn-track-area").bounding_box()
    fresh.page.mouse.move(area["x"] + 400, area["y"] + 24 * 6 + 12)
    fresh.wait("() => document.querySelector('.csn-track-tip').dataset.shows")
    index = int(fresh.page.get_attribute(".csn-track-tip", "data-shows"))
    words = fresh.page.inner_text(".csn-track-tip")
    for said in (f"frame {index} of 100000", "AU9", "Human label", "NCG"):
        assert said in words
    bits = [fresh.pixel((place + 0.5) / STRIPES, 0.5, ".csn-track-tip canvas")[0] > 128 for place in range(STRIPES)]
    assert int("".join(str(int(bit)) for bit in bits[2:11]), 2) == index % 512
    assert fresh.page.get_attribute(".csn-viewer", "data-drawn") == "0"


# ---- people, names -----------------------------------------------------------------------------------------------------------
def test_another_person_s_frames_take_the_place_of_the_former_ones_that_still_arrive(fresh):
    fresh.page.fill("[data-frame]", "5000")
    fresh.page.click(".press-other")
    fresh.drawn(3)
    fresh.page.wait_for_timeout(400)
    assert fresh.bars() == (1, 3)
    assert fresh.page.inner_text(".csn-where") == "frame 3 of 300 · 0.15 s"
    assert fresh.page.locator(".csn-legend [data-key]:visible").count() == 0
    fresh.page.click(".press-first")
    fresh.drawn(0)
    fresh.wait("() => document.querySelector('.csn-legend [data-key=\"ncg\"]').offsetWidth")
    assert fresh.bars() == (0, 0)


def test_every_control_has_a_name_and_ranges_say_their_value(fresh):
    snapshot = fresh.page.locator(".csn-page").aria_snapshot()
    lines = [line.strip() for line in snapshot.splitlines()]
    controls = [
        line for line in lines if line.startswith(("- button", "- slider", "- checkbox", "- combobox", "- spinbutton"))
    ]
    assert len(controls) > 20
    assert not [line for line in controls if '"' not in line]
    assert fresh.page.get_attribute("[data-frame]", "aria-valuetext") == "frame 0 of 100000 · 0.00 s"
    assert fresh.page.get_attribute('[data-set="opacity"]', "aria-valuetext") == "75 percent"


def test_nothing_went_wrong_on_the_way(fresh):
    assert fresh.errors == []
