"""Counterfactual pairs: the same person at the same moments, twice, with one attribute at another strength.

What no photograph can show is free here: put a pair of glasses on a face and leave everything else as it was, down to the noise of
the camera. A pair may be handed to a method in three ways (`Worn`): the attribute changed on the image alone, on the reference
alone, or on both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from jaxtyping import Bool, Float, UInt8

from csnviz.cast.attributes import Attributes, dosed, draw_attributes
from csnviz.cast.identity import draw_identity, generator
from csnviz.cast.performance import moment_of
from csnviz.cast.render import NON_ADDITIVITY, PICTURE_SIZE, draw, take_picture
from csnviz.cast.scripts import MIXED, Script, expressions
from csnviz.errors import InputError
from csnviz.faces.align import cut_out, face_quad
from csnviz.faces.crop import CROP_SIZE, crop_face
from csnviz.faces.illumination import pad_to_square


class Worn(Enum):
    """On which of the two faces that a calibrated network compares the attribute is changed."""

    IMAGE = "image only"
    REFERENCE = "reference only"
    BOTH = "image and reference"

    @property
    def on_image(self) -> bool:
        """Whether the image is drawn with the change."""
        return self is not Worn.REFERENCE

    @property
    def on_reference(self) -> bool:
        """Whether the reference is."""
        return self is not Worn.IMAGE


@dataclass(frozen=True)
class Side:
    """One side of a pair: camera pictures, RGB, and where the 68 landmarks were drawn (pixels; x, y)."""

    pictures: UInt8[np.ndarray, "N S S 3"]
    points: Float[np.ndarray, "N 68 2"]

    def crops(self) -> UInt8[np.ndarray, "N 112 112 3"]:
        """The faces as a network reads them. Evening the light spreads a change over the crop, as it does on any face."""
        return np.stack([crop_face(*each) for each in zip(self.pictures, self.points, strict=True)])


@dataclass(frozen=True)
class Pair:
    """N frames of one person without and with a change of one attribute.

    off, on: the two sides. change: how much light the change adds or takes at each pixel, before the camera (the greatest of
    red, green and blue; skin in the key light is about 1). It is exact: where it is 0, the two drawings are the same.
    """

    off: Side
    on: Side
    change: Float[np.ndarray, "N S S"]

    def mask(self, least: float = 0.0) -> Bool[np.ndarray, "N S S"]:
        """The pixels that changed by more than `least`: with 0 all of them, however little; .002 leaves out what no eye sees.

        A camera spreads a change by its blur and by the blocks of JPEG, at most 11 pixels.
        """
        return self.change > least

    def crop_mask(self, least: float = 0.002) -> Bool[np.ndarray, "N 112 112"]:
        """The same on the crops of the side that is on: each pixel of a crop that shows a changed one."""
        return np.stack([_cropped(*each) for each in zip(self.mask(least), self.on.points, strict=True)])


def _cropped(mask: Bool[np.ndarray, "S S"], points: Float[np.ndarray, "68 2"]) -> Bool[np.ndarray, "112 112"]:
    white = np.repeat(np.where(mask, 255, 0).astype(np.uint8)[..., None], 3, axis=2)
    return pad_to_square(cut_out(white, face_quad(points, CROP_SIZE)), CROP_SIZE)[..., 0] > 0


def draw_pair(
    participant: str,
    frames: Sequence[int],
    name: str,
    dose: float = 1.0,
    off: float = 0.0,
    *,
    carried: Attributes | None = None,
    script: Script = MIXED,
    non_additivity: float = NON_ADDITIVITY,
    size: int = PICTURE_SIZE,
) -> Pair:
    """A participant's frames with the attribute `name` at `off` and at `dose`; everything else the person carries stays.

    carried: what the person carries beside it; the person's own attributes by default. InputError for an attribute that the cast
    does not know, a strength out of range, two strengths alike, and where no frame is asked for.
    """
    if dose == off:
        raise InputError(f"A pair needs two strengths of {name}; found {dose:g} twice.")
    if not frames:
        raise InputError(f"{participant}: a pair of no frames was asked for; name at least one frame.")
    own = draw_attributes(participant) if carried is None else carried
    worn = [dosed(own, name, off), dosed(own, name, dose)]
    played, identity = expressions(participant, max(frames) + 1, script), draw_identity(participant)
    sides: tuple[list[np.ndarray], ...] = ([], [], [], [], [])
    for frame in frames:
        moment = moment_of(participant, frame, played[frame])
        drawn = draw(identity, worn, [moment] * 2, size, non_additivity=non_additivity)
        photos = [take_picture(light, moment.camera, generator(participant, 30, frame)) for light in drawn.light]
        change = (drawn.light[1] - drawn.light[0]).abs().amax(0).numpy()
        for part, value in zip(sides, (*photos, *drawn.points, change), strict=True):
            part.append(value)
    off_pictures, on_pictures, off_points, on_points, changes = (np.stack(part) for part in sides)
    return Pair(Side(off_pictures, off_points), Side(on_pictures, on_points), changes)
