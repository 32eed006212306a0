"""Whether a frame can stand as a participant's neutral reference, and why not, in words.

A reference shows the face at rest, whole and from the front. The rule reads only what a FrameTable says about a frame; what
the table does not know is said, never guessed: an action unit without a label is not known to be zero.

Who chooses a reference with the labels has what nobody has of a new person, so there are two answers: `reference_fitness` and
`fit_frames` read the labels too, `fitness_as_seen` and `fit_as_seen` do not.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool

from csnviz.data.tables import FrameTable
from csnviz.facs import au

MAX_YAW_DEGREES = 15.0
"""A face turned further than this to a side hides part of what the reference has to show."""

MAX_PITCH_DEGREES = 20.0
"""The same up and down; wider, because where a face mesh sees "straight ahead" differs by about 5 degrees between people."""

MIN_EYE_OPENING = 0.5
"""Eyes less open than this share of the participant's usual opening count as shut (a blink)."""

MAX_COVERED = 0.01
"""A hand over more than this share of the face. Without a hand the share is 0, and one that only touches the chin covers
.02 to .07 (see csnviz.faces.covered), so the cut lies between."""


@dataclass(frozen=True)
class Fitness:
    """Why a frame is not fit as a reference (`faults`; none = fit), and what is not known about it (`unknown`)."""

    faults: tuple[str, ...]
    unknown: tuple[str, ...] = ()

    @property
    def fit(self) -> bool:
        """True when nothing that is known speaks against the frame."""
        return not self.faults

    @property
    def sentence(self) -> str:
        """The whole of it for a person to read."""
        if self.faults:
            return f"Not fit: {'; '.join(self.faults)}."
        if self.unknown:
            return f"Nothing known speaks against it. Not known: {'; '.join(self.unknown)}."
        return "Fit: every AU is labelled 0, the face looks ahead, the eyes are open, nothing covers it."


def reference_fitness(frames: FrameTable, row: int) -> Fitness:
    """What speaks for and against one frame as the neutral reference of its participant.

    Faults: no usable face; a label above 0; yaw beyond MAX_YAW_DEGREES or pitch beyond MAX_PITCH_DEGREES; eyes shut; the face
    covered. Roll is no fault, because alignment turns the face upright. NaN labels and unknown views are listed as not known.
    """
    return Fitness(tuple(_faults(frames, row)), tuple(_unknown(frames, row)))


def fitness_as_seen(frames: FrameTable, row: int) -> Fitness:
    """The same of the face alone: what a label says speaks neither for nor against the frame."""
    unknown = ("whether a muscle moves, for the labels were not asked", *_unseen(frames, row))
    return Fitness(tuple(_seen_faults(frames, row)), unknown)


def fit_frames(frames: FrameTable) -> Bool[np.ndarray, " N"]:
    """True where a frame has no fault as a reference; agrees with `reference_fitness` frame by frame."""
    return fit_as_seen(frames) & ~(frames.intensity > 0).any(axis=1)


def fit_as_seen(frames: FrameTable) -> Bool[np.ndarray, " N"]:
    """True where a face has no fault as a reference, whatever its labels; agrees with `fitness_as_seen` frame by frame."""
    rows = frames.rows
    # A comparison with NaN is False: what is not known is no fault.
    turned = (rows["yaw"].abs() > MAX_YAW_DEGREES) | (rows["pitch"].abs() > MAX_PITCH_DEGREES)
    hidden = (rows["eye_opening"] < MIN_EYE_OPENING) | (rows["covered"] > MAX_COVERED)
    return frames.usable & ~np.asarray(turned | hidden)


def _faults(frames: FrameTable, row: int) -> Iterator[str]:
    labels = frames.intensity[row]
    above = [
        f"AU{number} is labelled {labels[place]:g}" for place, number in enumerate(frames.aus) if labels[place] > 0
    ]
    if above and not frames.rows["reason"].iloc[row]:
        yield ", ".join(above)
    yield from _seen_faults(frames, row)


def _seen_faults(frames: FrameTable, row: int) -> Iterator[str]:
    seen = frames.rows.iloc[row]
    if seen["reason"]:
        yield f"no usable face ({seen['reason']})"
        return
    if abs(seen["yaw"]) > MAX_YAW_DEGREES:
        yield f"the face is turned {abs(seen['yaw']):.0f}° to the picture's {'right' if seen['yaw'] > 0 else 'left'}"
    if abs(seen["pitch"]) > MAX_PITCH_DEGREES:
        yield f"the face is turned {abs(seen['pitch']):.0f}° {'up' if seen['pitch'] > 0 else 'down'}"
    if seen["eye_opening"] < MIN_EYE_OPENING:
        yield "the eyes are shut"
    if seen["covered"] > MAX_COVERED:
        yield f"{seen['covered']:.0%} of the face is covered"


def _unknown(frames: FrameTable, row: int) -> Iterator[str]:
    missing = [number for place, number in enumerate(frames.aus) if np.isnan(frames.intensity[row, place])]
    if len(missing) == len(frames.aus):
        yield "no AU is labelled, so nobody has said that this face is neutral"
    elif missing:
        # One by its name; many would fill a panel with their names.
        names = au(missing[0]).title if len(missing) == 1 else ", ".join(f"AU{number}" for number in missing)
        yield f"{names} {'is' if len(missing) == 1 else 'are'} not labelled, so not known to be 0"
    yield from _unseen(frames, row)


def _unseen(frames: FrameTable, row: int) -> Iterator[str]:
    seen = frames.rows.iloc[row]
    if np.isnan(seen["yaw"]) or np.isnan(seen["pitch"]):
        yield "which way the face looks"
    if np.isnan(seen["eye_opening"]):
        yield "whether the eyes are open"
    if np.isnan(seen["covered"]):
        yield "whether something covers the face"
