"""The pictures of a table of faces: the crops a network reads, and the pictures a person looks at.

A folder holds `crops.npy` (M, 112, 112, 3; uint8 RGB, memory-mapped), `pictures.bin` (JPEG files end to end) and
`pictures.npy` (where each begins and ends), and most also the frames as they were filmed (`csnviz.data.filmed`). Crops of
faces are biometric: folders are made 0700 and files 0600.
"""

import os
import secrets
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import numpy as np
from jaxtyping import Float32, Int64, UInt8

from csnviz.data.filmed import NOWHERE, Filmed, FilmedFolder, FilmedWriter
from csnviz.errors import InputError

CROP_SIZE = 112

ABANDONED_SECONDS = 600
"""After so long without a change, a half-written folder belongs to a program that was killed."""


@dataclass(frozen=True)
class _Folder:
    """One folder of pictures on disk, opened."""

    path: Path
    crops: UInt8[np.ndarray, "M S S 3"]
    ends: Int64[np.ndarray, "M+1"]
    filmed: FilmedFolder | None

    def picture(self, index: int) -> bytes:
        with open(self.path / "pictures.bin", "rb") as file:
            file.seek(int(self.ends[index]))
            return file.read(int(self.ends[index + 1] - self.ends[index]))


@dataclass(frozen=True)
class FaceImages:
    """The crops and pictures of M frames, in one or several folders laid end to end.

    `crop(i)` is what the network reads; `picture(i)` is the same face, through the same quadrilateral, in natural colours
    as a JPEG three times as wide; `filmed(i)` is the whole frame, in which `points` and `corners` say where the landmarks and
    the crop lie. A row of a FrameTable names its place here in the column `image`.
    """

    folders: tuple[_Folder, ...]
    starts: tuple[int, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        counts = [len(folder.crops) for folder in self.folders]
        object.__setattr__(self, "starts", tuple(int(n) for n in np.cumsum([0, *counts])))

    @classmethod
    def open(cls, *paths: Path) -> "FaceImages":
        """The pictures of these folders, in this order; InputError when one is missing or damaged."""
        return cls(tuple(_open_folder(Path(path)) for path in paths))

    @property
    def paths(self) -> tuple[Path, ...]:
        """The folders, in order."""
        return tuple(folder.path for folder in self.folders)

    def __len__(self) -> int:
        return self.starts[-1]

    def crop(self, index: int) -> UInt8[np.ndarray, "S S 3"]:
        """The aligned 112 x 112 RGB crop at this place."""
        folder, place = self._locate(index)
        return np.asarray(folder.crops[place])

    def crops(self, indices: Sequence[int] | np.ndarray) -> UInt8[np.ndarray, "K S S 3"]:
        """The crops at these places, in this order, copied into memory."""
        # Row by row into one array: 64 random crops out of 54 folders take .22 ms, out of one file with all of them .17 ms. Fancy
        # indexing folder by folder takes .5 ms, np.stack .75. So each video keeps a folder of its own, which makes resuming
        # and purging whole, and no map over all of a dataset is needed.
        places = np.asarray(indices, dtype=np.int64)
        which = self._folders_of(places)
        inside = places - np.asarray(self.starts)[which]
        crops = np.empty((len(places), CROP_SIZE, CROP_SIZE, 3), dtype=np.uint8)
        for row, (folder, place) in enumerate(zip(which.tolist(), inside.tolist(), strict=True)):
            crops[row] = self.folders[folder].crops[place]
        return crops

    def picture(self, index: int) -> bytes:
        """The picture at this place as the bytes of a JPEG file."""
        folder, place = self._locate(index)
        return folder.picture(place)

    def filmed(self, index: int) -> bytes | None:
        """The frame as it was filmed, made smaller, as the bytes of a JPEG file; None where it was not kept."""
        folder, place = self._locate(index)
        return None if folder.filmed is None else folder.filmed.jpeg(place)

    def points(self, indices: Sequence[int] | np.ndarray) -> Float32[np.ndarray, "K 68 2"]:
        """The 68 landmarks as shares of the filmed picture's width and height; NaN without a face, or where not kept."""
        gathered = np.full((len(indices), 68, 2), np.nan, dtype=np.float32)
        for filmed, asked, places in self._filmed_at(indices):
            gathered[asked] = filmed.points[places]
        return gathered

    def corners(self, indices: Sequence[int] | np.ndarray) -> Float32[np.ndarray, "K 4 2"]:
        """The crop's corners (upper left, lower left, lower right, upper right) as shares likewise; NaN as in `points`."""
        gathered = np.full((len(indices), 4, 2), np.nan, dtype=np.float32)
        for filmed, asked, places in self._filmed_at(indices):
            gathered[asked] = filmed.corners[places]
        return gathered

    def followed_by(self, other: "FaceImages") -> "FaceImages":
        """These pictures and then the other ones: place i of `other` becomes len(self) + i."""
        return FaceImages(self.folders + other.folders)

    def holding(self, indices: Sequence[int] | np.ndarray) -> tuple["FaceImages", Int64[np.ndarray, " K"]]:
        """The pictures of only those folders that hold one of these places, and where each place is among them (-1 stays -1)."""
        places = np.asarray(indices, dtype=np.int64)
        which = np.full(len(places), -1)
        which[places >= 0] = self._folders_of(places[places >= 0])
        kept = [int(folder) for folder in np.unique(which) if folder >= 0]
        chosen = FaceImages(tuple(self.folders[folder] for folder in kept))
        moved = places.copy()
        for start, folder in zip(chosen.starts, kept, strict=False):
            moved[which == folder] += start - self.starts[folder]
        return chosen, moved

    def _locate(self, index: int) -> tuple[_Folder, int]:
        which = int(self._folders_of(np.array([index], dtype=np.int64))[0])
        return self.folders[which], index - self.starts[which]

    def _filmed_at(
        self, indices: Sequence[int] | np.ndarray
    ) -> Iterator[tuple[FilmedFolder, Int64[np.ndarray, " J"], Int64[np.ndarray, " J"]]]:
        """Per folder that keeps frames as filmed: which of the indices it has, and where."""
        places = np.asarray(indices, dtype=np.int64)
        which = self._folders_of(places)
        for number in np.unique(which):
            filmed, asked = self.folders[number].filmed, np.flatnonzero(which == number)
            if filmed is not None:
                yield filmed, asked, places[asked] - self.starts[number]

    def _folders_of(self, places: Int64[np.ndarray, " K"]) -> Int64[np.ndarray, " K"]:
        outside = places[(places < 0) | (places >= len(self))]
        if len(outside):
            raise InputError(f"There is no picture at place {outside[0]}; this table has {len(self)}.")
        return np.searchsorted(self.starts, places, side="right") - 1


def _open_folder(path: Path) -> _Folder:
    try:
        # Seen as a plain array: indexing a np.memmap costs several microseconds more each time.
        crops = np.asarray(np.load(path / "crops.npy", mmap_mode="r"))
        ends = np.load(path / "pictures.npy")
        size = (path / "pictures.bin").stat().st_size
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path}: the cached face crops cannot be read ({error}). Delete the folder and try again."
        ) from error
    if len(ends) != len(crops) + 1 or int(ends[-1]) != size:
        raise InputError(f"{path}: the cached face crops are incomplete. Delete the folder and try again.")
    return _Folder(path, crops, ends, FilmedFolder.open(path, len(crops)))


def make_private(folder: Path) -> Path:
    """Makes a folder, and those above it that are missing, for their owner alone (0700)."""
    if not folder.is_dir():
        make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def remove_abandoned(folder: Path) -> list[Path]:
    """Removes what killed programs left half-written in a folder (`.name.1a2b3c4d.part`), and says what that was.

    Abandoned is what nobody has written to for ABANDONED_SECONDS: another program may be at work beside this one.
    """
    latest = time.time() - ABANDONED_SECONDS
    abandoned = [
        part
        for part in folder.glob(".*.part")
        if max(path.stat().st_mtime for path in (part, *part.rglob("*"))) < latest
    ]
    for part in abandoned:
        shutil.rmtree(part) if part.is_dir() else part.unlink()
    return abandoned


class FaceImagesWriter:
    """Writes a folder of face images that appears whole or not at all.

    Use it in a `with`: pictures go to a hidden folder beside `folder`, which takes its place when the block ends well
    and is removed when it does not. Where the folder exists already, the finished one wins and ours is dropped.

        with FaceImagesWriter(folder) as writer:
            place = writer.add(crop, jpeg, as_filmed(image, points))
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self._work = self.folder.parent / f".{self.folder.name}.{secrets.token_hex(4)}.part"
        self._ends = [0]

    def __enter__(self) -> "FaceImagesWriter":
        make_private(self._work)
        self._crops: BinaryIO = open(self._work / "crops.raw", "wb")
        self._pictures: BinaryIO = open(self._work / "pictures.bin", "wb")
        self._filmed = FilmedWriter(self._work, open(self._work / "filmed.bin", "wb"))
        return self

    def add(self, crop: UInt8[np.ndarray, "S S 3"] | None, picture: bytes, filmed: Filmed = NOWHERE) -> int:
        """Keeps one crop (None: no usable face, kept black so that the picture can still be shown) and says its place."""
        if crop is None:
            crop = np.zeros((CROP_SIZE, CROP_SIZE, 3), dtype=np.uint8)
        if crop.shape != (CROP_SIZE, CROP_SIZE, 3):
            raise InputError(f"A face crop is {CROP_SIZE} x {CROP_SIZE} x 3; found {crop.shape}.")
        self._crops.write(np.ascontiguousarray(crop).tobytes())
        self._pictures.write(picture)
        self._filmed.add(filmed)
        self._ends.append(self._ends[-1] + len(picture))
        return len(self._ends) - 2

    @property
    def work(self) -> Path:
        """The hidden folder, for files that should appear together with the pictures."""
        return self._work

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._crops.close()
        self._pictures.close()
        self._filmed.close()
        if kind is None:
            self._finish()
        shutil.rmtree(self._work, ignore_errors=True)

    def _finish(self) -> None:
        count = len(self._ends) - 1
        raw = (
            np.memmap(self._work / "crops.raw", np.uint8, "r", shape=(count, CROP_SIZE, CROP_SIZE, 3))
            if count
            else None
        )
        np.save(self._work / "crops.npy", np.zeros((0, CROP_SIZE, CROP_SIZE, 3), np.uint8) if raw is None else raw)
        np.save(self._work / "pictures.npy", np.asarray(self._ends, dtype=np.int64))
        self._filmed.finish()
        (self._work / "crops.raw").unlink()
        for file in self._work.iterdir():
            file.chmod(0o600)
        if not self.folder.exists():
            os.replace(self._work, self.folder)
