"""An evidence file, opened from a disk by a real browser that is offline."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from csnviz.explain.results import Attribution
from csnviz.facs import DISFA
from csnviz.facs import au as unit_of
from csnviz.views.evidence import write_evidence
from csnviz.views.stretches import Asked, Papers, ReferenceShown, Stretch
from tests.browser.legible import faint_words, nameless_controls

pytestmark = pytest.mark.browser

FRAMES = 40
NO_FACE_AT = 7


def grey(level: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (336, 336), (level, level, level)).save(file, "JPEG", quality=90)
    return file.getvalue()


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """AU9 of frames 100-139, opened on the tenth: frame i is grey 5 i, NCG says i / 10, and frame 107 has no face."""
    values = {key: np.zeros((FRAMES, 12), np.float32) for key in ("label", "ncg", "bs", "csn")}
    values["ncg"] += np.arange(FRAMES, dtype=np.float32)[:, None] / 10
    values["ncg"][NO_FACE_AT] = values["csn"][NO_FACE_AT] = np.nan
    heat = np.zeros((3, 112, 112), np.float32)
    heat[:, 20:50, 40:70] = 0.01
    answer = Asked(130, Attribution(heat, 9, "image", "Why does NCG say so?", "by hand", "a mean face", 0.2, 3.0, 0.01))
    stretch = Stretch(
        "P1", "front", unit_of(9), DISFA, np.arange(100, 100 + FRAMES), np.arange(FRAMES) / 20, values,
        tuple("no face found" if i == NO_FACE_AT else "" for i in range(FRAMES)),
        tuple(grey(5 * i) for i in range(FRAMES)), True, Papers(True, note="<b>look</b>"), 9,
        ReferenceShown(100, grey(250), "Reference: frame 100"), asked=(answer,), provenance={"CSN": {"network": "cast"}},
    )  # fmt: skip
    path = tmp_path_factory.mktemp("evidence") / "evidence.html"
    write_evidence(path, stretch)
    return path


@pytest.fixture
def page(chromium: object, path: Path) -> Iterator[object]:
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, offline=True)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.asked, page.errors = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("console", lambda said: page.errors.append(said.text))
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.goto(path.as_uri())
    page.wait_for_selector("body[data-ready]")
    yield page
    assert not page.errors
    assert [url for url in page.asked if not url.startswith("data:")] == [path.as_uri()]
    context.close()


def tiles(page: object) -> list[str]:
    return page.locator(".tiles output").all_inner_texts()


def level(page: object) -> int:
    """How grey the current face is, read from the pixels that the browser decoded."""
    read = """async () => { const face = document.getElementById('face'); await face.decode();
      const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
      canvas.drawImage(face, 0, 0, 1, 1); return canvas.getImageData(0, 0, 1, 1).data[0] }"""
    return page.evaluate(read)


def test_it_opens_on_the_chosen_frame(page):
    assert page.inner_text("#where") == "frame 109 · 0.45 s"
    assert tiles(page) == ["0", "0.9", "0.0", "0.0"]
    assert abs(level(page) - 45) <= 2
    assert page.inner_text("h1") == "AU9 nose wrinkler P1, front camera"
    assert page.inner_text(".note") == "<b>look</b>"


def test_keys_step_and_numbers_face_sentence_and_cursor_follow(page):
    for key, number in (
        ("ArrowRight", 110),
        ("Shift+ArrowRight", 120),
        ("ArrowLeft", 119),
        ("End", 139),
        ("Home", 100),
    ):
        page.keyboard.press(key)
        place = number - 100
        assert page.inner_text("#where").startswith(f"frame {number} ")
        assert tiles(page)[1] == f"{place / 10:.1f}"
        assert abs(level(page) - 5 * place) <= 2
    page.keyboard.press("End")
    assert "false positive" in page.inner_text("#sentence")
    assert "over" not in page.get_attribute("#sentence", "class")  # CSN says 0: the reference makes it vanish
    places = json.loads(page.locator("#csnviz-steps").text_content())["xs"]
    assert float(page.get_attribute("#cursor", "x1")) == places[-1]
    assert page.get_attribute("#slider", "aria-valuetext") == "frame 139 · 1.95 s"


def test_a_frame_without_a_face_says_why(page):
    page.fill("#slider", str(NO_FACE_AT))
    assert page.inner_text("#reason") == "no face found"
    assert tiles(page)[1] == "–"
    page.keyboard.press("ArrowRight")
    assert page.locator("#reason").is_hidden()
    assert page.inner_text("#where").startswith("frame 108 ")


def test_space_plays_to_the_end_and_stops(page):
    page.fill("#slider", "35")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Space")
    page.wait_for_function("() => document.getElementById('play').getAttribute('aria-label') === 'pause'")
    page.wait_for_function("() => document.body.dataset.place === '39'")
    page.wait_for_function("() => document.getElementById('play').getAttribute('aria-label') === 'play'")


def test_a_click_on_the_curves_or_on_an_answer_goes_to_its_frame(page):
    box = page.locator("#curves").bounding_box()
    places = json.loads(page.locator("#csnviz-steps").text_content())["xs"]
    page.mouse.click(box["x"] + places[25] / 1000 * box["width"], box["y"] + box["height"] / 3)
    assert page.inner_text("#where").startswith("frame 125 ")
    page.click("text=Go to frame 130")
    assert page.inner_text("#where").startswith("frame 130 ")


def test_the_table_is_copied_with_tabs(page):
    page.click("summary")
    page.click("#copy")
    page.wait_for_function("() => document.getElementById('copied').textContent === 'Copied.'")
    lines = page.evaluate("navigator.clipboard.readText()").split("\n")
    assert len(lines) == FRAMES + 1
    assert lines[0].split("\t")[:4] == ["frame", "seconds", "Human label", "NCG"]
    assert lines[10].split("\t")[:4] == ["109", "0.45", "0", "0.9"]


def test_every_control_has_a_name_and_ink_stands_out_in_both_themes(page):
    assert nameless_controls(page, "body") == []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(100)
        assert faint_words(page, "body") == [], scheme


def test_on_paper_there_are_the_face_the_curves_and_where_the_numbers_come_from_but_no_controls(page):
    page.emulate_media(media="print")
    for selector in ("#face", "#curves", ".provenance", ".on-paper", ".answers img"):
        assert page.locator(selector).first.is_visible(), selector
    for selector in (".transport", ".table", ".keys", ".answers button"):
        assert page.locator(selector).first.is_hidden(), selector
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_nothing_that_was_not_in_the_file_can_run(page):
    ran = page.evaluate(
        """async () => {
          const script = Object.assign(document.createElement('script'), { textContent: 'window.ran = true' });
          document.body.append(script);
          await fetch('https://example.org/').catch(() => {});
          return window.ran === true }"""
    )
    assert not ran
    refused = [
        words
        for words in page.errors
        if "Content Security Policy" in words or "content security policy" in words.lower()
    ]
    assert len(refused) >= 2
    page.errors.clear()
