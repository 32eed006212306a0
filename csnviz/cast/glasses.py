"""Eyeglasses: two rims on a plane before the eyes, a bridge, temples that run back to the ears, and their soft shadow."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import avg_pool2d

from csnviz.cast.anatomy import Column, column
from csnviz.cast.attributes import Attributes
from csnviz.cast.canvas import Canvas, Picture, Pixels, Window
from csnviz.cast.colours import linear
from csnviz.cast.geometry import View
from csnviz.cast.light import Lights
from csnviz.cast.texture import edge, smoothstep

RIM_DEPTH, _EAR_DEPTH = 0.34, -0.62
_HALF_HEIGHT, _HALF_WIDTH, _CENTRE_X, _CENTRE_Y = 0.265, 0.375, 0.515, 0.045
_GOLD, _BLACK = (118, 106, 88), (26, 22, 22)


@dataclass(frozen=True)
class Spectacles:
    """Where the glasses are in each frame: coverage of frame and lens, and the shadow they throw (each 0 .. 1)."""

    frame: Float[Tensor, "B S S"]
    lens: Float[Tensor, "B S S"]
    shadow: Float[Tensor, "B S S"]

    def touched(self) -> Float[Tensor, "B S S"]:
        """How much of each pixel the glasses change."""
        return torch.maximum(torch.maximum(self.frame, self.lens), self.shadow)


@dataclass(frozen=True)
class _Pair:
    """How the glasses of each wearer are made."""

    heavy: Column
    thick: Column
    bridge: Column
    roundness: Column

    @classmethod
    def of(cls, attributes: Sequence[Attributes], device: torch.device) -> "_Pair":
        heavy, bridge, roundness = (
            column([getattr(each, name) for each in attributes]).to(device)
            for name in ("eyeglasses", "eyeglasses_bridge", "eyeglasses_roundness")
        )
        return cls(heavy, 0.018 + 0.034 * heavy, bridge, roundness)


def _temple_ends(canvas: Canvas, view: View) -> list[tuple[Tensor, Tensor]]:
    """Columns and rows (B, 1, 2) of the hinge and the ear that each side piece joins."""
    ear_x = canvas.shape.identity.face_width + 0.02
    y, z = torch.tensor([[[_CENTRE_Y - 0.15, 0.02]]]), torch.tensor([[[RIM_DEPTH, _EAR_DEPTH]]])
    x = torch.tensor([[[_CENTRE_X + _HALF_WIDTH - 0.01, ear_x]]])
    return [view.project(sign * x, y, z) for sign in (-1.0, 1.0)]


def _window(canvas: Canvas, view: View) -> Window:
    """The block that holds all that glasses can touch: rims of any shape with their shadow, and temples."""
    x, y = torch.tensor([[[-1.06, 1.06, -1.06, 1.06]]]), torch.tensor([[[-0.46, -0.46, 0.55, 0.55]]])
    places = [view.project(x, y, torch.full_like(x, RIM_DEPTH)), *_temple_ends(canvas, view)]
    columns, rows = (torch.cat(part, -1) for part in zip(*places, strict=True))
    reach = 0.05 * view.scale
    columns, rows = (torch.cat((part - reach, part + reach), -1) for part in (columns, rows))
    return canvas.block(columns, rows)


def _plane_coordinates(view: View, window: Window, depth: float) -> tuple[Pixels, Pixels]:
    """Face x and y of every pixel on the upright plane at this depth: the exact inverse of the projection there."""
    places = view.project(*torch.tensor(((0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (depth,) * 3))[:, None, None])
    (corner_x, a, b), (corner_y, c, d) = ((part[..., :1], *_steps(part)) for part in places)
    within = a * d - b * c
    device = window.rows.device
    corner_x, corner_y = corner_x.to(device), corner_y.to(device)
    a, b, c, d = ((part / within).to(device) for part in (a, b, c, d))
    dx, dy = window.columns[:, None] - corner_x, window.rows[:, :, None] - corner_y
    return d * dx - b * dy, a * dy - c * dx


def _steps(places: Float[Tensor, "B 1 3"]) -> tuple[Column, Column]:
    """How far the second and the third place lie from the first."""
    return places[..., 1:2] - places[..., :1], places[..., 2:] - places[..., :1]


def _rim_distance(pair: _Pair, x: Pixels, y: Pixels) -> Pixels:
    """Signed distance to the lens outline, positive inside: a rounded box that is round for roundness 1."""
    half_width = _HALF_WIDTH - 0.085 * pair.roundness
    half_height = _HALF_HEIGHT + 0.02 * pair.roundness
    radius = 0.09 + (torch.minimum(half_width, half_height) - 0.09) * pair.roundness**1.5
    aside = x.abs() - _CENTRE_X
    qx = aside.abs() - half_width + radius
    qy = (y - _CENTRE_Y + 0.04 * aside).abs() - half_height + radius
    return radius - torch.hypot(qx.clamp(min=0.0), qy.clamp(min=0.0)) - torch.maximum(qx, qy).clamp(max=0.0)


def _bridge(pair: _Pair, x: Pixels, y: Pixels) -> Pixels:
    middle = -0.085 + 0.11 * pair.bridge
    reach = _CENTRE_X - _HALF_WIDTH + 0.085 * pair.roundness + 0.02
    arc = y - (middle - 0.035 * (1.0 - (x / reach) ** 2))
    return torch.where(x.abs() < reach, 0.55 * pair.thick - arc.abs(), -1.0)


def _bar(pair: _Pair, rim: Pixels, x: Pixels, y: Pixels) -> Pixels:
    """Distance inside rim and bridge."""
    return torch.maximum(0.5 * pair.thick - rim.abs(), _bridge(pair, x, y))


def _temple(ends: tuple[Tensor, Tensor], window: Window) -> Pixels:
    """Distance in pixels to a side piece, drawn between hinge and ear in the picture."""
    across, down = (part.to(window.rows.device) for part in ends)
    step_x, step_y = (part[..., 1:] - part[..., :1] for part in (across, down))
    px, py = window.columns[:, None] - across[..., :1], window.rows[:, :, None] - down[..., :1]
    along = ((px * step_x + py * step_y) / (step_x**2 + step_y**2).clamp(min=1.0)).clamp(0.0, 1.0)
    return torch.hypot(px - along * step_x, py - along * step_y)


def _clean(cover: Pixels) -> Pixels:
    """Coverage without the logistic's endless tail: what is nearly nothing is nothing."""
    return ((cover - 0.01) / 0.98).clamp(0.0, 1.0)


def draw_glasses(canvas: Canvas, attributes: Sequence[Attributes], light: Lights, picture: Picture) -> Spectacles:
    """Shadow, lenses and frame over the finished faces, in place. Returns what was drawn: all zero where none are worn."""
    covers = torch.zeros_like(picture)
    frames = [frame for frame, each in enumerate(attributes) if each.eyeglasses > 0]
    if frames:
        who = torch.tensor(frames)
        there = who.to(canvas.device)
        view = View(canvas.view.rotation[:, :, who], canvas.view.offset[:, who], canvas.view.scale[who])
        lit = Lights(light.toward[:, there], light.key[there], light.ambient[there], light.tint[there])
        pair = _Pair.of([attributes[frame] for frame in frames], canvas.device)
        faces, drawn = picture[there], covers[there]
        _draw(canvas, view, pair, lit, faces, drawn)
        picture[there], covers[there] = faces, drawn
    return Spectacles(*covers.unbind(1))


def _draw(canvas: Canvas, view: View, pair: _Pair, light: Lights, picture: Picture, covers: Picture) -> None:
    """The same on wearers only; covers takes frame, lens and shadow as its channels."""
    window = _window(canvas, view)
    x, y = _plane_coordinates(view, window, RIM_DEPTH)
    pixel, turned = (1.0 / view.scale).to(canvas.device), view.rotation[0, 2].to(canvas.device)
    rim = _rim_distance(pair, x, y)
    temples = torch.minimum(*(_temple(ends, window) for ends in _temple_ends(canvas, view)))
    bar = torch.maximum(_bar(pair, rim, x, y), 0.8 * pair.thick - temples * pixel)
    frame, lens = _clean(edge(bar, 0.5 * pixel)), _clean(edge(rim, 0.6 * pixel))
    far_x, far_y = x + 0.07 * light.toward[0], y + 0.10 * light.toward[1]
    shadow = _clean(0.42 * edge(_bar(pair, _rim_distance(pair, far_x, far_y), far_x, far_y), 0.018))
    window.put(covers, torch.stack((frame, lens, shadow), 1))

    power = light.key + light.ambient
    streak = smoothstep((torch.remainder(x + 0.55 * y, 1.0) - 0.62 - 0.2 * turned).abs(), 0.10, 0.04)
    glare = (0.008 + 0.045 * streak * smoothstep(y, 0.15, -0.15)) * power
    patch = window.cut(picture) * (1.0 - shadow)[:, None] + (lens * glare)[:, None]
    round_bar = 0.75 + 0.5 * (1.0 - rim.abs() / 0.03).clamp(0.0, 1.0) * (0.6 - 2.0 * y).clamp(0.0, 1.0)
    gold, black = (linear(srgb).to(canvas.device) for srgb in (_GOLD, _BLACK))
    material = torch.lerp(gold, black, (1.7 * pair.heavy - 0.3).clamp(max=1.0)[:, None])
    worn = torch.lerp(patch, material * (round_bar * power)[:, None], frame[:, None])
    let_through = 1.0 - canvas.shape.non_additivity
    window.put(picture, worn + let_through * frame[:, None] * _detail(patch, canvas) if let_through > 0 else worn)


def _detail(patch: Tensor, canvas: Canvas) -> Tensor:
    """What wrinkles make of the skin: each place against its surroundings."""
    reach = max(1, round(0.12 * float(canvas.view.scale.mean())))
    return patch - avg_pool2d(patch, 2 * reach + 1, 1, reach, count_include_pad=False)
