"""How a face is seen: where it is turned to, and how far its eyes are open."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

FEWEST_FRAMES = 10
"""Below this, what is usual for a person cannot be told."""

_FOREHEAD, _CHIN = 10, 152
_ONE_SIDE, _OTHER_SIDE = [33, 127], [263, 356]

_PITCH_OF_A_LEVEL_FACE = -0.70
"""Degrees by which the line from forehead to chin leans in MediaPipe's canonical face, which looks straight ahead."""


@dataclass(frozen=True)
class HeadPose:
    """Where a face is turned to, in degrees.

    yaw > 0: towards the right edge of the picture. pitch > 0: up. roll > 0: clockwise as seen. Yaw and roll agree with
    MediaPipe's own geometry within a degree; the zero of pitch is uncertain by some five degrees between people.
    """

    yaw: float
    pitch: float
    roll: float


def head_pose(points478: Float[np.ndarray, "M 3"]) -> HeadPose:
    """The pose of a face mesh in pixels (x to the right, y down, z away from the camera)."""
    across = _unit(points478[_OTHER_SIDE].mean(axis=0) - points478[_ONE_SIDE].mean(axis=0))
    down = points478[_CHIN] - points478[_FOREHEAD]
    ahead = _unit(np.cross(down, across))
    yaw = np.degrees(np.arctan2(ahead[0], -ahead[2]))
    pitch = np.degrees(np.arcsin(np.clip(-ahead[1], -1, 1))) - _PITCH_OF_A_LEVEL_FACE
    return HeadPose(float(yaw), float(pitch), float(np.degrees(np.arctan2(across[1], across[0]))))


def _unit(vector: Float[np.ndarray, " 3"]) -> Float[np.ndarray, " 3"]:
    return vector / max(float(np.linalg.norm(vector)), 1e-12)


def lid_gaps(points68: Float[np.ndarray, "68 2"]) -> Float[np.ndarray, " 2"]:
    """For each eye, the distance between the lids as a share of the eye's width: about .25 open, below .1 shut."""
    gaps = []
    for outer, *others in (range(36, 42), range(42, 48)):
        first, second, inner, below_second, below_first = points68[others]
        width = np.linalg.norm(inner - points68[outer])
        height = (np.linalg.norm(first - below_first) + np.linalg.norm(second - below_second)) / 2
        gaps.append(height / width if width > 0 else np.nan)
    return np.array(gaps, dtype=np.float64)


def eye_openings(gaps: Float[np.ndarray, "N 2"]) -> Float[np.ndarray, " N"]:
    """One person's eye opening over N frames: 1 = as usual for this person, 0 = shut; of the two eyes, the smaller.

    gaps: what `lid_gaps` gives, NaN in frames without a face. Usual is the median over the frames, so that all is NaN where
    fewer than FEWEST_FRAMES have a face. People's eyes differ too much for one scale: medians from .20 to .29 were seen in
    five real videos, in which shut eyes came out below .45 and nearly all open ones above .75.
    """
    seen = np.isfinite(gaps).all(axis=1)
    if seen.sum() < FEWEST_FRAMES:
        return np.full(len(gaps), np.nan)
    return (gaps / np.maximum(np.median(gaps[seen], axis=0), 1e-6)).min(axis=1)
