"""Two invented participants with a handful of frames each, and callables that answer without any network."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from csnviz.data.images import FaceImages, FaceImagesWriter
from csnviz.data.reference_fitness import fit_frames
from csnviz.data.tables import FrameTable, PredictionTable, ReferenceTable, make_rows
from csnviz.explain.results import Attribution
from csnviz.facs import AUSet
from csnviz.views.latest_only import Watch
from csnviz.views.source import Calibrated, Question, Source

AUS = AUSet((4, 9, 12))
FRAMES = 12
NO_FACE_AT = 5


def jpeg_of(grey: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (24, 24), (grey, grey, grey)).save(file, "JPEG")
    return file.getvalue()


@pytest.fixture
def frames(tmp_path: Path) -> FrameTable:
    """P1 and P2, 12 frames each: nobody moves but in frames 8-11 (AU12); frame 5 has no face; picture i is grey 10 i + 5."""
    with FaceImagesWriter(tmp_path / "pictures") as writer:
        for place in range(2 * FRAMES):
            writer.add(np.full((112, 112, 3), place, np.uint8), jpeg_of(10 * place + 5))
    number = np.tile(np.arange(FRAMES), 2)
    rows = make_rows(
        {
            "frame_id": [f"{who}/{i}" for who in ("P1", "P2") for i in range(FRAMES)],
            "dataset": "made", "participant": np.repeat(["P1", "P2"], FRAMES), "camera": "front", "video": "v", "source": "",
            "frame_index": number, "timestamp": number / 20, "image": np.arange(2 * FRAMES),
            "yaw": 0.0, "pitch": 0.0, "roll": 0.0, "eye_opening": 1.0, "covered": 0.0,
            "reason": np.where(number == NO_FACE_AT, "no face found", ""),
        }
    )  # fmt: skip
    labels = np.zeros((2 * FRAMES, len(AUS)), np.float32)
    labels[number >= 8, AUS.column_of(12)] = 3
    return FrameTable(rows, labels, AUS, FaceImages.open(tmp_path / "pictures"))


def estimates(
    frames: FrameTable, estimate: np.ndarray, method: str, protocol: str, reference: str = ""
) -> PredictionTable:
    estimate = np.where(frames.usable[:, None], estimate, np.nan).astype(np.float32)
    rows = frames.rows.assign(ref_frame_id=reference)
    return PredictionTable(
        rows, frames.intensity, estimate, frames.aus, "intensity", method, protocol, {"from": "a test"}
    )


def ncg(frames: FrameTable, watch: Watch) -> PredictionTable:
    """The label, and 1.8 too much of AU9 for everybody."""
    return estimates(frames, frames.intensity + np.array([0, 1.8, 0]), "IR (NCG)", "NCG")


def both(frames: FrameTable, references: ReferenceTable, watch: Watch) -> Calibrated:
    """The label less the reference's label; baseline subtraction leaves 0.3 of AU9, calibration 0.2."""
    reference = references.frame_id_for(str(frames.rows["participant"].iloc[0]), "front")
    change = frames.intensity - frames.intensity[frames.row_of(reference)]
    bs = estimates(frames, change + np.array([0, 0.3, 0]), "IR w/ BS", "OFC", reference)
    return Calibrated(bs, estimates(frames, change + np.array([0, 0.2, 0]), "CSN", "OFC", reference))


def explain(question: Question, watch: Watch) -> Attribution:
    """One pixel raises, one lowers."""
    values = np.zeros((3, 112, 112), np.float32)
    values[:, 30, 40], values[:, 80, 60] = 0.5, -0.2
    about = "reference" if question.key == "cancelled" else "image"
    return Attribution(
        values, question.au, about, f"why AU{question.au}?", "by hand", "an average face", 0.1, 1.0, 0.02
    )


@pytest.fixture
def source(frames: FrameTable) -> Source:
    """Both participants with their first fit frame as reference."""
    references = ReferenceTable.empty()
    for participant in frames.participants:
        theirs = frames.of(participant)
        first = int(fit_frames(theirs).argmax())
        references = references.with_reference(participant, "front", theirs.rows["frame_id"].iloc[first], "labels")
    return Source("Two people", "Made for a test.", frames, references, ncg, both, explain, "That start is drawn.")
