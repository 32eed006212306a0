"""The skin of the head at one moment: resting skin carried along by the action units, folded, coloured and lit."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from csnviz.cast import skin as skins
from csnviz.cast.attributes import Attributes
from csnviz.cast.brows import draw_brows
from csnviz.cast.canvas import Canvas, Window
from csnviz.cast.colours import brow_colour
from csnviz.cast.eyes import shape_lids
from csnviz.cast.furrows import fold
from csnviz.cast.geometry import FaceShape, coarse_depth, outline_level
from csnviz.cast.light import Light, falling_light, gleam, normals
from csnviz.cast.mouth import mouth_window, open_mouth, redden, swell_lips
from csnviz.cast.texture import bump, edge, smoothstep


@dataclass(frozen=True)
class Surface:
    """The lit-to-be skin of one frame over the head's block of pixels."""

    window: Window
    height: Float[np.ndarray, "S S"]
    dark: Float[np.ndarray, "S S"]
    albedo: Float[np.ndarray, "S S 3"]
    sky: Float[np.ndarray, "S S"]
    gloss: Float[np.ndarray, "S S"]


def rest_coordinates(shape: FaceShape, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the skin that is now at (x, y) lies in the resting face: the action units carry texture and relief."""
    moved, identity = shape.moved, shape.identity
    ax, side = np.abs(x), np.sign(x)
    low = 0.55 + 0.60 * np.exp(-((x / 0.42) ** 2))
    down = moved.jaw * smoothstep(y, low, identity.mouth_y + 0.42)
    out = np.zeros_like(x)
    for half in shape.sides:
        near = bump(x, y, half.sign * half.corner[0], half.corner[1], 0.17, 0.17)
        out = out + 0.8 * moved.corner_x * near
        down = down + 0.8 * moved.corner_y * near
    down = down + moved.wing_y * bump(ax, y, 0.22, 0.70, 0.13, 0.13)
    down = down - 0.055 * moved.cheek * bump(ax, y, 0.62, 0.40, 0.22, 0.22)
    down = down + 0.6 * moved.brow_inner_y * bump(ax, y, 0.25, -0.42, 0.20, 0.20)
    down = down + 0.6 * moved.brow_outer_y * bump(ax, y, 0.72, -0.42, 0.20, 0.20)
    down = down - 0.055 * moved.chin_boss * bump(x, y, 0.0, 1.55, 0.25, 0.17)
    return x - side * out, y - down


def _bulges(shape: FaceShape, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Flesh that gathers: cheeks when they rise, the chin boss, the frown."""
    moved = shape.moved
    cheek = 0.060 * moved.cheek * bump(np.abs(x), y, 0.60, 0.33, 0.20, 0.15)
    smile = 0.10 * max(0.0, -moved.corner_y) * bump(np.abs(x), y, 0.62, 0.62, 0.16, 0.18)
    chin = 0.055 * moved.chin_boss * bump(x, y, 0.0, 1.50 + moved.jaw, 0.20, 0.10)
    frown = 0.25 * max(0.0, moved.brow_inner_y) * bump(np.abs(x), y, 0.20, -0.27, 0.10, 0.08)
    return cheek + smile + chin + frown


def _chin_pebbles(shape: FaceShape, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The chin's skin when its muscle bunches it: an orange's."""
    boss = shape.moved.chin_boss
    lower = y - shape.moved.jaw
    pebble = np.sin(38.0 * x + 9.0 * np.sin(19.0 * lower)) * np.sin(41.0 * lower + 7.0 * np.sin(23.0 * x))
    return boss * pebble * bump(x, lower, 0.0, 1.545, 0.155, 0.085)


def lay_skin(canvas: Canvas, skin: skins.Skin, hairs: np.ndarray, attributes: Attributes) -> Surface:
    """All of the skin's maps at this moment, before the light falls on it."""
    shape = canvas.shape
    window = canvas.window(-1.3, 1.3, -1.9, shape.chin_y + 0.12)
    x, y = canvas.x[window], canvas.y[window]
    maps = skin.atlas.at(*rest_coordinates(shape, x, y))
    size = (canvas.size, canvas.size)
    height, dark, sky, gloss = (np.zeros(size, np.float32) for _ in range(4))
    albedo = np.zeros((*size, 3), np.float32)
    pebbles = _chin_pebbles(shape, x, y)
    height[window] = coarse_depth(shape, x, y) + maps[..., skins.RELIEF] + _bulges(shape, x, y) + 0.010 * pebbles
    dark[window] = 1.0 + 0.16 * pebbles
    sky[window], gloss[window] = maps[..., skins.HOLLOW], maps[..., skins.GLOSS]
    albedo[window] = maps[..., skins.RED : skins.BLUE + 1]
    _grow_chin_hair(shape, attributes, albedo[window], maps[..., skins.BEARD])
    fold(canvas, attributes, height, dark)
    shape_lids(canvas, height, dark)
    draw_brows(canvas, hairs, albedo, height)
    return Surface(window, height, dark, albedo, sky, gloss)


def _grow_chin_hair(shape: FaceShape, attributes: Attributes, albedo: np.ndarray, beard: np.ndarray) -> None:
    if attributes.chin_hair <= 0:
        return
    full = np.clip(beard * (0.25 + 0.75 * attributes.chin_hair), 0.0, 0.93)
    colour = brow_colour(shape.identity) * (0.55 + 0.75 * beard[..., None])
    albedo += (colour - albedo) * full[..., None]


def head_cover(canvas: Canvas, window: Window) -> Float[np.ndarray, "H W"]:
    """Coverage of the head (face and skull without hair and ears)."""
    level = outline_level(canvas.shape, canvas.x[window], canvas.y[window])
    down, right = np.gradient(level)
    return edge((1.0 - level) / (np.hypot(down, right) + 1e-4), 0.75)


def draw_head(
    canvas: Canvas, skin: skins.Skin, hairs: np.ndarray, attributes: Attributes, light: Light, picture: np.ndarray
) -> None:
    """Lit skin with brows, lips and an open or closed mouth, over the picture in place (eyes come later)."""
    surface = lay_skin(canvas, skin, hairs, attributes)
    lips = mouth_window(canvas)
    red, opening = swell_lips(canvas, lips, surface.height, surface.dark)
    redden(canvas, lips, surface.albedo, red)
    surface.gloss[lips] += 0.9 * red
    window = surface.window
    view = canvas.view.rotation[2]
    x, y, height = canvas.x[window], canvas.y[window], surface.height[window]
    depth = (view[0] * x + view[1] * y + view[2] * height).astype(np.float32)
    normal = normals(depth, canvas.pixel)
    sky = surface.sky[window] * surface.dark[window]
    lit = surface.albedo[window] * falling_light(normal, light, sky) * (0.35 + 0.65 * surface.dark[window])[..., None]
    pale = 1.0 - 0.45 * canvas.shape.identity.melanin
    lit += (0.050 * surface.gloss[window] * gleam(normal, light, 14.0) * sky)[..., None]
    lit += (0.016 * surface.gloss[window] * gleam(normal, light, 40.0) * sky / pale)[..., None]
    picture[window] += (lit - picture[window]) * head_cover(canvas, window)[..., None]
    open_mouth(canvas, lips, picture, opening)
