"""Seeded textures and their look-up: smooth noise, strands along a flow, and an atlas of maps over the face plane."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32


def blur(image: Float[np.ndarray, "H W"], sigma_y: float, sigma_x: float) -> Float32[np.ndarray, "H W"]:
    """Gaussian blur by the Fourier transform, wrapping at the borders (textures have quiet borders). Sigmas in texels."""
    height, width = image.shape
    fy = np.exp(-2.0 * (np.pi * sigma_y * np.fft.fftfreq(height)) ** 2)
    fx = np.exp(-2.0 * (np.pi * sigma_x * np.fft.rfftfreq(width)) ** 2)
    return np.fft.irfft2(np.fft.rfft2(image) * fy[:, None] * fx[None, :], s=image.shape).astype(np.float32)


def smooth_noise(
    rng: np.random.Generator, shape: tuple[int, ...], sigma_y: float, sigma_x: float
) -> Float32[np.ndarray, "H W"]:
    """Normal noise of unit variance, correlated over the two sigmas (texels)."""
    noise = blur(rng.standard_normal(shape), sigma_y, sigma_x)
    return (noise - noise.mean()) / (noise.std() + 1e-9)


def strands(
    rng: np.random.Generator,
    flow_x: Float[np.ndarray, "H W"],
    flow_y: Float[np.ndarray, "H W"],
    half_length: int,
) -> Float32[np.ndarray, "H W"]:
    """Noise smeared along a flow (line integral convolution): hair. Unit variance; half_length in texels."""
    height, width = flow_x.shape
    noise = smooth_noise(rng, (height, width), 0.55, 0.55)
    norm = np.hypot(flow_x, flow_y) + 1e-6
    step_x, step_y = flow_x / norm, flow_y / norm
    total = noise.copy()
    start_y, start_x = np.mgrid[0:height, 0:width].astype(np.float32)
    for sign in (1.0, -1.0):
        y, x = start_y.copy(), start_x.copy()
        for _ in range(half_length):
            iy = np.clip(y + 0.5, 0, height - 1).astype(np.intp)
            ix = np.clip(x + 0.5, 0, width - 1).astype(np.intp)
            x += sign * step_x[iy, ix]
            y += sign * step_y[iy, ix]
            total += look_up_one(noise, y, x)
    return ((total - total.mean()) / total.std()).astype(np.float32)


def look_up_one(image: Float32[np.ndarray, "H W"], y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Bilinear look-up of one map at texel coordinates, held at the border."""
    return look_up(image[:, :, None], y, x)[..., 0]


def look_up(maps: Float32[np.ndarray, "H W C"], y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Bilinear look-up of C maps at texel coordinates of any shape; returns that shape with C appended."""
    height, width, channels = maps.shape
    y = np.clip(y, 0.0, height - 1.001).astype(np.float32)
    x = np.clip(x, 0.0, width - 1.001).astype(np.float32)
    iy, ix = y.astype(np.int32), x.astype(np.int32)
    fy, fx = (y - iy)[..., None], (x - ix)[..., None]
    flat = maps.reshape(-1, channels)
    corner = iy * width + ix
    top = flat.take(corner, axis=0) * (1 - fx) + flat.take(corner + 1, axis=0) * fx
    bottom = flat.take(corner + width, axis=0) * (1 - fx) + flat.take(corner + width + 1, axis=0) * fx
    return top + (bottom - top) * fy


@dataclass(frozen=True)
class Atlas:
    """Maps over the face plane, x and y in inter-ocular distances from the point between the eyes."""

    maps: Float32[np.ndarray, "H W C"]
    left: float
    top: float
    per_unit: float

    def at(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """All maps at face coordinates; shape of x with C appended."""
        return look_up(self.maps, (y - self.top) * self.per_unit, (x - self.left) * self.per_unit)


@dataclass(frozen=True)
class Plane:
    """The grid on which an atlas is drawn."""

    left: float
    right: float
    top: float
    bottom: float
    per_unit: float

    def grid(self) -> tuple[Float32[np.ndarray, "H W"], Float32[np.ndarray, "H W"]]:
        """x and y of every texel."""
        x = np.arange(self.left, self.right, 1.0 / self.per_unit, dtype=np.float32)
        y = np.arange(self.top, self.bottom, 1.0 / self.per_unit, dtype=np.float32)
        across, down = np.meshgrid(x, y)
        return across, down

    def atlas(self, *maps: Float[np.ndarray, "H W"]) -> Atlas:
        """Put finished maps together."""
        return Atlas(np.ascontiguousarray(np.stack(maps, -1), np.float32), self.left, self.top, self.per_unit)


def smoothstep(value: np.ndarray, low: float | np.ndarray, high: float | np.ndarray) -> np.ndarray:
    """0 below low, 1 above high, a smooth rise between (either order of the two edges)."""
    t = np.clip((value - low) / (high - low), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


def bump(x: np.ndarray, y: np.ndarray, centre_x: float, centre_y: float, sigma_x: float, sigma_y: float) -> np.ndarray:
    """A Gaussian hill of height 1."""
    return np.exp(-0.5 * (((x - centre_x) / sigma_x) ** 2 + ((y - centre_y) / sigma_y) ** 2))


def edge(distance: np.ndarray, softness: float) -> np.ndarray:
    """Coverage of a shape from its signed distance (positive inside): a logistic ramp, so that no edge is jagged."""
    return 1.0 / (1.0 + np.exp(np.clip(distance * (-1.0 / softness), -30.0, 30.0)))
