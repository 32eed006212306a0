"""The two doors to MediaPipe: each is tested where it is installed, and skipped with the reason elsewhere."""

import os
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from csnviz.faces.detect import FaceFinder
from csnviz.faces.doors import FACE_MODEL_VARIABLE

NAMED_MODEL = os.environ.get(FACE_MODEL_VARIABLE, "")


@pytest.fixture(scope="session")
def face_model() -> Path:
    """The face_landmarker.task: the one that is named, else the one among the real data."""
    folder = os.environ.get("CSNVIZ_REALDATA", "")
    named = Path(NAMED_MODEL or Path(folder) / "weights" / "face_landmarker.task")
    if not (NAMED_MODEL or folder) or not named.is_file():
        pytest.skip(f"no face_landmarker.task here: {FACE_MODEL_VARIABLE} and CSNVIZ_REALDATA name none")
    return named


@pytest.fixture(scope="session")
def wheel_finder() -> Iterator[FaceFinder]:
    """The door to the models in the wheel of mediapipe 0.10.21."""
    version = metadata.version("mediapipe")
    if version != "0.10.21":
        pytest.skip(f"mediapipe {version} has no models in its wheel; 0.10.21 has")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(FACE_MODEL_VARIABLE, raising=False)
        finder = FaceFinder()
    with finder:
        yield finder


@pytest.fixture(scope="session")
def task_finder(face_model: Path) -> Iterator[FaceFinder]:
    """The door to a face_landmarker.task."""
    with FaceFinder(face_model) as finder:
        yield finder


@pytest.fixture(scope="session", params=["wheel", "task"])
def finder(request: pytest.FixtureRequest) -> FaceFinder:
    """Each door in turn."""
    return request.getfixturevalue(f"{request.param}_finder")


@pytest.fixture(scope="session")
def read_picture(realdata: Path):
    """Reads one of the real stills as RGB."""
    return lambda name: np.array(Image.open(realdata / "image" / name).convert("RGB"))
