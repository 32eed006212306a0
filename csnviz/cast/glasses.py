"""Eyeglasses: two rims on a plane before the eyes, a bridge, temples that run back to the ears, and their soft shadow."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from csnviz.cast.attributes import Attributes
from csnviz.cast.canvas import Canvas
from csnviz.cast.colours import linear
from csnviz.cast.light import Light
from csnviz.cast.texture import edge, smoothstep

RIM_DEPTH = 0.34
_HALF_HEIGHT, _HALF_WIDTH, _CENTRE_X, _CENTRE_Y = 0.265, 0.375, 0.515, 0.045


@dataclass(frozen=True)
class Spectacles:
    """Where the glasses are in one frame: coverage of frame and lens, and the shadow they throw (each 0 .. 1)."""

    frame: Float[np.ndarray, "S S"]
    lens: Float[np.ndarray, "S S"]
    shadow: Float[np.ndarray, "S S"]

    def touched(self) -> Float[np.ndarray, "S S"]:
        """How much of each pixel the glasses change."""
        return np.maximum.reduce((self.frame, self.lens, self.shadow))


def _plane_coordinates(canvas: Canvas, depth: float) -> tuple[np.ndarray, np.ndarray]:
    """Face x and y of every pixel on the upright plane at this depth: the exact inverse of the projection there."""
    corner, right, down = canvas.view.project(np.array(((0, 0, depth), (1, 0, depth), (0, 1, depth)), float))
    inverse = np.linalg.inv(np.stack((right - corner, down - corner), 1))
    rows, columns = np.mgrid[0 : canvas.size, 0 : canvas.size].astype(np.float32)
    dx, dy = columns - np.float32(corner[0]), rows - np.float32(corner[1])
    return inverse[0, 0] * dx + inverse[0, 1] * dy, inverse[1, 0] * dx + inverse[1, 1] * dy


def _rim_distance(attributes: Attributes, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Signed distance to the lens outline, positive inside: a rounded box that is round for roundness 1."""
    roundness = attributes.eyeglasses_roundness
    half_width = _HALF_WIDTH - 0.085 * roundness
    half_height = _HALF_HEIGHT + 0.02 * roundness
    radius = 0.09 + (min(half_width, half_height) - 0.09) * roundness**1.5
    local = y - _CENTRE_Y + 0.04 * (np.abs(x) - _CENTRE_X)
    qx = np.abs(np.abs(x) - _CENTRE_X) - half_width + radius
    qy = np.abs(local) - half_height + radius
    outside = np.hypot(np.maximum(qx, 0.0), np.maximum(qy, 0.0)) + np.minimum(np.maximum(qx, qy), 0.0)
    return radius - outside


def _bridge(attributes: Attributes, x: np.ndarray, y: np.ndarray, thick: float) -> np.ndarray:
    middle = -0.085 + 0.11 * attributes.eyeglasses_bridge
    reach = _CENTRE_X - _HALF_WIDTH + 0.085 * attributes.eyeglasses_roundness + 0.02
    arc = y - (middle - 0.035 * (1.0 - (x / reach) ** 2))
    return (0.55 * thick - np.abs(arc)) * (np.abs(x) < reach) - 1.0 * (np.abs(x) >= reach)


def _temples(canvas: Canvas, thick: float) -> np.ndarray:
    """Distance inside the two side pieces, drawn between hinge and ear in the picture."""
    distance = np.full((canvas.size, canvas.size), -1.0, np.float32)
    rows, columns = np.mgrid[0 : canvas.size, 0 : canvas.size].astype(np.float32)
    width = canvas.shape.identity.face_width
    for sign in (-1.0, 1.0):
        hinge = (sign * (_CENTRE_X + _HALF_WIDTH - 0.01), _CENTRE_Y - 0.15, RIM_DEPTH)
        ear = (sign * (width + 0.02), 0.02, -0.62)
        start, end = canvas.view.project(np.array((hinge, ear)))
        step = end - start
        px, py = columns - start[0], rows - start[1]
        along = np.clip((px * step[0] + py * step[1]) / max(float(step @ step), 1.0), 0.0, 1.0)
        away = np.hypot(px - along * step[0], py - along * step[1]) * canvas.pixel
        distance = np.maximum(distance, 0.8 * thick - away)
    return distance


def place_glasses(canvas: Canvas, attributes: Attributes, light: Light) -> Spectacles:
    """The glasses of this frame; all zero without eyeglasses."""
    empty = np.zeros((canvas.size, canvas.size), np.float32)
    if attributes.eyeglasses <= 0:
        return Spectacles(empty, empty, empty)
    thick = 0.018 + 0.034 * attributes.eyeglasses
    x, y = _plane_coordinates(canvas, RIM_DEPTH)
    rim = _rim_distance(attributes, x, y)
    bar = np.maximum(0.5 * thick - np.abs(rim), _bridge(attributes, x, y, thick))
    frame = np.maximum(edge(bar, 0.5 * canvas.pixel), edge(_temples(canvas, thick), 0.5 * canvas.pixel))
    toward = light.direction()
    cast = bar_shadow(attributes, x + 0.07 * toward[0], y + 0.10 * toward[1], thick)
    return Spectacles(_clean(frame), _clean(edge(rim, 0.6 * canvas.pixel)), _clean(0.42 * cast))


def bar_shadow(attributes: Attributes, x: np.ndarray, y: np.ndarray, thick: float) -> np.ndarray:
    """A blurred copy of rim and bridge."""
    bar = np.maximum(0.5 * thick - np.abs(_rim_distance(attributes, x, y)), _bridge(attributes, x, y, thick))
    return edge(bar, 0.018)


def _clean(cover: np.ndarray) -> np.ndarray:
    """Coverage without the logistic's endless tail: what is nearly nothing is nothing."""
    return np.clip((cover - 0.01) / 0.98, 0.0, 1.0).astype(np.float32)


def draw_glasses(
    canvas: Canvas, attributes: Attributes, light: Light, picture: Float[np.ndarray, "S S 3"]
) -> Spectacles:
    """Shadow, lenses and frame over the finished face, in place. Returns what was drawn."""
    worn = place_glasses(canvas, attributes, light)
    if attributes.eyeglasses <= 0:
        return worn
    picture *= (1.0 - worn.shadow)[..., None]
    x, y = _plane_coordinates(canvas, RIM_DEPTH)
    streak = smoothstep(np.abs(((x + 0.55 * y) % 1.0) - 0.62 - 0.2 * canvas.view.rotation[0, 2]), 0.10, 0.04)
    glare = 0.008 + 0.045 * streak * smoothstep(y, 0.15, -0.15)
    picture += (worn.lens * glare)[..., None] * (light.key + light.ambient)
    heavy = attributes.eyeglasses
    dark = linear((118, 106, 88)) + (linear((26, 22, 22)) - linear((118, 106, 88))) * np.float32(
        min(1.0, 1.7 * heavy - 0.3)
    )
    rim = _rim_distance(attributes, x, y)
    round_bar = 0.75 + 0.5 * np.clip(1.0 - np.abs(rim) / 0.03, 0.0, 1.0) * np.clip(-y * 2 + 0.6, 0.0, 1.0)
    colour = dark * (round_bar * (light.key + light.ambient))[..., None]
    picture += (colour - picture) * worn.frame[..., None]
    return worn
