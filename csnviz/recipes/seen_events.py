"""EVENTS.csv beside some clips: which frames show a neutral face, and which show an action unit to the eye.

One line is one stretch of one file, frames counted from 0, both ends included. `basis` says, between semicolons, how that is known:
what was "seen" is known by eye, a blendshape alone is what another program says, and an event "with gaps" has frames without it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float32

from csnviz.data.reference_fitness import fit_as_seen
from csnviz.data.tables import FrameTable
from csnviz.errors import InputError
from csnviz.facs import AUSet

EVENTS = "EVENTS.csv"

_COLUMNS = ("file", "kind", "aus", "first", "last", "basis")
_KINDS = ("neutral", "event", "face", "no_face", "occluded")
"""The last three say what a face finder should find, which is asked elsewhere."""


@dataclass(frozen=True)
class Stretch:
    """Frames `first` to `last` are neutral (no aus) or show these aus; `seen`: somebody looked and vouches for all of them."""

    aus: tuple[int, ...]
    first: int
    last: int
    seen: bool

    def holds(self, table: FrameTable) -> Bool[np.ndarray, " N"]:
        """True for a clip's frames in this stretch."""
        return table.rows["frame_index"].between(self.first, self.last).to_numpy()


@dataclass(frozen=True)
class Clip:
    """One file (as EVENTS.csv names it) with its neutral stretches, those seen by eye, and its events, seen or not."""

    file: str
    neutral: tuple[Stretch, ...]
    events: tuple[Stretch, ...]

    @property
    def last(self) -> int:
        """The last frame of which anything is said."""
        return max(stretch.last for stretch in (*self.neutral, *self.events))

    def tells_of(self, aus: AUSet) -> bool:
        """Whether one of these units could be told from neutral here: a neutral face, and an event seen by eye."""
        return bool(self.neutral) and any(event.seen and set(event.aus) & set(aus) for event in self.events)


def read_events(folder: Path) -> tuple[Clip, ...]:
    """The clips of a folder's EVENTS.csv, in order; InputError when it is missing or says something that cannot be."""
    path = folder / EVENTS
    try:
        lines = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path}: the list of neutral frames and events cannot be read ({error}). Name its folder."
        ) from None
    missing = [name for name in _COLUMNS if name not in lines]
    if missing:
        raise InputError(f"{path}: the column {missing[0]} is missing; found {list(lines.columns)}.")
    found: dict[str, dict[str, list[Stretch]]] = {}
    for place, line in enumerate(lines.to_dict("records")):
        stretch = _stretch(line, f"{path}, line {place + 2}")
        found.setdefault(line["file"], {kind: [] for kind in _KINDS})[line["kind"]].append(stretch)
    return tuple(
        Clip(file, tuple(s for s in kinds["neutral"] if s.seen), tuple(kinds["event"])) for file, kinds in found.items()
    )


def _stretch(line: dict[str, str], where: str) -> Stretch:
    if line["kind"] not in _KINDS:
        raise InputError(f"{where}: a stretch is one of {', '.join(_KINDS)}; found {line['kind']!r}.")
    try:
        aus = tuple(int(number) for number in line["aus"].split(";") if number.strip())
        first, last = int(line["first"]), int(line["last"])
    except ValueError:
        raise InputError(f"{where}: action units and frames are whole numbers; found {line}.") from None
    if not 0 <= first <= last:
        raise InputError(f"{where}: frames count from 0 and the last is not before the first; found {first} to {last}.")
    if (line["kind"] == "event") != bool(aus):
        raise InputError(f"{where}: an event names its action units, and nothing else does; found {line['aus']!r}.")
    return Stretch(aus, first, last, _seen_throughout(line["basis"]))


def _seen_throughout(basis: str) -> bool:
    """Whether a basis says that somebody looked, and nothing that takes it back for some of the frames.

    >>> [_seen_throughout(words) for words in ("seen; smile", "blendshape jawOpen > .3", "seen; with gaps")]
    [True, False, False]
    """
    parts = [part.strip() for part in basis.split(";")]
    return any(part.split(" ")[0] == "seen" for part in parts) and "with gaps" not in parts


def reference_row(clip: Clip, table: FrameTable) -> int:
    """The row of a clip's reference: the middle one of the fit frames of its first neutral stretch that has any.

    Fit is what `csnviz.data.reference_fitness` says of the face alone (looks ahead, eyes open, uncovered); where no neutral frame
    is fit, any usable face does. Of an even number it is the earlier of two. No estimate is asked. InputError without a face.
    """
    for good in (fit_as_seen(table), table.usable):
        for stretch in clip.neutral:
            rows = np.flatnonzero(good & stretch.holds(table))
            if len(rows):
                return int(rows[(len(rows) - 1) // 2])
    raise InputError(f"{clip.file}: no frame that {EVENTS} calls neutral has a usable face. Correct its lines.")


def shown_in(clip: Clip, table: FrameTable, aus: AUSet, reference: int) -> Float32[np.ndarray, "N A"]:
    """For each frame of a clip and each unit: 1 = an event, 0 = a neutral face, NaN = nobody can say.

    NaN is also the reference (a row of the table); an event that was not seen, or has gaps; and a frame that is called neutral and
    an event of the same unit.
    """
    neutral = _any_of(clip.neutral, table)
    shown = np.full((len(table), len(aus)), np.nan, dtype=np.float32)
    shown[neutral] = 0
    for event in clip.events:
        frames = event.holds(table)
        for number in set(event.aus) & set(aus):
            shown[frames, aus.column_of(number)] = np.where(neutral[frames] | (not event.seen), np.nan, 1)
    shown[reference] = np.nan
    return shown


def _any_of(stretches: Sequence[Stretch], table: FrameTable) -> Bool[np.ndarray, " N"]:
    return np.any([np.zeros(len(table), bool), *(stretch.holds(table) for stretch in stretches)], axis=0)
