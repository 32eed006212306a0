"""The 68 landmark roles of a drawn face, in closed form: no face model looks at a drawing."""

import numpy as np
from jaxtyping import Float

from csnviz.cast.brows import brow_height_at
from csnviz.cast.eyes import lid_curves
from csnviz.cast.geometry import EYE_X, FaceShape, View, coarse_depth, half_width
from csnviz.cast.mouth import lip_curves


def _jaw(shape: FaceShape) -> list[tuple[float, float]]:
    """Roles 0-16: even steps along the outline from the image-left temple over the chin to the image-right temple."""
    turn = np.linspace(0.0, np.pi / 2, 200)
    y = shape.chin_y * np.sin(turn)
    x = 0.985 * half_width(shape, y)
    walked = np.concatenate(([0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))))
    steps = np.linspace(0.0, walked[-1], 9)
    down = list(zip(np.interp(steps, walked, x).tolist(), np.interp(steps, walked, y).tolist(), strict=True))
    return [(-a, b) for a, b in down[:8]] + [(0.0, shape.chin_y)] + down[7::-1]


def _brows(shape: FaceShape) -> list[tuple[float, float]]:
    points: list[tuple[float, float]] = []
    for side, order in ((shape.sides[0], (1.0, 0.75, 0.5, 0.25, 0.0)), (shape.sides[1], (0.0, 0.25, 0.5, 0.75, 1.0))):
        along = np.array(order)
        x = side.sign * (side.brow[0][0] + along * (side.brow[2][0] - side.brow[0][0]))
        points += list(zip(x.tolist(), brow_height_at(side, along).tolist(), strict=True))
    return points


def _nose(shape: FaceShape) -> list[tuple[float, float]]:
    tip, wide = shape.identity.nose_length, 0.62 * shape.identity.nose_width
    ridge = [(0.0, -0.05 + (tip + 0.05) * part / 3.0) for part in range(4)]
    return ridge + [(wide * part, tip + 0.16 - 0.03 * abs(part) + shape.moved.wing_y) for part in (-1, -0.5, 0, 0.5, 1)]


def _eyes(shape: FaceShape) -> list[tuple[float, float]]:
    points = []
    for sign, order in ((-1.0, (1.0, 0.33, -0.33, -1.0)), (1.0, (-1.0, -0.33, 0.33, 1.0))):
        x = sign * (EYE_X + shape.identity.eye_width * np.array(order))
        lids = lid_curves(shape, sign, x)
        upper, lower = lids.upper.tolist(), lids.lower.tolist()
        points += [(float(x[i]), upper[i]) for i in range(4)] + [(float(x[i]), lower[i]) for i in (2, 1)]
    return points


def _mouth(shape: FaceShape) -> list[tuple[float, float]]:
    left, right = shape.sides[0].corner, shape.sides[1].corner

    def on(parts: tuple[float, ...], border: str) -> list[tuple[float, float]]:
        x = np.array([part * (left[0] if part < 0 else right[0]) for part in parts])
        y = getattr(lip_curves(shape, x), border)
        return [(float(a), float(b)) for a, b in zip(x, y, strict=True)]

    ends = ((-left[0], left[1]), (right[0], right[1]))
    across = (-0.66, -0.28, 0.0, 0.28, 0.66)
    outer = [ends[0], *on(across, "upper_top"), ends[1], *on(across[::-1], "lower_bottom")]
    inner_ends = on((-0.88,), "upper_bottom"), on((0.88,), "upper_bottom")
    inside = (-0.40, 0.0, 0.40)
    return outer + inner_ends[0] + on(inside, "upper_bottom") + inner_ends[1] + on(inside[::-1], "lower_top")


def landmarks(shape: FaceShape, view: View) -> Float[np.ndarray, "68 2"]:
    """Pixels of the 68 roles (jaw 0-16, brows 17-26, nose 27-35, eyes 36-47, lips 48-67; image left first)."""
    flat = np.array(_jaw(shape) + _brows(shape) + _nose(shape) + _eyes(shape) + _mouth(shape))
    depth = coarse_depth(shape, flat[:, 0], flat[:, 1])
    return view.project(np.column_stack((flat, depth)))
