"""An attribution told by parts of the face."""

from dataclasses import replace

import numpy as np
from jaxtyping import Float32, UInt8

from csnviz.data.tables import FrameTable
from csnviz.explain.results import Attribution, FaceParts
from csnviz.faces.parts import TITLES, face_parts, points_in_crop

AVERAGE_PARTS = "; parts as they lie on an average face, because this one's landmarks were not kept"


def parts_on(frames: FrameTable, frame_id: str) -> tuple[UInt8[np.ndarray, "S S"], str]:
    """The parts of one frame's face, and AVERAGE_PARTS where they are those of an average face, else ""."""
    row = frames.row_of(frame_id)
    points, corners = frames.points([row])[0], frames.corners([row])[0]
    if np.isfinite(points).all() and np.isfinite(corners).all():
        return face_parts(points_in_crop(points, corners)), ""
    return face_parts(), AVERAGE_PARTS


def with_parts(attribution: Attribution, parts: UInt8[np.ndarray, "S S"]) -> Attribution:
    """The attribution with `parts` and `by_region`: for each part of `csnviz.faces.parts` to be seen, the sum of its values.

    parts: the number of its part at each pixel of the face that it is about. The sums add up to the sum of all values.
    """
    named = FaceParts(parts, tuple(TITLES.values()))
    return replace(attribution, by_region=sums_by_part(attribution.values, parts), parts=named)


def sums_by_part(values: Float32[np.ndarray, "3 S S"], parts: UInt8[np.ndarray, "S S"]) -> dict[str, float]:
    """The sums of values by the titles of the parts, in face order, in intensity steps."""
    sums = np.bincount(parts.ravel(), weights=values.sum(axis=0, dtype=np.float64).ravel(), minlength=len(TITLES))
    seen = np.bincount(parts.ravel(), minlength=len(TITLES)) > 0
    return {title: float(total) for title, total, there in zip(TITLES.values(), sums, seen, strict=True) if there}
