"""How long a person waits in the notebooks beside explore: python -m tests.browser.bench_notebooks

Seconds in Voila, on drawn faces and the shipped networks, as a browser sees them: the lesson's first face and first face to code,
from a row of the docket to its explanation, and the stress lab's answer to a case and to another dose.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from csnviz import places, servers
from csnviz.cast.dataset import DEMO_FRAMES, DEMO_PARTICIPANTS, load_cast
from tests.browser.bench_ui import CHROMIUM, PATIENCE

PICTURES = (
    "s => { const all = [...document.querySelectorAll(s)]; return all.length && all.every((i) => i.naturalWidth) }"
)


@contextmanager
def opened(browser: Browser, notebook: str, root: Path, **environment: str) -> Iterator[tuple[Page, float]]:
    """The notebook's page in Voila, and when it was asked for."""
    with servers.start_voila(places.notebook(notebook), environment | {"CSNVIZ_DATA_ROOT": str(root)}, root) as server:
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.set_default_timeout(PATIENCE)
        began = time.monotonic()
        page.goto(server.address)
        yield page, began
        page.context.close()


def since(began: float) -> float:
    return round(time.monotonic() - began, 2)


def lesson(browser: Browser, root: Path) -> dict[str, float]:
    """The guide's first face with the kernel's start, and the first face to code once somebody goes there."""
    with opened(browser, "learn", root) as (page, began):
        page.wait_for_selector('.csn-guide [data-drawn="1-3"]')
        found = {"lesson, first face": since(began)}
        pressed = time.monotonic()
        page.click('.csn-tabs [data-tab="code"]')
        page.wait_for_selector('.csn-coding [data-drawn="blind 1"]')
        return found | {"lesson, first face to code": since(pressed)}


def card(browser: Browser, root: Path, source: Path) -> dict[str, list[float]]:
    """From a press on a row's "Why?" to the faces with their explanation and the parts of the face; the first loads the rest."""
    with opened(browser, "explore", root, CSNVIZ_SOURCE=str(source)) as (page, _):
        page.wait_for_function("() => document.querySelectorAll('.csn-provenance section').length === 3")
        page.click('.csn-tabs [data-tab="errors"]')
        waits = []
        for place in range(5):
            page.wait_for_selector(f'.csn-docket-row[data-place="{place}"]')
            page.wait_for_timeout(1500)
            before = page.locator(".csn-why-sentence").inner_text() if place else ""
            pressed = time.monotonic()
            page.click(f'.csn-docket-row[data-place="{place}"] [data-column="why"]')
            page.wait_for_function(
                "b => { const s = document.querySelector('.csn-why-sentence'); return s?.innerText && s.innerText !== b }",
                arg=before,
            )
            page.wait_for_selector(".csn-parts")
            page.wait_for_function(PICTURES, arg='.csn-why-faces [data-face="difference"] img:not(.csn-why-colours)')
            waits.append(since(pressed))
            page.click('.csn-tabs [data-tab="errors"]')
        return {"from a row of the docket to its explanation": waits}


def stress(browser: Browser, root: Path) -> dict[str, object]:
    """The demo's own people: a case, then other doses of it."""
    with opened(browser, "who", root, CSNVIZ_SOURCE="demo") as (page, began):
        page.wait_for_selector(".csn-people-map .heatmaplayer")
        found: dict[str, object] = {"who, the map": since(began)}
        page.wait_for_function("() => !/Reading/.test(document.body.innerText)")
        page.wait_for_timeout(5000)
        waits = []
        for case in range(1, 5):
            before = page.inner_html(".csn-stress-faces")
            pressed = time.monotonic()
            page.select_option(".csn-preset select", index=case)
            page.wait_for_function("b => document.querySelector('.csn-stress-faces').innerHTML !== b", arg=before)
            waits.append(since(pressed))
        found["stress lab, a case"] = waits
        doses = []
        for _ in range(4):
            before = page.inner_html(".csn-stress-faces")
            page.focus(".csn-dose input")
            pressed = time.monotonic()
            page.keyboard.press("ArrowLeft")
            page.wait_for_function("b => document.querySelector('.csn-stress-faces').innerHTML !== b", arg=before)
            doses.append(since(pressed))
            page.wait_for_timeout(1000)
        return found | {"stress lab, another dose": doses}


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    demo = places.data_root()
    cast = load_cast(DEMO_PARTICIPANTS, DEMO_FRAMES, demo)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        source = Path(folder) / "frames.npz"
        cast.of("C112").save(source)
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
        for what in (
            lambda: lesson(browser, places.data_root(Path(folder) / "root")),
            lambda: card(browser, demo, source),
            lambda: stress(browser, demo),
        ):
            print(json.dumps(what()), f"load {os.getloadavg()[0]:.1f}", flush=True)
        browser.close()


if __name__ == "__main__":
    main()
