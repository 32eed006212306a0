"""Finds a Chromium for the browser tests, installs one where there is none, and says plainly which.

Order: CSNVIZ_CHROMIUM, a browser on the PATH, Playwright's own, Debian's package (as root), Playwright's download.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_browser() -> str | None:
    """The path of a Chromium that Playwright can drive, or None."""
    named = os.environ.get("CSNVIZ_CHROMIUM")
    found = named or next((path for name in NAMES if (path := shutil.which(name))), None)
    return found or _playwrights_own()


def _playwrights_own() -> str | None:
    try:
        from playwright.sync_api import sync_playwright

        with sync_playwright() as playwright:
            path = playwright.chromium.executable_path
    except Exception:
        return None
    return path if Path(path).is_file() else None


def _install() -> None:
    if shutil.which("apt-get") and os.geteuid() == 0:
        print("Browser tests: no Chromium found; installing Debian's package chromium ...", flush=True)
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"]):
            subprocess.run(command, env=quiet, stdout=subprocess.DEVNULL, check=False)
        if find_browser():
            return
    print("Browser tests: no Chromium found; asking Playwright to download its own ...", flush=True)
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def main() -> None:
    """Makes sure of a browser; without one the browser tests skip, and this says so."""
    if not find_browser():
        _install()
    found = find_browser()
    if found:
        print(f"Browser tests: using {found}")
    else:
        print(
            "Browser tests: no Chromium could be found or installed; they will be skipped. Set CSNVIZ_CHROMIUM to one."
        )


if __name__ == "__main__":
    main()
