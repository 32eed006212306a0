"""The skin of the head at each moment: resting skin carried along by the action units, folded, coloured and lit."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from csnviz.cast import skin as skins
from csnviz.cast.anatomy import Column, column
from csnviz.cast.attributes import Attributes
from csnviz.cast.brows import draw_brows
from csnviz.cast.canvas import Canvas, Picture, Pixels, Window
from csnviz.cast.colours import brow_colour, rgb
from csnviz.cast.eyes import shape_lids
from csnviz.cast.furrows import fold
from csnviz.cast.geometry import FaceShape, coarse_depth, outline_level
from csnviz.cast.light import Lights, falling_light, gleam, normals
from csnviz.cast.mouth import mouth_window, open_mouth, redden, swell_lips
from csnviz.cast.texture import bump, decay, edge, smoothstep


@dataclass(frozen=True)
class Surface:
    """The lit-to-be skin of each frame; nothing outside of the head's block of pixels."""

    window: Window
    height: Float[Tensor, "B S S"]
    dark: Float[Tensor, "B S S"]
    albedo: Picture
    sky: Float[Tensor, "B S S"]
    gloss: Float[Tensor, "B S S"]


Hill = tuple[Column, float | Column, float | Column, float, float]
"""How high in each frame, the centre (outwards or across, down) and the spread in both directions."""


def _hills(x: Pixels, y: Pixels, *hills: Hill) -> Pixels:
    """The sum of hills whose columns lie on the CPU; one that is flat in every frame costs nothing."""
    total = torch.zeros_like(x)
    for high, *place, spread_x, spread_y in hills:
        if bool((high != 0).any()):
            centre = [at.to(x.device) if isinstance(at, Tensor) else at for at in place]
            total = total + high.to(x.device) * bump(x, y, centre[0], centre[1], spread_x, spread_y)
    return total


def rest_coordinates(canvas: Canvas, x: Pixels, y: Pixels) -> tuple[Pixels, Pixels]:
    """Where the skin that is now at (x, y) lies in the resting face: the action units carry texture and relief."""
    plan, moved, chin = canvas.plan, canvas.plan.moved, canvas.plan.identity.chin
    ax, side = x.abs(), x.sign()
    out, down = torch.zeros_like(x), torch.zeros_like(x)
    if bool((moved.jaw != 0).any()):
        # Closed lips take the skin above along.
        low = 0.55 + (0.60 - 1.4 * canvas.shape.sealed_jaw) * decay((x / 0.42) ** 2)
        down = canvas.shape.moved.jaw * smoothstep(y, low, plan.identity.mouth_y + 0.42)
    for half in plan.sides:
        near = (half.sign * half.corner[0], half.corner[1], 0.17, 0.17)
        out = out + _hills(x, y, (0.8 * moved.corner_x, *near))
        down = down + _hills(x, y, (0.8 * moved.corner_y, *near))
    down = down + _hills(
        ax,
        y,
        (moved.wing_y, 0.22, 0.70, 0.13, 0.13),
        (-0.055 * moved.cheek, 0.62, 0.40, 0.22, 0.22),
        (0.6 * moved.brow_inner_y, 0.25, -0.42, 0.20, 0.20),
        (0.6 * moved.brow_outer_y, 0.72, -0.42, 0.20, 0.20),
        (-0.060 * moved.chin_boss, 0.0, chin - 0.28 + moved.jaw, 0.25, 0.15),
    )
    return x - side * out, y - down


def _bulges(plan: FaceShape, ax: Pixels, y: Pixels) -> Pixels:
    """Flesh that gathers: the frown, what a brow pushes up, skin beside the nose, raised cheeks, a smile's apples, the chin."""
    moved, chin = plan.moved, plan.identity.chin - 0.30 + plan.moved.jaw
    return _hills(
        ax,
        y,
        (0.25 * moved.brow_inner_y.clamp(min=0.0), 0.20, -0.27, 0.10, 0.08),
        (0.16 * (-moved.brow_inner_y).clamp(min=0.0), 0.20, -0.50, 0.13, 0.07),
        (0.45 * (-moved.wing_y).clamp(min=0.0), 0.31, 0.40, 0.08, 0.13),
        (0.115 * moved.cheek, 0.57, 0.34, 0.19, 0.12),
        (0.54 * (-moved.corner_y).clamp(min=0.0), 0.60, 0.56, 0.16, 0.16),
        (0.090 * moved.chin_boss, 0.0, chin, 0.17, 0.095),
        (-0.050 * moved.chin_boss, 0.0, chin - 0.155, 0.20, 0.04),
    )


def _cheek_hollow(plan: FaceShape, ax: Pixels, y: Pixels) -> Pixels:
    """How deep the cheek sinks under its bone when a falling jaw draws it long, most behind closed lips."""
    jaw = plan.moved.jaw
    return _hills(ax, y, (0.16 * jaw + 0.34 * plan.sealed_jaw, 0.68, 0.92 + 0.3 * jaw, 0.13, 0.28))


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
    maps = skin.atlas.at(*rest_coordinates(canvas, x, y))
    colour = maps[:, skins.RED : skins.BLUE + 1]
    hairy = _chin_hair_cover(attributes, maps[:, skins.BEARD])
    grown = colour if hairy is None else _with_chin_hair(shape, colour, maps[:, skins.BEARD], hairy)
    bulges, dimples = _bulges(canvas.plan, x.abs(), y), shape.moved.chin_boss * maps[:, skins.DIMPLES]
    bare = None if hairy is None else 1.0 - shape.non_additivity * hairy
    if bare is not None:  # dense hair hides what the skin beneath it does
        bulges, dimples = bulges * bare, dimples * bare
    sunken = _cheek_hollow(canvas.plan, x.abs(), y)
    relief = coarse_depth(shape, x, y) + maps[:, skins.RELIEF] + bulges - sunken - 0.010 * dimples
    sky_seen = maps[:, skins.HOLLOW] * (1.0 - 1.8 * sunken)
    height, dark, albedo, sky, gloss = _over(
        canvas, window, relief, 1.0 - 0.22 * dimples, grown, sky_seen, maps[:, skins.GLOSS]
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


_CREASE = (0.43, 0.33, 0.30)
"""How much light stays at the bottom of a crease, red, green and blue: what is left has been through skin."""


def _lit(canvas: Canvas, surface: Surface, light: Lights) -> Float[Tensor, "B 3 H W"]:
    window = surface.window
    x, y, height, dark, gloss = map(window.cut, (canvas.x, canvas.y, surface.height, surface.dark, surface.gloss))
    towards = canvas.view.rotation[2].to(canvas.device)
    normal = normals(towards[0] * x + towards[1] * y + towards[2] * height, canvas.pixel)
    sky = window.cut(surface.sky) * dark
    floor = rgb(_CREASE).to(canvas.device)
    lit = window.cut(surface.albedo) * falling_light(normal, light, sky) * (floor + (1.0 - floor) * dark[:, None])
    dark_skin = canvas.shape.identity.melanin  # pale skin scatters so much light that its gleam is hardly seen
    broad, sharp = gleam(normal, light)
    return lit + (gloss * sky * ((0.022 + 0.024 * dark_skin) * broad + (0.008 + 0.018 * dark_skin) * sharp))[:, None]
