"""Which frames of one person could stand as the neutral reference, the best first, and why: what a gallery shows.

Frames are ranked by how the face is seen and, where the calibrated network has been asked, by how near it is to the person's
usual face; never by the labels, unless `candidates_with_labels` is asked, for of a new person nobody has them. The rules are
ours: no paper ranks reference frames. Each speaks for a frame between 0 (as bad as a fit frame can be) and 1:

looks ahead    1 straight ahead, 0 at the limits of `csnviz.data.reference_fitness`
eyes           1 as open as usual, 0 at half or one and a half times that
mouth          1 closed, 0 with the lips APART or more from each other
sharp          the sharpness as a share of the person's median, at most 1
uncovered      1 with nothing over the face, 0 at the limit
usual face     the share of this person's frames that are less like it (csnviz.inference.likeness); counts double, for it alone sees
               what muscles do. A share, because the medoid's own distance of 0 sets it apart more than it deserves

A frame's merit is the mean of what is known of it. From the best down, a frame is taken unless one near it in time was taken.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float32, Int

from csnviz.data.face_measures import in_crops, mouth_opening, sharpness
from csnviz.data.reference_fitness import (
    MAX_COVERED,
    MAX_PITCH_DEGREES,
    MAX_YAW_DEGREES,
    Fitness,
    fit_as_seen,
    fit_frames,
    fitness_as_seen,
    reference_fitness,
)
from csnviz.data.tables import FrameTable

APART = 0.1
"""Lips this share of the mouth's width from each other are just apart (csnviz.data.face_measures)."""

MOST_LOOKED_AT = 1500
"""Of more frames an even selection is looked at: neighbours are alike, and measuring a face takes a tenth of a millisecond."""

UNFIT_SHARE = 4
"""One place in four is for frames that are not fit, so that somebody who wonders about one sees why."""

_DOUBLE = {"likeness": 2.0}


@dataclass(frozen=True)
class Candidate:
    """One frame that could be the reference.

    row: its place in the table. number and seconds: as in the table (seconds NaN where unknown). merit: 0-1. reasons: what speaks
    for it; doubts: what speaks a little against it; faults: why it is not fit (none = fit), all in a few words. uses_labels: the
    ranking asked the labels.
    """

    row: int
    frame_id: str
    number: int
    seconds: float
    merit: float
    reasons: tuple[str, ...]
    doubts: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    uses_labels: bool = False

    @property
    def fit(self) -> bool:
        """True when nothing that is known speaks against the frame."""
        return not self.faults

    @property
    def chosen_by(self) -> str:
        """Who chose the reference when a person picks this candidate (see `ReferenceTable`)."""
        return "labels" if self.uses_labels else "person"


def candidates(frames: FrameTable, likeness: Float32[np.ndarray, " N"] | None, most: int = 24) -> tuple[Candidate, ...]:
    """The best frames of one participant before one camera, then some that are not fit; the labels are not asked.

    likeness: 1 = the person's usual face, NaN = unknown; None: nobody has asked the network. At most `most` in all.
    """
    return _chosen(frames, likeness, most, fit_as_seen(frames), np.zeros(len(frames)), fitness_as_seen, False)


def candidates_with_labels(
    frames: FrameTable, likeness: Float32[np.ndarray, " N"] | None, most: int = 24
) -> tuple[Candidate, ...]:
    """The same with the labels: frames whose AUs are all labelled 0 come first, and a label above 0 is a fault."""
    unlabelled = np.isnan(frames.intensity).any(axis=1).astype(np.float64)
    return _chosen(frames, likeness, most, fit_frames(frames), unlabelled, reference_fitness, True)


def _chosen(
    frames: FrameTable,
    likeness: Float32[np.ndarray, " N"] | None,
    most: int,
    fit: Bool[np.ndarray, " N"],
    tier: Float[np.ndarray, " N"],
    fitness: Callable[[FrameTable, int], Fitness],
    uses_labels: bool,
) -> tuple[Candidate, ...]:
    fit_ones, others = _evenly(np.flatnonzero(fit)), _evenly(np.flatnonzero(frames.usable & ~fit))
    rows = np.sort(np.concatenate([fit_ones, others]))
    seen = _Seen.of(frames, rows, likeness)
    gap = -(-len(frames) // (2 * max(most, 1)))

    def best(among: Int[np.ndarray, " K"], places: int) -> list[int]:
        merit = seen.merit[np.searchsorted(rows, among)]
        return _apart(among[np.lexsort((among, -merit, tier[among]))], gap, places)

    unfit = best(others, most // UNFIT_SHARE)
    taken = best(fit_ones, most - len(unfit))
    found = []
    for row in [*taken, *unfit]:
        line = frames.rows.iloc[row]
        known = "all AUs labelled 0" if uses_labels and fit[row] and not tier[row] else ""
        doubt = "not all AUs labelled" if uses_labels and tier[row] else ""
        words = tuple(filter(None, (known, *seen.reasons(row)))), tuple(filter(None, (doubt, *seen.doubts(row))))
        identity = (row, str(line["frame_id"]), int(line["frame_index"]), float(line["timestamp"]), seen.merit_of(row))
        found.append(Candidate(*identity, *words, fitness(frames, row).faults, uses_labels))
    return tuple(found)


def _apart(ordered: Int[np.ndarray, " K"], gap: int, most: int) -> list[int]:
    """The first `most` rows, none nearer than `gap` to one before it."""
    taken: list[int] = []
    for row in map(int, ordered):
        if len(taken) == most:
            break
        if all(abs(row - other) >= gap for other in taken):
            taken.append(row)
    return taken


def _evenly(rows: Int[np.ndarray, " K"]) -> Int[np.ndarray, " L"]:
    if len(rows) <= MOST_LOOKED_AT:
        return rows
    return rows[np.linspace(0, len(rows) - 1, MOST_LOOKED_AT).round().astype(int)]


def _share_below(values: Float[np.ndarray, " K"]) -> Float[np.ndarray, " K"]:
    """For each value the share of the others that are not above it, NaN for NaN; one value alone has 1."""
    known = np.sort(values[~np.isnan(values)])
    shares = (np.searchsorted(known, values, side="right") - 1) / max(len(known) - 1, 1)
    shares = shares if len(known) != 1 else np.ones_like(shares)
    return np.where(np.isnan(values), np.nan, shares)


@dataclass(frozen=True)
class _Seen:
    """What is known of some frames (rows, ascending), NaN where it is not: the arrays of `measures` run along them."""

    rows: Int[np.ndarray, " K"]
    measures: Mapping[str, Float[np.ndarray, " K"]]

    @classmethod
    def of(cls, frames: FrameTable, rows: Int[np.ndarray, " K"], likeness: Float32[np.ndarray, " N"] | None) -> "_Seen":
        view = frames.rows.iloc[rows]
        measures = {name: view[name].to_numpy(dtype=np.float64) for name in ("yaw", "pitch", "eye_opening", "covered")}
        unknown = np.full(len(rows), np.nan)
        measures["likeness"] = unknown if likeness is None else _share_below(likeness[rows].astype(np.float64))
        measures["mouth"] = mouth_opening(in_crops(frames.points(rows), frames.corners(rows)))
        measures["sharp"] = unknown
        if frames.images is not None and len(rows):
            sharp = np.concatenate(
                [sharpness(frames.crops(part)) for part in np.array_split(rows, -(-len(rows) // 256))]
            )
            measures["sharp"] = sharp / max(float(np.median(sharp)), 1e-9)
        return cls(rows, measures)

    @property
    def merit(self) -> Float[np.ndarray, " K"]:
        """The mean of what is known, 0-1; 0 where nothing is."""
        at = self.measures
        parts = {
            "ahead": 1 - np.fmax(np.abs(at["yaw"]) / MAX_YAW_DEGREES, np.abs(at["pitch"]) / MAX_PITCH_DEGREES),
            "eyes": 1 - np.abs(at["eye_opening"] - 1) / 0.5,
            "mouth": 1 - at["mouth"] / APART,
            "sharp": at["sharp"],
            "uncovered": 1 - at["covered"] / MAX_COVERED,
            "likeness": at["likeness"],
        }
        values = np.clip(np.stack(list(parts.values())), 0, 1)
        weights = np.array([_DOUBLE.get(name, 1.0) for name in parts])[:, None] * ~np.isnan(values)
        total = weights.sum(axis=0)
        return np.divide(
            (np.nan_to_num(values) * weights).sum(axis=0), total, out=np.zeros_like(total), where=total > 0
        )

    def merit_of(self, row: int) -> float:
        """The merit of one row."""
        return float(self.merit[np.searchsorted(self.rows, row)])

    def reasons(self, row: int) -> Iterator[str]:
        """What speaks for a frame, in words; a comparison with NaN is False, so nothing unknown is said."""
        at = self._at(row)
        if at["likeness"] >= 2 / 3:
            yield "the most usual face" if at["likeness"] == 1 else "usual face"
        if abs(at["yaw"]) <= MAX_YAW_DEGREES / 3 and abs(at["pitch"]) <= MAX_PITCH_DEGREES / 2:
            yield "looks ahead"
        if 0.8 <= at["eye_opening"] <= 1.2:
            yield "eyes open"
        if at["mouth"] < APART / 2:
            yield "mouth closed"
        if at["covered"] <= MAX_COVERED:
            yield "nothing covers it"
        if at["sharp"] >= 1:
            yield "sharp"

    def doubts(self, row: int) -> Iterator[str]:
        """What speaks a little against a frame that may yet be fit, in words."""
        at = self._at(row)
        if at["likeness"] < 1 / 10:
            yield "unlike the usual face"
        if MAX_YAW_DEGREES / 3 < abs(at["yaw"]) <= MAX_YAW_DEGREES:
            yield f"turned {abs(at['yaw']):.0f}°"
        if MAX_PITCH_DEGREES / 2 < abs(at["pitch"]) <= MAX_PITCH_DEGREES:
            yield f"{'raised' if at['pitch'] > 0 else 'lowered'} {abs(at['pitch']):.0f}°"
        if 0.5 <= at["eye_opening"] < 0.8:
            yield "eyes half open"
        if at["eye_opening"] > 1.2:
            yield "eyes wide open"
        if at["mouth"] >= APART:
            yield "mouth open"
        if at["sharp"] < 0.5:
            yield "blurred"

    def _at(self, row: int) -> dict[str, float]:
        place = int(np.searchsorted(self.rows, row))
        return {name: float(values[place]) for name, values in self.measures.items()}
