"""Human labels for a person's own recording: a CSV file, written by hand or by a coding tool, laid onto the frames of its table.

Long form, one line per label: `frame,au,intensity`. Wide form, one line per frame: `frame,AU01,AU12`. In place of `frame` (from
0) there may be `time`, in seconds or as hh:mm:ss. Other columns are passed over; commas, semicolons or tabs stand between cells.
A frame without a label for an AU was not coded for it: NaN, never 0.
"""

import csv
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Float

from csnviz.data.tables import FrameTable
from csnviz.errors import InputError
from csnviz.facs import ALL

COLUMNS = "frame (from 0) or time, then au and intensity, or one column per AU such as AU12"


@dataclass(frozen=True)
class Label:
    """One label and the line of the file that says it: when (a frame number, or seconds), which AU, and how intense (0-5)."""

    line: int
    frame: int | None
    seconds: float
    au: int
    intensity: float


@dataclass(frozen=True)
class Labels:
    """Everything that a file of labels says, in its order."""

    path: Path
    labels: tuple[Label, ...]


def read_labels(path: Path) -> Labels:
    """The labels in a file. InputError names the line that is no label, and what is expected there."""
    path = Path(path).expanduser()
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            file.seek(0)
            delimiter = max(",;\t", key=first.count)
            reader = csv.reader(file, delimiter=delimiter, skipinitialspace=True)
            lines = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader if "".join(cells).strip()]
    except (OSError, ValueError, csv.Error) as error:
        raise InputError(f"{path}: cannot be read as a CSV file ({error}). Its columns are {COLUMNS}.") from None
    (_, header), *rows = lines or [(0, [])]
    names = [name.lower() for name in header]
    read = _long if {"au", "intensity"} <= set(names) else _wide
    if not {"frame", "time"} & set(names):
        raise InputError(
            f"{path}: neither a frame column nor a time column; found {', '.join(header)}. Expected {COLUMNS}."
        )
    doubled = [name for place, name in enumerate(names) if name in names[:place]]
    if doubled:
        raise InputError(f"{path}, line 1: two columns are called {doubled[0]!r}. Keep one of them.")
    labels = tuple(label for line in rows for label in read(_Line(path, line[0], names, line[1])))
    if not labels:
        raise InputError(f"{path}: there is no label in it. Its columns are {COLUMNS}.")
    return Labels(path, labels)


@dataclass(frozen=True)
class _Line:
    """A line of the file, its cells by column."""

    path: Path
    number: int
    names: list[str]
    cells: list[str]

    @property
    def by_name(self) -> Mapping[str, str]:
        if len(self.cells) != len(self.names):
            raise self.wrong(f"{len(self.cells)} cells, but {len(self.names)} columns. Correct the line.")
        return dict(zip(self.names, self.cells, strict=True))

    def wrong(self, sentence: str) -> InputError:
        return InputError(f"{self.path}, line {self.number}: {sentence}")

    def label(self, au: int, intensity: str) -> Label:
        cells = self.by_name
        frame = self._frame(cells["frame"]) if "frame" in cells else None
        seconds = float("nan") if frame is not None else self._seconds(cells["time"])
        try:
            value = float(intensity)
        except ValueError:
            value = float("nan")
        if not 0 <= value <= 5:
            raise self.wrong(f"the label of AU{au} is a number from 0 to 5 (A is 1, E is 5); found {intensity!r}.")
        return Label(self.number, frame, seconds, au, value)

    def au(self, text: str) -> int:
        found = re.fullmatch(r"(?:au)?\s*0*(\d+)", text.lower())
        if not found or int(found[1]) not in ALL.numbers:
            known = ", ".join(map(str, ALL))
            raise self.wrong(f"{text!r} is no action unit that csnviz knows. Write one of {known}, such as 12 or AU12.")
        return int(found[1])

    def _frame(self, text: str) -> int:
        if not (text.isascii() and text.isdigit()):
            raise self.wrong(f"a frame is a whole number from 0; found {text!r}.")
        return int(text)

    def _seconds(self, text: str) -> float:
        parts = text.split(":")
        if len(parts) > 3 or not all(re.fullmatch(r"\d+(\.\d*)?", part) for part in parts):
            raise self.wrong(f"a time is seconds such as 2.5, or hh:mm:ss; found {text!r}.")
        seconds = 0.0
        for part in parts:
            seconds = 60 * seconds + float(part)
        return seconds


def _long(line: _Line) -> Iterator[Label]:
    cells = line.by_name
    yield line.label(line.au(cells["au"]), cells["intensity"])


def _wide(line: _Line) -> Iterator[Label]:
    """The labels of one frame; an empty cell was not coded."""
    for name, text in line.by_name.items():
        if text and re.fullmatch(r"au\s*\d+", name):
            yield line.label(replace(line, number=1).au(name), text)


def labelled(table: FrameTable, labels: Labels, part: slice | None = None) -> FrameTable:
    """The table of one recording with these labels in place of its own.

    A time is that of the nearest frame, at most half a frame away. `part` is the range of frames that was read, as for
    `read_recording`: labels beyond it are left out. So are labels of AUs that the table does not code, with one line on the
    error stream. InputError names the line whose frame is not in the recording, or that labels a frame and AU again.
    """
    intensity = np.full_like(table.intensity, np.nan)
    seen: dict[tuple[int, int], int] = {}
    places = _Places(table, labels.path, part)
    for label in labels.labels:
        row = places.row_of(label)
        if row is None:
            continue
        if (row, label.au) in seen:
            frame = table.rows["frame_index"].iloc[row]
            raise InputError(
                f"{labels.path}, line {label.line}: frame {frame}, AU{label.au} is labelled already in line "
                f"{seen[row, label.au]}. Keep one of the two."
            )
        seen[row, label.au] = label.line
        if label.au in table.aus.numbers:
            intensity[row, table.aus.column_of(label.au)] = label.intensity
    _say_left_out(labels, table)
    return replace(table, intensity=intensity)


class _Places:
    """Where each label belongs among the frames of a recording."""

    def __init__(self, table: FrameTable, path: Path, part: slice | None) -> None:
        self._path = path
        numbers = table.rows["frame_index"].to_numpy()
        self._row = {int(number): row for row, number in enumerate(numbers)}
        self._seconds: Float[np.ndarray, " N"] = table.rows["timestamp"].to_numpy(dtype=np.float64)
        steps = np.diff(self._seconds)
        self._half = float(np.median(steps)) / 2 if len(steps) else 0.5
        self._cut_before = part is not None and part.start not in (None, 0)
        self._cut_after = part is not None and part.stop is not None

    def row_of(self, label: Label) -> int | None:
        """The row of a label; None where it lies beyond the part of the recording that was read."""
        return self._at_frame(label, label.frame) if label.frame is not None else self._at_time(label)

    def _at_frame(self, label: Label, frame: int) -> int | None:
        first, last = min(self._row), max(self._row)
        if frame in self._row:
            return self._row[frame]
        if (self._cut_before and frame < first) or (self._cut_after and frame > last):
            return None
        raise self._outside(label, f"there is no frame {frame}; frames go from {first} to {last}, counted from 0.")

    def _at_time(self, label: Label) -> int | None:
        if np.isnan(self._seconds).any():
            raise self._outside(label, "these stills have no times. Label them by frame, from 0, in their order.")
        first, last = float(self._seconds[0]), float(self._seconds[-1])
        row = int(np.abs(self._seconds - label.seconds).argmin())
        if abs(self._seconds[row] - label.seconds) <= self._half + 1e-9:
            return row
        if (self._cut_before and label.seconds < first) or (self._cut_after and label.seconds > last):
            return None
        near = f"the nearest is at {self._seconds[row]:.3f} s, more than half a frame away"
        raise self._outside(label, f"there is no frame at {label.seconds:g} s; {near}. Correct the time.")

    def _outside(self, label: Label, sentence: str) -> InputError:
        return InputError(f"{self._path}, line {label.line}: {sentence}")


def _say_left_out(labels: Labels, table: FrameTable) -> None:
    others = sorted({label.au for label in labels.labels} - set(table.aus.numbers))
    if others:
        names = ", ".join(f"AU{number}" for number in others)
        print(f"csnviz: {labels.path}: {names} left out, for the networks do not estimate that.", file=sys.stderr)
