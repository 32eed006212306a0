"""Eyebrows: a curve through inner end, peak and outer end, grown with short hairs."""

import torch
from jaxtyping import Float
from torch import Tensor

from csnviz.cast.canvas import Canvas, Picture, Pixels, Window
from csnviz.cast.colours import brow_colour
from csnviz.cast.geometry import Side
from csnviz.cast.identity import Identity, generator
from csnviz.cast.texture import decay, look_up, smoothstep, strands

_ALONG, _ACROSS = 92, 24
_PEAK = 0.62
"""Where along a brow its peak lies."""


def grow_brow(identity: Identity) -> Float[Tensor, "24 92"]:
    """Hairs of one brow, unrolled: columns run from the inner to the outer end, rows from top to bottom."""
    along = torch.linspace(0.0, 1.0, _ALONG).expand(_ACROSS, _ALONG)
    rise = -0.80 * (1.0 - along) ** 1.5 + 0.25 * torch.linspace(-1.0, 1.0, _ACROSS)[:, None] - 0.1
    return strands(generator(identity.participant, 4), torch.ones_like(along), rise, 4)


def brow_height_at(side: Side, along: Pixels) -> Pixels:
    """y of the brow's middle line, at pixels (B, H, W) or points (B, 1, K); along is 0 at the inner and 1 at the outer end."""
    (_, inner), (_, peak), (_, outer) = side.brow
    t = along.clamp(-0.06, 1.06)
    rise = (peak - inner) / _PEAK
    bend = (outer - peak) / (1.0 - _PEAK) - rise
    beyond = t - _PEAK
    # inner + rise * t + bend * t * beyond is the parabola through the three points (Newton's form). It would overshoot when
    # the brow is bent hard, so it is mixed with the two straight pieces, which bend at the peak only.
    return inner + rise * t + bend * (0.75 * t * beyond + 0.25 * beyond.clamp(min=0.0))


def _window(canvas: Canvas, side: Side, thickness: float) -> Window:
    """The block of pixels beyond which nothing of a brow is seen, however its hairs thin out; side is one of the plan's."""
    start, end = (side.sign * point[0] for point in (side.brow[0], side.brow[2]))
    ys = torch.stack([point[1] for point in side.brow])
    left, right, high = torch.minimum(start, end), torch.maximum(start, end), 1.8 * thickness
    return canvas.window(left - 0.05, right + 0.05, ys.amin(0) - high, ys.amax(0) + high)


def draw_brows(canvas: Canvas, hairs: Float[Tensor, "24 92"], albedo: Picture, height: Float[Tensor, "B S S"]) -> None:
    """Grow both brows on the skin, in place: colour, and a slight thickness."""
    identity = canvas.shape.identity
    colour = brow_colour(identity).to(canvas.device)
    for planned, side in zip(canvas.plan.sides, canvas.shape.sides, strict=True):
        window = _window(canvas, planned, identity.brow_thickness)
        along, place = _unrolled(side, identity.brow_thickness, window.cut(canvas.x), window.cut(canvas.y))
        texture = look_up(hairs[None], (0.5 + 0.28 * place) * _ACROSS, along * (_ALONG - 1))
        ends = smoothstep(along, -0.05, 0.14) * smoothstep(along, 1.03, 0.72)
        body = decay(0.75 * place.abs() ** 2.6) * ends
        cover = (body[:, None] * identity.brow_density * (0.88 + 0.17 * texture)).clamp(0.0, 0.97)
        window.put(albedo, torch.lerp(window.cut(albedo), colour * (1.0 + 0.25 * texture), cover))
        window.put(height, window.cut(height) + 0.012 * body)


def _unrolled(side: Side, thickness: float, x: Pixels, y: Pixels) -> tuple[Pixels, Pixels]:
    """Where pixels lie in a brow: along it (0 inner .. 1 outer end) and across it (-1 upper .. 1 lower border)."""
    start, end = side.brow[0][0], side.brow[2][0]
    along = (x * side.sign - start) / (end - start)
    step = 0.01
    slope = (brow_height_at(side, along + step) - brow_height_at(side, along - step)) / (2 * step * (end - start))
    across = (y - brow_height_at(side, along)) / torch.sqrt(1.0 + slope * slope)
    half = 0.5 * thickness * (1.0 + 0.6 * smoothstep(along, 0.95, 0.15))
    return along, across / half
