"""What MediaPipe says about drawn faces: whether it sees one, and how far its landmarks are from those that were drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from csnviz.cast.dataset import draw_frames
from csnviz.cast.performance import moment_of
from csnviz.faces.detect import FaceFinder, FoundFace
from csnviz.faces.landmarks import all_landmarks

STRANGERS = range(200, 1000)
"""Numbers of people that are in no study and no demo."""
LARGEST_YAW = 15.0
FIRST_FRAMES = 400
"""From so many frames of a performance some are taken at random."""
LEAST_FOUND, FARTHEST = 0.99, 0.05
PARTS = {
    "jaw": range(17), "brows": range(17, 27), "nose": range(27, 36), "eyes": range(36, 48), "mouth": range(48, 68)
}  # fmt: skip
"""Landmark roles by part of the face."""


@dataclass(frozen=True)
class Seen:
    """F pictures looked at. apart: MediaPipe's landmarks minus the drawn ones in inter-ocular distances, NaN without a face."""

    names: tuple[str, ...]
    found: Bool[np.ndarray, " F"]
    apart: Float[np.ndarray, "F 68 2"]

    @classmethod
    def joined(cls, parts: Sequence["Seen"]) -> "Seen":
        names = tuple(name for part in parts for name in part.names)
        return cls(names, np.concatenate([p.found for p in parts]), np.concatenate([p.apart for p in parts]))


def random_frames(n_people: int, frames_each: int, seed: int) -> dict[str, list[int]]:
    """Frames whose yaw is small enough, of strangers in random order."""
    rng = np.random.default_rng(seed)
    chosen = {}
    for number in rng.permutation(STRANGERS)[:n_people]:
        participant, frames = f"C{number}", rng.permutation(FIRST_FRAMES)
        facing = (int(f) for f in frames if abs(moment_of(participant, int(f), {}).pose.yaw) <= LARGEST_YAW)
        chosen[participant] = [frame for frame, _ in zip(facing, range(frames_each), strict=False)]
    return chosen


def look_at(frames: Mapping[str, Sequence[int]]) -> Seen:
    """Draws these frames of these people and asks MediaPipe about each."""
    names, found, apart = [], [], []
    with FaceFinder() as finder:
        for participant, mine in frames.items():
            for frame, (picture, drawn) in zip(mine, draw_frames(participant, mine), strict=True):
                face = finder.find(picture)
                names.append(f"{participant} frame {frame}")
                found.append(isinstance(face, FoundFace))
                apart.append(_apart(face, drawn) if isinstance(face, FoundFace) else np.full((68, 2), np.nan))
    return Seen(tuple(names), np.array(found), np.array(apart))


def _apart(face: FoundFace, drawn: Float[np.ndarray, "68 2"]) -> Float[np.ndarray, "68 2"]:
    inter_ocular = np.linalg.norm(drawn[42:48].mean(0) - drawn[36:42].mean(0))
    return (all_landmarks(face) - drawn) / inter_ocular


def distances(apart: Float[np.ndarray, "F 68 2"]) -> Float[np.ndarray, "F 68"]:
    """How far each landmark is from the drawn one once its mean offset is taken away: two definitions of, say, a brow's end
    differ by a constant, and that is nobody's error."""
    return np.linalg.norm(apart - np.nanmean(apart, axis=0), axis=-1)
