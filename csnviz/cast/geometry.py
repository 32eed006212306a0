"""Where everything in a face lies: resting identity plus attributes plus action units, as curves in face coordinates.

Face coordinates: origin between the eyes, inter-ocular distance 1, x to the image's right, y down, z towards the viewer.
"""

from dataclasses import dataclass

import numpy as np

from csnviz.cast.anatomy import Expression, Movement, movement, strength
from csnviz.cast.attributes import Attributes
from csnviz.cast.identity import Identity

EYE_X = 0.5
IRIS_RADIUS = 0.099
IRIS_Y = -0.027


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
    brow: tuple[tuple[float, float], tuple[float, float], tuple[float, float]]  # inner, peak, outer end
    corner: tuple[float, float]  # lip corner


@dataclass(frozen=True)
class FaceShape:
    """The movable curves of one face at one moment."""

    identity: Identity
    moved: Movement
    expression: Expression
    sides: tuple[Side, Side]
    lid_upper: float
    lid_lower: float
    openness: float  # 1 lids as they rest .. 0 shut (blink)
    hood: float
    mouth_y: float
    line_arch: float
    lip_upper: float
    lip_lower: float
    gap_upper: float
    gap_lower: float
    chin_y: float
    gaze: tuple[float, float]


def _side(identity: Identity, attributes: Attributes, moved: Movement, sign: float) -> Side:
    height = identity.brow_height + 0.07 * attributes.brow_eye_distance + sign * identity.brow_asymmetry
    inner = (identity.brow_inner + moved.brow_inner_x, -height + 0.03 + moved.brow_inner_y)
    middle = 0.5 * (moved.brow_inner_y + moved.brow_outer_y) * 0.25
    peak = (
        identity.brow_inner + 0.62 * (identity.brow_outer - identity.brow_inner),
        -height - identity.brow_arch - identity.brow_tilt + moved.brow_peak_y + middle,
    )
    outer = (identity.brow_outer, -height + 0.035 - 2 * identity.brow_tilt + moved.brow_outer_y)
    droop = 0.065 * max(attributes.resting_lip_line, 0.0)
    corner = (
        identity.mouth_width + moved.corner_x,
        identity.mouth_y + identity.corner_rest + droop + sign * identity.mouth_asymmetry + moved.corner_y,
    )
    return Side(sign, (inner, peak, outer), corner)


def shape_face(
    identity: Identity, attributes: Attributes, expression: Expression, openness: float, gaze: tuple[float, float]
) -> FaceShape:
    """The face that this person makes: every action unit moves the resting curves as anatomy.MOVEMENTS says."""
    moved = movement(expression)
    pressed = max(-attributes.resting_lip_line, 0.0)
    full = max(0.25, (1.0 - 0.55 * pressed) * (1.0 + moved.lip_fullness))
    parted = min(1.0, moved.lip_gap / 0.03)  # a falling jaw opens the mouth once AU25 parts the lips
    jaw_gap = 0.80 * moved.jaw * parted
    return FaceShape(
        identity=identity,
        moved=moved,
        expression=expression,
        sides=(_side(identity, attributes, moved, -1.0), _side(identity, attributes, moved, 1.0)),
        lid_upper=max(0.02, identity.eye_upper + moved.upper_lid - 0.15 * max(0.0, -gaze[1])),
        lid_lower=max(0.008, identity.eye_lower - moved.lower_lid),
        openness=openness,
        hood=attributes.hooded_lids,
        mouth_y=identity.mouth_y + moved.upper_lip_y + 0.38 * moved.jaw * (1.0 - parted) + 0.02 * moved.jaw,
        line_arch=moved.line_arch,
        lip_upper=identity.lip_upper * full * (1.0 + 0.9 * moved.jaw * (1.0 - parted)),
        lip_lower=identity.lip_lower * full * (1.0 + 0.9 * moved.jaw * (1.0 - parted)),
        gap_upper=0.35 * moved.lip_gap + 0.02 * strength(expression, 9) * parted,
        gap_lower=0.65 * moved.lip_gap + jaw_gap,
        chin_y=identity.chin + moved.jaw - 0.03 * moved.chin_boss,
        gaze=gaze,
    )


def half_width(shape: FaceShape, y: np.ndarray) -> np.ndarray:
    """Half the width of the head at height y (the outline; 0 above the crown and below the chin)."""
    identity = shape.identity
    down = np.clip(y / shape.chin_y, 0.0, 1.0)
    up = np.clip(-y / identity.skull_top, 0.0, 1.0)
    lower = np.maximum(1.0 - down**2.4, 0.0) ** identity.jaw
    upper = np.maximum(1.0 - up**2.7, 0.0) ** 0.5
    return identity.face_width * np.where(y > 0, lower, upper)


def outline_level(shape: FaceShape, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """1 on the outline, below 1 inside: a level set of the same outline as half_width, smooth enough for gradients."""
    identity = shape.identity
    ax = np.abs(x) / identity.face_width + 1e-4
    down = np.maximum(y, 0.0) / shape.chin_y
    up = np.maximum(-y, 0.0) / identity.skull_top
    lower = ax ** (1.0 / identity.jaw) + down**2.4
    upper = ax**2.0 + up**2.7
    return np.where(y > 0, lower, upper).astype(np.float32)


def coarse_depth(shape: FaceShape, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Depth of the head without its features: a rounded box with a nose. Flat beyond the outline, never steep."""
    identity = shape.identity
    across = x / identity.face_width
    slack = 1.0 - 0.86 * across * across
    sides = 1.0 - np.sqrt(0.5 * (slack + np.sqrt(slack * slack + 0.03)))
    up = np.maximum(-y - 0.55, 0.0) / (identity.skull_top - 0.55)
    down = np.maximum(y - 0.9, 0.0) / (shape.chin_y - 0.9)
    ends = 0.55 * np.minimum(up, 1.2) ** 2 + 0.30 * np.minimum(down, 1.2) ** 2.5
    nose = np.exp(-0.5 * ((x / 0.17) ** 2 + ((y - 0.50) / 0.26) ** 2))
    return 0.15 - 0.95 * sides - ends + 0.30 * nose


@dataclass(frozen=True)
class View:
    """A pose made into numbers: pixel = centre + pixels_per_unit * (rotation @ point)[:2], rotated about the neck."""

    rotation: np.ndarray
    offset: np.ndarray  # pixels
    pixels_per_unit: float

    def project(self, points: np.ndarray) -> np.ndarray:
        """Pixels (K, 2) of face points (K, 3)."""
        turned = (points - PIVOT) @ self.rotation.T + PIVOT
        return turned[:, :2] * self.pixels_per_unit + self.offset


PIVOT = np.array((0.0, 0.7, -1.0))


def view_of(pose: Pose, size: int) -> View:
    """The view in which a head in this pose appears in a square picture of the given size."""
    yaw, pitch, roll = np.deg2rad((pose.yaw, pose.pitch, pose.roll))
    turn = np.array(((np.cos(yaw), 0, np.sin(yaw)), (0, 1, 0), (-np.sin(yaw), 0, np.cos(yaw))))
    nod = np.array(((1, 0, 0), (0, np.cos(pitch), -np.sin(pitch)), (0, np.sin(pitch), np.cos(pitch))))
    tip = np.array(((np.cos(roll), -np.sin(roll), 0), (np.sin(roll), np.cos(roll), 0), (0, 0, 1)))
    scale = size / 288.0 * 70.5 * pose.size
    offset = np.array((size * 0.5 + pose.x * scale, size * 0.463 + pose.y * scale))
    return View(tip @ nod @ turn, offset, float(scale))


def face_coordinates(shape: FaceShape, view: View, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Face x and y of every pixel: the inverse of the projection, by four fixed-point steps on the coarse depth."""
    rows, columns = np.mgrid[0:size, 0:size].astype(np.float32)
    u = (columns - view.offset[0]) / view.pixels_per_unit - PIVOT[0]
    v = (rows - view.offset[1]) / view.pixels_per_unit - PIVOT[1]
    inverse = np.linalg.inv(view.rotation[:2, :2])
    lean = inverse @ view.rotation[:2, 2]
    flat_x = (inverse[0, 0] * u + inverse[0, 1] * v + PIVOT[0]).astype(np.float32)
    flat_y = (inverse[1, 0] * u + inverse[1, 1] * v + PIVOT[1]).astype(np.float32)
    x, y = flat_x, flat_y
    for _ in range(4):
        rise = coarse_depth(shape, x, y) - PIVOT[2]
        x, y = flat_x - np.float32(lean[0]) * rise, flat_y - np.float32(lean[1]) * rise
    return x.astype(np.float32), y.astype(np.float32)
