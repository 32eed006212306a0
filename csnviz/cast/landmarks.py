"""The 68 landmark roles of drawn faces, in closed form: no face model looks at a drawing."""

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from csnviz.cast.brows import brow_height_at
from csnviz.cast.eyes import lid_curves
from csnviz.cast.geometry import EYE_X, FaceShape, View, coarse_depth, half_width
from csnviz.cast.mouth import lip_curves

Points = Float[Tensor, "2 B 1 K"]
"""x and y (face coordinates) of K points in every frame."""


def _row(*values: float) -> Float[Tensor, " K"]:
    return torch.tensor(values, dtype=torch.float64)


def _points(shape: FaceShape, x: Tensor, y: Tensor) -> Points:
    """Points of every frame, also where x or y is the same in all."""
    every_frame = torch.zeros(len(shape), 1, 1, dtype=torch.float64)
    return torch.stack(torch.broadcast_tensors(every_frame + x, every_frame + y))


def _jaw(shape: FaceShape) -> Points:
    """Roles 0-16: even steps along the outline from the image-left temple over the chin to the image-right temple."""
    y = shape.chin_y * torch.linspace(0.0, torch.pi / 2, 200, dtype=torch.float64).sin()
    outline = _points(shape, 0.985 * half_width(shape, y), y)
    pieces = torch.hypot(*outline.diff(dim=-1))
    walked = torch.cat((torch.zeros_like(pieces[..., :1]), pieces.cumsum(-1)), -1)
    steps = walked[..., -1:] * torch.arange(8) / 8.0
    after = torch.searchsorted(walked, steps).clamp(min=1)
    before = after - 1
    low, high = walked.gather(-1, before), walked.gather(-1, after)
    start, end = (outline.gather(-1, at.expand(2, *at.shape)) for at in (before, after))
    x, y = torch.lerp(start, end, (steps - low) / (high - low))
    chin = _points(shape, _row(0.0), shape.chin_y)
    return torch.cat((_points(shape, -x, y), chin, _points(shape, x, y).flip(-1)), -1)


def _brows(shape: FaceShape) -> Points:
    """Roles 17-26: each brow in five even steps."""
    brows = []
    for side, order in ((shape.sides[0], (1.0, 0.75, 0.5, 0.25, 0.0)), (shape.sides[1], (0.0, 0.25, 0.5, 0.75, 1.0))):
        along = _row(*order).expand(len(shape), 1, 5)
        start, end = side.brow[0][0], side.brow[2][0]
        brows.append(_points(shape, side.sign * (start + along * (end - start)), brow_height_at(side, along)))
    return torch.cat(brows, -1)


def _nose(shape: FaceShape) -> Points:
    """Roles 27-35: four down the ridge, five along the wings."""
    tip, wide = shape.identity.nose_length, 0.62 * shape.identity.nose_width
    part = _row(-1.0, -0.5, 0.0, 0.5, 1.0)
    ridge = _points(shape, _row(0.0), -0.05 + (tip + 0.05) * _row(0.0, 1.0, 2.0, 3.0) / 3.0)
    return torch.cat((ridge, _points(shape, wide * part, tip + 0.16 - 0.03 * part.abs() + shape.moved.wing_y)), -1)


def _eyes(shape: FaceShape) -> Points:
    """Roles 36-47: each eye from the image's left along the upper lid, back along the lower."""
    eyes = []
    for sign, order in ((-1.0, (1.0, 0.33, -0.33, -1.0)), (1.0, (-1.0, -0.33, 0.33, 1.0))):
        x = sign * (EYE_X + shape.identity.eye_width * _row(*order)).expand(len(shape), 1, 4)
        lids = lid_curves(shape, sign, x)
        eyes += [_points(shape, x, lids.upper), _points(shape, x, lids.lower)[..., [2, 1]]]
    return torch.cat(eyes, -1)


def _mouth(shape: FaceShape) -> Points:
    """Roles 48-67: the lips' outer borders all round from the image-left corner, then the inner ones."""
    left, right = shape.sides[0].corner, shape.sides[1].corner

    def on(border: str, *parts: float) -> Points:
        x = _row(*parts) * torch.where(_row(*parts) < 0, left[0], right[0])
        return _points(shape, x, getattr(lip_curves(shape, x), border))

    across = (-0.66, -0.28, 0.0, 0.28, 0.66)
    inside = (-0.40, 0.0, 0.40)
    return torch.cat((
        _points(shape, -left[0], left[1]), on("upper_top", *across),
        _points(shape, right[0], right[1]), on("lower_bottom", *across[::-1]),
        on("upper_bottom", -0.88, *inside, 0.88), on("lower_top", *inside[::-1]),
    ), -1)  # fmt: skip


def landmarks(plan: FaceShape, view: View) -> Float[np.ndarray, "B 68 2"]:
    """Pixels of the 68 roles (jaw 0-16, brows 17-26, nose 27-35, eyes 36-47, lips 48-67; image left first), columns then rows."""
    x, y = torch.cat([part(plan) for part in (_jaw, _brows, _nose, _eyes, _mouth)], -1)
    return torch.cat(view.project(x, y, coarse_depth(plan, x, y)), 1).transpose(1, 2).numpy()
