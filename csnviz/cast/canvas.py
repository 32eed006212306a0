"""The sheet that frames are drawn on together: face coordinates of every pixel, rectangles of them, and blending."""

from dataclasses import dataclass
from functools import cached_property

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from csnviz.cast.anatomy import Column
from csnviz.cast.geometry import FaceShape, View, coarse_depth, face_coordinates

Pixels = Float[Tensor, "B H W"]
Picture = Float[Tensor, "B 3 S S"]
"""Linear light, red, green and blue."""


@dataclass(frozen=True)
class Window:
    """A block of pixels of each picture, equally large in all: their rows and columns among the `size` of each."""

    rows: Int64[Tensor, "B H"]
    columns: Int64[Tensor, "B W"]
    size: int

    def cut(self, maps: Float[Tensor, "B *C S S"]) -> Float[Tensor, "B *C H W"]:
        """A copy of this block of maps (B, S, S) or of pictures (B, C, S, S)."""
        flat = maps.flatten(-2)
        return flat.gather(-1, self._places(flat)).reshape(*maps.shape[:-2], self.rows.shape[1], self.columns.shape[1])

    def put(self, maps: Float[Tensor, "B *C S S"], patch: Float[Tensor, "B *C H W"]) -> None:
        """Lays a block back where it was cut, in place."""
        flat = maps.view(*maps.shape[:-2], -1)
        flat.scatter_(-1, self._places(flat), patch.flatten(-2))

    def _places(self, flat: Tensor) -> Tensor:
        places = self._among_all
        return places if flat.ndim == 2 else places[:, None].expand(-1, flat.shape[1], -1)

    @cached_property
    def _among_all(self) -> Int64[Tensor, "B HW"]:
        return (self.rows[:, :, None] * self.size + self.columns[:, None]).flatten(1)


@dataclass(frozen=True)
class Canvas:
    """Face coordinates (inter-ocular distances) of the pixels of square pictures, for one head in several moments and views.

    plan and view lie on the CPU, where windows are chosen without waiting for a GPU; shape is the plan beside the pixels.
    """

    plan: FaceShape
    view: View
    size: int
    shape: FaceShape
    x: Float[Tensor, "B S S"]
    y: Float[Tensor, "B S S"]

    @property
    def device(self) -> torch.device:
        """Where the pixels are."""
        return self.x.device

    @property
    def pixel(self) -> Column:
        """The size of one pixel in inter-ocular distances: edges are this soft."""
        return 1.0 / self.view.scale.to(self.device)

    def pixels(self) -> tuple[Float[Tensor, "S 1"], Float[Tensor, " S"]]:
        """Rows and columns of every pixel."""
        places = torch.arange(float(self.size), device=self.device)
        return places[:, None], places

    def window(
        self, left: float | Column, right: float | Column, top: float | Column, bottom: float | Column
    ) -> Window:
        """The smallest block of pixels that surely holds a rectangle of the face in every picture; its borders lie on the CPU."""
        third = torch.tensor((0.0, 0.5, 1.0))
        none = torch.zeros(len(self.x), 1, 1)
        x = (none + left + (none + right - left) * third).repeat(1, 1, 3)
        y = (none + top + (none + bottom - top) * third).repeat_interleave(3, -1)
        across, down = self.view.project(x, y, coarse_depth(self.plan, x, y))
        return self.block(across, down)

    def block(self, columns: Float[Tensor, "B 1 K"], rows: Float[Tensor, "B 1 K"]) -> Window:
        """The smallest block of pixels that surely holds these places; they lie on the CPU."""
        return Window(self._range(rows), self._range(columns), self.size)

    def _range(self, places: Float[Tensor, "B 1 K"]) -> Int64[Tensor, "B L"]:
        low = places.amin((1, 2)).floor().long() - 3
        high = places.amax((1, 2)).ceil().long() + 4
        low, high = low.clamp(0, self.size), high.clamp(0, self.size)
        length = int((high - low).max().clamp(min=1))
        first = low.clamp(max=self.size - length)
        return (first[:, None] + torch.arange(length)).to(self.device)


def spread(plan: FaceShape, view: View, size: int, device: torch.device) -> Canvas:
    """A canvas for these faces in these views."""
    shape = plan.to(device)
    x, y = face_coordinates(shape, view.to(device), size)
    return Canvas(plan, view, size, shape, x, y)


def blend(picture: Picture, window: Window, over: Tensor, cover: Pixels) -> None:
    """Lays a colour (3, 1, 1) or (B, 3, H, W) over a block of the pictures, in place, with the given coverage."""
    window.put(picture, torch.lerp(window.cut(picture), over, cover[:, None]))
