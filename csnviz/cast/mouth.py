"""The mouth: lips as curves that action units move, and what shows between them."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from csnviz.cast.canvas import Canvas, Window, blend
from csnviz.cast.colours import linear, lip_colour
from csnviz.cast.geometry import FaceShape
from csnviz.cast.texture import edge, smoothstep


@dataclass(frozen=True)
class Lips:
    """Curves of the mouth at some x: borders of the two lips from top to bottom (y, down)."""

    across: np.ndarray  # -1 at the image-left corner .. 1 at the right one
    upper_top: np.ndarray
    upper_bottom: np.ndarray
    lower_top: np.ndarray
    lower_bottom: np.ndarray


def lip_curves(shape: FaceShape, x: np.ndarray) -> Lips:
    """The four borders of the lips. Between the corners only; beyond them all four meet."""
    left, right = (side.corner for side in shape.sides)
    width = np.where(x < 0, left[0], right[0])
    corner_y = np.where(x < 0, left[1], right[1])
    across = x / width
    u = np.clip(np.abs(across), 0.0, 1.0)
    rest = np.maximum(1.0 - u * u, 0.0)
    # A raised corner lifts the outer part of the line first: the middle stays with the teeth.
    line = shape.mouth_y + (corner_y - shape.mouth_y) * u**2.0 - shape.line_arch * rest**1.3
    line = line + 0.009 * np.exp(-((u / 0.20) ** 2)) - 0.006 * np.exp(-(((u - 0.42) / 0.22) ** 2))
    upper_bottom = line - shape.gap_upper * rest**0.9
    lower_top = line + shape.gap_lower * rest**0.75
    bow = 1.0 - shape.identity.cupid_bow * np.exp(-((u / 0.13) ** 2)) + 0.10 * np.exp(-(((u - 0.24) / 0.14) ** 2))
    upper_top = upper_bottom - shape.lip_upper * bow * (1.0 - u**1.9) ** 0.9
    lower_bottom = lower_top + shape.lip_lower * (1.0 - u**3.0) ** 0.70
    return Lips(across, upper_top, upper_bottom, lower_top, lower_bottom)


def mouth_window(canvas: Canvas) -> Window:
    """The block of pixels that holds the mouth, its shadow included."""
    shape = canvas.shape
    reach = max(side.corner[0] for side in shape.sides) + 0.12
    lowest = max(side.corner[1] for side in shape.sides)
    top = min(min(side.corner[1] for side in shape.sides), shape.mouth_y - shape.line_arch - shape.gap_upper) - 0.22
    return canvas.window(-reach, reach, top, max(lowest, shape.mouth_y + shape.gap_lower) + 0.26)


def _inside(y: np.ndarray, top: np.ndarray, bottom: np.ndarray, softness: float) -> np.ndarray:
    return edge(y - top, softness) * edge(bottom - y, softness)


def swell_lips(
    canvas: Canvas, window: Window, height: Float[np.ndarray, "S S"], dark: Float[np.ndarray, "S S"]
) -> tuple[Float[np.ndarray, "H W"], Float[np.ndarray, "H W"]]:
    """Raise the lips out of the height map and darken the line between and under them, in place.

    Returns the coverage of lip red and of the mouth's opening.
    """
    x, y, soft = canvas.x[window], canvas.y[window], 0.6 * canvas.pixel
    lips = lip_curves(canvas.shape, x)
    between = edge(1.0 - np.abs(lips.across), 0.02)
    upper = _inside(y, lips.upper_top, lips.upper_bottom, soft + 0.006) * between
    lower = _inside(y, lips.lower_top, lips.lower_bottom, soft + 0.008) * between
    opening = _inside(y, lips.upper_bottom, lips.lower_top, soft) * between
    opening *= smoothstep(lips.lower_top - lips.upper_bottom, 0.004, 0.03)
    full_upper = np.maximum(lips.upper_bottom - lips.upper_top, 0.012)
    full_lower = np.maximum(lips.lower_bottom - lips.lower_top, 0.012)
    high_upper = np.clip((y - lips.upper_top) / full_upper, 0.0, 1.0)
    high_lower = np.clip((lips.lower_bottom - y) / full_lower, 0.0, 1.0)
    height[window] += upper * 0.55 * full_upper * np.sin(np.pi * high_upper**0.8) + lower * 0.60 * full_lower * np.sin(
        np.pi * high_lower**0.75
    )
    narrow = 0.5 * (lips.upper_bottom + lips.lower_top)
    line = np.exp(-(((y - narrow) / 0.014) ** 2)) * edge(1.03 - np.abs(lips.across), 0.02)
    corner = np.exp(-(((np.abs(lips.across) - 1.0) / 0.07) ** 2) - ((y - narrow) / 0.030) ** 2)
    under = np.exp(-(((y - lips.lower_bottom - 0.035) / 0.035) ** 2)) * np.clip(1.0 - lips.across**2, 0.0, 1.0)
    dark[window] *= (1.0 - 0.66 * line) * (1.0 - 0.35 * corner) * (1.0 - 0.24 * under)
    return np.clip(upper + lower, 0.0, 1.0), opening


def redden(canvas: Canvas, window: Window, albedo: Float[np.ndarray, "S S 3"], red: Float[np.ndarray, "H W"]) -> None:
    """Colour the lips, in place: darker lines run across them and the upper lip is darker."""
    lips = lip_curves(canvas.shape, canvas.x[window])
    seed = 7.0 * canvas.shape.identity.cupid_bow
    lines = np.sin(lips.across * 41.0 + seed) + 0.7 * np.sin(lips.across * 73.0 + 2.0 * seed)
    upper = edge(lips.upper_bottom - canvas.y[window], 0.01)
    tone = 1.0 + 0.035 * lines - 0.14 * upper
    blend(albedo, window, lip_colour(canvas.shape.identity) * tone[..., None], 0.88 * red)


def open_mouth(
    canvas: Canvas, window: Window, picture: Float[np.ndarray, "S S 3"], opening: Float[np.ndarray, "H W"]
) -> None:
    """Dark mouth, upper teeth, and a tongue when the jaw is low, drawn over the picture in place."""
    if not opening.any():
        return
    shape, y = canvas.shape, canvas.y[window]
    lips = lip_curves(shape, canvas.x[window])
    gap = np.maximum(lips.lower_top - lips.upper_bottom, 1e-3)
    below = (y - lips.upper_bottom) / gap
    inside = np.broadcast_to(linear((58, 22, 22)), (*y.shape, 3)).copy()
    inside *= (1.0 - 0.75 * np.exp(-(((below - 0.45) / 0.4) ** 2)))[..., None]
    tongue = smoothstep(below, 0.60, 0.85) * smoothstep(gap, 0.10, 0.20)
    inside += (linear((168, 84, 82)) * 0.6 - inside) * tongue[..., None]
    teeth_edge = shape.mouth_y - shape.gap_upper + 0.085 + 0.02 * np.cos(lips.across * 3.0)
    teeth = edge(teeth_edge - y, 0.7 * canvas.pixel) * smoothstep(np.abs(lips.across), 0.92, 0.62)
    gaps = 1.0 - 0.22 * np.exp(-((((canvas.x[window] / 0.098) % 1.0) - 0.5) ** 2) / 0.004)
    shade = gaps * (0.92 - 0.45 * lips.across**2) * (0.74 + 0.26 * smoothstep(y - lips.upper_bottom, 0.0, 0.045))
    inside += (linear((226, 217, 200)) * shade[..., None] - inside) * teeth[..., None]
    blend(picture, window, inside, opening)
