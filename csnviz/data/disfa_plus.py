"""DISFA+: posed and spontaneous expressions in many short trials -> the frames and labels that its folder holds.

Pictures are Images/SN001/<trial>/000.jpg, counted from 0; labels are Labels/SN001/<trial>/AU1.txt: two header lines, then a line
such as `000.jpg     3` per picture. At what rate the pictures were taken is not stated, so that frames have no time.
The dataset: Mavadati, Sanger and Mahoor, IEEE Conference on Computer Vision and Pattern Recognition Workshops, 1-8, 2016.
"""

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from csnviz.data.inspecting import (
    Inspection,
    contents,
    dataset_root,
    expected_frames,
    folder_named,
    note_count,
    note_references,
)
from csnviz.data.label_files import CodedFrames, LineForm, read_au_folder
from csnviz.data.listing import Listing, frame_rows, join_listing
from csnviz.data.manifest import Manifest
from csnviz.data.numbering import Naming, numbered, usable_pictures
from csnviz.data.still_folders import VideoFolders, video_folders

CAMERA = "front"
_FIRST = 0
_LINE = LineForm(re.compile(r"\s*(\d{3,9})\.jpg\s+(\S+)\s*", re.ASCII | re.IGNORECASE), "012.jpg     3", headers=2)
_PICTURE = Naming("", 3, ".jpg")
_LABEL_FILE = Naming("AU", 1, ".txt")


def list_disfa_plus(root: Path, manifest: Manifest) -> Listing:
    """Every picture of DISFA+ in a folder, with 0-5 for the AUs of `manifest.intensity`, and everything that is amiss.

    `video` is the trial, `timestamp` NaN. A picture without labels has a row of NaN; a label without a picture has none. InputError
    when neither the folder nor the only fitting folder in it holds the folders of DISFA+.
    """
    inspection = Inspection(dataset_root(root, "Labels", ("Images",)))
    images = Path(folder_named(inspection.root, "Images") or inspection.root / "Images")
    trials = video_folders(images, inspection.root / "Labels", manifest, inspection)
    parts: list[tuple[pd.DataFrame, np.ndarray]] = []
    seen: Counter[str] = Counter()
    for trial in trials:
        rows, labels, count = _trial(trial, manifest, inspection.about(trial.participant))
        parts.append((rows, labels))
        seen[trial.participant] += count
    for who, stated in expected_frames(manifest).items():
        if who in seen:
            note_count(stated, seen[who], images / who, inspection.about(who))
    listing = join_listing(manifest.name, inspection.root, manifest.intensity, parts)

    def path_of(who: str, camera: str, video: str, index: int) -> str:
        return f"{images}/{who}/{video}/{_PICTURE.name(index + _FIRST)}"

    note_references(listing, manifest, path_of, inspection)
    return replace(listing, findings=inspection.findings)


def _trial(trial: VideoFolders, manifest: Manifest, inspection: Inspection) -> tuple[pd.DataFrame, np.ndarray, int]:
    """The rows and labels of a trial, and how many frames it has, counting those whose pictures are missing."""
    aus = manifest.intensity
    labels = CodedFrames.of_nobody(aus)
    if trial.labels:
        labels = read_au_folder(trial.labels, _LABEL_FILE, _LINE, aus, (_FIRST, None), inspection)
    files: dict[int, str] = {}
    if trial.pictures:
        last = max(labels.numbers, default=None)
        found = numbered(contents(trial.pictures, inspection), _PICTURE, inspection)
        files = usable_pictures(found, (_FIRST, last), last, inspection)
    named = ("disfa_plus", trial.participant, CAMERA, trial.video)
    rows = frame_rows(named, [number - _FIRST for number in files], list(files.values()), False, float("nan"))
    return rows, labels.of(list(files)), len({*files, *labels.numbers})
