"""Eyebrows: a curve through inner end, peak and outer end, grown with short hairs."""

import numpy as np
from jaxtyping import Float32

from csnviz.cast.canvas import Canvas
from csnviz.cast.colours import brow_colour
from csnviz.cast.geometry import Side
from csnviz.cast.identity import Identity, generator
from csnviz.cast.texture import look_up_one, smoothstep, strands

_ALONG, _ACROSS = 92, 24


def grow_brow(identity: Identity) -> Float32[np.ndarray, "24 92"]:
    """Hairs of one brow, unrolled: columns run from the inner to the outer end, rows from top to bottom."""
    rng = generator(identity.participant, 4)
    along = np.linspace(0.0, 1.0, _ALONG, dtype=np.float32)[None, :] * np.ones((_ACROSS, 1), np.float32)
    rise = -0.80 * (1.0 - along) ** 1.5 + 0.25 * np.linspace(-1.0, 1.0, _ACROSS, dtype=np.float32)[:, None] - 0.1
    return strands(rng, np.ones_like(along), rise, 4)


def brow_height_at(side: Side, along: np.ndarray) -> np.ndarray:
    """y of the brow's middle line; along is 0 at the inner and 1 at the outer end."""
    (_, inner), (_, peak), (_, outer) = side.brow
    at = 0.62
    t = np.clip(along, -0.06, 1.06)
    parabola = inner * (1 - t) * (1 - t / at) + peak * t * (1 - t) / (at * (1 - at)) + outer * t * (t - at) / (1 - at)
    # A parabola would overshoot when the brow is bent hard, so it is mixed with the two straight pieces.
    straight = np.where(t < at, inner + (peak - inner) * t / at, peak + (outer - peak) * (t - at) / (1 - at))
    return 0.75 * parabola + 0.25 * straight


def draw_brows(
    canvas: Canvas,
    hairs: Float32[np.ndarray, "24 92"],
    albedo: Float32[np.ndarray, "S S 3"],
    height: Float32[np.ndarray, "S S"],
) -> None:
    """Grow both brows on the skin, in place: colour, and a slight thickness."""
    identity = canvas.shape.identity
    colour = brow_colour(identity)
    for side in canvas.shape.sides:
        ys = [point[1] for point in side.brow]
        xs = sorted(side.sign * point[0] for point in (side.brow[0], side.brow[2]))
        window = canvas.window(xs[0] - 0.12, xs[1] + 0.12, min(ys) - 0.12, max(ys) + 0.12)
        x, y = canvas.x[window] * side.sign, canvas.y[window]
        start, end = side.brow[0][0], side.brow[2][0]
        along = (x - start) / (end - start)
        step = 0.01
        slope = (brow_height_at(side, along + step) - brow_height_at(side, along - step)) / (2 * step * (end - start))
        across = (y - brow_height_at(side, along)) / np.sqrt(1.0 + slope * slope)
        half = 0.5 * identity.brow_thickness * (1.0 + 0.6 * smoothstep(along, 0.95, 0.15))
        place = across / half
        texture = look_up_one(hairs, (0.5 + 0.28 * place) * _ACROSS, along * (_ALONG - 1))
        ends = smoothstep(along, -0.05, 0.14) * smoothstep(along, 1.03, 0.72)
        body = np.exp(-(np.abs(place) ** 2.6) * 0.75)
        cover = np.clip(body * ends * identity.brow_density * (0.88 + 0.17 * texture), 0.0, 0.97)
        albedo[window] += (colour * (1.0 + 0.25 * texture[..., None]) - albedo[window]) * cover[..., None]
        height[window] += 0.012 * body * ends
