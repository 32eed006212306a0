"""How long a newcomer waits from the command to a face: python -m tests.browser.bench_start [--rounds 3]

`csnviz demo`, whose people have been drawn before, and `csnviz open learn`, each in a process of its own; then a browser that goes
to the address at once, as the one that csnviz opens does. Seconds from the command.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping

from playwright.sync_api import Browser, sync_playwright

from csnviz import places
from csnviz.cast.demo import demo_table
from tests.browser.bench_ui import CHROMIUM, PATIENCE

PAGES = {
    "demo": {
        "first face": "() => document.querySelector('.csn-viewer[data-drawn]')",
        "all methods": "() => document.querySelectorAll('.csn-provenance section').length === 3",
    },
    "open learn": {"first face": "() => document.querySelector('.csn-guide [data-drawn=\"1-3\"]')"},
}


def newcomer(browser: Browser, words: str, seen: Mapping[str, str]) -> dict[str, float]:
    """Seconds from the command to the printed address, and until each of these conditions holds on the page."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.set_default_timeout(PATIENCE)
    found, began = {}, time.monotonic()
    command = [sys.executable, "-m", "csnviz.cli", *words.split(), "--no-browser"]
    served = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        said = next(line for line in served.stdout if "http://" in line)
        found["address"] = time.monotonic() - began
        page.goto(said.split()[-1])
        for name, condition in seen.items():
            page.wait_for_function(condition)
            found[name] = time.monotonic() - began
    finally:
        page.context.close()
        served.terminate()
        served.communicate()
    return {name: round(seconds, 1) for name, seconds in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    demo_table(places.data_root())
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
        for words, seen in PAGES.items():
            for _ in range(rounds):
                print(words, json.dumps(newcomer(browser, words, seen)), f"load {os.getloadavg()[0]:.1f}", flush=True)
        browser.close()


if __name__ == "__main__":
    main()
