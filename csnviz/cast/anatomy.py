"""What each action unit does to a face: one table of movements, one of furrows. Amplitudes are those at intensity 5.

Lengths are inter-ocular distances, y grows downwards, x outwards from the middle of the face. The movements follow the
appearance changes that the Facial Action Coding System lists for each unit; between 0 and 5 they grow linearly, furrows
fill up faster than the movement (skin folds early), and several units that press on one furrow saturate it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import Enum, auto

import torch
from jaxtyping import Float
from torch import Tensor

from csnviz.facs import DISFA

CAST_AUS = DISFA
Expression = Mapping[int, float]  # AU number -> drawn intensity 0 .. 5; absent means 0
NEUTRAL: Expression = {}


Column = Float[Tensor, "B 1 1"]
"""One number for each of the B frames that are drawn together."""


@dataclass(frozen=True)
class Movement:
    """How far the movable parts of each face are from rest."""

    brow_inner_y: Column
    brow_inner_x: Column
    brow_peak_y: Column
    brow_outer_y: Column
    upper_lid: Column  # positive opens
    lower_lid: Column  # positive raises the lower lid
    cheek: Column  # positive lifts and bulges the cheek
    wing_y: Column  # nose wings
    corner_x: Column  # lip corners, positive outwards
    corner_y: Column
    upper_lip_y: Column
    line_arch: Column  # positive lifts the middle of the mouth line
    lip_fullness: Column  # relative change of lip thickness
    lower_lip: Column  # the same, of the lower lip alone
    lip_gap: Column
    jaw: Column  # positive drops the chin
    chin_boss: Column  # positive pushes the chin up and out


PARTS = tuple(field.name for field in fields(Movement))

MOVEMENTS: Mapping[int, Mapping[str, float]] = {
    1: {"brow_inner_y": -0.150, "brow_peak_y": -0.045, "upper_lid": 0.010},
    2: {"brow_outer_y": -0.165, "brow_peak_y": -0.115, "brow_inner_y": -0.025, "upper_lid": 0.010},
    4: {"brow_inner_y": 0.094, "brow_inner_x": -0.055, "brow_peak_y": 0.072, "brow_outer_y": 0.018, "upper_lid": -0.014},
    5: {"upper_lid": 0.080},
    6: {"cheek": 1.0, "lower_lid": 0.046, "upper_lid": -0.016, "brow_outer_y": 0.026},
    9: {
        "wing_y": -0.060, "upper_lip_y": -0.052, "brow_inner_y": 0.052, "brow_inner_x": -0.010, "brow_peak_y": 0.026,
        "lower_lid": 0.030, "upper_lid": -0.010, "cheek": 0.25, "corner_y": -0.012,
    },
    12: {
        "corner_x": 0.115, "corner_y": -0.150, "cheek": 0.46, "lip_fullness": -0.20, "lower_lid": 0.020, "wing_y": -0.008,
    },
    15: {"corner_y": 0.140, "corner_x": -0.005, "lip_fullness": -0.08},
    17: {
        "chin_boss": 1.0, "line_arch": 0.066, "upper_lip_y": -0.044, "corner_y": 0.006, "lip_fullness": -0.16,
        "lower_lip": 0.22,
    },
    20: {"corner_x": 0.150, "corner_y": 0.020, "lip_fullness": -0.42},
    25: {"lip_gap": 0.100},
    26: {"jaw": 0.235, "corner_x": -0.038, "corner_y": 0.110},
}  # fmt: skip


def column(values: Sequence[float]) -> Column:
    """One number a frame, shaped to meet pixels (B, H, W) or points (B, 1, K)."""
    return torch.tensor(values, dtype=torch.float32).reshape(-1, 1, 1)


def strength(expressions: Sequence[Expression], au: int) -> Column:
    """How far an action unit is drawn in each frame, 0 .. 1 (1 is intensity 5)."""
    return column([float(expression.get(au, 0.0)) / 5.0 for expression in expressions])


def movement(expressions: Sequence[Expression]) -> Movement:
    """All action units of each frame together: their displacements add."""
    total = {name: torch.zeros(len(expressions), 1, 1) for name in PARTS}
    for au, full in MOVEMENTS.items():
        share = strength(expressions, au)
        for name, amplitude in full.items():
            total[name] = total[name] + share * amplitude
    return Movement(**total)


class Part(Enum):
    """A part of the face that a point of a furrow moves with."""

    SKULL = auto()
    BROW = auto()
    FROWN = auto()
    WING = auto()
    CORNER = auto()
    CHIN = auto()


@dataclass(frozen=True)
class Furrow:
    """A fold of the skin along a curve through three points of one half of the face (both halves when mirrored).

    from_aus: how deep each AU at 5 folds it (0 .. 1). rest: how deep it stands at rest, by cause.
    """

    name: str
    points: tuple[tuple[float, float], tuple[float, float], tuple[float, float]]
    width: float
    from_aus: Mapping[int, float]
    bulge: float = 0.5  # how much the skin piles up beside the furrow
    mirrored: bool = True
    from_age: float = 0.0
    from_nasolabial: float = 0.0
    from_root_wrinkle: float = 0.0
    from_low_corners: float = 0.0
    start_rides: Part = Part.SKULL
    end_rides: Part = Part.SKULL
    taper: float = 0.42  # the share of its length over which each end fades


def _forehead() -> tuple[Furrow, ...]:
    heights = (-0.575, -0.685, -0.795)
    middle = tuple(
        Furrow(f"forehead middle {i}", ((-0.38, y + 0.045), (0.0, y - 0.015), (0.38, y + 0.045)), 0.022,
               {1: 0.95 - 0.12 * i}, 0.8, mirrored=False, from_age=0.24,
               start_rides=Part.BROW, end_rides=Part.BROW)
        for i, y in enumerate(heights)
    )  # fmt: skip
    side = tuple(
        Furrow(f"forehead side {i}", ((0.26, y + 0.020), (0.57, y - 0.050), (0.90, y + 0.105)), 0.022,
               {2: 0.95 - 0.14 * i}, 0.8, from_age=0.16, start_rides=Part.BROW, end_rides=Part.BROW)
        for i, y in enumerate(heights)
    )  # fmt: skip
    return middle + side


def _between_the_brows() -> tuple[Furrow, ...]:
    return (
        Furrow("frown line", ((0.086, -0.16), (0.092, -0.32), (0.128, -0.50)), 0.023, {4: 1.0, 9: 0.15}, 1.0,
               from_age=0.16, start_rides=Part.FROWN, end_rides=Part.FROWN, taper=0.40),
        Furrow("frown line, inner", ((0.034, -0.22), (0.028, -0.32), (0.038, -0.41)), 0.017, {4: 0.24}, 0.6),
        Furrow("root crease, upper", ((-0.165, -0.150), (0.0, -0.190), (0.165, -0.150)), 0.026, {9: 1.0},
               1.1, mirrored=False, from_root_wrinkle=0.90, taper=0.30),
        Furrow("root crease, lower", ((-0.150, -0.050), (0.0, -0.085), (0.150, -0.050)), 0.024, {9: 0.95}, 1.1,
               mirrored=False, from_root_wrinkle=0.75, taper=0.30),
        Furrow("nose side, upper", ((0.040, -0.014), (0.128, 0.030), (0.196, 0.170)), 0.019, {9: 1.0}, 1.0, taper=0.38),
        Furrow("nose side, lower", ((0.044, 0.098), (0.122, 0.142), (0.180, 0.275)), 0.018, {9: 0.85}, 1.0, taper=0.38),
        Furrow("nose side, inner", ((0.095, -0.100), (0.178, -0.035), (0.270, 0.070)), 0.017, {9: 0.80}, 0.8),
    )  # fmt: skip


def _eye_corners() -> tuple[Furrow, ...]:
    return (
        Furrow("crow's foot, upper", ((0.725, -0.048), (0.835, -0.080), (0.955, -0.190)), 0.0155, {6: 0.93}, 1.0,
               from_age=0.20, taper=0.36),
        Furrow("crow's foot, middle", ((0.735, 0.006), (0.860, 0.003), (0.990, -0.042)), 0.0160, {6: 1.00}, 1.0,
               from_age=0.22, taper=0.36),
        Furrow("crow's foot, lower", ((0.715, 0.046), (0.830, 0.092), (0.960, 0.112)), 0.0155, {6: 0.93}, 1.0,
               from_age=0.18, taper=0.36),
        Furrow("under the eye", ((0.255, 0.095), (0.470, 0.190), (0.770, 0.095)), 0.024, {6: 0.90, 9: 0.35, 12: 0.18},
               0.7, from_age=0.30),
        Furrow("cheek top", ((0.290, 0.195), (0.480, 0.305), (0.790, 0.235)), 0.034, {6: 0.45, 12: 0.14}, 0.6,
               from_age=0.10),
    )  # fmt: skip


def _around_the_mouth() -> tuple[Furrow, ...]:
    return (
        Furrow("nasolabial, upper", ((0.235, 0.500), (0.335, 0.655), (0.450, 0.850)), 0.030,
               {9: 1.0, 6: 0.15}, 0.8, start_rides=Part.WING, end_rides=Part.WING),
        Furrow("nasolabial", ((0.250, 0.560), (0.435, 0.790), (0.545, 1.150)), 0.034,
               {12: 1.0, 6: 0.12, 9: 0.25, 20: 0.20}, 0.8, from_nasolabial=0.75,
               start_rides=Part.WING, end_rides=Part.CORNER, taper=0.24),
        Furrow("corner dimple", ((0.465, 1.060), (0.500, 1.140), (0.480, 1.225)), 0.022, {12: 0.50, 20: 0.30}, 0.6,
               start_rides=Part.CORNER, end_rides=Part.CORNER),
        Furrow("corner pouch", ((0.405, 1.130), (0.475, 1.260), (0.465, 1.420)), 0.026, {15: 0.95}, 0.7,
               from_age=0.10, from_low_corners=0.50, start_rides=Part.CORNER, end_rides=Part.CORNER),
        Furrow("stretch, near", ((0.500, 0.960), (0.565, 1.150), (0.505, 1.350)), 0.026, {20: 0.55}, 0.6,
               start_rides=Part.CORNER, end_rides=Part.CORNER),
        Furrow("stretch, far", ((0.590, 0.940), (0.665, 1.160), (0.595, 1.380)), 0.026, {20: 0.28}, 0.6,
               start_rides=Part.CORNER, end_rides=Part.CORNER),
    )  # fmt: skip


def _chin() -> tuple[Furrow, ...]:
    return (
        Furrow("under the lower lip", ((-0.30, 1.450), (0.0, 1.385), (0.30, 1.450)), 0.028, {17: 1.0, 15: 0.12}, 0.9,
               mirrored=False, from_age=0.08, start_rides=Part.CHIN, end_rides=Part.CHIN),
        Furrow("chin, side", ((0.215, 1.410), (0.295, 1.530), (0.255, 1.680)), 0.024, {17: 0.60, 15: 0.15}, 0.5,
               start_rides=Part.CHIN, end_rides=Part.CHIN),
    )  # fmt: skip


FURROWS: tuple[Furrow, ...] = (
    *_forehead(), *_between_the_brows(), *_eye_corners(), *_around_the_mouth(), *_chin()
)  # fmt: skip


def furrow_depth(
    furrow: Furrow, expressions: Sequence[Expression], resting: Column, non_additivity: float = 1.0
) -> Column:
    """How deep a furrow is: 0 is smooth, 1 as deep as skin folds.

    Several units that press on one furrow saturate it. Whether a wrinkle that already stands does so too is for the dial to say
    (see `csnviz.cast.render.NON_ADDITIVITY`): at 1 a unit adds less to it, at 0 as much as to smooth skin. Folding runs ahead of
    movement (power .8): a C on a wrinkle is more than three fifths of an E.
    """
    smooth = torch.ones(len(expressions), 1, 1)
    for au, share in furrow.from_aus.items():
        smooth = smooth * (1.0 - share * strength(expressions, au) ** 0.8)
    room_left = 1.0 - resting.clamp(max=0.95)
    return torch.lerp(resting.clamp(max=0.95) + 1.0 - smooth, 1.0 - room_left * smooth, non_additivity)
