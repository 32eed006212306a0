"""Where everything in a face lies: resting identity plus attributes plus action units, as curves in face coordinates.

Face coordinates: origin between the eyes, inter-ocular distance 1, x to the image's right, y down, z towards the viewer. One
person's face in B moments: what is the same in all is a number, what differs a Column.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, cast

import torch
from jaxtyping import Float
from torch import Tensor

from csnviz.cast.anatomy import Column, Expression, Movement, column, movement, strength
from csnviz.cast.attributes import Attributes
from csnviz.cast.identity import Identity

EYE_X = 0.5
IRIS_RADIUS = 0.099
IRIS_Y = -0.036
_LEVEL = -0.014
"""Where lip corners rest on average, from the middle of the line: lower ones, seen over a shaded lip, look sulky."""


@dataclass(frozen=True)
class Pose:
    """Where the head is. Angles in degrees: yaw > 0 turns the face to the image's right, pitch > 0 lifts it, roll > 0
    tips it clockwise in the image; x, y shift it (inter-ocular distances); size multiplies it."""

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    x: float = 0.0
    y: float = 0.0
    size: float = 1.0


@dataclass(frozen=True)
class Side:
    """One half of the face; sign is -1 for the image's left half, 1 for the right. x runs outwards."""

    sign: float
    brow: tuple[tuple[Column, Column], tuple[Column, Column], tuple[Column, Column]]  # inner, peak, outer end
    corner: tuple[Column, Column]  # lip corner


@dataclass(frozen=True)
class FaceShape:
    """The movable curves of one face at each moment."""

    identity: Identity
    moved: Movement
    expressions: tuple[Expression, ...]
    sides: tuple[Side, Side]
    lid_upper: Column
    lid_lower: Column
    openness: Column  # 1 lids as they rest .. 0 shut (blink)
    hood: Column
    mouth_y: Column
    line_arch: Column
    lip_upper: Column
    lip_lower: Column
    gap_upper: Column
    gap_lower: Column
    sealed_jaw: Column  # how far the jaw has dropped behind closed lips
    chin_y: Column
    gaze: tuple[Column, Column]
    non_additivity: float  # 0 what a face carries adds to what it does .. 1 hides and saturates it as on a real face

    def __len__(self) -> int:
        return len(self.expressions)

    def to(self, device: torch.device) -> "FaceShape":
        """The same with its columns on a device."""
        return cast(FaceShape, _placed(self, device))


def _placed(part: Any, device: torch.device) -> Any:
    """Nouns of columns, tuples and columns themselves on a device; everything else as it is."""
    if isinstance(part, Tensor):
        return part.to(device)
    if isinstance(part, FaceShape | Movement | Side | View):
        return type(part)(**{each.name: _placed(getattr(part, each.name), device) for each in fields(part)})
    return tuple(_placed(each, device) for each in part) if isinstance(part, tuple) else part


def _side(identity: Identity, attributes: Sequence[Attributes], moved: Movement, sign: float) -> Side:
    risen = column([each.brow_eye_distance for each in attributes])
    height = identity.brow_height + 0.07 * risen + sign * identity.brow_asymmetry
    none = torch.zeros_like(height)
    inner = (identity.brow_inner + moved.brow_inner_x, -height + 0.03 + moved.brow_inner_y)
    middle = 0.5 * (moved.brow_inner_y + moved.brow_outer_y) * 0.25
    peak = (
        none + identity.brow_inner + 0.62 * (identity.brow_outer - identity.brow_inner),
        -height - identity.brow_arch - identity.brow_tilt + moved.brow_peak_y + middle,
    )
    outer = (none + identity.brow_outer, -height + 0.035 - 2 * identity.brow_tilt + moved.brow_outer_y)
    droop = 0.065 * _resting_lip_line(attributes).clamp(min=0.0)
    corner = (
        identity.mouth_width + moved.corner_x,
        identity.mouth_y + _LEVEL + identity.corner_rest + droop + sign * identity.mouth_asymmetry + moved.corner_y,
    )
    return Side(sign, (inner, peak, outer), corner)


def _resting_lip_line(attributes: Sequence[Attributes]) -> Column:
    return column([each.resting_lip_line for each in attributes])


def _sagging(identity: Identity) -> float:
    """How far age lets the fold of the upper lid hang, on the scale of the attribute hooded_lids."""
    return 0.22 * min(max((identity.age - 35.0) / 35.0, 0.0), 1.0)


def shape_face(
    identity: Identity,
    attributes: Sequence[Attributes],
    expressions: Sequence[Expression],
    openness: Sequence[float],
    gaze: Sequence[tuple[float, float]],
    non_additivity: float = 1.0,
) -> FaceShape:
    """The faces that this person makes: every action unit moves the resting curves as anatomy.MOVEMENTS says."""
    moved = movement(expressions)
    pressed = (-_resting_lip_line(attributes)).clamp(min=0.0)
    full = ((1.0 - 0.55 * pressed) * (1.0 + moved.lip_fullness)).clamp(min=0.25)
    parted = (moved.lip_gap / 0.03).clamp(max=1.0)  # a falling jaw opens the mouth once AU25 parts the lips
    sealed = moved.jaw * (1.0 - parted)
    taut = 1.0 - 0.5 * sealed
    gaze_x, gaze_y = (column([each[axis] for each in gaze]) for axis in (0, 1))
    return FaceShape(
        identity=identity,
        moved=moved,
        expressions=tuple(expressions),
        sides=(_side(identity, attributes, moved, -1.0), _side(identity, attributes, moved, 1.0)),
        lid_upper=(identity.eye_upper + moved.upper_lid - 0.15 * (-gaze_y).clamp(min=0.0)).clamp(min=0.02),
        lid_lower=(identity.eye_lower - moved.lower_lid).clamp(min=0.008),
        openness=column(openness),
        hood=column([each.hooded_lids + _sagging(identity) for each in attributes]),
        mouth_y=identity.mouth_y + moved.upper_lip_y + 0.40 * sealed + 0.02 * moved.jaw,
        line_arch=moved.line_arch,
        lip_upper=identity.lip_upper * full * taut,
        lip_lower=identity.lip_lower * full * taut * (1.0 + moved.lower_lip),
        gap_upper=0.35 * moved.lip_gap + 0.02 * strength(expressions, 9) * parted,
        gap_lower=0.65 * moved.lip_gap + 0.80 * moved.jaw * parted,
        sealed_jaw=sealed,
        chin_y=identity.chin + moved.jaw - 0.03 * moved.chin_boss,
        gaze=(gaze_x, gaze_y),
        non_additivity=non_additivity,
    )


def _fullness(identity: Identity) -> float:
    """How long the outline keeps its width on the way down to the chin."""
    return 2.45 + 0.40 * identity.sturdiness


def half_width(shape: FaceShape, y: Tensor) -> Tensor:
    """Half the width of the head at height y (the outline; 0 above the crown and below the chin)."""
    identity = shape.identity
    down = (y / shape.chin_y).clamp(0.0, 1.0)
    up = (-y / identity.skull_top).clamp(0.0, 1.0)
    lower = (1.0 - down ** _fullness(identity)).clamp(min=0.0) ** identity.jaw
    upper = (1.0 - up**2.7).clamp(min=0.0) ** 0.5
    return identity.face_width * torch.where(y > 0, lower, upper)


def outline_level(shape: FaceShape, x: Tensor, y: Tensor) -> Tensor:
    """1 on the outline, below 1 inside: a level set of the same outline as half_width, smooth enough for gradients."""
    identity = shape.identity
    ax = x.abs() / identity.face_width + 1e-4
    down = y.clamp(min=0.0) / shape.chin_y
    up = (-y).clamp(min=0.0) / identity.skull_top
    lower = ax ** (1.0 / identity.jaw) + down ** _fullness(identity)
    upper = ax**2.0 + up**2.7
    return torch.where(y > 0, lower, upper)


def coarse_depth(shape: FaceShape, x: Tensor, y: Tensor) -> Tensor:
    """Depth of the head without its features: a rounded box with a nose. Flat beyond the outline, never steep."""
    identity = shape.identity
    across = x / identity.face_width
    slack = 1.0 - 0.86 * across * across
    sides = 1.0 - torch.sqrt(0.5 * (slack + torch.sqrt(slack * slack + 0.03)))
    up = (-y - 0.55).clamp(min=0.0) / (identity.skull_top - 0.55)
    down = ((y - 0.9) / (shape.chin_y - 0.9)).clamp(0.0, 1.2)
    ends = 0.55 * up.clamp(max=1.2) ** 2 + 0.30 * down * down * down.sqrt()
    nose = torch.exp(-0.5 * ((x / 0.17) ** 2 + ((y - 0.50) / 0.26) ** 2))
    return 0.15 - 0.95 * sides - ends + 0.30 * nose


@dataclass(frozen=True)
class View:
    """Poses made into numbers: pixel = offset + scale * (rotation @ point)[:2], rotated about the neck."""

    rotation: Float[Tensor, "3 3 B 1 1"]
    offset: Float[Tensor, "2 B 1 1"]  # pixels
    scale: Column  # pixels per inter-ocular distance

    def project(self, x: Tensor, y: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
        """Columns and rows of face points, (B, 1, K) each."""
        points = [part - pivot for part, pivot in zip((x, y, z), PIVOT, strict=True)]
        turned = [sum(row[axis] * points[axis] for axis in range(3)) for row in self.rotation]
        return (
            (turned[0] + PIVOT[0]) * self.scale + self.offset[0],
            (turned[1] + PIVOT[1]) * self.scale + self.offset[1],
        )

    def to(self, device: torch.device) -> "View":
        """The same on a device."""
        return cast(View, _placed(self, device))


PIVOT = (0.0, 0.7, -1.0)
_ROWS_TOGETHER = 12


def view_of(poses: Sequence[Pose], size: int) -> View:
    """The views in which a head in these poses appears in square pictures of the given size."""
    yaw, pitch, roll = (
        torch.deg2rad(column([getattr(pose, name) for pose in poses])) for name in ("yaw", "pitch", "roll")
    )
    none, one = torch.zeros_like(yaw), torch.ones_like(yaw)
    turn = _matrix((yaw.cos(), none, yaw.sin()), (none, one, none), (-yaw.sin(), none, yaw.cos()))
    nod = _matrix((one, none, none), (none, pitch.cos(), -pitch.sin()), (none, pitch.sin(), pitch.cos()))
    tip = _matrix((roll.cos(), -roll.sin(), none), (roll.sin(), roll.cos(), none), (none, none, one))
    scale = size / 288.0 * 70.5 * column([pose.size for pose in poses])
    offset = torch.stack((
        size * 0.5 + column([pose.x for pose in poses]) * scale,
        size * 0.463 + column([pose.y for pose in poses]) * scale,
    ))  # fmt: skip
    rotation = torch.einsum("ij...,jk...,kl...->il...", tip, nod, turn)
    return View(rotation, offset, scale)


def _matrix(*rows: tuple[Column, Column, Column]) -> Float[Tensor, "3 3 B 1 1"]:
    return torch.stack([torch.stack(row) for row in rows])


def face_coordinates(shape: FaceShape, view: View, size: int) -> tuple[Float[Tensor, "B S S"], Float[Tensor, "B S S"]]:
    """Face x and y of every pixel: the inverse of the projection, by four fixed-point steps on the coarse depth."""
    device = view.scale.device
    places = torch.arange(float(size), device=device)
    x, y = torch.empty(2, len(view.scale), size, size, device=device)
    # A few rows at a time stay in a CPU's cache, which halves the time; to a GPU each step would be another call.
    together = _ROWS_TOGETHER if device.type == "cpu" else size
    for first in range(0, size, together):
        rows = slice(first, first + together)
        x[:, rows], y[:, rows] = _coordinates_at(shape, view, places, places[rows])
    return x, y


def _coordinates_at(
    shape: FaceShape, view: View, columns: Float[Tensor, " S"], rows: Float[Tensor, " R"]
) -> tuple[Float[Tensor, "B R S"], Float[Tensor, "B R S"]]:
    u = (columns - view.offset[0]) / view.scale - PIVOT[0]
    v = (rows[:, None] - view.offset[1]) / view.scale - PIVOT[1]
    (a, b, lean_x), (c, d, lean_y) = view.rotation[0], view.rotation[1]
    within = a * d - b * c
    flat_x, flat_y = (d * u - b * v) / within + PIVOT[0], (a * v - c * u) / within + PIVOT[1]
    x, y = flat_x, flat_y
    away_x, away_y = (d * lean_x - b * lean_y) / within, (a * lean_y - c * lean_x) / within
    for _ in range(4):
        rise = coarse_depth(shape, x, y) - PIVOT[2]
        x, y = flat_x - away_x * rise, flat_y - away_y * rise
    return x, y
