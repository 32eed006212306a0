"""The mouth: lips as curves that action units move, and what shows between them."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from csnviz.cast.canvas import Canvas, Picture, Pixels, Window, blend
from csnviz.cast.colours import linear, lip_colour
from csnviz.cast.geometry import FaceShape
from csnviz.cast.texture import decay, edge, smoothstep

_SHUT = 0.004
"""The gap up to which nothing shows between the lips."""


@dataclass(frozen=True)
class Gap:
    """Where the lips meet or part, at some x of pixels (B, H, W) or of points (B, 1, K): the inner borders (y, down)."""

    across: Pixels  # -1 at the image-left corner .. 1 at the right one
    upper_bottom: Pixels
    lower_top: Pixels


@dataclass(frozen=True)
class Lips(Gap):
    """All four borders of the lips."""

    upper_top: Pixels
    lower_bottom: Pixels


def gap_curves(shape: FaceShape, x: Pixels) -> Gap:
    """The inner borders of the lips. Between the corners only; beyond them the two meet."""
    left, right = (side.corner for side in shape.sides)
    width = torch.where(x < 0, left[0], right[0])
    corner_y = torch.where(x < 0, left[1], right[1])
    across = x / width
    u = across.abs().clamp(max=1.0)
    square = u * u
    log = (1.0 - square).clamp(min=1e-24).log()  # of how near the middle is; its powers shape the curves
    # A raised corner bends the whole line, the middle stays with the teeth; one that is pulled down hooks its end.
    off = corner_y - shape.mouth_y
    line = shape.mouth_y + (off + off.clamp(min=0.0) * (u - 1.0)) * square - shape.line_arch * torch.exp(1.3 * log)
    line = line + 0.008 * decay(square / 0.04) - 0.004 * decay(((u - 0.42) / 0.22) ** 2)
    return Gap(across, line - shape.gap_upper * torch.exp(0.9 * log), line + shape.gap_lower * torch.exp(0.75 * log))


def lip_curves(shape: FaceShape, x: Pixels) -> Lips:
    """The four borders of the lips. Between the corners only; beyond them all four meet."""
    gap = gap_curves(shape, x)
    u = gap.across.abs().clamp(max=1.0)
    dip = shape.identity.cupid_bow * decay((u / 0.13) ** 2)
    bow = 1.0 - dip + 0.10 * decay(((u - 0.24) / 0.14) ** 2)
    upper_top = gap.upper_bottom - shape.lip_upper * bow * (1.0 - u**1.9) ** 0.9
    lower_bottom = gap.lower_top + shape.lip_lower * (1.0 - u * u * u) ** 0.70
    return Lips(gap.across, gap.upper_bottom, gap.lower_top, upper_top, lower_bottom)


def mouth_window(canvas: Canvas) -> Window:
    """The block of pixels that holds the mouth, its shadow included."""
    plan = canvas.plan
    left, right = (side.corner for side in plan.sides)
    reach = torch.maximum(left[0], right[0]) + 0.12
    top = torch.minimum(torch.minimum(left[1], right[1]), plan.mouth_y - plan.line_arch - plan.gap_upper)
    bottom = torch.maximum(torch.maximum(left[1], right[1]), plan.mouth_y + plan.gap_lower)
    return canvas.window(-reach, reach, top - 0.22, bottom + 0.26)


def _inside(y: Pixels, top: Pixels, bottom: Pixels, softness: Tensor) -> Pixels:
    return edge(y - top, softness) * edge(bottom - y, softness)


def swell_lips(
    canvas: Canvas, window: Window, height: Float[Tensor, "B S S"], dark: Float[Tensor, "B S S"]
) -> tuple[Pixels, Pixels]:
    """Raise the lips out of the height maps and darken the line between and under them, in place.

    Returns the coverage of lip red and of the mouth's opening.
    """
    y, soft = window.cut(canvas.y), 0.6 * canvas.pixel
    lips = lip_curves(canvas.shape, window.cut(canvas.x))
    between = edge(1.0 - lips.across.abs(), 0.02)
    upper = edge(y - lips.upper_top, soft + 0.008) * edge(lips.upper_bottom - y, soft + 0.005) * between
    lower = edge(y - lips.lower_top, soft + 0.005) * edge(lips.lower_bottom - y, soft + 0.014) * between
    opening = _inside(y, lips.upper_bottom, lips.lower_top, soft) * between
    opening = opening * smoothstep(lips.lower_top - lips.upper_bottom, _SHUT, 0.03)
    full_upper = (lips.upper_bottom - lips.upper_top).clamp(min=0.012)
    full_lower = (lips.lower_bottom - lips.lower_top).clamp(min=0.012)
    high_upper = ((y - lips.upper_top) / full_upper).clamp(0.0, 1.0)
    high_lower = ((lips.lower_bottom - y) / full_lower).clamp(0.0, 1.0)
    swelling = upper * 0.55 * full_upper * torch.sin(torch.pi * high_upper**0.8)
    swelling = swelling + lower * 0.60 * full_lower * torch.sin(torch.pi * high_lower**0.75)
    window.put(height, window.cut(height) + swelling)
    window.put(dark, window.cut(dark) * _lip_shadow(lips, y))
    return (upper + lower).clamp(0.0, 1.0), opening


def _lip_shadow(lips: Lips, y: Pixels) -> Pixels:
    """How much light stays along the line between the lips, in the corners and under the lower lip (1 all)."""
    out = lips.across.abs()
    off = y - 0.5 * (lips.upper_bottom + lips.lower_top)
    line = decay((off / 0.014) ** 2) * edge(1.03 - out, 0.02)
    corner = decay(((out - 1.0) / 0.07) ** 2 + (off / 0.024) ** 2)
    under = decay(((y - lips.lower_bottom - 0.035) / 0.035) ** 2) * (1.0 - out * out).clamp(min=0.0)
    return (1.0 - 0.66 * line * (1.0 - 0.35 * out**4)) * (1.0 - 0.24 * corner) * (1.0 - 0.20 * under)


def redden(canvas: Canvas, window: Window, albedo: Picture, red: Pixels) -> None:
    """Colour the lips, in place: darker lines run across them and the upper lip is darker."""
    identity = canvas.shape.identity
    gap = gap_curves(canvas.shape, window.cut(canvas.x))
    seed = 7.0 * identity.cupid_bow
    lines = torch.sin(gap.across * 41.0 + seed) + 0.7 * torch.sin(gap.across * 73.0 + 2.0 * seed)
    off = window.cut(canvas.y) - 0.5 * (gap.upper_bottom + gap.lower_top)
    wet = decay((off / 0.045) ** 2)  # towards the inside of the mouth lips are darker and redder
    tone = 0.96 + 0.035 * lines - 0.12 * edge(-off, 0.01) - 0.14 * wet - 0.08 * gap.across**2
    blend(albedo, window, lip_colour(identity).to(canvas.device) * tone[:, None], 0.82 * red)


def open_mouth(canvas: Canvas, window: Window, picture: Picture, opening: Pixels) -> None:
    """Dark mouth, upper teeth, and a tongue when the jaw is low, drawn over the pictures in place."""
    plan = canvas.plan
    if float((plan.gap_upper + plan.gap_lower).max()) <= _SHUT:
        return
    blend(picture, window, _inside_of_mouth(canvas, window), opening)


def _inside_of_mouth(canvas: Canvas, window: Window) -> Float[Tensor, "B 3 H W"]:
    shape, device = canvas.shape, canvas.device
    x, y = window.cut(canvas.x), window.cut(canvas.y)
    lips = gap_curves(shape, x)
    gap = (lips.lower_top - lips.upper_bottom).clamp(min=1e-3)
    down = y - lips.upper_bottom
    below = down / gap
    dark = 1.0 - 0.75 * decay(((below - 0.45) / 0.4) ** 2)
    inside = linear((58, 22, 22)).to(device) * dark[:, None]
    tongue = smoothstep(below, 0.60, 0.85) * smoothstep(gap, 0.10, 0.20)
    inside = torch.lerp(inside, (linear((168, 84, 82)) * 0.6).to(device), tongue[:, None])
    tooth, seam = _teeth(x)
    teeth_edge = shape.mouth_y - shape.gap_upper + 0.064 - 0.010 * tooth - 0.10 * x * x
    teeth = edge(teeth_edge - y, 0.7 * canvas.pixel) * smoothstep(lips.across.abs(), 0.95, 0.60)
    shade = (1.0 - 0.22 * seam) * (0.96 - 0.58 * lips.across**2) * (0.60 + 0.40 * smoothstep(down, 0.0, 0.042))
    return torch.lerp(inside, linear((230, 219, 199)).to(device) * shade[:, None], teeth[:, None])


_SEAMS = (0.0, 0.084, 0.149, 0.219, 0.280)
"""Where one upper tooth meets the next, from the middle outwards: broad front teeth, narrow ones beside them, canines."""


def _teeth(x: Pixels) -> tuple[Pixels, Pixels]:
    """How near a place is to a seam between two teeth (1 on it): the rounding of their edges, and the thin shade itself."""
    out = x.abs()
    nearest = torch.stack([(out - seam).abs() for seam in _SEAMS]).amin(0)
    return decay((nearest / 0.016) ** 2), decay((nearest / 0.007) ** 2)
