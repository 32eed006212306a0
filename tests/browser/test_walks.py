"""The workbench walked through by a person: from the docket to a frame, to another reference, to a link, to a guest."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest

from csnviz.evaluation.error_runs import WHATS, error_runs
from csnviz.facs import DISFA
from csnviz.facs import au as unit_of
from csnviz.views.source import Calibrated, Source
from csnviz.views.words import number
from tests.browser.conftest import FRAMES, UNWATCHED, Stage
from tests.browser.legible import faint_words, in_theme, nameless_controls
from tests.browser.walking import (
    CONTROLS,
    FIRST,
    leads_to,
    listed,
    meet,
    row,
    same,
    says,
    state,
    tab,
    use_reference,
)

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Vanishing:
    """A run of false positives that the first reference removes at its worst frame, and another reference brings back there."""

    who: str
    au: int
    frames: str
    worst: int
    other: int
    csn: dict[int, Calibrated]


def beside(expected: Source, stage: Stage, who: str, reference: int) -> Calibrated:
    references = expected.references.with_reference(who, "front", f"{who}/{reference}", "person")
    return expected.with_reference(stage.table.of(who), references, UNWATCHED)


@pytest.fixture(scope="session")
def vanishing(expected, stage) -> Vanishing:
    """Found by asking the networks without a page."""
    for who in stage.table.participants:
        ncg = expected.without_reference(stage.table.of(who), UNWATCHED)
        # Frames without an expression; one of them has no face.
        beside_each = {row: beside(expected, stage, who, row) for row in range(20) if row != 7}
        runs = error_runs(ncg, beside_each[0].csn, beside_each[0].bs)
        for run in runs[(runs["kind"] == "false positive") & (runs["what"] == "removed")].itertuples():
            column, worst = DISFA.column_of(int(run.au)), int(run.frame_index)
            at_worst = {row: float(both.csn.estimate[worst, column]) for row, both in beside_each.items()}
            other = max(at_worst, key=at_worst.get)
            if at_worst[0] < 1 and at_worst[other] >= 2:
                frames = f"{run.first}" if run.first == run.last else f"{run.first}–{run.last}"
                return Vanishing(who, int(run.au), frames, worst, other, {r: beside_each[r] for r in (0, other)})
    raise AssertionError("no false positive on this stage comes and goes with the reference")


def test_the_docket_lists_everybody_s_errors_and_what_calibration_did_to_them(workbench, expected):
    page, runs = workbench.page, all_errors(workbench.stage, expected, 2.0)
    listed(workbench, len(runs))
    counts = [" ".join(text.split()) for text in page.locator('.csn-docket [role="tab"]').all_inner_texts()]
    assert [re.sub(r"^\W+", "", text) for text in counts] == [
        f"all {len(runs)}", *(f"{what} {(runs['what'] == what).sum()}" for what in WHATS)
    ]  # fmt: skip
    assert (runs["what"] == "removed").any()
    assert (runs["what"] == "created").any(), "calibration also brings errors, and the page says so"


def all_errors(stage: Stage, expected: Source, cut: float) -> pd.DataFrame:
    found = []
    for who in stage.table.participants:
        both = beside(expected, stage, who, 0)
        found.append(error_runs(expected.without_reference(stage.table.of(who), UNWATCHED), both.csn, both.bs, cut))
    return pd.concat(found)


def test_a_false_positive_that_calibration_removed_returns_with_another_reference_and_vanishes_with_the_first(
    workbench, expected, vanishing
):
    screen, page, case = workbench, workbench.page, vanishing
    unit, column = unit_of(case.au).title, DISFA.column_of(case.au)
    runs = all_errors(screen.stage, expected, 2.0)
    asked = {"kind": "false positive", "au": case.au, "participant": case.who, "what": "removed"}
    for name in ("kind", "au", "participant"):
        page.select_option(f'[data-filter="{name}"]', str(asked[name]))
    page.click(f'.csn-docket [role="tab"][data-what="{asked["what"]}"]')
    listed(screen, int((runs[list(asked)] == list(asked.values())).all(axis="columns").sum()))
    page.click(f'.csn-docket-row [data-column="first"]:text-is("{case.frames}")')
    page.wait_for_selector('.csn-docket-row[aria-current="true"][data-what="removed"]')
    screen.wait("i => document.querySelector('.csn-viewer').dataset.drawn === String(i)", case.worst)
    says(screen, "The reference makes the false positive vanish.")
    gone = state(page)
    assert (gone["person"], gone["unit"], gone["reference"]) == (case.who, unit, FIRST)
    assert screen.bars(0) == ("AB".index(case.who), case.worst)
    screen.shows("csn", number(float(case.csn[0].csn.estimate[case.worst, column])))
    page.click('.csn-docket [role="tab"][data-what=""]')
    page.wait_for_selector('.csn-docket-row[aria-current="true"][data-what="removed"]')

    use_reference(screen, f"frame {case.other} · {case.other / 20:.2f} s")
    says(screen, "The reference does not remove it.")
    screen.shows("csn", number(float(case.csn[case.other].csn.estimate[case.worst, column])))
    screen.soon(lambda: same(screen.bars(1), ("AB".index(case.who), case.other)))
    page.wait_for_selector('.csn-docket-row[aria-current="true"]:not([data-what="removed"])')
    assert state(page)["numbers"].split()[:2] == gone["numbers"].split()[:2], "label and NCG know of no reference"
    screen.draws(3, case.csn[case.other].csn.estimate[:, column])

    use_reference(screen, FIRST)
    page.wait_for_selector('.csn-docket-row[aria-current="true"][data-what="removed"]')
    screen.soon(lambda: same(state(page), gone | {"listed": state(page)["listed"]}))
    screen.soon(lambda: same(screen.bars(1), ("AB".index(case.who), 0)))
    screen.draws(3, case.csn[0].csn.estimate[:, column])


def test_n_and_p_walk_from_error_to_error_with_the_face_in_sight(workbench):
    screen, page = workbench, workbench.page
    page.click(f'{row(0)} [data-column="participant"]')
    page.wait_for_selector(f'{row(0)}[aria-current="true"]')
    page.focus(".csn-viewer")
    for key, place in (("n", 1), ("n", 2), ("p", 1), ("p", 0)):
        page.keyboard.press(key)
        at = leads_to(screen, place)
        screen.shows("ncg", at["ncg"])
    assert page.locator(".csn-viewer").evaluate("v => v === document.activeElement")


def test_the_visible_cut_decides_what_the_docket_lists(workbench, expected):
    screen, page = workbench, workbench.page
    counts = {cut: len(all_errors(screen.stage, expected, cut)) for cut in (2.0, 1.2)}
    assert counts[2.0] != counts[1.2]
    listed(screen, counts[2.0])
    for key, cut in (("ArrowLeft", 1.2), ("ArrowRight", 2.0)):
        page.focus(".csn-cut input")
        for _ in range(8):
            page.keyboard.press(key)
        screen.wait("c => document.querySelector('.csn-cut output').textContent === c", f"{cut:.1f}")
        listed(screen, counts[cut])


def test_a_click_on_the_timeline_leads_to_that_frame_of_that_unit(workbench):
    screen, page = workbench, workbench.page
    tab(screen, "timeline")
    area = page.wait_for_selector(".csn-track-area canvas").bounding_box()
    # Names of the units take 54 pixels, each unit 24, and the frames share the rest.
    place, frame = DISFA.column_of(4), 17
    each = (area["width"] - 54) / FRAMES
    page.mouse.click(area["x"] + 54 + (frame + 0.5) * each, area["y"] + 24 * place + 12)
    screen.wait("i => document.querySelector('.csn-viewer').dataset.drawn === String(i)", frame)
    screen.soon(lambda: same(state(page)["unit"], unit_of(4).title))
    assert screen.bars(0)[1] == frame
    cursor = page.wait_for_selector(".csn-track-cursor").bounding_box()
    assert cursor["x"] + cursor["width"] / 2 == pytest.approx(area["x"] + 54 + (frame + 0.5) * each, abs=2)


def test_candidates_are_ranked_with_reasons_and_one_becomes_the_reference(workbench, expected):
    screen, page = workbench, workbench.page
    meet(screen, "B")
    tab(screen, "references")
    page.wait_for_selector(".csn-gallery [data-row]")
    screen.soon(lambda: same(page.locator(".csn-busy").inner_text().strip(), ""))
    names = page.eval_on_selector_all(".csn-gallery [data-row]", "all => all.map((item) => item.ariaLabel)")
    assert re.match(r"frame \d+ · \d\.\d\d s, rank 1: \w+", names[0])
    assert not [name for name in names if name.startswith("frame 7 ")], "there is no face in frame 7"
    other = page.locator('.csn-gallery [data-row]:not([aria-selected="true"]):not(.csn-not-fit)').first
    chosen = int(other.get_attribute("data-row"))
    page.click(f'.csn-gallery [data-row="{chosen}"]')  # the first may be another by now
    page.wait_for_selector(f'.csn-gallery [data-row="{chosen}"][aria-selected="true"]')
    screen.soon(lambda: same(state(page)["reference"].split(" · ")[0].split()[-1], str(chosen)))
    screen.soon(lambda: same(screen.bars(1), (1, chosen)))
    au = unit_with(state(page)["unit"])
    screen.draws(3, beside(expected, screen.stage, "B", chosen).csn.estimate[:, DISFA.column_of(au)])
    use_reference(screen, FIRST)
    screen.soon(lambda: same(screen.bars(1), (1, 0)))


def unit_with(title: str) -> int:
    return next(unit.number for unit in DISFA.units if unit.title == title)


def test_a_saved_view_and_a_link_bring_back_the_same_page(workbench):
    screen, page = workbench, workbench.page
    page.select_option('[data-filter="kind"]', "overestimate")
    meet(screen, "B")
    page.select_option(".csn-au select", unit_of(12).title)
    use_reference(screen, "frame 3 · 0.15 s")
    compare(page, "wipe")
    page.focus(".csn-viewer")
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    screen.wait("() => document.querySelector('.csn-tiles').dataset.row === '28'")
    says(screen, "calibrated ")
    screen.soon(lambda: same(state(page)["compared"], "wipe"))
    screen.wait("() => !document.querySelector('.csn-where').textContent.includes('loading')")
    wanted = state(page)
    assert (wanted["person"], wanted["unit"], wanted["tab"]) == ("B", unit_of(12).title, "Errors")
    assert (wanted["reference"], wanted["frame"]) == ("frame 3 · 0.15 s", "frame 28 of 30 · 1.40 s")
    page.fill(".csn-view-name input", f"the smile in {screen.kind}")
    page.keyboard.press("Tab")
    page.click(".csn-save-view")
    saved = f'.csn-saved-views option[value="the smile in {screen.kind}"]'
    page.wait_for_selector(saved, state="attached")
    page.click(".csn-share button >> nth=0")
    link = page.wait_for_selector(".csn-share[data-link]").get_attribute("data-link")
    asked = {name: values[-1] for name, values in parse_qs(urlsplit(link).query).items()}
    assert asked["frame"], asked["reference"] == ("B/28", "B/3")
    assert (asked["au"], asked["calibrated"], asked["tab"], asked["compare"]) == ("12", "1", "errors", "wipe")
    if screen.kind == "lab":
        assert urlsplit(link).path == "/voila/render/explore.ipynb"
        # Its token opens all of JupyterLab, so it is not given away with a link; whoever has it is let in.
        assert "token" not in asked
        link += f"&token={parse_qs(urlsplit(screen.address).query)['token'][0]}"

    use_reference(screen, FIRST)
    meet(screen, "A")
    page.select_option(".csn-au select", unit_of(1).title)
    compare(page, "beside")
    tab(screen, "curves")
    screen.soon(lambda: same((state(page)["person"], state(page)["compared"]), ("A", "beside")))
    page.select_option(".csn-saved-views select", f"the smile in {screen.kind}")
    screen.soon(lambda: same(state(page), wanted))
    with screen.visiting(link) as other:
        other.wait_for_function("() => document.querySelectorAll('.csn-provenance section').length === 3")
        screen.soon(lambda: same(state(other), wanted))
        # Two people, two pages: what one does leaves the other alone.
        other.focus(".csn-viewer")
        other.keyboard.press("Home")
        other.wait_for_function("() => document.querySelector('.csn-viewer').dataset.drawn === '0'")
        assert state(page) == wanted
    compare(page, "beside")
    use_reference(screen, FIRST)
    screen.soon(lambda: same(state(page)["reference"], FIRST))


def compare(page, key: str) -> None:
    if page.get_attribute("[data-open]", "aria-expanded") == "false":
        page.click("[data-open]")
    page.click(f'[data-choose="compare"] [data-key="{key}"]')
    page.click("[data-open]")


@pytest.mark.parametrize("screen", ["voila"], indirect=True)
def test_a_guest_sees_one_case_explained_without_scrolling(workbench, vanishing):
    screen, page, case = workbench, workbench.page, vanishing
    meet(screen, case.who)
    page.select_option(".csn-au select", unit_of(case.au).title)
    page.focus(".csn-viewer")
    page.fill(".csn-timeline input", str(case.worst))
    screen.wait("row => document.querySelector('.csn-tiles').dataset.row === row", str(case.worst))
    says(screen, "The reference makes the false positive vanish.")
    screen.wait("() => !document.querySelector('.csn-where').textContent.includes('loading')")
    wanted = state(page)
    page.click(".csn-share button >> nth=1")
    screen.wait("() => document.querySelector('.csn-share').dataset.link?.includes('page=guest')")
    link = page.get_attribute(".csn-share", "data-link")
    assert "tab=" not in link
    with screen.visiting(link, 1280, 720) as guest:
        guest.wait_for_function("() => document.querySelectorAll('.csn-provenance section').length === 3")
        for key in ("person", "unit", "frame", "sentence", "numbers"):
            screen.soon(lambda key=key: same(state(guest)[key], wanted[key]))
        guest.get_by_role("button", name="Cancel").wait_for(state="hidden")  # every frame is estimated
        shown = guest.evaluate(f"({CONTROLS})().map((e) => e.ariaLabel || e.textContent || e.labels?.[0]?.textContent)")
        assert 0 < len(shown) <= 6, shown
        assert guest.evaluate("document.querySelector('.csn-page').getBoundingClientRect().bottom <= innerHeight")
        assert guest.locator(".csn-where").bounding_box()["y"] < 720
        words = guest.inner_text(".csn-page")
        facts = {
            f"Participant {case.who}", unit_of(case.au).title, unit_of(case.au).looks, "Frame 0", "Faces are shown",
            "what a trained person coded", "the network that sees this frame beside the reference", "Trained on",
        }  # fmt: skip
        assert {fact for fact in facts if fact not in words} == set()
        assert nameless_controls(guest, ".csn-page") == []
        for theme in ("light", "dark"):
            in_theme(guest, theme)
            assert faint_words(guest, ".csn-page") == [], theme
        in_theme(guest, "light")
        guest.click(".csn-analyse")
        guest.wait_for_selector(".csn-tabs", state="visible")
        for key in ("person", "unit", "frame", "numbers"):
            assert state(guest)[key] == wanted[key]


def test_nothing_left_this_machine_and_nothing_went_wrong(workbench):
    assert workbench.outside == []
    assert workbench.errors == []
    assert workbench.page.evaluate("() => document.querySelector('.csn-error').classList.contains('csn-hidden')")
    assert workbench.page.locator(".jupyter-widgets-error-widget").count() == 0
