"""A file from Python into the browser's downloads, in JupyterLab and in Voila."""

import re
from pathlib import Path

import anywidget


class Download(anywidget.AnyWidget):
    """Has to stand somewhere on the page, where it shows nothing. What it offers is no part of a saved notebook."""

    _esm = Path(__file__).parent / "download.js"

    def offer(self, name: str, content: bytes, media_type: str) -> None:
        """Makes every browser that shows this page save a file, such as ("curves.csv", b"...", "text/csv"); from any thread.

        What a file may not be called is taken out of its name.
        """
        self.send({"type": "offer", "name": safe_name(name), "media_type": media_type}, [content])


def safe_name(text: str) -> str:
    """A text as the name of a file that every system takes.

    >>> safe_name("SN004/left camera: AU9.csv"), safe_name("..")
    ('SN004-left-camera-AU9.csv', 'file')
    """
    kept = re.sub(r"[^\w.]+", "-", text, flags=re.ASCII).strip("-.")
    return re.sub(r"-+", "-", kept)[-120:].lstrip("-.") or "file"
