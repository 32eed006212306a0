"""Drawn frames of one person: who (identity), what the face carries (attributes), what it does (moments) -> light, landmarks."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from csnviz.cast.anatomy import CAST_AUS, NEUTRAL, Expression
from csnviz.cast.attributes import Attributes
from csnviz.cast.body import draw_backdrop, draw_body, draw_ears
from csnviz.cast.brows import grow_brow
from csnviz.cast.camera import Camera, photograph
from csnviz.cast.canvas import Picture, spread
from csnviz.cast.eyes import draw_eyes
from csnviz.cast.geometry import Pose, shape_face, view_of
from csnviz.cast.glasses import draw_glasses
from csnviz.cast.hair import Hair, draw_hair, draw_hair_behind, grow_hair
from csnviz.cast.head import draw_head
from csnviz.cast.identity import Identity
from csnviz.cast.landmarks import landmarks
from csnviz.cast.light import Light, Lights
from csnviz.cast.skin import Skin, paint_skin
from csnviz.errors import InputError

PICTURE_SIZE = 288
SMALLEST = 64
"""Pixels a side below which a brow is thinner than a pixel."""

NON_ADDITIVITY = 1.0
"""How far what a face carries keeps what it does from being seen: 0 not at all, each only adds to the picture; 1 as on real faces.

The default was fixed before any network saw these drawings, and is argued from faces. A rim is opaque: the wrinkles that AU9 makes
beneath a bridge reach no camera. Dense hair hides the skin under it: FACS scores AU17 on a bearded chin by what still moves. And a
wrinkle that always stands cannot fold as much again: FACS asks of permanent wrinkles that they deepen, and skin folds only so
deep. Each of the three is then there in full, so that the default is 1. At 0 rims let the skin's relief through, hair
colours skin without hiding it, and a unit folds a standing wrinkle by as much as smooth skin: a world in which subtraction
should suffice, there to be compared with.
"""


@dataclass(frozen=True)
class Moment:
    """What happens in one frame. expression: AU number -> intensity 0 .. 5; gaze in inter-ocular distances (x right,
    y down); openness 1 lids as at rest .. 0 shut."""

    expression: Expression
    pose: Pose = field(default_factory=Pose)
    gaze: tuple[float, float] = (0.0, 0.0)
    openness: float = 1.0
    light: Light = field(default_factory=Light)
    camera: Camera = field(default_factory=Camera)

    def __post_init__(self) -> None:
        """InputError for an action unit that the cast does not play, and for an intensity that no coder gives."""
        for au, intensity in self.expression.items():
            if au not in CAST_AUS.numbers:
                known = ", ".join(str(number) for number in CAST_AUS.numbers)
                raise InputError(f"The cast does not play AU{au}. It plays {known}.")
            if not 0 <= intensity <= 5:
                raise InputError(f"AU{au} was asked for at intensity {intensity:g}; intensities go from 0 to 5.")


@dataclass(frozen=True)
class Drawings:
    """Frames before the camera: linear light, 68 landmark roles in pixels, and how much the glasses change each pixel."""

    light: Picture
    points: Float[np.ndarray, "B 68 2"]
    glasses: Float[Tensor, "B S S"]


@dataclass(frozen=True)
class _Person:
    skin: Skin
    hairs: Float[Tensor, "24 92"]
    hair: Hair


@lru_cache(maxsize=8)
def _person(identity: Identity, device: torch.device) -> _Person:
    """What no frame changes; kept, because painting it takes longer than drawing a frame."""
    skin, hair = paint_skin(identity), grow_hair(identity)
    return _Person(Skin(skin.atlas.to(device)), grow_brow(identity).to(device), Hair(hair.atlas.to(device)))


def check_dial(non_additivity: float) -> None:
    """InputError for a dial that is not between 0 and 1."""
    if not 0.0 <= non_additivity <= 1.0:
        raise InputError(
            f"non_additivity goes from 0 (what a face carries only adds) to 1 (as on faces); found {non_additivity:g}."
        )


@contextmanager
def _one_thread() -> Iterator[None]:
    """A step of the work is too small to be shared: two threads would take several times as long, and round otherwise."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@_one_thread()
@torch.inference_mode()
def draw(
    identity: Identity,
    attributes: Sequence[Attributes],
    moments: Sequence[Moment],
    size: int = PICTURE_SIZE,
    device: torch.device | str = "cpu",
    non_additivity: float = NON_ADDITIVITY,
) -> Drawings:
    """This person at these moments, carrying something else in each if so asked. Nothing random: same input, same light.

    How many frames are drawn together changes no pixel by more than rounding. InputError for pictures smaller than `SMALLEST`, when
    there are not as many attributes as moments, and for a dial that is not between 0 and 1.
    """
    check_dial(non_additivity)
    if size < SMALLEST:
        raise InputError(f"Pictures of {size} x {size} pixels are too small for a face; ask for {SMALLEST} or more.")
    if len(attributes) != len(moments) or not moments:
        raise InputError(
            f"{len(moments)} moments with {len(attributes)} attributes were asked for; give one of each a frame."
        )
    device = torch.device(device)
    person = _person(identity, device)
    plan = shape_face(
        identity,
        attributes,
        [moment.expression for moment in moments],
        [moment.openness for moment in moments],
        [moment.gaze for moment in moments],
        non_additivity,
    )
    view = view_of([moment.pose for moment in moments], size)
    light = Lights.of([moment.light for moment in moments], device)
    canvas = spread(plan, view, size, device)
    picture = draw_backdrop(identity, light, size)
    draw_hair_behind(canvas, person.hair, light, picture)
    draw_body(canvas, light, picture)
    draw_ears(canvas, light, picture)
    draw_head(canvas, person.skin, person.hairs, attributes, light, picture)
    draw_eyes(canvas, light, picture)
    draw_hair(canvas, person.hair, light, picture)
    worn = draw_glasses(canvas, attributes, light, picture)
    return Drawings(picture, landmarks(plan, view), worn.touched())


def take_picture(light: Float[Tensor, "3 S S"], camera: Camera, rng: np.random.Generator) -> UInt8[np.ndarray, "S S 3"]:
    """One drawing as a camera sees it."""
    return photograph(light.permute(1, 2, 0).cpu().numpy(), camera, rng)


def neutral_moment() -> Moment:
    """Frontal, relaxed, eyes open."""
    return Moment(NEUTRAL)
