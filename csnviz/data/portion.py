"""A portion of a dataset: one participant before one camera in one video, cropped by one process and kept in one folder.

The folder appears whole or not at all, so that an interrupted preparation goes on with the portions that are missing, and a
person is purged by removing folders.
"""

import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from csnviz.data.decode import DecodedFrame, decode_still, decode_video
from csnviz.data.images import FaceImages, FaceImagesWriter
from csnviz.data.listing import Listing
from csnviz.data.seen import DAMAGED, SEEN_COLUMNS, hands_in_between, look
from csnviz.data.storage import plain_name, read_arrays, rows_from_arrays, rows_to_arrays, write_arrays
from csnviz.errors import InputError
from csnviz.faces.covered import LOOK_EVERY, HandFinder
from csnviz.faces.detect import FaceFinder

NO_PICTURE = "no picture"

Stamp = tuple[int, int, str]
"""A source file as it was when it was read: size (-1: it was not there), time of its last change in nanoseconds, SHA-256."""


@dataclass(frozen=True)
class Portion:
    """K frames of one participant, camera and video.

    folder: where its crops are kept. root: the dataset's folder. rows: (K,) rows of the listing. sources: (K,) files, relative to
    root where they lie in it. places: (K,) the frame's place in the video file, -1 where the source is a still.
    """

    participant: str
    camera: str
    video: str
    folder: Path
    root: Path
    rows: tuple[int, ...]
    sources: tuple[str, ...]
    places: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def title(self) -> str:
        """Who, which lens and which recording, for a sentence."""
        return f"{self.participant}, {self.camera} camera, {self.video}"


@dataclass(frozen=True)
class KeptPortion:
    """A portion that is cropped.

    seen: (K,) SEEN_COLUMNS of its frames, `image` being the place in the portion's own folder. seconds: how long cropping took.
    notes: sentences about videos with more or fewer frames than the listing says.
    """

    portion: Portion
    seen: pd.DataFrame
    seconds: float
    notes: tuple[str, ...]


def portions_of(listing: Listing, folder: Path) -> list[Portion]:
    """The portions of a listing, in order, each with a place under `folder`: <participant>/<camera>-<video>.

    InputError when a name cannot be a folder's, or two portions would share one.
    """
    sources = [_within(source, str(listing.root)) for source in listing.rows["source"]]
    frame_places = [int(place) for place in listing.rows["place"]]
    portions: dict[Path, Portion] = {}
    for (who, camera, video), rows in listing.rows.groupby(
        ["participant", "camera", "video"], sort=False
    ).indices.items():
        place = folder / plain_name(who) / plain_name(f"{camera}-{video}")
        if place in portions:
            raise InputError(f"{who}: {camera}-{video} names two videos of {listing.dataset}. Rename one of them.")
        mine = tuple(int(row) for row in rows)
        files, numbers = tuple(sources[row] for row in mine), tuple(frame_places[row] for row in mine)
        portions[place] = Portion(who, camera, video, place, listing.root, mine, files, numbers)
    return list(portions.values())


def _within(path: str, root: str) -> str:
    """A path relative to root where it lies below it; texts, because a dataset has hundreds of thousands."""
    return path.removeprefix(root).removeprefix(os.sep) if path.startswith(root.rstrip(os.sep) + os.sep) else path


def read_portion(portion: Portion) -> KeptPortion | None:
    """What is kept of a portion; None where nothing is, it is damaged, lacks frames, or was made from other files.

    Kept crops belong to these files when size and time of change agree with what they were. After a copy or a move of the
    dataset the times may differ; then the content decides, for hashing takes minutes where finding faces takes hours.
    """
    try:
        arrays, words = read_arrays(portion.folder / "rows.npz", "Portion")
        FaceImages.open(portion.folder)
    except InputError:
        return None
    rows = rows_from_arrays(arrays)
    place_of = {key: row for row, key in enumerate(zip(rows["source"], rows["place"], strict=True))}
    wanted = [place_of.get(key, -1) for key in zip(portion.sources, portion.places, strict=True)]
    kept = {source: tuple(stamp) for source, stamp in words["stamps"].items()}
    if min(wanted) < 0 or not all(
        _is_as_it_was(portion.root / source, kept[source]) for source in set(portion.sources)
    ):
        return None
    renewed = kept | {source: _stamp(portion.root / source, kept[source][2]) for source in set(portion.sources)}
    if renewed != kept:
        _write_rows(portion.folder, rows, words | {"stamps": renewed})
    return KeptPortion(portion, rows.iloc[wanted].loc[:, list(SEEN_COLUMNS)], words["seconds"], tuple(words["notes"]))


def crop_portion(portion: Portion, finder: FaceFinder, hands: HandFinder, on_frame: Callable[[], object]) -> None:
    """Finds the face in every frame of a portion and keeps crops, pictures and rows; says `on_frame()` after each.

    A frame without a picture, or with one that cannot be decoded, has a row with the reason. What is kept in the portion's
    folder from other files is replaced.
    """
    began, rows, notes = time.monotonic(), [], list[str]()
    if portion.folder.exists():
        shutil.rmtree(portion.folder)
    stamps = {source: _stamp(portion.root / source) for source in dict.fromkeys(portion.sources)}
    with FaceImagesWriter(portion.folder) as writer:
        for frame, picture in _pictures(portion, notes):
            row = {"frame": frame, "source": portion.sources[frame], "place": portion.places[frame]}
            if isinstance(picture, str):
                rows.append(row | {"image": -1, "reason": picture})
            else:
                # Looked for as in a video, also among stills: those of a dataset are its videos, frame by frame.
                rows.append(row | look(picture, finder, hands if frame % LOOK_EVERY == 0 else None, writer))
            on_frame()
        seen = (
            pd.DataFrame(rows)
            .sort_values("frame", ignore_index=True)
            .reindex(columns=["source", "place", *SEEN_COLUMNS])
        )
        seen = seen.assign(covered=hands_in_between(seen))
        seconds = round(time.monotonic() - began, 2)
        _write_rows(writer.work, seen, {"stamps": stamps, "seconds": seconds, "notes": notes})


def _write_rows(folder: Path, rows: pd.DataFrame, words: Mapping[str, object]) -> None:
    write_arrays(folder / "rows.npz", rows_to_arrays(rows), {**words, "table": "Portion"})
    for name in ("rows.npz", "rows.json"):
        (folder / name).chmod(0o600)


def _pictures(portion: Portion, notes: list[str]) -> Iterator[tuple[int, DecodedFrame | str]]:
    """Every frame of the portion once with its picture, or why there is none; what is odd about a video is added to notes."""
    in_video: dict[str, dict[int, int]] = {}
    for frame, (source, place) in enumerate(zip(portion.sources, portion.places, strict=True)):
        if place < 0:
            yield frame, _still(portion.root / source)
        else:
            in_video.setdefault(source, {})[place] = frame
    for source, frames in in_video.items():
        yield from _video(portion, source, frames, notes)


def _still(path: Path) -> DecodedFrame | str:
    if not path.is_file():
        return NO_PICTURE
    try:
        return DecodedFrame(0, float("nan"), decode_still(path))
    except InputError:
        return DAMAGED


def _video(
    portion: Portion, source: str, frames: Mapping[int, int], notes: list[str]
) -> Iterator[tuple[int, DecodedFrame | str]]:
    """The wanted frames of a video file, by their place in it; decoded to its end, so that its frames are counted."""
    count, end = 0, ""
    try:
        with closing(decode_video(portion.root / source)) as decoded:
            for picture in decoded:
                count += 1
                if picture.index in frames:
                    yield frames[picture.index], picture
    except InputError:
        end = " before it ends early or is damaged"
    missing = [frame for place, frame in frames.items() if place >= count]
    yield from ((frame, NO_PICTURE) for frame in missing)
    if end or missing or count != len(frames):
        has = f"{Path(source).name} has {count}{end}"
        without = f"; {len(missing)} frames have no picture" if missing else ""
        notes.append(f"{portion.title}: the listing has {len(frames)} frames, {has}{without}.")


def _stamp(path: Path, sha256: str | None = None) -> Stamp:
    try:
        found = path.stat()
        return found.st_size, found.st_mtime_ns, _sha256(path) if sha256 is None else sha256
    except OSError:
        return -1, 0, ""


def _is_as_it_was(path: Path, was: Stamp) -> bool:
    size, changed, sha256 = _stamp(path, was[2])
    return (size, changed) == was[:2] or (size == was[0] and _stamp(path) == (size, changed, sha256))


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
