"""The sheet that one frame is drawn on: face coordinates of every pixel, rectangles of it, and blending."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from csnviz.cast.geometry import FaceShape, View, coarse_depth, face_coordinates

Window = tuple[slice, slice]


@dataclass(frozen=True)
class Canvas:
    """Face coordinates (inter-ocular distances) of the pixels of a square picture, for one head in one view."""

    shape: FaceShape
    view: View
    size: int
    x: Float[np.ndarray, "S S"]
    y: Float[np.ndarray, "S S"]

    @property
    def pixel(self) -> float:
        """The size of one pixel in inter-ocular distances: edges are this soft."""
        return 1.0 / self.view.pixels_per_unit

    def window(self, left: float, right: float, top: float, bottom: float) -> Window:
        """The smallest block of pixels that surely holds a rectangle of the face."""
        xs = np.linspace(left, right, 3)
        ys = np.linspace(top, bottom, 3)
        grid_x, grid_y = (part.ravel() for part in np.meshgrid(xs, ys))
        depth = coarse_depth(self.shape, grid_x, grid_y)
        pixels = self.view.project(np.stack((grid_x, grid_y, depth), -1))
        low = np.clip(np.floor(pixels.min(0)).astype(int) - 3, 0, self.size)
        high = np.clip(np.ceil(pixels.max(0)).astype(int) + 4, 0, self.size)
        return slice(low[1], high[1]), slice(low[0], high[0])


def spread(shape: FaceShape, view: View, size: int) -> Canvas:
    """A canvas for this face in this view."""
    x, y = face_coordinates(shape, view, size)
    return Canvas(shape, view, size, x, y)


def blend(
    picture: Float[np.ndarray, "S S 3"], window: Window, colour: np.ndarray, cover: Float[np.ndarray, "H W"]
) -> None:
    """Lay a colour (3,) or (H, W, 3) over a block of the picture, in place, with the given coverage."""
    patch = picture[window]
    patch += (colour - patch) * cover[..., None]
