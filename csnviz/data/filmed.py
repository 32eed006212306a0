"""Frames as they were filmed: the whole picture, made smaller; where the landmarks lie in it, and the square that became the crop.

A folder of face images holds them in `filmed.bin` (JPEG files end to end), `filmed.npy` (where each begins and ends),
`points.npy` (M, 68, 2) and `corners.npy` (M, 4, 2). Crops that were made elsewhere have none of the four.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from jaxtyping import Float32, Int64

from csnviz.errors import InputError

FILMED_FILES = ("filmed.bin", "filmed.npy", "points.npy", "corners.npy")


@dataclass(frozen=True)
class Filmed:
    """One frame as it was filmed.

    jpeg: the bytes of a JPEG file. points: the 68 landmarks as shares of the picture's width and height, from its upper left
    corner (0, 0) to its lower right one (1, 1); NaN without a face. corners: likewise the upper left, lower left, lower right
    and upper right corner of the square that the network reads, as seen on the upright face; the centre of pixel (x, y) of
    the crop lies (x + 1/2) / 112 of the way along its upper side and (y + 1/2) / 112 of the way down.
    """

    jpeg: bytes
    points: Float32[np.ndarray, "68 2"]
    corners: Float32[np.ndarray, "4 2"]


NOWHERE = Filmed(b"", np.full((68, 2), np.nan, np.float32), np.full((4, 2), np.nan, np.float32))
"""What is kept of a frame of which nobody has the whole picture."""


@dataclass(frozen=True)
class FilmedFolder:
    """What one folder keeps of M frames as they were filmed."""

    path: Path
    points: Float32[np.ndarray, "M 68 2"]
    corners: Float32[np.ndarray, "M 4 2"]
    ends: Int64[np.ndarray, "M+1"]

    @classmethod
    def open(cls, path: Path, count: int) -> "FilmedFolder | None":
        """What is kept beside the `count` crops of a folder, None where there is nothing; InputError when it is damaged."""
        if not any((path / name).exists() for name in FILMED_FILES):
            return None
        try:
            ends = np.load(path / "filmed.npy")
            points, corners = (
                np.asarray(np.load(path / f"{what}.npy", mmap_mode="r")) for what in ("points", "corners")
            )
            size = (path / "filmed.bin").stat().st_size
        except (OSError, ValueError) as error:
            raise InputError(
                f"{path}: the frames as filmed cannot be read ({error}). Delete the folder and try again."
            ) from error
        if (len(ends), int(ends[-1]), len(points), len(corners)) != (count + 1, size, count, count):
            raise InputError(f"{path}: the frames as filmed are incomplete. Delete the folder and try again.")
        return cls(path, points, corners, ends)

    def jpeg(self, index: int) -> bytes | None:
        """The picture at this place, None where there is none."""
        with open(self.path / "filmed.bin", "rb") as file:
            file.seek(int(self.ends[index]))
            return file.read(int(self.ends[index + 1] - self.ends[index])) or None


class FilmedWriter:
    """Writes what a folder keeps of its frames as they were filmed: nothing at all where no frame has a picture."""

    def __init__(self, folder: Path, pictures: BinaryIO) -> None:
        """pictures: filmed.bin in the folder, open for writing; it is closed here."""
        self._folder = folder
        self._pictures = pictures
        self._ends = [0]
        self._points: list[np.ndarray] = []
        self._corners: list[np.ndarray] = []

    def add(self, filmed: Filmed) -> None:
        """Keeps one frame."""
        self._pictures.write(filmed.jpeg)
        self._ends.append(self._ends[-1] + len(filmed.jpeg))
        self._points.append(filmed.points)
        self._corners.append(filmed.corners)

    def close(self) -> None:
        """Ends the writing of pictures."""
        self._pictures.close()

    def finish(self) -> None:
        """Writes the other three files, or takes away the first."""
        self.close()
        if not self._ends[-1]:
            (self._folder / "filmed.bin").unlink()
            return
        np.save(self._folder / "filmed.npy", np.asarray(self._ends, dtype=np.int64))
        np.save(self._folder / "points.npy", np.stack(self._points))
        np.save(self._folder / "corners.npy", np.stack(self._corners))
