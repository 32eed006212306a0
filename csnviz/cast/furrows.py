"""Wrinkles as they are drawn: a groove with a raised lip along a short curve, dark at the bottom."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor

from csnviz.cast.anatomy import FURROWS, Column, Furrow, Part, column, furrow_depth
from csnviz.cast.attributes import Attributes
from csnviz.cast.canvas import Canvas, Pixels
from csnviz.cast.geometry import FaceShape, Side
from csnviz.cast.identity import generator
from csnviz.cast.texture import decay, smoothstep

_STEPS = 9
_SEEN = 0.02
"""The depth from which a furrow is drawn."""


def resting_depth(furrow: Furrow, shape: FaceShape, attributes: Sequence[Attributes]) -> Column:
    """How deep a furrow stands in the neutral face: age, build and permanent attributes."""
    identity = shape.identity
    old = min(max((identity.age - 28.0) / 40.0, 0.0), 1.0)
    ageing = furrow.from_age * old + furrow.from_nasolabial * identity.nasolabial_rest
    return ageing + column([
        furrow.from_root_wrinkle * each.nose_root_wrinkle + furrow.from_low_corners * max(each.resting_lip_line, 0.0)
        for each in attributes
    ])  # fmt: skip


def _ride(part: Part, shape: FaceShape, side: Side) -> tuple[float | Column, float | Column]:
    """How far a part of the face lies from where the table of furrows assumes it (outwards, down)."""
    moved, identity = shape.moved, shape.identity
    brow = 0.33 - identity.brow_height
    match part:
        case Part.SKULL:
            return 0.0, 0.0
        case Part.BROW:
            return 0.0, 0.5 * brow + 0.18 * (moved.brow_peak_y + moved.brow_inner_y)
        case Part.FROWN:
            return 0.5 * moved.brow_inner_x, 0.4 * brow + 0.35 * moved.brow_inner_y
        case Part.WING:
            return identity.nose_width - 0.255 + 0.15 * moved.corner_x, moved.wing_y + 0.1 * moved.corner_y
        case Part.CORNER:
            return side.corner[0] - 0.395, 0.75 * (side.corner[1] - 1.14) + 0.15 * moved.jaw
        case Part.CHIN:
            return 0.0, identity.chin - 1.83 + 0.9 * moved.jaw - 0.035 * moved.chin_boss


def _curve(furrow: Furrow, shape: FaceShape, side: Side) -> tuple[Float[Tensor, "B 1 K"], Float[Tensor, "B 1 K"]]:
    """Points of the furrow on this side of the face, in face coordinates: x and y."""
    t = torch.linspace(0.0, 1.0, _STEPS)
    first, last = _ride(furrow.start_rides, shape, side), _ride(furrow.end_rides, shape, side)
    axes = []
    for axis in (0, 1):
        start, middle, end = (point[axis] for point in furrow.points)
        control = 2.0 * middle - 0.5 * (start + end)
        at_rest = (1 - t) ** 2 * start + 2 * t * (1 - t) * control + t * t * end
        axes.append(torch.zeros(len(shape), 1, 1) + at_rest + first[axis] + (last[axis] - first[axis]) * t)
    return axes[0] * (side.sign if furrow.mirrored else 1.0), axes[1]


def _distance(points: tuple[Tensor, Tensor], x: Pixels, y: Pixels) -> tuple[Pixels, Pixels]:
    """Distance to a polyline and the place along it (0 .. 1), per pixel."""
    nearest, place = torch.full_like(x, torch.inf), torch.zeros_like(x)
    start = torch.stack(points).movedim(-1, 0)[..., None]  # (K, 2, B, 1, 1)
    step = start.diff(dim=0)
    lengths = (step * step).sum(1)
    for piece, ((start_x, start_y), (step_x, step_y), length) in enumerate(zip(start[:-1], step, lengths, strict=True)):
        # In place, because nothing else of a furrow takes as long.
        px, py = x - start_x, y - start_y
        along = (px * step_x).add_(py * step_y).div_(length).clamp_(0.0, 1.0)
        squared = px.sub_(along * step_x).square_().add_(py.sub_(along * step_y).square_())
        place = torch.where(squared < nearest, along.add_(piece).div_(_STEPS - 1), place)
        nearest = torch.minimum(squared, nearest)
    return nearest.sqrt_(), place


@dataclass(frozen=True)
class _Habit:
    """How one fold of one person's skin strays from the table of furrows: skin never folds along a ruler."""

    depth: float
    waves: float
    phase: float
    bend: float
    slant: float


@lru_cache(maxsize=4096)
def _habit(participant: str, furrow: str, sign: float) -> _Habit:
    names = [each.name for each in FURROWS]
    rng = generator(participant, 41, names.index(furrow), int(sign > 0))
    return _Habit(
        depth=float(rng.uniform(0.88, 1.06)),
        waves=float(rng.uniform(0.8, 1.7)),
        phase=float(rng.uniform(0.0, 1.0)),
        bend=float(rng.uniform(-0.35, 0.35)),
        slant=float(rng.uniform(-0.40, 0.40)),
    )


def _wavering(points: tuple[Tensor, Tensor], habit: _Habit, furrow: Furrow) -> tuple[Tensor, Tensor]:
    """The curve bent and slanted by a share of its width, square to the way it runs."""
    along = torch.linspace(0.0, 1.0, points[0].shape[-1])
    run_x, run_y = (part[..., -1:] - part[..., :1] for part in points)
    length = torch.hypot(run_x, run_y) + 1e-6
    aside = furrow.width * (habit.bend * torch.sin(6.28 * (along + habit.phase)) + habit.slant * (along - 0.5))
    return points[0] - aside * run_y / length, points[1] + aside * run_x / length


def _fold_one(
    canvas: Canvas, furrow: Furrow, side: Side, depth: Column, bare: Tensor | None, height: Tensor, dark: Tensor
) -> None:
    habit = _habit(canvas.plan.identity.participant, furrow.name, side.sign)
    points = _wavering(_curve(furrow, canvas.plan, side), habit, furrow)
    reach = 3.2 * furrow.width + 1.0 / canvas.view.scale
    low, high = (
        [part.amin(-1, keepdim=True) - reach for part in points],
        [part.amax(-1, keepdim=True) + reach for part in points],
    )
    window = canvas.window(low[0], high[0], low[1], high[1])
    on_device = (points[0].to(canvas.device), points[1].to(canvas.device))
    distance, place = _distance(on_device, window.cut(canvas.x), window.cut(canvas.y))
    taper = smoothstep(place, 0.0, furrow.taper) * smoothstep(place, 1.0, 1.0 - furrow.taper)
    if bare is not None:
        taper = taper * window.cut(bare)
    wave = torch.sin(6.28 * (habit.waves * place + habit.phase))
    taper = taper * habit.depth * (1.0 + 0.16 * wave)
    apart = distance / (furrow.width * (0.82 + 0.22 * taper.clamp(max=1.0)) * (1.0 + 0.10 * wave))
    square = apart * apart
    groove = (0.70 * decay(0.60 * square) + 0.30 * decay(0.14 * square)) * taper
    lips = decay(0.5 * (apart - 2.0) ** 2) * taper
    window.put(height, window.cut(height) + depth * furrow.width * (0.55 * furrow.bulge * lips - groove))
    window.put(dark, window.cut(dark) * (1.0 - 0.42 * depth * groove))


def fold(
    canvas: Canvas,
    attributes: Sequence[Attributes],
    bare: Float[Tensor, "B S S"] | None,
    height: Float[Tensor, "B S S"],
    dark: Float[Tensor, "B S S"],
) -> None:
    """Press every furrow of these moments into the height maps and darken its bottom, in place.

    bare: how much of the skin no hair hides (1 all of it); None where all is bare.
    """
    plan = canvas.plan
    for furrow in FURROWS:
        depth = furrow_depth(furrow, plan.expressions, resting_depth(furrow, plan, attributes), plan.non_additivity)
        if not bool((depth >= _SEEN).any()):
            continue
        seen = (depth * (depth >= _SEEN)).to(canvas.device)
        for side in plan.sides if furrow.mirrored else plan.sides[1:]:
            _fold_one(canvas, furrow, side, seen, bare, height, dark)
