"""A very small DISFA for the tests: four invented people before two cameras, and finished runs of untrained networks."""

import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from csnviz.data.images import FaceImages, FaceImagesWriter
from csnviz.data.manifest import read_manifest
from csnviz.data.seen import reading_version
from csnviz.data.tables import FrameTable, join_frames, make_rows
from csnviz.explain.starts import Start
from csnviz.faces.crop import PREPROCESSING_VERSION
from csnviz.facs import DISFA
from csnviz.models.checkpoints import NetworkConfig, save_checkpoint
from csnviz.models.iresnet import IResNetSize, iresnet
from csnviz.page_estimates import ShownWith

FOLD_OF: Mapping[str, str] = {"SN010": "1", "SN001": "1", "SN012": "2", "SN003": "3"}
"""The participants, each with the fold of the real manifest that holds them out."""

FRAMES, BEFORE = 6, 3
"""Frames of each, and how many of them come before the authors' reference."""

SIZE = IResNetSize((1, 1, 1, 1), (8, 8, 16, 16))

Face = Callable[[str, int], tuple[np.ndarray, bytes]]
"""The crop and the picture (JPEG) of a participant's frame, counted from 0."""


def noise(participant: str, frame: int) -> tuple[np.ndarray, bytes]:
    """A crop of a person's own texture, a little different in every frame."""
    random = np.random.default_rng([*participant.encode(), 0])
    moved = np.random.default_rng([*participant.encode(), 1 + frame]).normal(0, 30, (7, 7, 3))
    texture = np.clip(random.uniform(0, 255, (7, 7, 3)) + moved, 0, 255).astype(np.uint8)
    crop = np.asarray(Image.fromarray(texture).resize((112, 112), Image.Resampling.BICUBIC))
    return crop, jpeg(crop)


def jpeg(picture: np.ndarray) -> bytes:
    """The picture as a file."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=90)
    return file.getvalue()


def first_index(participant: str) -> int:
    """The frame_index with which a participant's frames begin, so that the authors' reference is among them."""
    references = read_manifest("disfa").references
    number = int(references.loc[references["participant"] == participant, "frame"].iloc[0])
    return number - 1 - BEFORE


def table(folder: Path, face: Face = noise) -> FrameTable:
    """Six frames of each participant before both cameras (the right one mirrors), AU12 at 3 in the last two."""
    return join_frames([_part(folder / who, who, face) for who in FOLD_OF])


def _part(folder: Path, who: str, face: Face) -> FrameTable:
    with FaceImagesWriter(folder) as writer:
        faces = [face(who, frame) for frame in range(FRAMES)]
        for crop, picture in faces:
            writer.add(crop, picture)
        for crop, _ in faces:
            writer.add(crop[:, ::-1], jpeg(np.ascontiguousarray(crop[:, ::-1])))
    index = np.tile(first_index(who) + np.arange(FRAMES), 2)
    camera = np.repeat(["left", "right"], FRAMES)
    rows = make_rows(
        {
            "frame_id": [f"disfa/{who}/{lens}/{who}/{i:04d}" for lens, i in zip(camera, index, strict=True)],
            "dataset": "disfa", "participant": who, "camera": camera, "video": who, "source": "drawn", "frame_index": index,
            "timestamp": index / 20, "image": np.arange(2 * FRAMES), "yaw": 0.0, "pitch": 0.0, "eye_opening": 1.0, "covered": 0.0,
        }
    )  # fmt: skip
    labels = np.zeros((2 * FRAMES, len(DISFA)), np.float32)
    labels[np.arange(2 * FRAMES) % FRAMES >= 4, DISFA.column_of(12)] = 3
    return FrameTable(rows, labels, DISFA, FaceImages.open(folder))


def keep(frames: FrameTable, data_root: Path) -> None:
    """Puts the table where a preparation would have left it."""
    frames.save(data_root / "datasets" / "disfa" / reading_version("made") / "frames.npz")


def fold_runs(folder: Path, folds: tuple[str, ...] = ("1", "2")) -> Path:
    """A folder with two runs for each fold, without a reference and with one."""
    for fold in folds:
        held_out = [who for who, theirs in FOLD_OF.items() if theirs == fold]
        for merge_before in (None, "stage4"):
            _run(folder / f"disfa-fold{fold}-{merge_before or 'ncg'}", fold, held_out, merge_before)
    return folder


def shown_with(runs: Path, start: Start) -> dict[str, ShownWith]:
    """What a page shows those people with whose fold has runs."""
    return {
        who: ShownWith(
            *(runs / f"disfa-fold{fold}-{kind}" / "checkpoint.safetensors" for kind in ("ncg", "stage4")),
            lambda: start,
            {"fold": fold},
        )
        for who, fold in FOLD_OF.items()
        if (runs / f"disfa-fold{fold}-ncg").is_dir()
    }


def _run(path: Path, fold: str, held_out: list[str], merge_before: str | None) -> None:
    torch.manual_seed(int(fold))
    config = NetworkConfig(SIZE, DISFA.numbers, "intensity", merge_before, PREPROCESSING_VERSION, "nothing")
    network = iresnet(SIZE, config.outputs).eval()
    with torch.no_grad():
        network.get_submodule("fc").weight *= 20  # else all estimates of an untrained network are much the same
    save_checkpoint(path / "checkpoint.safetensors", network, config)
    settings = {
        "trained_on": "disfa", "tested_on": "disfa", "fold": fold, "folds": 3, "aus": list(DISFA), "quantity": "intensity",
        "merge_before": merge_before, "seed": 42, "held_out_participants": held_out,
        "training_participants": [who for who in FOLD_OF if who not in held_out],
    }  # fmt: skip
    (path / "run.json").write_text(json.dumps({"settings": settings}))
    (path / "finished.json").write_text("{}")
