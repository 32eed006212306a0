"""A real Chromium, the page served by Voila and by JupyterLab, and faces whose frame numbers can be read off the screen."""

import io
import runpy
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from csnviz import places, servers
from csnviz.cast.dataset import load_cast
from csnviz.data.images import FaceImages, FaceImagesWriter
from csnviz.data.tables import FrameTable, make_rows
from csnviz.explain.starts import save_mean_neutral
from csnviz.faces.crop import PREPROCESSING_VERSION
from csnviz.facs import DISFA
from csnviz.inference.predict import predict_without_reference
from csnviz.models.checkpoints import NetworkConfig, TrainedNetwork, save_checkpoint
from csnviz.models.iresnet import IResNetSize, iresnet
from csnviz.views.latest_only import Watch
from csnviz.views.source import Source
from csnviz.workbench import source_of
from tests.browser.walking import tab

FRAMES = 30
STRIPES = 12
SIZE = IResNetSize((1, 1, 1, 1), (8, 8, 16, 16))
PATIENCE = 120_000
"""Milliseconds for what a busy machine may take long for: a server, a kernel, a first answer of the network."""

_HERE = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:", "about:")
UNWATCHED = Watch(lambda: False, lambda share: None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    """A running Chromium; without one the test skips."""
    path = runpy.run_path(str(Path(__file__).parents[1] / "setup_browser.py"))["find_browser"]()
    if not path:
        pytest.skip("no Chromium here: set CSNVIZ_CHROMIUM to one, or put chromium or google-chrome on the PATH")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@dataclass(frozen=True)
class Stage:
    """What the page is served on: the table of frames, its file, the networks' folder, and a data root."""

    table: FrameTable
    path: Path
    checkpoints: Path
    root: Path


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """Participants A and B, 30 frames each, and untrained networks whose estimates differ from frame to frame."""
    folder = tmp_path_factory.mktemp("stage")
    table = _frames(folder / "pictures")
    table.save(folder / "frames.npz")
    faces = table.crops(np.flatnonzero(table.usable))
    _network(folder / "networks" / "cast_ncg.safetensors", table, None)
    _network(folder / "networks" / "cast_csn.safetensors", table, "stage4")
    save_mean_neutral(folder / "networks" / "mean_neutral.png", faces[:8], "the mean of eight drawn faces")
    return Stage(table, folder / "frames.npz", folder / "networks", places.data_root(folder / "root"))


def _frames(folder: Path) -> FrameTable:
    random, blank = np.random.default_rng(5), 7
    with FaceImagesWriter(folder) as writer:
        for person in range(2):
            texture = random.uniform(0, 255, (7, 7, 3))
            for frame in range(FRAMES):
                moved = np.clip(texture + random.normal(0, 25, texture.shape), 0, 255).astype(np.uint8)
                crop = np.asarray(Image.fromarray(moved).resize((112, 112), Image.Resampling.BICUBIC))
                writer.add(crop, _bar_code(person, frame))
    number = np.tile(np.arange(FRAMES), 2)
    who = np.repeat(["A", "B"], FRAMES)
    rows = make_rows(
        {
            "frame_id": [f"{person}/{frame}" for person, frame in zip(who, number, strict=True)],
            "dataset": "cast", "participant": who, "camera": "front", "video": who, "source": "drawn",
            "frame_index": number, "timestamp": number / 20, "image": np.arange(2 * FRAMES),
            "yaw": 0.0, "pitch": 0.0, "roll": 0.0, "eye_opening": 1.0, "covered": 0.0,
            "reason": np.where(number == blank, "no face found", ""),
        }
    )  # fmt: skip
    labels = np.zeros((2 * FRAMES, len(DISFA)), np.float32)
    labels[number >= 20, DISFA.column_of(12)] = 3
    return FrameTable(rows, labels, DISFA, FaceImages.open(folder))


def _bar_code(person: int, frame: int) -> bytes:
    """Twelve stripes: white, three for the person, seven for the frame (highest first), white."""
    bits = f"1{person:03b}{frame:07b}1"
    stripes = np.repeat([255 * int(bit) for bit in bits], 336 // STRIPES).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(np.tile(stripes, (336, 1))).convert("RGB").save(file, "JPEG", quality=90)
    return file.getvalue()


def _network(path: Path, table: FrameTable, merge_before: str | None) -> None:
    """An untrained network that errs as trained ones do: often too high without a reference, and beside some references.

    Estimates of a frame alone are 1 on average and vary by 1. Beside a reference the features are subtracted the other way
    round, hence the minus.
    """
    torch.manual_seed(11)
    config = NetworkConfig(SIZE, DISFA.numbers, "intensity", merge_before, PREPROCESSING_VERSION, "nothing")
    network = iresnet(SIZE, config.outputs).eval()
    alone = TrainedNetwork(network, NetworkConfig(**{**vars(config), "merge_before": None}), "", "untrained")
    estimate = torch.tensor(predict_without_reference(alone, table, progress=False).estimate[table.usable])
    scale = (1.0 if merge_before is None else -1.5) / float(estimate.std(dim=0).mean())
    with torch.no_grad():
        if merge_before is None:
            bias = network.fc.bias[: len(DISFA)]
            bias += 1 - bias - scale * (estimate.mean(dim=0) - bias)
        network.fc.weight *= scale
    save_checkpoint(path, network, config)


@pytest.fixture(scope="session")
def somebody_drawn(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """A few frames of somebody in the demo who wears eyeglasses, enough for NCG to err in, and the demo's networks."""
    folder = tmp_path_factory.mktemp("drawn")
    table = load_cast(("C112",), 8, folder, workers=1, progress=False)
    table.save(folder / "frames.npz")
    return Stage(table, folder / "frames.npz", places.checkpoints(), places.data_root(folder / "root"))


@pytest.fixture(scope="session")
def expected(stage: Stage) -> Source:
    """The same networks on the same frames, asked without a page."""
    return source_of(stage.table, stage.checkpoints)


@dataclass
class Screen:
    """An open page, and what it should not have done: requests to other machines and errors on the console."""

    page: object
    stage: Stage
    kind: str
    address: str
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def come(self) -> None:
        """Opens the notebook, from the beginning if it was open before."""
        if self.kind == "lab":
            _run_all_cells(self.page, self.address)
        else:
            self.page.goto(self.address, timeout=PATIENCE)

    def methods_are_there(self) -> None:
        """Waits until NCG, BS and CSN have answered for the frames of the person looked at."""
        self.wait("() => document.querySelectorAll('.csn-provenance section').length === 3")

    def bars(self, face: int = 0) -> tuple[int, int]:
        """The person and the frame in the bar code of the current face (0) or the reference (1), as they are painted now."""
        middles = [int((place + 0.5) * 336 / STRIPES) for place in range(STRIPES)]
        read = """([face, xs]) => { const c = document.querySelectorAll('.csn-picture')[face].getContext('2d');
                  return xs.map(x => c.getImageData(x, 168, 1, 1).data[0] > 128 ? '1' : '0').join('') }"""
        bits = self.page.evaluate(read, [face, middles])
        return int(bits[1:4], 2), int(bits[4:11], 2)

    def visiting(self, link: str, width: int = 1440, height: int = 900) -> AbstractContextManager[object]:
        """Somebody else's browser, on a link of this page; it must do as little wrong as our own."""
        return _elsewhere(self, link, width, height)

    def wait(self, condition: str, argument: object = None) -> None:
        """Waits until a JavaScript condition holds."""
        self.page.wait_for_function(condition, arg=argument, timeout=PATIENCE)

    def soon(self, check: Callable[[], None]) -> None:
        """Tries a check until it holds: the parts of the page are drawn one after the other."""
        deadline = time.monotonic() + PATIENCE / 1000
        while True:
            try:
                return check()
            except AssertionError:
                if time.monotonic() > deadline:
                    raise
                self.page.wait_for_timeout(100)

    def shows(self, method: str, number: str) -> None:
        """Waits until the large number of a method is this one."""
        condition = '([m, t]) => document.querySelector(`.csn-tile[data-method="${m}"] output`).textContent === t'
        self.wait(condition, [method, number])

    def draws(self, place: int, values: np.ndarray) -> None:
        """Waits until a curve or a row of bars of the plot has these heights."""
        self.soon(lambda: np.testing.assert_allclose(self.curve(place), values, atol=1e-4))

    def tile(self, method: str) -> str:
        """The large number of a method."""
        return self.page.inner_text(f'.csn-tile[data-method="{method}"] output')

    def curve(self, place: int) -> np.ndarray:
        """The heights of one curve of the plot, as the browser has them."""
        read = (
            "(place) => Array.from(document.querySelector('.js-plotly-plot').data[place].y, v => v === null ? NaN : v)"
        )
        values = self.page.evaluate(read, place)
        return np.array(values, dtype=np.float64)

    def cursor(self) -> float:
        """The frame number at which the plot's cursor stands."""
        return self.page.evaluate("() => document.querySelector('.js-plotly-plot').layout.shapes[0].x0")


@contextmanager
def _elsewhere(screen: Screen, link: str, width: int, height: int) -> Iterator[object]:
    with visiting(screen.page.context.browser, screen.outside, screen.errors, width, height) as page:
        page.goto(link)
        yield page


@contextmanager
def opened(
    kind: str,
    chromium: object,
    notebook: str,
    stage: Stage,
    environment: dict[str, str],
    width: int = 1440,
    height: int = 900,
) -> Iterator[Screen]:
    """A notebook served by Voila or run in JupyterLab ("voila", "lab"); what it shows is still on its way."""
    start = {"voila": servers.start_voila, "lab": servers.start_lab}[kind]
    environment = {"CSNVIZ_DATA_ROOT": str(stage.root), "OMP_NUM_THREADS": "1"} | environment
    outside, errors = [], []
    with (
        start(places.notebook(notebook), environment, stage.root) as server,
        visiting(chromium, outside, errors, width, height) as page,
    ):
        screen = Screen(page, stage, kind, server.address, outside, errors)
        screen.come()
        yield screen


@pytest.fixture(scope="session", params=["voila", "lab"])
def screen(request: pytest.FixtureRequest, chromium: object, stage: Stage) -> Iterator[Screen]:
    """The notebook served by Voila, then by JupyterLab, and opened."""
    environment = {"CSNVIZ_SOURCE": str(stage.path), "CSNVIZ_CHECKPOINTS": str(stage.checkpoints)}
    with opened(request.param, chromium, "explore", stage, environment) as screen:
        screen.page.wait_for_selector(".csn-viewer[data-drawn]")
        screen.methods_are_there()  # and the page has gone where it greets a newcomer
        screen.page.wait_for_timeout(500)
        yield screen


@pytest.fixture
def workbench(screen: Screen) -> Screen:
    """The page with the docket of everybody read, nothing filtered, calibration on."""
    page = screen.page
    page.set_viewport_size({"width": 1440, "height": 900})
    page.set_checked(".csn-switch input", True)
    tab(screen, "errors")
    page.wait_for_selector(".csn-docket-row")
    screen.wait("() => !/people read/.test(document.querySelector('[data-shown]').textContent)")
    if page.is_visible(".csn-docket-filters [data-clear]"):
        page.click(".csn-docket-filters [data-clear]")
    screen.wait("() => !document.querySelector('[data-shown]').textContent.includes(' of ')")
    return screen


@contextmanager
def visiting(
    browser: object, outside: list[str], errors: list[str], width: int = 1440, height: int = 900
) -> Iterator[object]:
    """An empty page in a browser of its own; what it asks other machines for and what goes wrong in it is written down."""

    def note(address: str) -> None:
        if not address.startswith(_HERE):
            outside.append(address)

    context = browser.new_context(viewport={"width": width, "height": height})
    context.on("request", lambda asked: note(asked.url))
    context.on("page", lambda opened: opened.on("websocket", lambda socket: note(socket.url)))
    context.on("console", lambda said: said.type == "error" and errors.append(said.text))
    context.on("weberror", lambda error: errors.append(str(error.error)))
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    try:
        yield page
    finally:
        context.close()


def _run_all_cells(page: object, address: str) -> None:
    # A workspace of its own: JupyterLab would open again whatever was open before.
    page.goto(address.replace("/lab/tree/", f"/lab/workspaces/{uuid.uuid4().hex}/tree/") + "&reset", timeout=PATIENCE)
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    page.wait_for_selector("text=Python 3 (ipykernel) | Idle")
    page.click(".lm-MenuBar-itemLabel:text('Run')")
    page.click(".lm-Menu-itemLabel:text-is('Run All Cells')")
