"""Strands of hair: from their roots along the way hair lies, gathered into locks, and laid over one another on a sheet."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from csnviz.cast.hairstyles import Style, curtain, heading, held
from csnviz.cast.identity import Identity
from csnviz.cast.texture import Map, Plane, smoothstep

HAIR_PLANE = Plane(-2.1, 2.1, -2.35, 2.75, 84.0)
FRONT, BEHIND, SHADE, ACROSS, DOWN = range(5)

_STEP = 1.0 / HAIR_PLANE.per_unit
_IN_LOCK = 9  # hairs of a lock

Sheet = Float[Tensor, "5 H W"]
"""Coverage in front of the head and behind it, brightness, and the way strands run (right and down)."""


@dataclass(frozen=True)
class Locks:
    """Strands from root to tip: T steps of N strands. weight: how thick a strand is at each step, 0 beyond its tip."""

    x: Float[Tensor, "T N"]
    y: Float[Tensor, "T N"]
    weight: Float[Tensor, "T N"]
    shade: Float[Tensor, "T N"]

    def some(self, first: int, every: int) -> "Locks":
        """One strand of so many, from the given one on."""
        return Locks(*(each[:, first::every] for each in (self.x, self.y, self.weight, self.shade)))


def normal(rng: np.random.Generator, *shape: int) -> Tensor:
    """Normal random numbers."""
    return torch.from_numpy(rng.standard_normal(shape, dtype=np.float32))


def uniform(rng: np.random.Generator, low: float, high: float, count: int) -> Tensor:
    """Random numbers between two borders."""
    return torch.from_numpy(rng.uniform(low, high, count).astype(np.float32))


def roots_in(rng: np.random.Generator, density: Map, count: int) -> tuple[Tensor, Tensor]:
    """x and y of so many places, drawn in proportion to a density over the hair plane."""
    summed = torch.cumsum(density.double().flatten(), 0)
    drawn = torch.from_numpy(rng.random(count)) * summed[-1]
    at = torch.searchsorted(summed, drawn).clamp(max=len(summed) - 1)
    row, column = at // density.shape[1], at % density.shape[1]
    jitter = torch.from_numpy(rng.random((2, count)))
    return (
        (HAIR_PLANE.left + (column + jitter[0]) * _STEP).float(),
        (HAIR_PLANE.top + (row + jitter[1]) * _STEP).float(),
    )


def guides_from(
    rng: np.random.Generator, identity: Identity, style: Style, roots: tuple[Tensor, Tensor], length: Tensor
) -> Locks:
    """One strand from each root, as it lies: along the heading, swinging or coiling as this hair does."""
    x, y = roots
    stride = _STEP * (1.5 if style.falls else 1.0)  # long strands are laid in longer steps
    count, steps = len(x), int(float(length.max()) / stride) + 2
    side = torch.where(x > 0.35 * identity.hair_part, 1.0, -1.0)
    share = uniform(rng, 0.0, 1.0, count)
    stray, phase = 0.22 * normal(rng, count), uniform(rng, 0.0, 6.28, count)
    turning = torch.where(uniform(rng, 0.0, 1.0, count) < 0.5, 1.0, -1.0) * uniform(rng, 0.7, 1.4, count)
    slow = uniform(rng, 5.0, 9.0, count)
    inner = (0.93 + 0.05 * smoothstep(share, 0.0, 0.3)) * identity.face_width
    close = torch.full_like(y, identity.face_width + 0.03)
    tucked = torch.where(side < 0, torch.tensor(style.tucked[0]), torch.tensor(style.tucked[1]))
    paths_x, paths_y = [x], [y]
    for step in range(1, steps):
        along = step * stride
        outer = torch.where(tucked, close, curtain(identity, style, y)) if style.falls else close
        aim = inner + share * (outer - inner).clamp(min=0.0)
        right, down = heading(identity, style, x, y, side, aim)
        swing = style.wave * slow * torch.cos(phase + slow * along) * 1.6
        angle = stray * torch.cos(phase + 0.6 * slow * along) + swing
        if style.coil > 0:
            angle = phase + turning * along / style.coil
        turned_x, turned_y = right * angle.cos() - down * angle.sin(), right * angle.sin() + down * angle.cos()
        drift = 0.0 if style.coil == 0 else 0.9 if style.falls else 0.3
        move_x, move_y = held(identity, style, x, y, turned_x + drift * right, turned_y + drift * down)
        x, y = x + stride * move_x, y + stride * move_y
        paths_x.append(x)
        paths_y.append(y)
    share_of_length = torch.arange(steps)[:, None] * stride / length
    weight = (1.0 - share_of_length.clamp(max=1.0) ** 3) * (share_of_length < 1.0)
    return Locks(torch.stack(paths_x), torch.stack(paths_y), weight, 0.86 + 0.26 * share_of_length.clamp(max=1.0))


def locks_about(rng: np.random.Generator, guides: Locks, spread: float, tone: float, among: int = _IN_LOCK) -> Locks:
    """A lock of hairs about each guide: they part at the root and meet at the tip, and share most of their tone."""
    steps, count = guides.x.shape
    along = torch.linspace(0.0, 1.0, steps)[:, None, None]
    apart = spread * (1.0 - 0.65 * along)
    wild = 0.25 * spread * torch.sin(6.0 * along + uniform(rng, 0.0, 6.28, count * among).reshape(1, count, among))
    x, y = (
        (path[:, :, None] + apart * normal(rng, 1, count, among) + wild).flatten(1) for path in (guides.x, guides.y)
    )
    own = 1.0 + 0.17 * normal(rng, count, 1) + 0.13 * normal(rng, count, among)
    shade = guides.shade[:, :, None] * tone * own.clamp(0.45, 1.7)
    short = uniform(rng, 0.7, 1.0, count * among).reshape(count, among)
    weight = guides.weight[:, :, None] * (guides.weight[:, :, None] > 1.0 - short**3 + 1e-6)
    return Locks(x, y, weight.flatten(1), shade.flatten(1))


def paint(sheet: Sheet, cover: int, locks: Locks, thickness: float) -> None:
    """Lays strands over what the sheet shows, in place. cover: the channel of coverage that grows."""
    height, width = sheet.shape[1:]
    right, down = torch.diff(locks.x, dim=0), torch.diff(locks.y, dim=0)
    values = torch.stack((torch.ones_like(right), locks.shade[1:], right / _STEP, down / _STEP), -1)
    there = locks.weight[1:] > 0
    # A strand that is held at the border hardly moves on: laid in full at each step it would pile up to a speck.
    run = (torch.hypot(right, down) / _STEP).clamp(max=1.0)
    values = (values * (locks.weight[1:] * run)[:, :, None])[there]
    column = ((locks.x[1:][there] - HAIR_PLANE.left) / _STEP).clamp(0, width - 1.01)
    row = ((locks.y[1:][there] - HAIR_PLANE.top) / _STEP).clamp(0, height - 1.01)
    first_row, first_column = row.long(), column.long()
    low, left = (row - first_row)[:, None], (column - first_column)[:, None]
    total = torch.zeros(height * width, 4)
    for step_y, share_y in ((0, 1.0 - low), (1, low)):
        for step_x, share_x in ((0, 1.0 - left), (1, left)):
            total.index_add_(0, (first_row + step_y) * width + first_column + step_x, values * share_y * share_x)
    total = total.T.reshape(4, height, width)
    opaque = 1.0 - torch.exp(-thickness * total[0])
    sheet[cover] += (1.0 - sheet[cover]) * opaque
    sheet[SHADE:].lerp_(total[1:] / (total[:1] + 1e-4), opaque)


def undercoat(sheet: Sheet, cover: int, density: Map, shade: float, uneven: Map) -> None:
    """The shaded depth of hair between its locks."""
    sheet[cover] = torch.maximum(sheet[cover], density)
    sheet[SHADE].lerp_(shade * (1.0 + 0.18 * uneven).clamp(0.3, 1.6), density)
