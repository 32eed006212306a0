"""What stands around the face: backdrop, neck, shoulders in a shirt, and ears."""

import numpy as np
from jaxtyping import Float

from csnviz.cast.canvas import Canvas
from csnviz.cast.colours import linear, skin_colour
from csnviz.cast.identity import Identity
from csnviz.cast.light import Light
from csnviz.cast.texture import edge, smoothstep


def draw_backdrop(identity: Identity, light: Light, size: int) -> Float[np.ndarray, "S S 3"]:
    """A wall, brighter towards the lamp."""
    rows, columns = np.mgrid[0:size, 0:size].astype(np.float32) / size - 0.5
    toward = light.direction()
    glow = 0.80 + 0.30 * (columns * toward[0] + rows * toward[1]) - 0.35 * (rows**2 + columns**2)
    colour = linear(255.0 * np.array(identity.backdrop, np.float32))
    return (colour * (glow * (light.key + light.ambient))[..., None]).astype(np.float32)


def draw_body(canvas: Canvas, light: Light, picture: Float[np.ndarray, "S S 3"]) -> None:
    """Neck with the head's shadow on it, and a shirt, in place. The body follows the head's place, not its turning."""
    shape, identity = canvas.shape, canvas.shape.identity
    anchor = canvas.view.project(np.array(((0.0, 0.7, -1.0),)))[0]
    rows, columns = np.mgrid[0 : canvas.size, 0 : canvas.size].astype(np.float32)
    x = (columns - anchor[0]) * canvas.pixel
    y = (rows - anchor[1]) * canvas.pixel + 0.7
    wide = 0.60 + 0.15 * identity.sturdiness + 0.22 * smoothstep(y, 1.75, 2.45) ** 2
    across = np.clip(x / wide, -1.0, 1.0)
    front = np.sqrt(1.0 - 0.92 * across**2)
    to_lamp = light.direction()
    facing = np.clip((across * to_lamp[0] + front * to_lamp[2] + 0.35) / 1.35, 0.0, 1.0)
    jaw_line = shape.chin_y * np.maximum(1.0 - (np.abs(x) / identity.face_width) ** (1 / identity.jaw), 0.0) ** 0.42
    under = smoothstep(y - jaw_line, 0.62, -0.05)
    tendon = 1.0 - 0.10 * np.exp(-(((np.abs(x) - 0.22 - 0.16 * (2.3 - y)) / 0.06) ** 2)) * smoothstep(y, 1.8, 2.2)
    glow = (light.key * facing * (1.0 - 0.86 * under) + light.ambient * (1.0 - 0.55 * under) * 0.8) * tendon
    warm = np.array((1.0, 0.90, 0.86), np.float32) ** (1.0 + under[..., None])
    neck = skin_colour(identity) * warm * glow[..., None]
    picture += (neck - picture) * edge(wide - np.abs(x), canvas.pixel)[..., None] * smoothstep(y, 0.4, 0.6)[..., None]
    _draw_shirt(identity, light, canvas.pixel, x, y, picture)


def _draw_shirt(
    identity: Identity, light: Light, pixel: float, x: np.ndarray, y: np.ndarray, picture: np.ndarray
) -> None:
    slope = 2.28 + 0.16 * np.maximum(np.abs(x) - 0.75, 0.0) + 0.35 * np.maximum(np.abs(x) - 1.5, 0.0) ** 2
    neckline = 2.62 - 0.42 * smoothstep(np.abs(x), 0.15, 0.92)
    top = np.where(np.abs(x) < 0.92, np.maximum(neckline, 2.20), slope - 0.02)
    cover = edge(y - top, 1.3 * pixel)
    fold = 1.0 + 0.06 * np.sin(5.0 * x + 2.0 * y) + 0.05 * np.sin(9.0 * x - 4.0 * y)
    seam = 1.0 - 0.28 * np.exp(-(((y - top - 0.09) / 0.02) ** 2)) * (np.abs(x) < 1.1)
    glow = (0.62 * light.key * (1.0 + 0.25 * np.sign(light.azimuth) * np.tanh(x)) + 0.75 * light.ambient) * fold * seam
    colour = linear(255.0 * np.array(identity.shirt, np.float32))
    picture += (colour * glow[..., None] - picture) * cover[..., None]


def draw_ears(canvas: Canvas, light: Light, picture: Float[np.ndarray, "S S 3"]) -> None:
    """Ears, half behind the cheek, in place."""
    identity = canvas.shape.identity
    for sign in (-1.0, 1.0):
        depth = -0.62
        centre = canvas.view.project(np.array(((sign * (identity.face_width + 0.03), 0.24, depth),)))[0]
        reach = 0.55 * canvas.view.pixels_per_unit
        top, left = (max(0, int(value - reach)) for value in (centre[1], centre[0]))
        window = slice(top, int(centre[1] + reach)), slice(left, int(centre[0] + reach))
        rows, columns = np.mgrid[window].astype(np.float32)
        u = (columns - centre[0]) * canvas.pixel * sign
        v = (rows - centre[1]) * canvas.pixel
        u = u - 0.22 * -v  # ears lean back at the top
        radius = np.hypot(u / (0.145 - 0.06 * np.maximum(v, 0.0)), v / 0.34)
        bowl = np.exp(-(((u + 0.01) / 0.05) ** 2) - ((v + 0.02) / 0.17) ** 2)
        rim = np.exp(-(((radius - 0.86) / 0.12) ** 2))
        lamp = 0.55 + 0.35 * sign * float(light.direction()[0])
        glow = (light.key * lamp + 0.62 * light.ambient) * (0.66 - 0.40 * bowl + 0.24 * rim)
        colour = skin_colour(identity) * np.array((1.0, 0.90, 0.87), np.float32) * glow[..., None]
        picture[window] += (colour - picture[window]) * edge((1.0 - radius) * 0.14, 0.8 * canvas.pixel)[..., None]
