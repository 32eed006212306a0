"""UNBC-McMaster Shoulder Pain Expression Archive: faces in pain -> the frames and labels that its folder holds.

Pictures are Images/042-ll042/ll042t1aaaff/ll042t1aaaff001.png, counted from 1; each has a label file of its own,
Frame_Labels/FACS/042-ll042/ll042t1aaaff/ll042t1aaaff001_facs.txt. A line holds four numbers: AU, intensity, and the frames of onset
and offset. A unit without a line is 0, so that an empty file is a neutral face; a file that is not there says nothing.
The dataset: Lucey et al., IEEE International Conference on Automatic Face and Gesture Recognition, 57-64, 2011.
"""

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float32

from csnviz.data.inspecting import (
    Inspection,
    contents,
    dataset_root,
    expected_frames,
    folder_named,
    note_count,
    note_references,
)
from csnviz.data.label_files import text_lines, whole_number
from csnviz.data.listing import Listing, frame_rows, join_listing
from csnviz.data.manifest import Manifest
from csnviz.data.numbering import Naming, Numbered, numbered, off_by_one, stretch_words, stretches, usable_pictures
from csnviz.data.still_folders import VideoFolders, video_folders
from csnviz.facs import AUSet

CAMERA = "front"
PRESENT_OR_ABSENT = (43,)
"""Units that are coded 0 or 1; all others 0 to 5."""

_FIRST = 1
_FLOAT = r"[+-]?\d+\.?\d*(?:[eE][+-]?\d{1,3})?"
_LINE = re.compile(rf"\s*({_FLOAT})\s+(\S+)\s+{_FLOAT}\s+{_FLOAT}\s*", re.ASCII)
_LIKE = "1.2000000e+01   3.0000000e+00   1.0000000e+00   9.0000000e+00"


def list_unbc(root: Path, manifest: Manifest) -> Listing:
    """Every picture of UNBC-McMaster in a folder, with labels for the AUs of `manifest.occurrence`, and everything that is amiss.

    Labels are 0-5, of AU43 0 or 1. `video` is the sequence; `timestamp` is NaN, as the frame rate is not stated. A picture without
    a label file has a row of NaN; a label without a picture has none. InputError when neither the folder nor the only fitting
    folder in it holds the folders of UNBC-McMaster.
    """
    inspection = Inspection(dataset_root(root, "Frame_Labels", ("Images",)))
    images = Path(folder_named(inspection.root, "Images") or inspection.root / "Images")
    frame_labels = Path(folder_named(inspection.root, "Frame_Labels") or inspection.root / "Frame_Labels")
    parts: list[tuple[pd.DataFrame, np.ndarray]] = []
    seen: Counter[str] = Counter()
    for sequence in video_folders(images, frame_labels / "FACS", manifest, inspection):
        rows, labels, count = _sequence(sequence, manifest.occurrence, inspection.about(sequence.participant))
        parts.append((rows, labels))
        seen[sequence.participant] += count
    _note_counts(seen, images, manifest, inspection)
    listing = join_listing(manifest.name, inspection.root, manifest.occurrence, parts)

    def path_of(who: str, camera: str, video: str, index: int) -> str:
        return f"{images}/{who}/{video}/{_pictures(video).name(index + _FIRST)}"

    note_references(listing, manifest, path_of, inspection)
    return replace(listing, findings=inspection.findings)


def _pictures(sequence: str) -> Naming:
    return Naming(sequence, 3, ".png")


def _note_counts(seen: Counter[str], images: Path, manifest: Manifest, inspection: Inspection) -> None:
    stated = expected_frames(manifest)
    for who in seen:
        note_count(stated[who], seen[who], images / who, inspection.about(who))
    # How many frames each participant has is not known, how many all have is.
    everybody = manifest.words.get("counts", {}).get("frames")
    if set(seen) == set(stated) and None in stated.values():
        note_count(everybody, seen.total(), images, inspection)


def _sequence(sequence: VideoFolders, aus: AUSet, inspection: Inspection) -> tuple[pd.DataFrame, np.ndarray, int]:
    """The rows and labels of a sequence, and how many frames it has, counting those whose pictures are missing."""
    label_files = _label_files(sequence, inspection)
    coded = {} if label_files is None else label_files.files
    files: dict[int, str] = {}
    if sequence.pictures:
        found = numbered(contents(sequence.pictures, inspection), _pictures(sequence.video), inspection)
        last = max([*coded, *found.files, *found.claimed], default=None)
        files = usable_pictures(found, (_FIRST, last), max(coded, default=None), inspection)
    if label_files is not None:
        _note_unlabelled(set(files) - set(coded) - label_files.claimed, label_files, inspection)
    named = ("unbc_mcmaster", sequence.participant, CAMERA, sequence.video)
    rows = frame_rows(named, [number - _FIRST for number in files], list(files.values()), False, float("nan"))
    labels = np.full((len(files), len(aus)), np.nan, dtype=np.float32)
    for row, number in enumerate(files):
        if number in coded:
            labels[row] = read_facs(coded[number], aus, inspection)
    return rows, labels, len({*files, *coded})


def _label_files(sequence: VideoFolders, inspection: Inspection) -> Numbered | None:
    """The label files of a sequence; None, and noted, where there is none or their numbers cannot be trusted."""
    if sequence.labels is None:
        return None
    naming = Naming(sequence.video, 3, "_facs.txt")
    found = numbered(contents(sequence.labels, inspection), naming, inspection)
    if not found.files and not found.claimed:
        sentence = f"there is no label file in this folder, expected {naming.name(_FIRST)} and others. Unpack it again."
        inspection.note("missing", sequence.labels, sentence)
        return None
    if off_by_one(found.files, _FIRST, None):
        lowest = min(found.files)
        sentence = (
            f"the label files are numbered from {lowest}, expected from {_FIRST}: each may belong to a neighbour, so none of this "
            f"folder is used. Number them from {_FIRST}."
        )
        inspection.note("out of range", found.files[lowest], sentence)
        return None
    return found


def _note_unlabelled(numbers: set[int], label_files: Numbered, inspection: Inspection) -> None:
    for start, end in stretches(numbers):
        path = f"{label_files.folder}/{label_files.naming.name(start)}"
        sentence = (
            f"there is no label file for {stretch_words(start, end)}, which counts as not coded. Unpack it again."
        )
        inspection.note("missing", path, sentence)


def read_facs(path: str, aus: AUSet, inspection: Inspection) -> Float32[np.ndarray, " A"]:
    """The labels of one frame, 0-5 (AU43 0 or 1); NaN, and noted, for a unit whose line says nothing usable.

    A line that does not tell which unit it is about leaves the whole frame NaN. Units outside the set are passed over.
    """
    nothing = np.full(len(aus), np.nan, dtype=np.float32)
    lines = text_lines(path, inspection)
    if lines is None:
        return nothing
    labels = np.zeros(len(aus), dtype=np.float32)
    said: dict[int, list[tuple[int, str]]] = {}
    readable = True
    for place, text in enumerate(lines, 1):
        parts = _LINE.fullmatch(text)
        if parts is not None and not whole_number(parts[1], 99)[1]:
            said.setdefault(int(float(parts[1])), []).append((place, parts[2]))
        elif text.strip():
            sentence = f"found {text.strip()[:60]!r}, expected four numbers like `{_LIKE}`. The frame is not coded; correct it."
            inspection.note("unreadable", path, sentence, place)
            readable = False
    for au in said.keys() & set(aus):
        labels[aus.column_of(au)] = _intensity(au, said[au], path, inspection)
    return labels if readable else nothing


def _intensity(au: int, said: list[tuple[int, str]], path: str, inspection: Inspection) -> float:
    """What a file says of one unit, on one line or (noted) on several; NaN where that is no intensity, or two different ones."""
    highest = 1 if au in PRESENT_OR_ABSENT else 5
    values = []
    for line, text in said:
        value, kind, why = whole_number(text, highest)
        if kind:
            sentence = (
                f"AU{au}: {why}, expected a whole number from 0 to {highest}. That label is left out; correct the line."
            )
            inspection.note(kind, path, sentence, line)
        values.append(value)
    same = all(value == values[0] for value in values[1:])
    if len(said) > 1:
        found = "the same label" if same else "another label, so that neither is used"
        sentence = f"AU{au} has a line before this one, with {found}. Remove one of them."
        inspection.note("extra", path, sentence, said[1][0])
    return values[0] if same else float("nan")
