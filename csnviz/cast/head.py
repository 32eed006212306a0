"""The skin of the head at each moment: resting skin carried along by the action units, folded, coloured and lit."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from csnviz.cast import skin as skins
from csnviz.cast.anatomy import column
from csnviz.cast.attributes import Attributes
from csnviz.cast.brows import draw_brows
from csnviz.cast.canvas import Canvas, Picture, Pixels, Window
from csnviz.cast.colours import brow_colour
from csnviz.cast.eyes import shape_lids
from csnviz.cast.furrows import fold
from csnviz.cast.geometry import FaceShape, coarse_depth, outline_level
from csnviz.cast.light import Lights, falling_light, gleam, normals
from csnviz.cast.mouth import mouth_window, open_mouth, redden, swell_lips
from csnviz.cast.texture import bump, edge, smoothstep


@dataclass(frozen=True)
class Surface:
    """The lit-to-be skin of each frame; nothing outside of the head's block of pixels."""

    window: Window
    height: Float[Tensor, "B S S"]
    dark: Float[Tensor, "B S S"]
    albedo: Picture
    sky: Float[Tensor, "B S S"]
    gloss: Float[Tensor, "B S S"]


def rest_coordinates(shape: FaceShape, x: Pixels, y: Pixels) -> tuple[Pixels, Pixels]:
    """Where the skin that is now at (x, y) lies in the resting face: the action units carry texture and relief."""
    moved, identity = shape.moved, shape.identity
    ax, side = x.abs(), x.sign()
    low = 0.55 + 0.60 * torch.exp(-((x / 0.42) ** 2))
    down = moved.jaw * smoothstep(y, low, identity.mouth_y + 0.42)
    out = torch.zeros_like(x)
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


def _bulges(shape: FaceShape, x: Pixels, y: Pixels) -> Pixels:
    """Flesh that gathers: cheeks when they rise, the chin boss, the frown."""
    moved, ax = shape.moved, x.abs()
    cheek = 0.060 * moved.cheek * bump(ax, y, 0.60, 0.33, 0.20, 0.15)
    smile = 0.10 * (-moved.corner_y).clamp(min=0.0) * bump(ax, y, 0.62, 0.62, 0.16, 0.18)
    chin = 0.055 * moved.chin_boss * bump(x, y, 0.0, 1.50 + moved.jaw, 0.20, 0.10)
    frown = 0.25 * moved.brow_inner_y.clamp(min=0.0) * bump(ax, y, 0.20, -0.27, 0.10, 0.08)
    return cheek + smile + chin + frown


def _chin_pebbles(shape: FaceShape, x: Pixels, y: Pixels) -> Pixels:
    """The chin's skin when its muscle bunches it: an orange's."""
    lower = y - shape.moved.jaw
    pebble = torch.sin(38.0 * x + 9.0 * torch.sin(19.0 * lower)) * torch.sin(41.0 * lower + 7.0 * torch.sin(23.0 * x))
    return shape.moved.chin_boss * pebble * bump(x, lower, 0.0, 1.545, 0.155, 0.085)


def _over(canvas: Canvas, window: Window, *parts: Tensor) -> list[Tensor]:
    """Each part laid over nothing."""
    sheets = [torch.zeros(*part.shape[:-2], canvas.size, canvas.size, device=canvas.device) for part in parts]
    for sheet, part in zip(sheets, parts, strict=True):
        window.put(sheet, part)
    return sheets


def lay_skin(canvas: Canvas, skin: skins.Skin, hairs: Tensor, attributes: Sequence[Attributes]) -> Surface:
    """All of the skin's maps at these moments, before the light falls on it."""
    shape = canvas.shape
    window = canvas.window(-1.3, 1.3, -1.9, canvas.plan.chin_y + 0.12)
    x, y = window.cut(canvas.x), window.cut(canvas.y)
    maps = skin.atlas.at(*rest_coordinates(shape, x, y))
    colour = maps[:, skins.RED : skins.BLUE + 1]
    hairy = _chin_hair_cover(attributes, maps[:, skins.BEARD])
    grown = colour if hairy is None else _with_chin_hair(shape, colour, maps[:, skins.BEARD], hairy)
    pebbles = _chin_pebbles(shape, x, y)
    bare = None if hairy is None else 1.0 - shape.non_additivity * hairy
    if bare is not None:
        pebbles = pebbles * bare  # dense hair hides what the skin beneath it does
    relief = coarse_depth(shape, x, y) + maps[:, skins.RELIEF] + _bulges(shape, x, y) + 0.010 * pebbles
    height, dark, albedo, sky, gloss = _over(
        canvas, window, relief, 1.0 + 0.16 * pebbles, grown, maps[:, skins.HOLLOW], maps[:, skins.GLOSS]
    )
    fold(canvas, attributes, None if bare is None else _over(canvas, window, bare)[0], height, dark)
    shape_lids(canvas, height, dark)
    draw_brows(canvas, hairs, albedo, height)
    return Surface(window, height, dark, albedo, sky, gloss)


def _chin_hair_cover(attributes: Sequence[Attributes], beard: Pixels) -> Pixels | None:
    """How much of the skin chin hair covers in each frame; None where nobody wears any."""
    grown = [each.chin_hair for each in attributes]
    if max(grown) <= 0:
        return None
    share = column([(0.25 + 0.75 * hair) * (hair > 0) for hair in grown]).to(beard.device)
    return (beard * share).clamp(0.0, 0.93)


def _with_chin_hair(shape: FaceShape, skin: Tensor, beard: Pixels, hairy: Pixels) -> Tensor:
    colour = brow_colour(shape.identity).to(skin.device) * (0.55 + 0.75 * beard[:, None])
    return skin + (colour - skin) * hairy[:, None]


def head_cover(canvas: Canvas, window: Window) -> Pixels:
    """Coverage of the head (face and skull without hair and ears)."""
    level = outline_level(canvas.shape, window.cut(canvas.x), window.cut(canvas.y))
    down, right = torch.gradient(level, dim=(1, 2))
    return edge((1.0 - level) / (torch.hypot(down, right) + 1e-4), 0.75)


def draw_head(
    canvas: Canvas, skin: skins.Skin, hairs: Tensor, attributes: Sequence[Attributes], light: Lights, picture: Picture
) -> None:
    """Lit skin with brows, lips and an open or closed mouth, over the pictures in place (eyes come later)."""
    surface = lay_skin(canvas, skin, hairs, attributes)
    lips = mouth_window(canvas)
    red, opening = swell_lips(canvas, lips, surface.height, surface.dark)
    redden(canvas, lips, surface.albedo, red)
    lips.put(surface.gloss, lips.cut(surface.gloss) + 0.9 * red)
    window = surface.window
    patch = window.cut(picture)
    window.put(picture, patch + (_lit(canvas, surface, light) - patch) * head_cover(canvas, window)[:, None])
    open_mouth(canvas, lips, picture, opening)


def _lit(canvas: Canvas, surface: Surface, light: Lights) -> Float[Tensor, "B 3 H W"]:
    window = surface.window
    x, y, height, dark, gloss = map(window.cut, (canvas.x, canvas.y, surface.height, surface.dark, surface.gloss))
    towards = canvas.view.rotation[2].to(canvas.device)
    normal = normals(towards[0] * x + towards[1] * y + towards[2] * height, canvas.pixel)
    sky = window.cut(surface.sky) * dark
    lit = window.cut(surface.albedo) * falling_light(normal, light, sky) * (0.35 + 0.65 * dark)[:, None]
    pale = 1.0 - 0.45 * canvas.shape.identity.melanin
    broad, sharp = gleam(normal, light)
    return lit + (gloss * sky * (0.050 * broad + 0.016 / pale * sharp))[:, None]
