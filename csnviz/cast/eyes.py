"""The eyes: lids as curves, an eyeball that looks somewhere, its catchlight, and the shadow of the lid on it."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from csnviz.cast.canvas import Canvas, Window, blend
from csnviz.cast.colours import brow_colour, iris_colour, linear, skin_colour
from csnviz.cast.geometry import EYE_X, IRIS_RADIUS, IRIS_Y, FaceShape
from csnviz.cast.light import Light
from csnviz.cast.texture import edge, smoothstep


@dataclass(frozen=True)
class Lids:
    """Lid borders of one eye at some x. across: -1 inner corner .. 1 outer corner."""

    across: np.ndarray
    upper: np.ndarray
    lower: np.ndarray
    crease: np.ndarray


def lid_curves(shape: FaceShape, sign: float, x: np.ndarray) -> Lids:
    """The lid margins and the crease above the upper lid (y, down), for one half of the face."""
    identity = shape.identity
    across = (x * sign - EYE_X) / identity.eye_width
    u = np.clip(across, -1.0, 1.0)
    arch = np.maximum(1.0 - u * u, 0.0)
    tilt = -identity.eye_tilt * u + 0.012 * (1.0 - u) * 0.5
    lower = tilt + shape.lid_lower * arch**0.85 * (1.0 + 0.22 * u)
    opened = tilt - shape.lid_upper * arch**0.66 * (1.0 - 0.20 * u)
    crease = opened - identity.eye_crease * (0.35 + 0.65 * arch**0.5) - 0.25 * (shape.lid_upper - identity.eye_upper)
    hood = shape.hood * (0.036 * arch**0.5 + 0.030 * smoothstep(u, -0.2, 0.9) * arch**0.3)
    shut = tilt + 0.75 * shape.lid_lower * arch**0.8
    upper = shut + (opened + hood - shut) * shape.openness
    return Lids(across, np.minimum(upper, lower + 0.002), lower, crease)


def eye_window(canvas: Canvas, sign: float) -> Window:
    """The block of pixels that holds one eye with its crease and lashes."""
    near, far = sorted((sign * (EYE_X - 0.36), sign * (EYE_X + 0.38)))
    return canvas.window(near, far, -0.36, 0.20)


def shape_lids(canvas: Canvas, height: Float[np.ndarray, "S S"], dark: Float[np.ndarray, "S S"]) -> None:
    """The crease above each lid, the hood that hangs over it and the roundness of the lid, in place."""
    shape = canvas.shape
    for sign in (-1.0, 1.0):
        window = eye_window(canvas, sign)
        y = canvas.y[window]
        lids = lid_curves(shape, sign, canvas.x[window])
        ends = smoothstep(np.abs(lids.across), 1.25, 0.85)
        deep = (0.30 + 0.70 * shape.openness) * (1.0 - 0.75 * shape.hood)
        crease = np.exp(-(((y - lids.crease) / 0.017) ** 2)) * ends * deep
        height[window] -= 0.014 * crease
        dark[window] *= 1.0 - 0.42 * crease
        fold = np.exp(-(((y - lids.upper + 0.055) / 0.042) ** 2)) * ends * shape.hood
        height[window] += 0.040 * fold
        dark[window] *= 1.0 - 0.34 * shape.hood * ends * np.exp(-(((y - lids.upper + 0.014) / 0.016) ** 2))
        lower_rim = np.exp(-(((y - lids.lower - 0.020) / 0.016) ** 2)) * ends
        height[window] += 0.008 * lower_rim


def _eyeball(shape: FaceShape, sign: float, light: Light, x: np.ndarray, y: np.ndarray, lids: Lids) -> np.ndarray:
    """Colour of white, iris and pupil, already lit."""
    identity = shape.identity
    gaze_x, gaze_y = shape.gaze
    dx = x - (sign * (EYE_X - 0.008) + gaze_x)
    dy = y - (IRIS_Y + gaze_y)
    radius = np.hypot(dx, dy) / IRIS_RADIUS
    u = lids.across
    white = linear((228, 220, 212)) * (0.68 - 0.30 * u[..., None] ** 2)
    white = white * (1.0 - np.exp(-(((u + 1.0) / 0.22) ** 2))[..., None] * np.array((0.05, 0.45, 0.42), np.float32))
    angle = np.arctan2(dy, dx)
    fibres = np.sin(angle * 17 + 3 * sign) + np.sin(angle * 29 + 1.3) + np.sin(angle * 43 + radius * 4)
    collar = np.exp(-(((radius - 0.50) / 0.16) ** 2))
    iris = iris_colour(identity) * (1.0 + 0.10 * fibres * smoothstep(radius, 0.3, 0.6) + 0.25 * collar)[..., None]
    lower_glow = 0.75 + 0.55 * smoothstep(dy / IRIS_RADIUS, -0.4, 0.9)
    iris = iris * lower_glow[..., None] * (1.0 - 0.78 * smoothstep(radius, 0.76, 1.0))[..., None]
    pupil = edge(0.44 - radius, 0.04)
    iris = iris * (1.0 - 0.94 * pupil[..., None])
    ball = white + (iris - white) * edge(1.0 - radius, 0.065)[..., None]
    lid_shadow = 1.0 - 0.68 * np.exp(-np.maximum(y - lids.upper, 0.0) / 0.042)
    ball = ball * (lid_shadow * (light.key * 0.75 + light.ambient))[..., None]
    toward = light.direction()
    spot = np.hypot(dx - 0.036 * np.sign(toward[0]) - 0.01 * toward[0], dy + 0.042)
    catch = 1.5 * np.exp(-((spot / 0.017) ** 2)) + 0.05 * np.exp(-((dx + 0.035) ** 2 + (dy - 0.040) ** 2) / 0.0009)
    return ball + (0.95 * catch * smoothstep(y - lids.upper, 0.004, 0.02))[..., None]


def draw_eyes(canvas: Canvas, light: Light, picture: Float[np.ndarray, "S S 3"]) -> None:
    """Eyeballs, wet rims and lashes over the lit skin, in place."""
    for sign in (-1.0, 1.0):
        window = eye_window(canvas, sign)
        x, y = canvas.x[window], canvas.y[window]
        lids = lid_curves(canvas.shape, sign, x)
        between = edge(1.0 - np.abs(lids.across), 0.03)
        cover = edge(y - lids.upper, 0.55 * canvas.pixel) * edge(lids.lower - y, 0.55 * canvas.pixel) * between
        cover *= smoothstep(lids.lower - lids.upper, 0.004, 0.03)
        blend(picture, window, _eyeball(canvas.shape, sign, light, x, y, lids), cover)
        _rims_and_lashes(canvas, window, lids, picture)


def _rims_and_lashes(canvas: Canvas, window: Window, lids: Lids, picture: Float[np.ndarray, "S S 3"]) -> None:
    shape, y = canvas.shape, canvas.y[window]
    identity = shape.identity
    u = lids.across
    near = edge(1.04 - np.abs(u), 0.03)
    wet = np.exp(-(((y - lids.lower - 0.006) / 0.010) ** 2)) * near * smoothstep(u, -1.0, -0.6)
    rim = skin_colour(identity) * np.array((0.95, 0.72, 0.70), np.float32)
    blend(picture, window, rim, 0.55 * wet * shape.openness)
    soft = 1.0 - identity.sturdiness
    thick = (0.013 + 0.007 * soft) * (0.65 + 0.5 * smoothstep(u, -0.8, 0.8))
    above = y - lids.upper
    line = np.exp(-((above / thick) ** 2)) * edge(1.06 - np.abs(u), 0.03)
    comb = 0.55 + 0.45 * np.sin(u * 46.0 + 6.0 * above / 0.05)
    tips = np.exp(-np.maximum(-above, 0.0) / (0.022 + 0.014 * soft)) * edge(-above, 0.004)
    tips *= comb * smoothstep(u, -0.9, 0.4) * edge(1.12 - np.abs(u), 0.04) * 0.55
    lash = np.clip(line * 0.93 + tips * (0.45 + 0.55 * soft), 0.0, 0.96)
    lower_lash = 0.30 * np.exp(-(((y - lids.lower - 0.012) / 0.013) ** 2)) * near * smoothstep(u, -0.6, 0.7)
    dark = brow_colour(identity) * 0.35
    blend(picture, window, dark, lash)
    blend(picture, window, dark, lower_lash)
