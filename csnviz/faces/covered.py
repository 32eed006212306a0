"""How much of a face is behind a hand.

A first attempt compared each part of the aligned face with its usual look; it could not tell a hand on the chin from a smile
or from a light that moved. MediaPipe's hand models can. Read as recordings are, a hand was seen in 158 of 158 frames of one
real video in which it lies on mouth and cheek, and in 150 of 192 frames of another in which it only touches the chin (share
.02 to .07, so that the cut belongs near .01); of 1,376 other frames of both, in 8, right after the hand had left. They see
hands only: a cup, a mask or a strand of hair is not noticed. They come with the wheel of mediapipe 0.10.21; without them the
answer is NaN.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol, runtime_checkable

import cv2
import numpy as np
from jaxtyping import Float, UInt8

from csnviz.faces.doors import MODELS_IN_WHEEL, mediapipe_version
from csnviz.faces.quiet import without_chatter
from csnviz.faces.window import window

FACE_OVAL = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)
"""The outline of the face mesh, from the forehead clockwise as seen."""

_BASES_OF_FINGERS = (5, 17)
_GRAIN = 100
"""The face is drawn this many cells high to measure shares."""


LOOK_EVERY = 5
CARRY_OVER = 7
"""In a video, frames from one look for hands to the next, and frames that a look speaks for before and after itself."""


@runtime_checkable
class HandFinder(Protocol):
    """Says how much of a face is behind hands."""

    def covered(self, image: UInt8[np.ndarray, "H W 3"], points478: Float[np.ndarray, "M 3"]) -> float:
        """The share of the face (mesh in pixels) behind a hand: 0 to 1, NaN where it cannot be told."""
        ...


class _WithoutModels:
    def covered(self, image: UInt8[np.ndarray, "H W 3"], points478: Float[np.ndarray, "M 3"]) -> float:
        """NaN: there are no hand models here."""
        return float("nan")


class _HandModels:
    def __init__(self, hands: Any) -> None:
        self._hands = hands
        self._has_seen_a_hand = False

    def covered(self, image: UInt8[np.ndarray, "H W 3"], points478: Float[np.ndarray, "M 3"]) -> float:
        """The share of the face behind the hands found in and around it."""
        around, corner = _around(image, points478)
        size = np.array([around.shape[1], around.shape[0]])
        found = self._process(around)
        hands = [np.array([(point.x, point.y) for point in hand.landmark]) * size + corner for hand in found]
        return share_behind(points478[:, :2], hands)

    def _process(self, image: UInt8[np.ndarray, "H W 3"]) -> list[Any]:
        if self._has_seen_a_hand:
            return self._hands.process(image).multi_hand_landmarks or []
        with without_chatter():  # the landmark model loads at the first hand
            found = self._hands.process(image).multi_hand_landmarks or []
        self._has_seen_a_hand = bool(found)
        return found


@contextmanager
def hand_finder() -> Iterator[HandFinder]:
    """Finds hands where MediaPipe's models for them are installed; answers NaN elsewhere."""
    if mediapipe_version() != MODELS_IN_WHEEL:
        yield _WithoutModels()
        return
    import mediapipe

    # The lighter model at a low threshold: the heavier one found a fifth as many of the hands on faces.
    options = {"static_image_mode": True, "max_num_hands": 2, "model_complexity": 0, "min_detection_confidence": 0.3}
    with without_chatter():
        hands = mediapipe.solutions.hands.Hands(**options)
        hands.process(np.zeros((64, 64, 3), np.uint8))  # parts of it load in the background; this waits for them
    with hands:
        yield _HandModels(hands)


def carried(looked: Float[np.ndarray, " N"]) -> Float[np.ndarray, " N"]:
    """For each frame of a video the largest share among the frames looked at within CARRY_OVER of it; NaN where none was.

    A hand does not come and go in a quarter of a second, but the models miss it in one frame or another.

    >>> carried(np.array([0.0, np.nan, 0.2, np.nan])).tolist()
    [0.2, 0.2, 0.2, 0.2]
    """
    out = np.full(len(looked), np.nan)
    for place in np.flatnonzero(np.isfinite(looked)):
        near = slice(max(place - CARRY_OVER, 0), place + CARRY_OVER + 1)
        out[near] = np.fmax(out[near], looked[place])
    return out


def share_behind(face: Float[np.ndarray, "M 2"], hands: list[np.ndarray]) -> float:
    """The share of the face's area behind hands, 0-1. face: mesh; hands: 21 landmarks each; all (x, y) in pixels.

    A hand is the convex hull of its landmarks, which run along the bones, and half a finger's width around it.
    """
    low, high = face.min(axis=0), face.max(axis=0)
    cell = max(float((high - low).max()) / _GRAIN, 1e-6)
    oval = np.zeros((_GRAIN + 1, _GRAIN + 1), np.uint8)
    behind = np.zeros_like(oval)
    cv2.fillPoly(oval, [np.rint((face[list(FACE_OVAL)] - low) / cell).astype(np.int32)], 1)
    for hand in hands:
        points = (hand - low) / cell
        palm = float(np.linalg.norm(np.subtract(*points[list(_BASES_OF_FINGERS)])))
        outline = cv2.convexHull(np.rint(points).astype(np.int32))
        cv2.fillConvexPoly(behind, outline, 1)
        cv2.polylines(behind, [outline], True, 1, thickness=int(np.clip(palm / 4, 1, _GRAIN)))
    return float((oval & behind).sum() / max(int(oval.sum()), 1))


def _around(
    image: UInt8[np.ndarray, "H W 3"], points478: Float[np.ndarray, "M 3"]
) -> tuple[UInt8[np.ndarray, "S S 3"], Float[np.ndarray, " 2"]]:
    """The square around a face in which a hand that touches it can be seen whole, and its corner.

    A square, black beyond the picture, because MediaPipe's landmarks are skewed in anything else.
    """
    low, high = points478[:, :2].min(axis=0), points478[:, :2].max(axis=0)
    side = max(int(2.2 * (high - low).max()), 1)
    left, top = (int(c) for c in np.floor((low + high - side) / 2))
    return window(image, left, top, left + side, top + side), np.array([left, top], dtype=np.float64)
