"""Folds of the skin as they are drawn: a groove with a raised lip along a short curve, dark at the bottom."""

import numpy as np
from jaxtyping import Float

from csnviz.cast.anatomy import FURROWS, Furrow, Part, furrow_depth
from csnviz.cast.attributes import Attributes
from csnviz.cast.canvas import Canvas
from csnviz.cast.geometry import FaceShape, Side
from csnviz.cast.texture import smoothstep

_STEPS = 9


def resting_depth(furrow: Furrow, shape: FaceShape, attributes: Attributes) -> float:
    """How deep a furrow stands in the neutral face: age, build and permanent attributes."""
    old = float(np.clip((shape.identity.age - 28.0) / 40.0, 0.0, 1.0))
    return (
        furrow.from_age * old
        + furrow.from_nasolabial * shape.identity.nasolabial_rest
        + furrow.from_root_wrinkle * attributes.nose_root_wrinkle
        + furrow.from_low_corners * max(attributes.resting_lip_line, 0.0)
    )


def _ride(part: Part, shape: FaceShape, side: Side) -> tuple[float, float]:
    """How far a part of the face lies from where the table of furrows assumes it (outwards, down)."""
    moved, identity = shape.moved, shape.identity
    brow = 0.33 - identity.brow_height
    match part:
        case Part.SKULL:
            return 0.0, 0.0
        case Part.BROW:
            return 0.0, 0.5 * brow + 0.18 * (moved.brow_peak_y + moved.brow_inner_y)
        case Part.FROWN:
            return 0.5 * moved.brow_inner_x, 0.4 * brow + 0.35 * moved.brow_inner_y
        case Part.WING:
            return identity.nose_width - 0.255 + 0.15 * moved.corner_x, moved.wing_y + 0.1 * moved.corner_y
        case Part.CORNER:
            return side.corner[0] - 0.395, 0.75 * (side.corner[1] - 1.14) + 0.15 * moved.jaw
        case Part.CHIN:
            return 0.0, identity.chin - 1.83 + 0.9 * moved.jaw - 0.035 * moved.chin_boss


def _curve(furrow: Furrow, shape: FaceShape, side: Side) -> Float[np.ndarray, "K 2"]:
    """Points of the furrow on this side of the face, in face coordinates."""
    start, middle, end = (np.array(point) for point in furrow.points)
    control = 2.0 * middle - 0.5 * (start + end)
    t = np.linspace(0.0, 1.0, _STEPS)[:, None]
    points = (1 - t) ** 2 * start + 2 * t * (1 - t) * control + t * t * end
    first = np.array(_ride(furrow.start_rides, shape, side))
    last = np.array(_ride(furrow.end_rides, shape, side))
    points = points + first + (last - first) * t
    return points * (side.sign if furrow.mirrored else 1.0, 1.0)


def _distance(points: np.ndarray, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distance to a polyline and the place along it (0 .. 1), per pixel."""
    start, step = points[:-1], np.diff(points, axis=0)
    px, py = x[..., None] - start[:, 0], y[..., None] - start[:, 1]
    along = np.clip((px * step[:, 0] + py * step[:, 1]) / (step**2).sum(1), 0.0, 1.0)
    squared = (px - along * step[:, 0]) ** 2 + (py - along * step[:, 1]) ** 2
    nearest = squared.argmin(-1)[..., None]
    place = (nearest + np.take_along_axis(along, nearest, -1)) / len(step)
    return np.sqrt(np.take_along_axis(squared, nearest, -1))[..., 0], place[..., 0]


def _fold_one(canvas: Canvas, furrow: Furrow, side: Side, depth: float, height: np.ndarray, dark: np.ndarray) -> None:
    points = _curve(furrow, canvas.shape, side)
    reach = 3.2 * furrow.width + canvas.pixel
    (left, top), (right, bottom) = points.min(0) - reach, points.max(0) + reach
    window = canvas.window(left, right, top, bottom)
    distance, place = _distance(points, canvas.x[window], canvas.y[window])
    taper = smoothstep(place, 0.0, furrow.taper) * smoothstep(place, 1.0, 1.0 - furrow.taper)
    groove = np.exp(-0.5 * (distance / furrow.width) ** 2) * taper
    lips = np.exp(-0.5 * ((distance - 2.0 * furrow.width) / furrow.width) ** 2) * taper
    height[window] += depth * furrow.width * (0.55 * furrow.bulge * lips - 1.0 * groove)
    dark[window] *= 1.0 - 0.42 * depth * groove


def fold(
    canvas: Canvas, attributes: Attributes, height: Float[np.ndarray, "S S"], dark: Float[np.ndarray, "S S"]
) -> None:
    """Press every furrow of this moment into the height map and darken its bottom, in place."""
    for furrow in FURROWS:
        depth = furrow_depth(furrow, canvas.shape.expression, resting_depth(furrow, canvas.shape, attributes))
        if depth < 0.02:
            continue
        for side in canvas.shape.sides if furrow.mirrored else canvas.shape.sides[1:]:
            _fold_one(canvas, furrow, side, depth, height, dark)
