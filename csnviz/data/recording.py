"""A person's own recording -> FrameTable without labels: one video, a folder of stills, or one still.

Crops and pictures are kept under the data root, named by the recording's content and by what made them, so that a second
reading is quick and a renamed file is the same recording. Nothing is ever written beside a recording.
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from csnviz import places
from csnviz.data.alignment import own_alignment
from csnviz.data.decode import (
    DecodedFrame,
    count_frames,
    decode_still,
    decode_video,
    expected_frames,
    still_format,
    video_format,
)
from csnviz.data.images import FaceImages, FaceImagesWriter
from csnviz.data.seen import SEEN_COLUMNS, hands_in_between, look, reading_version
from csnviz.data.storage import read_arrays, rows_from_arrays, rows_to_arrays, write_arrays
from csnviz.data.tables import FrameTable, make_rows
from csnviz.errors import InputError
from csnviz.faces.covered import LOOK_EVERY, hand_finder
from csnviz.faces.detect import FaceFinder
from csnviz.faces.quality import eye_openings
from csnviz.facs import DISFA

CAMERA = "own"

_STILL_ENDINGS = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".bmp")


def read_recording(
    path: Path,
    data_root: Path | None = None,
    face_model: Path | None = None,
    frames: slice | None = None,
    participant: str | None = None,
    progress: bool = True,
) -> FrameTable:
    """Every decoded frame of a recording as a row, with crops where a face was found and a reason where none was.

    The table codes the AUs of DISFA and labels none (all NaN). `timestamp` is the container's presentation time in seconds,
    NaN for stills, which come in natural order (2 before 10). `frames` selects as in Python and keeps the recording's own
    numbers; a video is decoded from its start all the same, so that a range has exactly the crops of the whole. Only
    `eye_opening` and `covered` compare a frame with the others that were read. A still outside the recording can serve as
    its reference when it is read with the same `participant` (else the file's name without its ending).

    InputError when the path is no recording, a video ends early within the frames asked for, or the range holds no frame.
    A recording without a face is no error here: `table.usable` is False throughout.
    """
    source = _source_of(Path(path).expanduser())
    chosen = _range_of(source, frames)
    finder = FaceFinder(face_model)
    folder = _cached_whole(source, data_root, finder.version)
    if not folder.is_dir() and chosen != (0, None):
        folder = folder.with_name(f"{folder.name}-{chosen[0]}-{'end' if chosen[1] is None else chosen[1]}")
    if not folder.is_dir():
        _write(source, chosen, folder, finder, progress)
    table = _load(source, folder, participant, own_alignment(finder.version))
    first, stop = chosen
    indices = table.rows["frame_index"].to_numpy()
    inside = (indices >= first) & (indices < (np.inf if stop is None else stop))
    if not inside.any():
        raise _no_frame(source, chosen)
    return table.select(inside)


@dataclass(frozen=True)
class _Source:
    """A recording: its path, the stills it consists of (none: a video), and the hash of its content."""

    path: Path
    stills: tuple[Path, ...]
    sha256: str


def _source_of(path: Path) -> _Source:
    if path.is_dir():
        stills = _stills_in(path)
        digest = hashlib.sha256("".join(f"{still.name}\0{_sha256(still)}\n" for still in stills).encode())
        return _Source(path, stills, digest.hexdigest())
    if not path.is_file():
        raise InputError(f"{path}: there is no such file or folder. Name a video, a still, or a folder of stills.")
    if video_format(path) is not None:
        return _Source(path, (), _sha256(path))
    if still_format(path) is not None:
        return _Source(path, (path,), _sha256(path))
    raise InputError(
        f"{path}: neither a video (MP4, MOV, MKV, WebM, AVI) nor a still (JPEG, PNG, TIFF, WebP, BMP) by its first bytes. "
        "Name another file."
    )


def _stills_in(folder: Path) -> tuple[Path, ...]:
    files = [file for file in folder.iterdir() if file.is_file() and not file.name.startswith(".")]
    stills = [file for file in files if still_format(file) is not None]
    false = [file for file in files if file.suffix.lower() in _STILL_ENDINGS and file not in stills]
    if false:
        raise InputError(f"{false[0]}: not a still by its first bytes, whatever its name says. Remove or replace it.")
    if not stills:
        raise InputError(
            f"{folder}: no stills (JPEG, PNG, TIFF, WebP, BMP) in this folder. Name a video or another folder."
        )
    return tuple(sorted(stills, key=_natural_order))


def _natural_order(file: Path) -> tuple[tuple[int, int, str], ...]:
    parts = re.findall(r"\d+|\D+", file.name.casefold())
    return (*((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts), (2, 0, file.name))


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _range_of(source: _Source, frames: slice | None) -> tuple[int, int | None]:
    """First frame and the one after the last (None: to the end), both counted from the start."""
    if frames is None:
        return 0, None
    if frames.step not in (None, 1):
        raise InputError(f"{source.path.name}: frames are read one after the other; found a step of {frames.step}.")
    first, stop = frames.start or 0, frames.stop
    if source.stills or first < 0 or (stop is not None and stop < 0):
        count = len(source.stills) or count_frames(source.path)
        first, stop, _ = frames.indices(count)
    if stop is not None and first >= stop:
        raise _no_frame(source, (first, stop))
    return first, stop


def _no_frame(source: _Source, chosen: tuple[int, int | None]) -> InputError:
    asked = f"{chosen[0]}:{'' if chosen[1] is None else chosen[1]}"
    last = (len(source.stills) or count_frames(source.path)) - 1
    return InputError(f"{source.path.name}: there is no frame in {asked}; the last is {last}. Choose another range.")


def _cached_whole(source: _Source, data_root: Path | None, landmark_model: str) -> Path:
    recordings = places.data_root(data_root) / "recordings"
    recordings.mkdir(mode=0o700, exist_ok=True)
    return recordings / f"{source.sha256}-{reading_version(landmark_model)}"


def _write(source: _Source, chosen: tuple[int, int | None], folder: Path, finder: FaceFinder, progress: bool) -> None:
    """Finds the faces of the chosen frames and keeps crops, pictures and rows; the folder appears whole or not at all."""
    rows = []
    with ExitStack() as stack:
        frames = stack.enter_context(_with_bar(source, chosen, progress))
        writer = stack.enter_context(FaceImagesWriter(folder))
        hands = stack.enter_context(hand_finder())
        stack.enter_context(finder)
        for place, frame in enumerate(frames):
            look_for_hands = bool(source.stills) or place % LOOK_EVERY == 0
            row = {"frame_index": frame.index, "timestamp": frame.seconds}
            rows.append(row | look(frame, finder, hands if look_for_hands else None, writer))
        if not rows:
            raise _no_frame(source, chosen)
        seen = _compared(pd.DataFrame(rows), spread_hands=not source.stills)
        write_arrays(writer.work / "rows.npz", rows_to_arrays(seen), {"table": "Recording"})


def _with_bar(source: _Source, chosen: tuple[int, int | None], progress: bool) -> tqdm:
    """The chosen frames with a progress bar, which comes up after two seconds."""
    first, stop = chosen
    ends = [end for end in (stop, len(source.stills) or expected_frames(source.path)) if end is not None]
    total = max(min(ends) - first, 0) if ends else None
    what = f"Faces in {source.path.name}"
    return tqdm(_pictures(source, first, stop), desc=what, total=total, unit="frame", delay=2, disable=not progress)


def _pictures(source: _Source, first: int, stop: int | None) -> Iterator[DecodedFrame]:
    if source.stills:
        for index, still in islice(enumerate(source.stills), first, stop):
            yield DecodedFrame(index, float("nan"), decode_still(still))
        return
    with closing(decode_video(source.path, first)) as frames:
        # Nothing is asked for beyond the last frame wanted: what comes after it may be damaged.
        yield from islice(frames, None if stop is None else stop - first)


def _compared(seen: pd.DataFrame, spread_hands: bool) -> pd.DataFrame:
    """The rows with what can be told only from all of them: how open the eyes are for this person, and hands in between."""
    seen = seen.reindex(columns=["frame_index", "timestamp", *SEEN_COLUMNS])
    openings = eye_openings(seen[["one_eye", "other_eye"]].to_numpy(dtype=np.float64))
    covered = hands_in_between(seen) if spread_hands else seen["covered"].to_numpy(dtype=np.float64)
    return seen.drop(columns=["one_eye", "other_eye"]).assign(covered=covered, eye_opening=openings)


def _load(source: _Source, folder: Path, participant: str | None, alignment: str) -> FrameTable:
    arrays, _ = read_arrays(folder / "rows.npz", "Recording")
    rows = rows_from_arrays(arrays)
    who = participant or source.path.stem
    # Two recordings may have one name; the hash keeps their frames apart.
    video = f"{source.path.name}-{source.sha256[:8]}"
    files = [source.stills[index] if source.stills else source.path for index in rows["frame_index"]]
    identity = {
        "frame_id": [f"{video}/{index}" for index in rows["frame_index"]],
        "dataset": "recording",
        "participant": who,
        "camera": CAMERA,
        "video": source.path.name,
        "source": [str(file) for file in files],
    }
    table = make_rows({**identity, **{name: rows[name].to_numpy() for name in rows}})
    labels = np.full((len(table), len(DISFA)), np.nan, dtype=np.float32)
    return FrameTable(table, labels, DISFA, FaceImages.open(folder), alignment)
