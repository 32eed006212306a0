"""Nothing leaves the machine: whole commands run in a network of their own, in which every packet for elsewhere is seen."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from csnviz.cast.dataset import draw_frame
from tests.videos import write_video

WATCH = Path(__file__).with_name("network_watch.py")


@pytest.fixture(scope="module")
def namespaces() -> None:
    if not (shutil.which("unshare") and shutil.which("ip")):
        pytest.skip("no unshare or no ip here (packages util-linux and iproute2)")
    if subprocess.run(["unshare", "-rn", "true"], stderr=subprocess.DEVNULL).returncode:
        pytest.skip("this machine does not allow network namespaces")


@pytest.fixture(scope="module")
def video(tmp_path_factory) -> Path:
    return write_video(tmp_path_factory.mktemp("video") / "someone.mp4", [draw_frame("C101", i)[0] for i in range(4)])


def reached_by(folder: Path, *command: object, environment: dict[str, str] | None = None) -> list[str]:
    """The addresses that a command tried to reach or to look up; the command must end well."""
    found = folder / "found.json"
    words = ["unshare", "-rn", sys.executable, str(WATCH), str(found), *map(str, command)]
    done = subprocess.run(words, env={**os.environ, **(environment or {})}, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return json.loads(found.read_text())


def test_the_watch_sees_a_connection_and_a_look_up(namespaces, tmp_path):
    program = (
        "import contextlib, socket\n"
        "with contextlib.suppress(OSError): socket.create_connection(('192.0.2.1', 443), 1)\n"
        "with contextlib.suppress(OSError): socket.getaddrinfo('csnviz.example', 80)\n"
    )
    reached = reached_by(tmp_path, sys.executable, "-c", program)
    assert "192.0.2.1:443" in reached
    assert any(address.endswith(":53") for address in reached)


def test_predict_reaches_nobody(namespaces, video, tmp_path):
    command = (sys.executable, "-m", "csnviz.cli", "predict", video, "--reference", 0, "--out", tmp_path / "e.csv")
    assert reached_by(tmp_path, *command) == []
    assert (tmp_path / "e.csv").exists()


SERVE = """
import os, signal, sys, threading, urllib.request
from csnviz import cli, serving
from csnviz.cast import dataset

def look_and_close(address):
    page = urllib.request.urlopen(address, timeout=200).read().decode()
    assert "jupyter" in page.lower(), page[:400]
    threading.Timer(1, os.kill, (os.getpid(), signal.SIGTERM)).start()

serving._open = look_and_close
dataset.DEMO_PARTICIPANTS, dataset.DEMO_FRAMES = ("C101",), 6
sys.exit(cli.main(sys.argv[1:]))
"""


@pytest.mark.parametrize("words", [("demo",), ("demo", "--lab"), ("open", "VIDEO")])
def test_a_page_served_looked_at_and_closed_reaches_nobody(namespaces, video, tmp_path, words):
    command = [video if word == "VIDEO" else word for word in words]
    assert reached_by(tmp_path, sys.executable, "-c", SERVE, *command, environment={"CSNVIZ_SOURCE": ""}) == []
