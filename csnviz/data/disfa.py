"""DISFA: spontaneous expressions before two cameras -> the frames and labels that its folder holds.

As distributed, it has one AVI per participant and camera; as the authors of arXiv 2409.00240 lay it out, it has the extracted
frames (Images_LeftCamera/SN001/1.jpg, counted from 1). Both are read; of somebody who has both, the frames are. Labels are text,
ActionUnit_Labels/SN001/SN001_au1.txt with a line `frame,intensity` per frame, counted from 1, and belong to both cameras.
The dataset: Mavadati et al., IEEE Transactions on Affective Computing 4(2), 151-160, 2013.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from csnviz.data.inspecting import (
    Inspection,
    absent_participant,
    contents,
    dataset_root,
    expected_frames,
    folder_named,
    note_references,
    participant_folders,
    unknown_participant,
)
from csnviz.data.label_files import CodedFrames, LineForm, read_au_folder
from csnviz.data.listing import Listing, frame_rows, join_listing
from csnviz.data.manifest import Manifest
from csnviz.data.numbering import Naming, numbered, usable_pictures

FRAMES_PER_SECOND = 20.0
"""Constant throughout DISFA, so that the time of a frame is its index by 20."""

ONE_MORE_PICTURE = ("SN010",)
"""Whose video has one frame more than there are labels: so DISFA was given out, and no folder is at fault."""

LABELS = "ActionUnit_Labels"
_FIRST = 1
_LINE = LineForm(re.compile(r"\s*(\d{1,9})\s*,\s*([^,\s]+)\s*", re.ASCII), "12,3")
_PICTURE = Naming("", 1, ".jpg")
_VIDEO = re.compile(r"(left|right)video(.+)_comp\.avi", re.IGNORECASE)


@dataclass(frozen=True)
class _Camera:
    """One camera: where its pictures and videos are or should be, and participant -> path of those that there are."""

    name: str
    picture_folder: str
    video_folder: str
    pictures: dict[str, str]
    videos: dict[str, str]

    def path_of(self, who: str, pictured: bool) -> str:
        """Where somebody's frames are, or should be: a folder of pictures, or else a video."""
        if who in self.videos and who not in self.pictures:
            return self.videos[who]
        expected = f"{self.video_folder}/{self.name.title()}Video{who}_comp.avi"
        return self.pictures.get(who, f"{self.picture_folder}/{who}" if pictured else expected)


def list_disfa(root: Path, manifest: Manifest) -> Listing:
    """Every frame of DISFA in a folder, with 0-5 for the AUs of `manifest.intensity`, and everything that is amiss.

    From pictures comes a row for each, without labels (NaN) where there are none. From a video, whose length only decoding would
    tell, comes a row for each labelled frame, so that the last frame of SN010, which nobody labelled, has none. `video` is the
    participant's name. InputError when neither the folder nor the only fitting folder in it holds the folders of DISFA.
    """
    names = [f"{kind}_{camera.title()}Camera" for kind in ("Images", "Videos", "Video") for camera in manifest.cameras]
    inspection = Inspection(dataset_root(root, LABELS, tuple(names)))
    coded = participant_folders(_labels_folder(inspection), manifest, inspection)
    pictured = any(folder_named(inspection.root, name) for name in names[: len(manifest.cameras)])
    cameras = {name: _camera(name, pictured, manifest, inspection) for name in manifest.cameras}
    parts: list[tuple[pd.DataFrame, np.ndarray]] = []
    for who, stated in expected_frames(manifest).items():
        if who not in coded and not any(who in camera.pictures or who in camera.videos for camera in cameras.values()):
            inspection.about(who).note("missing", inspection.root / LABELS / who, absent_participant(manifest, who))
            continue
        labels = _labels_of(who, coded, stated, manifest, inspection)
        for camera in cameras.values():
            parts += _frames_of(who, camera, labels, manifest, pictured, inspection)
    listing = join_listing(manifest.name, inspection.root, manifest.intensity, parts)

    def path_of(who: str, camera: str, video: str, index: int) -> str:
        place = cameras[camera].path_of(who, pictured)
        return place if place.lower().endswith(".avi") else f"{place}/{_PICTURE.name(index + _FIRST)}"

    note_references(listing, manifest, path_of, inspection)
    return replace(listing, findings=inspection.findings)


def _labels_folder(inspection: Inspection) -> str | None:
    folder = folder_named(inspection.root, LABELS)
    if folder is None:
        sentence = f"there is no folder {LABELS}, so no frame has labels. Unpack it beside the pictures or videos."
        inspection.note("missing", inspection.root / LABELS, sentence)
    return folder


def _camera(name: str, pictured: bool, manifest: Manifest, inspection: Inspection) -> _Camera:
    root = inspection.root
    pictures = folder_named(root, f"Images_{name}Camera")
    films = [folder for kind in ("Videos", "Video") if (folder := folder_named(root, f"{kind}_{name}Camera"))]
    expected = [str(root / f"{kind}_{name.title()}Camera") for kind in ("Images", "Videos")]
    stills = participant_folders(pictures, manifest, inspection)
    videos = _videos_in(films, name, manifest, inspection)
    if not stills and not videos:
        sentence = f"there is nothing of the {name} camera. Unpack it there, or go on with the other camera alone."
        inspection.note("missing", expected[0] if pictured else expected[1], sentence)
    return _Camera(name, pictures or expected[0], (*films, expected[1])[0], stills, videos)


def _videos_in(folders: Sequence[str], camera: str, manifest: Manifest, inspection: Inspection) -> dict[str, str]:
    """The videos of a camera, participant -> path; letter case and the two spellings of the folder make no difference."""
    known = {who.lower(): who for who in manifest.participants["participant"]}
    found: dict[str, str] = {}
    for folder in folders:
        inside = contents(folder, inspection)
        for name, path in inside.folders.items():
            is_video = _VIDEO.fullmatch(name)
            sentence = (
                f"a folder{' where a video is expected' if is_video else ' too many'}; it is not read. Remove it."
            )
            inspection.note("unreadable" if is_video else "extra", path, sentence)
        for name, path in inside.files.items():
            parts = _VIDEO.fullmatch(name)
            if parts is None or parts[1].lower() != camera:
                sentence = (
                    f"expected only videos named like {camera.title()}VideoSN001_comp.avi; it is not read. Remove it."
                )
                inspection.note("extra", path, sentence)
            elif parts[2].lower() not in known:
                inspection.note("extra", path, unknown_participant(manifest, parts[2]))
            elif (who := known[parts[2].lower()]) in found:
                inspection.about(who).note("extra", path, f"a second video of {who}; it is not read. Keep one of them.")
            else:
                found[who] = path
    return found


def _labels_of(
    who: str, coded: dict[str, str], stated: int | None, manifest: Manifest, inspection: Inspection
) -> CodedFrames:
    if who in coded:
        naming = Naming(f"{who}_au", 1, ".txt")
        return read_au_folder(coded[who], naming, _LINE, manifest.intensity, (_FIRST, stated), inspection.about(who))
    if folder := folder_named(inspection.root, LABELS):
        sentence = f"there is no folder of labels of {who}, whose frames count as not coded. Unpack it again."
        inspection.about(who).note("missing", f"{folder}/{who}", sentence)
    return CodedFrames.of_nobody(manifest.intensity)


def _frames_of(
    who: str, camera: _Camera, labels: CodedFrames, manifest: Manifest, pictured: bool, inspection: Inspection
) -> list[tuple[pd.DataFrame, np.ndarray]]:
    """The rows and labels of one participant before one camera: one part, or none where there is nothing."""
    named, stated = (manifest.name, who, camera.name, who), manifest.expected_frames(who)
    inspection = inspection.about(who)
    if who in camera.pictures:
        last = stated or max(labels.numbers, default=None)
        found = numbered(contents(camera.pictures[who], inspection), _PICTURE, inspection)
        end = last + 1 if last and who in ONE_MORE_PICTURE and last + 1 in found.files else last
        files = usable_pictures(found, (_FIRST, end), last, inspection)
        rows = frame_rows(named, [n - _FIRST for n in files], list(files.values()), False, FRAMES_PER_SECOND)
        return [(rows, labels.of(list(files)))]
    if who in camera.videos:
        indices = [number - _FIRST for number in labels.numbers]
        return [(frame_rows(named, indices, camera.videos[who], True, FRAMES_PER_SECOND), labels.of(labels.numbers))]
    # What is there and is no video has been noted; so has a camera without anything.
    if (camera.pictures or camera.videos) and not os.path.lexists(camera.path_of(who, pictured)):
        sentence = f"there is no picture or video of {who} before the {camera.name} camera. Unpack it again."
        inspection.note("missing", camera.path_of(who, pictured), sentence)
    return []
