"""Seeded textures and their look-up: smooth noise, strands along a flow, and an atlas of maps over the face plane."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import grid_sample

Map = Float[Tensor, "H W"]


def blur(image: Map, sigma_y: float, sigma_x: float) -> Map:
    """Gaussian blur by the Fourier transform, wrapping at the borders (textures have quiet borders). Sigmas in texels."""
    height, width = image.shape
    fy = torch.exp(-2.0 * (torch.pi * sigma_y * torch.fft.fftfreq(height, dtype=torch.float64)) ** 2)
    fx = torch.exp(-2.0 * (torch.pi * sigma_x * torch.fft.rfftfreq(width, dtype=torch.float64)) ** 2)
    return torch.fft.irfft2(torch.fft.rfft2(image.double()) * fy[:, None] * fx, s=image.shape).float()


def smooth_noise(rng: np.random.Generator, shape: tuple[int, ...], sigma_y: float, sigma_x: float) -> Map:
    """Normal noise of unit variance, correlated over the two sigmas (texels)."""
    noise = blur(torch.from_numpy(rng.standard_normal(shape)), sigma_y, sigma_x)
    return (noise - noise.mean()) / (noise.std(correction=0) + 1e-9)


def strands(rng: np.random.Generator, flow_x: Map, flow_y: Map, half_length: int) -> Map:
    """Noise smeared along a flow (line integral convolution): hair. Unit variance; half_length in texels."""
    height, width = flow_x.shape
    noise = smooth_noise(rng, (height, width), 0.55, 0.55)
    norm = torch.hypot(flow_x, flow_y) + 1e-6
    step_x, step_y = flow_x / norm, flow_y / norm
    total = noise.clone()
    start_y, start_x = torch.meshgrid(torch.arange(float(height)), torch.arange(float(width)), indexing="ij")
    for sign in (1.0, -1.0):
        y, x = start_y, start_x
        for _ in range(half_length):
            at = (y + 0.5).clamp(0, height - 1).long(), (x + 0.5).clamp(0, width - 1).long()
            x, y = x + sign * step_x[at], y + sign * step_y[at]
            total += look_up(noise[None], y[None], x[None])[0, 0]
    return (total - total.mean()) / total.std(correction=0)


def look_up(
    maps: Float[Tensor, "C H W"], y: Float[Tensor, "B h w"], x: Float[Tensor, "B h w"]
) -> Float[Tensor, "B C h w"]:
    """Bilinear look-up of C maps at texel coordinates, held at the border."""
    height, width = maps.shape[-2:]
    place = torch.stack((2.0 / (width - 1) * x - 1.0, 2.0 / (height - 1) * y - 1.0), -1)
    of_each = maps.expand(len(x), -1, -1, -1)
    return grid_sample(of_each, place, mode="bilinear", padding_mode="border", align_corners=True)


@dataclass(frozen=True)
class Atlas:
    """Maps over the face plane, x and y in inter-ocular distances from the point between the eyes."""

    maps: Float[Tensor, "C H W"]
    left: float
    top: float
    per_unit: float

    def at(self, x: Float[Tensor, "B h w"], y: Float[Tensor, "B h w"]) -> Float[Tensor, "B C h w"]:
        """All maps at face coordinates."""
        return look_up(self.maps, (y - self.top) * self.per_unit, (x - self.left) * self.per_unit)

    def to(self, device: torch.device) -> "Atlas":
        """The same on a device."""
        return Atlas(self.maps.to(device), self.left, self.top, self.per_unit)


@dataclass(frozen=True)
class Plane:
    """The grid on which an atlas is drawn."""

    left: float
    right: float
    top: float
    bottom: float
    per_unit: float

    def grid(self) -> tuple[Map, Map]:
        """x and y of every texel."""
        x = torch.from_numpy(np.arange(self.left, self.right, 1.0 / self.per_unit, dtype=np.float32))
        y = torch.from_numpy(np.arange(self.top, self.bottom, 1.0 / self.per_unit, dtype=np.float32))
        down, across = torch.meshgrid(y, x, indexing="ij")
        return across, down

    def atlas(self, *maps: Map) -> Atlas:
        """Put finished maps together."""
        return Atlas(torch.stack(maps).float(), self.left, self.top, self.per_unit)


def smoothstep(value: Tensor, low: float | Tensor, high: float | Tensor) -> Tensor:
    """0 below low, 1 above high, a smooth rise between (either order of the two edges)."""
    t = ((value - low) / (high - low)).clamp(0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


def bump(
    x: Tensor,
    y: Tensor,
    centre_x: float | Tensor,
    centre_y: float | Tensor,
    sigma_x: float | Tensor,
    sigma_y: float | Tensor,
) -> Tensor:
    """A Gaussian hill of height 1."""
    return decay(0.5 * (((x - centre_x) / sigma_x) ** 2 + ((y - centre_y) / sigma_y) ** 2))


def decay(amount: Tensor) -> Tensor:
    """e to the minus `amount`, as good as 0 from 80 on: a CPU takes ten times as long over an exponential that underflows."""
    return torch.exp(-amount.clamp(max=80.0))


def edge(distance: Tensor, softness: float | Tensor) -> Tensor:
    """Coverage of a shape from its signed distance (positive inside): a logistic ramp, so that no edge is jagged."""
    return torch.sigmoid(distance / softness)
