"""The wheel in a clean environment: JupyterLab shows the card, the card opens the notebook, the notebook becomes a dashboard."""

import base64
import contextlib
import importlib.util
import json
import os
import re
import signal
import socket
import subprocess
import sys
import sysconfig
import time
import uuid
import venv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import csnviz

pytestmark = pytest.mark.browser

PROJECT = Path(__file__).parents[2]
STATIC = PROJECT / "csnviz" / "views" / "jupyter" / "labextension" / "static"
CARD = ".jp-LauncherCard:has-text('AU workbench')"
PATIENCE = 120_000


@dataclass(frozen=True)
class Installed:
    """A Python that has csnviz from its wheel and all else from the environment of the tests; what Jupyter has to be told."""

    python: Path
    environment: dict[str, str]

    def run(self, *arguments: str) -> str:
        # Elsewhere than in the source tree, which Python would look into first.
        where = {"env": self.environment, "cwd": self.environment["HOME"]}
        done = subprocess.run([self.python, *arguments], **where, capture_output=True, text=True, check=True)
        return re.sub("\x1b\\[[0-9;]*m", "", done.stdout + done.stderr)


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Installed:
    if importlib.util.find_spec("hatchling") is None:
        pytest.skip("hatchling is not installed, so no wheel can be built here: pip install -e '.[test]'")
    folder = tmp_path_factory.mktemp("clean")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], cwd=PROJECT, check=True
    )
    prefix = folder / "venv"
    venv.create(prefix, with_pip=False)
    python = prefix / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, str(next(folder.glob("*.whl")))], check=True)
    # A plain line adds a folder, but not what that folder's own .pth files would add: the editable csnviz stays out.
    theirs = Path(sysconfig.get_path("purelib", vars={"base": str(prefix), "platbase": str(prefix)}))
    (theirs / "everything_else.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return Installed(python, _surroundings(prefix, folder / "home"))


def _surroundings(prefix: Path, home: Path) -> dict[str, str]:
    shared, others = prefix / "share" / "jupyter", Path(sys.prefix) / "share" / "jupyter"
    home.mkdir()
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "PYTHON", "CSNVIZ"))},
        "HOME": str(home),
        # What came with the wheel is found first, then the widgets, kernels and JupyterLab itself.
        "JUPYTER_PATH": os.pathsep.join(map(str, (shared, others))),
        "JUPYTER_CONFIG_PATH": str(Path(sys.prefix) / "etc" / "jupyter"),
        "JUPYTERLAB_DIR": str(others / "lab"),
        "JUPYTER_RUNTIME_DIR": str(home / "run"),
        "OMP_NUM_THREADS": "1",
    }


@dataclass(frozen=True)
class Lab:
    """A JupyterLab that anybody might have started: its address and the folder that it shows."""

    address: str
    token: str
    folder: Path


@pytest.fixture(scope="module")
def lab(installed, stage, tmp_path_factory) -> Iterator[Lab]:
    folder, token = tmp_path_factory.mktemp("work"), uuid.uuid4().hex
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **installed.environment,
        "JUPYTER_TOKEN": token,
        "CSNVIZ_SOURCE": str(stage.path),
        "CSNVIZ_CHECKPOINTS": str(stage.checkpoints),
        "CSNVIZ_DATA_ROOT": str(stage.root),
    }
    command = [
        installed.python,
        "-m",
        "jupyterlab",
        "--no-browser",
        f"--ServerApp.port={port}",
        "--ServerApp.ip=127.0.0.1",
    ]
    command += [f"--ServerApp.root_dir={folder}", "--ServerApp.allow_root=True", "--LabApp.extension_manager=readonly"]
    with open(folder.parent / "lab.log", "wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait_for(port)
        yield Lab(f"http://127.0.0.1:{port}", token, folder)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(20)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            return socket.create_connection(("127.0.0.1", port), 0.3).close()
        time.sleep(0.2)
    raise AssertionError("JupyterLab did not start")


@pytest.fixture(scope="module")
def launcher(chromium, lab) -> Iterator[object]:
    """JupyterLab's launcher in a new workspace."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.on("console", lambda said: said.type == "error" and page.errors.append(said.text))
    page.goto(f"{lab.address}/lab/workspaces/{uuid.uuid4().hex}?reset&token={lab.token}", timeout=PATIENCE)
    yield page
    context.close()


def test_the_package_is_the_wheel_and_not_the_source_tree(installed):
    found = Path(installed.run("-c", "import csnviz; print(csnviz.__file__)").strip())
    assert found.is_relative_to(installed.python.parents[1])


def test_jupyter_lists_the_extension_as_enabled(installed):
    # What the command `jupyter labextension` starts.
    listed = installed.run("-c", "from jupyterlab.labextensions import main; main()", "list")
    line = next(line for line in listed.splitlines() if line.split()[:1] == ["csnviz"])
    assert line.split() == ["csnviz", f"v{csnviz.__version__}", "enabled", "OK", "(python,", "csnviz)"]


def test_the_card_with_our_icon_opens_a_fresh_copy_of_the_notebook_and_runs_it(launcher, lab):
    launcher.wait_for_selector(CARD)
    assert launcher.evaluate(
        "() => document.querySelector(`.jp-LauncherCard img[src*='csnviz/static/icon.svg']`).naturalWidth > 0"
    )
    launcher.click(CARD)
    launcher.wait_for_selector(".csn-viewer[data-drawn]")
    shipped = json.loads((PROJECT / "notebooks" / "explore.ipynb").read_text())
    copied = json.loads((lab.folder / "au-workbench.ipynb").read_text())
    assert _sources(copied) == _sources(shipped)


def test_a_notebook_saved_after_a_walk_holds_no_picture_nor_does_any_file_that_jupyterlab_leaves(
    launcher, lab, installed, stage
):
    _walk_and_save(launcher)
    notebook = lab.folder / "au-workbench.ipynb"
    _until(lambda: '"execution_count": 1' in notebook.read_text())
    assert "image/" not in notebook.read_text()
    assert "widgets" not in json.loads(notebook.read_text())["metadata"]
    assert (lab.folder / ".ipynb_checkpoints" / "au-workbench-checkpoint.ipynb").is_file()
    assert _files_with_pictures(stage, lab.folder, Path(installed.environment["HOME"])) == []


def test_a_picture_in_a_saved_notebook_would_be_found(stage, tmp_path):
    picture = base64.b64encode(b"x" + stage.table.picture(0)).decode()
    (tmp_path / "picture.ipynb").write_text(json.dumps({"image/jpeg": picture}))
    (tmp_path / "empty.ipynb").write_text("{}")
    assert _files_with_pictures(stage, tmp_path) == [tmp_path / "picture.ipynb"]


def test_not_even_saved_widget_state_holds_a_picture(launcher, lab, stage):
    _tick_save_widget_state(launcher)
    _walk_and_save(launcher)
    notebook = lab.folder / "au-workbench.ipynb"
    _until(lambda: '"application/vnd.jupyter.widget-state+json"' in notebook.read_text())
    assert _files_with_pictures(stage, lab.folder) == []
    state = json.loads(notebook.read_text())["metadata"]["widgets"]["application/vnd.jupyter.widget-state+json"][
        "state"
    ]
    code = {"_esm", "_css"}  # programs and style sheets, which speak of pictures but hold none
    values = json.dumps([{k: v for k, v in each["state"].items() if k not in code} for each in state.values()])
    assert not re.findall(r"data:image/(?!svg)[^\"]{,40}|/9j/.{,40}|iVBORw0.{,40}", values)
    _tick_save_widget_state(launcher)


def test_the_palette_opens_the_current_notebook_as_a_dashboard(launcher):
    with launcher.context.expect_page() as opened:
        _command(launcher, "csnviz:dashboard")
    assert opened.value.url.endswith("/voila/render/au-workbench.ipynb")
    opened.value.wait_for_selector(".csn-viewer[data-drawn]", timeout=PATIENCE)
    opened.value.close()


def test_where_voila_does_not_answer_a_sentence_says_what_to_install(launcher):
    launcher.route("**/voila/static/voila.js", lambda route: route.fulfill(status=404))
    _command(launcher, "csnviz:dashboard")
    launcher.wait_for_selector(".jp-Dialog:has-text('Install voila beside jupyterlab')")
    launcher.click(".jp-Dialog button")
    launcher.unroute("**/voila/static/voila.js")
    launcher.errors[:] = [error for error in launcher.errors if "404" not in error]


def test_a_second_copy_takes_the_next_free_name_and_the_first_is_left_alone(launcher, lab):
    first = (lab.folder / "au-workbench.ipynb").read_bytes()
    _command(launcher, "csnviz:open")
    launcher.wait_for_selector(".lm-TabBar-tabLabel:text-is('au-workbench-2.ipynb')")
    assert (lab.folder / "au-workbench.ipynb").read_bytes() == first
    assert launcher.errors == []


def _walk_and_save(page: object) -> None:
    """A step, another reference, Ctrl+S."""
    page.focus(".csn-viewer")
    before = page.get_attribute(".csn-viewer", "data-drawn")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("b => document.querySelector('.csn-viewer').dataset.drawn !== b", arg=before)
    page.click(".csn-use-reference")
    page.wait_for_timeout(1000)
    page.keyboard.press("Control+s")


def _tick_save_widget_state(page: object) -> None:
    page.click(".lm-MenuBar-itemLabel:text('Settings')")
    page.click(".lm-Menu-itemLabel:text('Save Widget State Automatically')")
    page.wait_for_timeout(500)


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE / 1000
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def _files_with_pictures(stage: object, *folders: Path) -> list[Path]:
    """Files that hold a piece out of the middle of any picture of the stage, as it is or in base64, however it is aligned."""
    pieces = []
    for row in np.flatnonzero(stage.table.usable):
        picture = stage.table.picture(int(row))
        middle = len(picture) // 2
        pieces.append(picture[middle : middle + 60])
        pieces += [base64.b64encode(picture[middle + shift : middle + shift + 60]) for shift in range(3)]
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    assert files
    return [
        file for file, held in ((file, file.read_bytes()) for file in files) if any(piece in held for piece in pieces)
    ]


def _sources(notebook: dict) -> list[str]:
    return ["".join(cell["source"]) for cell in notebook["cells"]]


def _command(page: object, command: str) -> None:
    page.keyboard.press("Control+Shift+C")
    page.fill(".lm-CommandPalette-input", "AU workbench")
    page.click(f".lm-CommandPalette-item[data-command='{command}']")


@pytest.mark.parametrize("missing", ["launcher", "apputils", "filebrowser", "ui-components", "nothing", "everything"])
def test_what_one_front_end_lacks_takes_no_other_ones_place(chromium, missing):
    page = chromium.new_page()
    page.route("http://lab.test/**", lambda route: _static(route))
    page.goto("http://lab.test/")
    page.add_script_tag(url="http://lab.test/static/remoteEntry.js")
    given = page.evaluate(
        """async (missing) => {
          const offered = {
            launcher: { ILauncher: "launcher" }, apputils: { ICommandPalette: "palette" },
            filebrowser: { IDefaultFileBrowser: "folders" }, "ui-components": { LabIcon: class {} },
          };
          const scope = {};
          for (const [name, module] of Object.entries(offered))
            if (missing !== "everything" && missing !== name) scope[`@jupyterlab/${name}`] = {
              "4.9.0": { loaded: 1, get: async () => () => module }, "4.10.0": { get: async () => () => ({}) } };
          const container = window._JUPYTERLAB.csnviz;
          await container.init(scope);
          const plugin = (await container.get("./extension"))().default;
          const added = { launcher: [], palette: [], commands: [] };
          const services = {
            launcher: { add: (item) => added.launcher.push(item.command) },
            palette: { addItem: (item) => added.palette.push(item.command) },
          };
          const app = { commands: { addCommand: (name) => added.commands.push(name) }, serviceManager: {}, shell: {} };
          plugin.activate(app, ...plugin.optional.map((token) => services[token]));
          return { optional: plugin.optional, ...added };
        }""",
        missing,
    )
    page.close()
    lacking = {"launcher": {"launcher"}, "apputils": {"palette"}, "filebrowser": {"folders"}}.get(missing, set())
    lacking = {"launcher", "palette", "folders"} if missing == "everything" else lacking
    commands = ["csnviz:open", "csnviz:dashboard"]
    assert given["optional"] == [token for token in ("launcher", "palette", "folders") if token not in lacking]
    assert given["commands"] == commands
    assert given["launcher"] == ([] if "launcher" in lacking else ["csnviz:open"])
    assert given["palette"] == ([] if "palette" in lacking else commands)


def _static(route: object) -> None:
    name = route.request.url.removeprefix("http://lab.test/static/")
    if (STATIC / name).is_file():
        route.fulfill(path=STATIC / name)
    else:
        route.fulfill(body="<!doctype html>", content_type="text/html")
