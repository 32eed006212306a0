"""One drawn frame: who (identity), what the face carries (attributes), what it does (moment) -> light, picture, landmarks."""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from jaxtyping import Float, Float32, UInt8

from csnviz.cast.anatomy import NEUTRAL, Expression
from csnviz.cast.attributes import Attributes
from csnviz.cast.body import draw_backdrop, draw_body, draw_ears
from csnviz.cast.brows import grow_brow
from csnviz.cast.camera import Camera, photograph
from csnviz.cast.canvas import spread
from csnviz.cast.eyes import draw_eyes
from csnviz.cast.geometry import Pose, shape_face, view_of
from csnviz.cast.glasses import draw_glasses
from csnviz.cast.hair import Hair, draw_hair, draw_hair_behind, grow_hair
from csnviz.cast.head import draw_head
from csnviz.cast.identity import Identity
from csnviz.cast.landmarks import landmarks
from csnviz.cast.light import Light
from csnviz.cast.skin import Skin, paint_skin

PICTURE_SIZE = 288


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


@dataclass(frozen=True)
class Drawing:
    """A frame before the camera: linear light, 68 landmark roles in pixels, and how much the glasses change each pixel."""

    light: Float32[np.ndarray, "S S 3"]
    points: Float[np.ndarray, "68 2"]
    glasses: Float[np.ndarray, "S S"]


@dataclass(frozen=True)
class _Person:
    skin: Skin
    hairs: Float32[np.ndarray, "24 92"]
    hair: Hair


@lru_cache(maxsize=8)
def _person(identity: Identity) -> _Person:
    """What no frame changes; kept, because painting it takes longer than drawing a frame."""
    return _Person(paint_skin(identity), grow_brow(identity), grow_hair(identity))


def draw(identity: Identity, attributes: Attributes, moment: Moment, size: int = PICTURE_SIZE) -> Drawing:
    """This person, carrying these attributes, at this moment. Nothing random happens here: same input, same light."""
    person = _person(identity)
    shape = shape_face(identity, attributes, moment.expression, moment.openness, moment.gaze)
    view = view_of(moment.pose, size)
    canvas = spread(shape, view, size)
    picture = draw_backdrop(identity, moment.light, size)
    draw_hair_behind(canvas, person.hair, moment.light, picture)
    draw_body(canvas, moment.light, picture)
    draw_ears(canvas, moment.light, picture)
    draw_head(canvas, person.skin, person.hairs, attributes, moment.light, picture)
    draw_eyes(canvas, moment.light, picture)
    draw_hair(canvas, person.hair, moment.light, picture)
    worn = draw_glasses(canvas, attributes, moment.light, picture)
    return Drawing(picture, landmarks(shape, view), worn.touched())


def take_picture(drawing: Drawing, camera: Camera, rng: np.random.Generator) -> UInt8[np.ndarray, "S S 3"]:
    """The drawing as a camera sees it."""
    return photograph(drawing.light, camera, rng)


def neutral_moment() -> Moment:
    """Frontal, relaxed, eyes open."""
    return Moment(NEUTRAL)
