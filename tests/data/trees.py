"""Small folders in the exact formats of DISFA, DISFA+ and UNBC-McMaster, with invented pictures and labels.

Every tree is written for a small manifest and returns what was written, so that a test can compare what is read with it.
"""

import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from csnviz import places
from csnviz.data.manifest import TABLES, Manifest, read_manifest
from tests.videos import write_video

Draw = Callable[[str, str, str, int], np.ndarray]
"""(participant, camera, video, frame_index from 0) -> an RGB picture, uint8."""

Labels = Callable[[str, str, int], np.ndarray]
"""(participant, video, frame_index from 0) -> one intensity per AU."""


@dataclass(frozen=True)
class Tree:
    """A written folder: its root, the manifest it follows, frame_id -> labels, and frame_id -> path of the still (or video)."""

    root: Path
    manifest: Manifest
    labels: dict[str, np.ndarray]
    pictures: dict[str, Path]


def flat_picture(participant: str, camera: str, video: str, frame_index: int) -> np.ndarray:
    """32 x 48 pixels of one grey, a little brighter from frame to frame."""
    return np.full((32, 48, 3), 40 + 8 * (frame_index % 20), np.uint8)


def seeded_labels(manifest: Manifest, aus: Sequence[int]) -> Labels:
    """Labels 0-5 (AU43: 0 or 1) drawn anew for each participant, video and frame, the same every time; 0 on every reference."""
    first = int(manifest.words["frame_numbers"]["references"])
    neutral = {(row.participant, row.video, int(row.frame) - first) for row in manifest.references.itertuples()}
    most = np.array([1 if au == 43 else 5 for au in aus])

    def labels(participant: str, video: str, frame_index: int) -> np.ndarray:
        if (participant, video, frame_index) in neutral:
            return np.zeros(len(aus), np.float32)
        seed = list(f"{participant}/{video}/{frame_index}".encode())
        return np.random.default_rng(seed).integers(0, most + 1).astype(np.float32)

    return labels


def small_manifest(name: str, participants: Sequence[str], frames: int | None) -> Manifest:
    """The manifest of a dataset cut down to these participants, with `frames` frames each (None: not known).

    References that lie beyond become the first frame of the same video. Folds keep who is left; where fewer than two folds are
    left, each participant becomes one. Cases and attributes are those of the participants.
    """
    whole = read_manifest(name)
    first = int(whole.words["frame_numbers"]["references"])
    count = 10**6 if frames is None else frames
    here = {
        table: getattr(whole, table)[getattr(whole, table)["participant"].isin(list(participants))].reset_index(
            drop=True
        )
        for table in ("participants", "references", "folds", "attributes", "cases")
    }
    here["participants"] = here["participants"].assign(frames="" if frames is None else str(frames))
    numbers = [int(number) if int(number) - first < count else first for number in here["references"]["frame"]]
    here["references"] = here["references"].assign(frame=[str(number) for number in numbers])
    if here["folds"]["fold"].nunique() < 2:
        each = list(enumerate(participants, 1))
        here["folds"] = pd.DataFrame({"fold": [str(fold) for fold, _ in each], "participant": [who for _, who in each]})
    words = {**whole.words, "counts": {"participants": len(participants)}}
    return replace(whole, words=words, **here)


def keep_manifest(manifest: Manifest, folder: Path) -> Path:
    """A folder of manifests, for CSNVIZ_MANIFEST, in which this one stands in place of the dataset's own."""
    shutil.copytree(places.manifest(), folder)
    own = folder / manifest.name
    for table in TABLES:
        getattr(manifest, table).to_csv(own / f"{table}.csv", index=False)
    text = (own / "dataset.toml").read_text(encoding="utf-8")
    count = f"[counts]\nparticipants = {len(manifest.participants)}\n\n["
    (own / "dataset.toml").write_text(re.sub(r"\[counts\].*?\n\[", count, text, flags=re.DOTALL), encoding="utf-8")
    return folder


def disfa_tree(
    root: Path,
    participants: Sequence[str] = ("SN001", "SN002"),
    frames: int = 6,
    extracted: bool = True,
    draw: Draw = flat_picture,
    labels: Labels | None = None,
) -> Tree:
    """DISFA as the authors of the paper extract it, or as distributed (two videos per participant)."""
    manifest = small_manifest("disfa", participants, frames)
    labels = labels or seeded_labels(manifest, manifest.intensity.numbers)
    tree = Tree(Path(root), manifest, {}, {})
    for who in participants:
        coded = np.array([labels(who, who, index) for index in range(frames)])
        for column, au in enumerate(manifest.intensity):
            lines = [f"{index + 1},{coded[index, column]:g}\n" for index in range(frames)]
            _write(tree.root / "ActionUnit_Labels" / who / f"{who}_au{au}.txt", "".join(lines))
        for camera in manifest.cameras:
            pictures = [draw(who, camera, who, index) for index in range(frames)]
            for index, path in enumerate(_disfa_pictures(tree.root, who, camera, pictures, extracted)):
                tree.labels[f"disfa/{who}/{camera}/{who}/{index:04d}"] = coded[index]
                tree.pictures[f"disfa/{who}/{camera}/{who}/{index:04d}"] = path
    return tree


def _disfa_pictures(root: Path, who: str, camera: str, pictures: list[np.ndarray], extracted: bool) -> list[Path]:
    if extracted:
        folder = root / f"Images_{camera.title()}Camera" / who
        return [_write_picture(folder / f"{number}.jpg", picture) for number, picture in enumerate(pictures, 1)]
    # The two archives differ in "Video(s)" and in the case of "comp".
    names = {
        "left": ("Videos_LeftCamera", f"LeftVideo{who}_comp.avi"),
        "right": ("Video_RightCamera", f"RightVideo{who}_Comp.avi"),
    }
    path = root.joinpath(*names[camera])
    path.parent.mkdir(parents=True, exist_ok=True)
    return [write_video(path, pictures)] * len(pictures)


def disfa_plus_tree(
    root: Path,
    participants: Sequence[str] = ("SN001", "SN003"),
    frames: int = 5,
    draw: Draw = flat_picture,
    labels: Labels | None = None,
    more_trials: Sequence[str] = ("A2_AU12_TrailNo_1",),
) -> Tree:
    """DISFA+: for each participant the trial that holds the reference and `more_trials`, `frames` frames each."""
    manifest = small_manifest("disfa_plus", participants, frames * (1 + len(more_trials)))
    labels = labels or seeded_labels(manifest, manifest.intensity.numbers)
    tree = Tree(Path(root), manifest, {}, {})
    for row in manifest.references.itertuples():
        for trial in (row.video, *more_trials):
            coded = np.array([labels(row.participant, trial, index) for index in range(frames)])
            folder = tree.root / "Labels" / row.participant / trial
            for column, au in enumerate(manifest.intensity):
                lines = [f"{index:03d}.jpg     {coded[index, column]:g}\n" for index in range(frames)]
                _write(
                    folder / f"AU{au}.txt", "".join(["Image Name    Intensity\n", "----------------------\n", *lines])
                )
            for index in range(frames):
                frame_id = f"disfa_plus/{row.participant}/front/{trial}/{index:04d}"
                path = tree.root / "Images" / row.participant / trial / f"{index:03d}.jpg"
                tree.pictures[frame_id] = _write_picture(path, draw(row.participant, "front", trial, index))
                tree.labels[frame_id] = coded[index]
    return tree


def unbc_tree(
    root: Path,
    participants: Sequence[str] = ("042-ll042", "043-jh043"),
    frames: int = 5,
    draw: Draw = flat_picture,
    labels: Labels | None = None,
    more_sequences: Sequence[str] = ("t2aeaff",),
) -> Tree:
    """UNBC-McMaster: for each participant the sequence that holds the reference and one per ending in `more_sequences`."""
    manifest = small_manifest("unbc_mcmaster", participants, frames * (1 + len(more_sequences)))
    # A reference may be the 16th frame of its sequence: a sequence of fewer has its first frame instead.
    numbers = [number if int(number) <= frames else "1" for number in manifest.references["frame"]]
    manifest = replace(manifest, references=manifest.references.assign(frame=numbers))
    labels = labels or seeded_labels(manifest, manifest.occurrence.numbers)
    tree = Tree(Path(root), manifest, {}, {})
    for row in manifest.references.itertuples():
        who = row.participant
        for sequence in (row.video, *(who.split("-")[1] + ending for ending in more_sequences)):
            for index in range(frames):
                coded, name = labels(who, sequence, index), f"{sequence}{index + 1:03d}"
                values = zip(manifest.occurrence, coded, strict=True)
                lines = [
                    f"   {au:.7e}   {value:.7e}   1.0000000e+00   9.0000000e+00\n" for au, value in values if value
                ]
                _write(tree.root / "Frame_Labels/FACS" / who / sequence / f"{name}_facs.txt", "".join(lines))
                path = tree.root / "Images" / who / sequence / f"{name}.png"
                frame_id = f"unbc_mcmaster/{who}/front/{sequence}/{index:04d}"
                tree.pictures[frame_id] = _write_picture(path, draw(who, "front", sequence, index))
                tree.labels[frame_id] = coded
    return tree


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="ascii")


def _write_picture(path: Path, picture: np.ndarray) -> Path:
    """A JPEG or PNG, by the ending of the name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path, quality=95)
    return path
