"""Turns a face upright and cuts it out: an oriented quadrilateral around the landmarks, resampled to a small rectangle.

This follows the alignment of the authors' code for arXiv 2409.00240, which is that of the FFHQ data set with other
extents: the quadrilateral reaches sideways to the outer jaw points, downwards 1.05 times the distance from the eyes to
the chin, and upwards half that distance.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int, UInt8
from PIL import Image

from csnviz.errors import InputError

JAW_ONE, JAW_OTHER, BELOW_CHIN = 0, 16, 9
"""Roles in the 68-point scheme. The authors take 9, one beside the tip of the chin (8); kept so that crops agree."""

EYE_ONE, EYE_OTHER = slice(36, 42), slice(42, 48)
MOUTH_CORNERS = [48, 54]


@dataclass(frozen=True)
class FaceQuad:
    """Where the aligned face lies in a picture.

    corners: upper left, lower left, lower right, upper right as seen on the upright face; (x, y) in pixels, where the
    centre of the first pixel is (0, 0). rectangle: (height, width) of the aligned face, whose longer side is `size`.
    """

    corners: Float[np.ndarray, "4 2"]
    rectangle: tuple[int, int]
    size: int

    @property
    def longer_side(self) -> float:
        """Length of the longer side in pixels of the picture."""
        return float(np.linalg.norm(np.diff(self.corners[:3], axis=0), axis=1).max())

    def shrink(self, times: int = 1) -> int:
        """The whole number by which the picture is made smaller before it is resampled, against aliasing."""
        return max(1, int(np.floor(self.longer_side / (self.size * times) * 0.5)))

    @property
    def cut_corners(self) -> Float[np.ndarray, "4 2"]:
        """The corners of what is cut out, in pixels of the picture, where the first pixel's upper left corner is (0, 0).

        The authors add half a pixel after shrinking the picture, so that the quadrilateral sits half a *shrunken* pixel to
        the lower right of the landmarks. The shift is the crop's, whatever the size asked for, or the two would not overlay.
        """
        return self.corners + 0.5 * self.shrink()

    @property
    def square_corners(self) -> Float[np.ndarray, "4 2"]:
        """The corners, likewise, of the black square of `size` x `size` pixels that the aligned face lies in.

        The centre of the square's pixel (x, y) is (x + 1/2) / size of the way along its upper side, (y + 1/2) / size down.
        """
        height, width = self.rectangle
        upper_left, lower_left, _, upper_right = self.cut_corners
        # One pixel of the square, across and down; odd pixels of padding lie at the right and below (`pad_to_square`).
        across, down = (upper_right - upper_left) / width, (lower_left - upper_left) / height
        first = upper_left - across * ((self.size - width) // 2) - down * ((self.size - height) // 2)
        across, down = across * self.size, down * self.size
        return np.stack([first, first + down, first + across + down, first + across])


def align(
    image: UInt8[np.ndarray, "H W 3"], points: Float[np.ndarray, "68 2"], size: int = 112
) -> UInt8[np.ndarray, "h w 3"]:
    """The face upright, in natural colours, its longer side `size` pixels; black where it reaches beyond the picture.

    image: RGB. points: (x, y) in pixels, 68-point scheme, of which only 0, 9, 16, 36-47, 48 and 54 are read (the others
    may be NaN). The shorter side keeps the proportions, truncated to whole pixels. InputError when the points do not
    span a face.
    """
    return cut_out(image, face_quad(points, size))


def face_quad(points: Float[np.ndarray, "68 2"], size: int = 112) -> FaceQuad:
    """The quadrilateral of a face; InputError when its points do not span one (arXiv 2409.00240, the authors' code)."""
    eyes = (points[EYE_ONE].mean(axis=0) + points[EYE_OTHER].mean(axis=0)) / 2
    across, down = _axes(points, eyes)
    left, right = (eyes - points[JAW_ONE]) @ across, (points[JAW_OTHER] - eyes) @ across
    eyes_to_chin = (points[BELOW_CHIN] - eyes) @ down
    top, bottom = -0.5 * eyes_to_chin, 1.05 * eyes_to_chin
    width, height = left + right, bottom - top
    if not (width >= 1 and height >= 1 and max(width, height) < 20 * min(width, height)):
        raise InputError("The landmarks do not span a face. Choose another frame, or give other landmarks.")
    corners = [eyes + x * across + y * down for x, y in ((-left, top), (-left, bottom), (right, bottom), (right, top))]
    longer = max(width, height)
    return FaceQuad(np.stack(corners), (int(size * height / longer), int(size * width / longer)), size)


def _axes(points: Float[np.ndarray, "68 2"], eyes: Float[np.ndarray, " 2"]) -> Float[np.ndarray, "2 2"]:
    """Unit vectors across and down the face: the line of the eyes and the line from eyes to mouth, averaged."""
    between_eyes = points[EYE_OTHER].mean(axis=0) - points[EYE_ONE].mean(axis=0)
    to_mouth = points[MOUTH_CORNERS].mean(axis=0) - eyes
    across = between_eyes - np.array([-to_mouth[1], to_mouth[0]])
    across = across / max(float(np.linalg.norm(across)), 1e-12)
    return np.stack([across, np.array([-across[1], across[0]])])


def cut_out(image: UInt8[np.ndarray, "H W 3"], quad: FaceQuad, times: int = 1) -> UInt8[np.ndarray, "h w 3"]:
    """The quadrilateral of an RGB picture as an upright rectangle, `times` as large as the quadrilateral's own.

    Every `times` x `times` block of the larger rectangle shows what one pixel of the smaller shows.
    """
    picture, corners = _neighbourhood(image, quad.cut_corners, quad.shrink(times))
    height, width = (times * side for side in quad.rectangle)
    corner_list = tuple(corners.ravel().tolist())
    return np.array(picture.transform((width, height), Image.Transform.QUAD, corner_list, Image.Resampling.BILINEAR))


def _neighbourhood(
    image: UInt8[np.ndarray, "H W 3"], corners: Float[np.ndarray, "4 2"], shrink: int
) -> tuple[Image.Image, Float[np.ndarray, "4 2"]]:
    """The part of the picture that resampling can touch, made smaller by a whole number; and the corners in it.

    The same pixels as of the whole picture made smaller, without the work of making them all.
    """
    full = np.array([image.shape[1], image.shape[0]])
    limit = np.maximum(np.rint(full / shrink), 1)
    corners = corners * (limit / full)
    low = np.clip(np.floor(corners.min(axis=0)) - 2, 0, limit - 1).astype(int)
    high = np.clip(np.ceil(corners.max(axis=0)) + 2, low + 1, limit).astype(int)
    if shrink == 1:
        near = image[low[1] : high[1], low[0] : high[0]]
        return Image.fromarray(np.ascontiguousarray(near)), corners - low
    return _smaller(image, low, high, full / limit), corners - low


def _smaller(
    image: UInt8[np.ndarray, "H W 3"], low: Int[np.ndarray, " 2"], high: Int[np.ndarray, " 2"], ratio: np.ndarray
) -> Image.Image:
    """The part from `low` to `high` of the picture made smaller by `ratio` (width, height)."""
    # Lanczos reads three pixels of the smaller picture around each; four are kept.
    first = np.floor(np.maximum(low - 4, 0) * ratio).astype(int)
    last = np.ceil((high + 4) * ratio).astype(int)
    near = Image.fromarray(np.ascontiguousarray(image[first[1] : last[1], first[0] : last[0]]))
    box = (np.concatenate([low, high]) * np.tile(ratio, 2) - np.tile(first, 2)).tolist()
    return near.resize((int(high[0] - low[0]), int(high[1] - low[1])), Image.Resampling.LANCZOS, box=tuple(box))
