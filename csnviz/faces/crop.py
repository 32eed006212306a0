"""The crop that a network reads, and the picture that a person looks at: the same quadrilateral of a face, twice.

# Differs from the paper: the authors keep their crops as JPEG files, which loses a little; ours are kept as they are.
"""

import numpy as np
from jaxtyping import Float, UInt8

from csnviz.errors import InputError
from csnviz.faces.align import cut_out, face_quad
from csnviz.faces.illumination import even_illumination, pad_to_square

CROP_SIZE = 112

PREPROCESSING_VERSION = "1"
"""Changes whenever the same picture and landmarks would give another crop. Caches and results carry it."""


def crop_face(image: UInt8[np.ndarray, "H W 3"], points: Float[np.ndarray, "68 2"]) -> UInt8[np.ndarray, "112 112 3"]:
    """The face as a network reads it: upright, evenly lit, 112 x 112 RGB, padded with black.

    image: RGB. points: (x, y) in pixels, 68-point scheme (see `align`). InputError when the points do not span a face.
    """
    aligned = cut_out(image, face_quad(points, CROP_SIZE))
    return pad_to_square(even_illumination(aligned), CROP_SIZE)


def crop_corners(points: Float[np.ndarray, "68 2"]) -> Float[np.ndarray, "4 2"]:
    """Where the crop of `crop_face` lies in the picture: its upper left, lower left, lower right and upper right corner.

    As seen on the upright face, with its black padding; (x, y) in pixels, where the first pixel's upper left corner is (0, 0),
    so that pixel (x, y) of the crop shows what lies around (x + 1/2, y + 1/2) / 112 of the square. They may lie beyond the
    picture. InputError when the points do not span a face.
    """
    return face_quad(points, CROP_SIZE).square_corners


def face_picture(
    image: UInt8[np.ndarray, "H W 3"], points: Float[np.ndarray, "68 2"], size: int = 336
) -> UInt8[np.ndarray, "S S 3"]:
    """The face as a person likes to see it: the quadrilateral of `crop_face` in natural colours, larger.

    `size` is a multiple of 112, so that pixel (x, y) of the crop lies exactly on columns 3 x to 3 x + 2 and rows 3 y to
    3 y + 2 of a picture of 336 x 336. InputError when it is not, or when the points do not span a face.
    """
    times, rest = divmod(size, CROP_SIZE)
    if rest or not times:
        raise InputError(f"A face picture is a multiple of {CROP_SIZE} pixels wide, as crops are; found {size}.")
    quad = face_quad(points, CROP_SIZE)
    height, width = quad.rectangle
    # Padded by whole pixels of the crop: padding the larger picture by itself would put it one pixel aside.
    top, left = times * ((CROP_SIZE - height) // 2), times * ((CROP_SIZE - width) // 2)
    square = np.zeros((size, size, 3), dtype=np.uint8)
    square[top : top + times * height, left : left + times * width] = cut_out(image, quad, times)
    return square
