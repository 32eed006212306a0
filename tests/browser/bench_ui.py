"""How quickly the page answers: `make bench-ui` prints a table, with the load of the machine that gave it.

Steps are measured in the browser, from the key or the slider to the painted frame (cached) or to the numbers of that frame (not
cached: the picture is fetched, the crop read, encoded and decoded), in Voila and in JupyterLab, on a made recording.
"""

import json
import os
import platform
import resource
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

from csnviz import places, servers
from csnviz.cast.dataset import DEMO_FRAMES, DEMO_PARTICIPANTS, load_cast
from csnviz.data.tables import FrameTable

PATIENCE = 120_000
LONG, SHORT = 100_000, 1_000
CHROMIUM = os.environ.get("CSNVIZ_CHROMIUM", "/usr/bin/chromium")

CACHED_STEP = """async (count) => {
  const root = document.querySelector('.csn-viewer'), spent = [];
  root.focus();
  for (let i = 0; i < count; i++) {
    const before = root.dataset.drawn, began = performance.now();
    root.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight', bubbles: true}));
    while (root.dataset.drawn === before && performance.now() - began < 5000) await new Promise(requestAnimationFrame);
    spent.push(performance.now() - began);
    await new Promise((done) => setTimeout(done, 60));
  }
  return spent;
}"""
HELD_KEY = """async () => {
  const root = document.querySelector('.csn-viewer'), painted = new Set();
  const watch = new MutationObserver(() => painted.add(root.dataset.drawn));
  watch.observe(root, {attributes: true, attributeFilter: ['data-drawn']});
  root.focus();
  for (let i = 0; i < 90; i++) {
    root.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight', repeat: i > 0, bubbles: true}));
    await new Promise((done) => setTimeout(done, 1000 / 30));
  }
  await new Promise((done) => setTimeout(done, 300));
  watch.disconnect();
  return painted.size;
}"""
UNCACHED_STEP = """async (rows) => {
  const slider = document.querySelector('.csn-timeline input'), root = document.querySelector('.csn-viewer'), spent = [];
  const shown = (row) => root.dataset.drawn === String(row)
    && /\\d/.test(document.querySelector(`.csn-tiles[data-row="${row}"] [data-method="ncg"] output`)?.textContent ?? '');
  for (const row of rows) {
    const began = performance.now();
    slider.value = row;
    slider.dispatchEvent(new Event('input', {bubbles: true}));
    while (!shown(row) && performance.now() - began < 5000) await new Promise((done) => setTimeout(done, 4));
    spent.push(performance.now() - began);
    await new Promise((done) => setTimeout(done, 400));
  }
  return spent;
}"""
NEW_REFERENCE = """async () => {
  const plot = document.querySelector('.js-plotly-plot'), before = JSON.stringify(Array.from(plot.data[3].y.slice(0, 40)));
  const began = performance.now();
  document.querySelector('.csn-use-reference').click();
  const now = () => JSON.stringify(Array.from(plot.data[3].y.slice(0, 40)));
  while (now() === before || plot.data[3].y.every((value) => value === null || Number.isNaN(value))) {
    if (performance.now() - began > 5000) break;
    await new Promise((done) => setTimeout(done, 4));
  }
  return performance.now() - began;
}"""


def recording(cast: FrameTable, frames: int) -> FrameTable:
    """One person filmed for so many frames: the pictures of the first invented one, over and over, in another order each time."""
    one = cast.of(cast.participants[0])
    order = np.concatenate(
        [np.random.default_rng(turn).permutation(len(one)) for turn in range(frames // len(one) + 1)]
    )
    order[0] = 0
    rows, number = one.rows.iloc[order[:frames]], np.arange(frames)
    ids = [f"long/{n:06d}" for n in number]
    named = {"frame_id": ids, "participant": "long", "frame_index": number, "timestamp": number / 20}
    return replace(one, rows=rows.reset_index(drop=True).assign(**named), intensity=one.intensity[order[:frames]])


@contextmanager
def opened(kind: str, source: Path, root: Path, browser: object) -> Iterator[tuple[Page, int, float]]:
    """The page, the process of its server, and the seconds until a face was there."""
    start = {"Voila": servers.start_voila, "JupyterLab": servers.start_lab}[kind]
    with start(places.notebook("explore"), {"CSNVIZ_SOURCE": str(source)}, root) as server:
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.set_default_timeout(PATIENCE)
        if kind == "JupyterLab":
            workspace = server.address.replace("/lab/tree/", f"/lab/workspaces/{uuid.uuid4().hex}/tree/")
            page.goto(workspace + "&reset")
            page.wait_for_selector("text=Python 3 (ipykernel) | Idle")
            page.click(".lm-MenuBar-itemLabel:text('Run')")
            began = time.monotonic()
            page.click(".lm-Menu-itemLabel:text-is('Run All Cells')")
        else:
            began = time.monotonic()
            page.goto(server.address)
        page.wait_for_selector(".csn-viewer[data-drawn]")
        yield page, server.process.pid, time.monotonic() - began
        page.context.close()


def memory_of(parent: int) -> int:
    """Bytes that the largest process below this one holds: the page's kernel."""
    largest = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "status").read_text()
        except OSError:
            continue
        told = dict(line.split(":\t", 1) for line in words.splitlines() if ":\t" in line)
        if int(told["PPid"]) == parent and "VmRSS" in told:
            largest = max(largest, int(told["VmRSS"].split()[0]) * 1024)
    return largest


def numbers_are_there(page: Page) -> None:
    """Waits until every method has answered for every frame."""
    page.wait_for_function("() => document.querySelectorAll('.csn-provenance section').length === 3")


def told(spent: list[float]) -> dict[str, float]:
    """The middle and the slowest of many times."""
    return {"p50": round(float(np.median(spent)), 1), "p95": round(float(np.quantile(spent, 0.95)), 1)}


def measure_short(kind: str, source: Path, root: Path, browser: object) -> dict[str, object]:
    """Steps and references of a recording of a thousand frames, all estimates there."""
    with opened(kind, source, root, browser) as (page, process, seconds):
        numbers_are_there(page)
        page.set_checked(".csn-switch input", True)
        page.keyboard.press("Home")
        page.wait_for_timeout(1500)
        found: dict[str, object] = {"first face, s": round(seconds, 1)}
        found["cached step, ms"] = told(page.evaluate(CACHED_STEP, 60))
        page.wait_for_timeout(1500)
        found["held key, frames painted of 90"] = page.evaluate(HELD_KEY)
        references = []
        for _ in range(12):
            page.evaluate("() => document.querySelector('.csn-viewer').focus()")
            page.keyboard.press("Shift+ArrowRight")
            page.wait_for_timeout(700)
            references.append(page.evaluate(NEW_REFERENCE))
        found["new reference, 1,000 frames, ms"] = told(references[2:])
        found |= growth(page, process)
        return found


def growth(page: Page, process: int) -> dict[str, object]:
    """How much memory a thousand steps and fifty references add, after as many have warmed it up."""
    held = []
    for _ in range(2):
        page.evaluate("() => document.querySelector('.csn-viewer').focus()")
        page.keyboard.press("Home")
        page.wait_for_timeout(1000)
        page.evaluate(CACHED_STEP.replace("60))", "4))"), 500)
        for _ in range(25):
            page.evaluate("() => document.querySelector('.csn-viewer').focus()")
            page.keyboard.press("ArrowRight")
            page.wait_for_timeout(150)
            page.click(".csn-use-reference:enabled")
            page.wait_for_timeout(250)
        held.append(memory_of(process))
    return {"kernel, MB": round(held[1] / 1e6), "grown in the second half, MB": round((held[1] - held[0]) / 1e6, 1)}


def measure_long(kind: str, source: Path, root: Path, browser: object) -> dict[str, object]:
    """Steps of a recording of a hundred thousand frames while its estimates are being computed."""
    with opened(kind, source, root, browser) as (page, process, seconds):
        page.wait_for_timeout(5000)
        rows = [int(row) for row in np.random.default_rng(0).integers(LONG // 2, LONG, 30)]
        spent = page.evaluate(UNCACHED_STEP, rows)
        return {
            "100,000 frames, first face, s": round(seconds, 1),
            "100,000 frames, kernel, MB": round(memory_of(process) / 1e6),
            "step not cached, ms": told(spent[3:]),
        }


def main() -> None:
    """Prints one line for each front end, and the machine."""
    root = places.data_root()
    cast = load_cast(DEMO_PARTICIPANTS, DEMO_FRAMES, root)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        sources = {frames: Path(folder) / f"{frames}.npz" for frames in (SHORT, LONG)}
        for frames, path in sources.items():
            recording(cast, frames).save(path)
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        for kind in ("Voila", "JupyterLab"):
            before = os.getloadavg()[0]
            found = measure_short(kind, sources[SHORT], root, browser) | measure_long(
                kind, sources[LONG], root, browser
            )
            machine = f"{os.cpu_count()} cores {platform.machine()}, load {before:.1f} before"
            print(json.dumps({"front end": kind, "machine": machine, **found}), flush=True)
        browser.close()
    print(
        f"largest process of this command: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB",
        file=sys.stderr,
    )


if __name__ == "__main__":
    main()
