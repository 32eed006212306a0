"""Light on skin and hair: one soft key lamp, light from the sky, and the redness of light that went through skin."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from csnviz.cast.anatomy import Column, column


@dataclass(frozen=True)
class Light:
    """Where the key lamp stands (degrees; azimuth > 0 to the image's right, elevation > 0 above) and how strong it is."""

    azimuth: float = -25.0
    elevation: float = 35.0
    key: float = 1.05
    ambient: float = 0.36
    warmth: float = 0.0  # -1 bluish .. 1 yellowish


@dataclass(frozen=True)
class Lights:
    """The light of each frame. toward: unit vectors from the face to the lamp (x right, y down, z towards the viewer)."""

    toward: Float[Tensor, "3 B 1 1"]
    key: Column
    ambient: Column
    tint: Float[Tensor, "B 3 1 1"]

    @classmethod
    def of(cls, lights: Sequence[Light], device: torch.device) -> "Lights":
        """Those of so many frames, on a device."""
        azimuth, elevation = (
            torch.deg2rad(column([getattr(light, name) for light in lights])) for name in ("azimuth", "elevation")
        )
        flat = elevation.cos()
        toward = torch.stack((azimuth.sin() * flat, -elevation.sin(), azimuth.cos() * flat))
        warmth = column([light.warmth for light in lights])
        tint = torch.stack((1.0 + 0.06 * warmth, torch.ones_like(warmth), 1.0 - 0.10 * warmth), 1)
        key, ambient = (column([getattr(light, name) for light in lights]) for name in ("key", "ambient"))
        return cls(*(part.to(device) for part in (toward, key, ambient, tint)))


# Red light travels further through skin, so the border of a shadow is warm. Wrap per channel.
_THROUGH_SKIN = (0.36, 0.22, 0.17)


def normals(depth: Float[Tensor, "B H W"], pixel: Column) -> Float[Tensor, "3 B H W"]:
    """Unit normals of a surface from its camera depth; pixel is the grid step in the unit of the depth."""
    down, right = torch.gradient(depth, dim=(1, 2))
    down, right = down / pixel, right / pixel
    length = torch.sqrt(right * right + down * down + 1.0)
    return torch.stack((-right / length, -down / length, 1.0 / length))


def falling_light(
    normal: Float[Tensor, "3 B H W"], light: Lights, sky: Float[Tensor, "B H W"]
) -> Float[Tensor, "B 3 H W"]:
    """Light that reaches skin, per channel. sky: how much of the surroundings each place sees (1 all)."""
    facing = (normal * light.toward).sum(0)[:, None]
    through = torch.tensor(_THROUGH_SKIN, device=normal.device)[:, None, None]
    wrapped = ((facing + through) / (1.0 + through)).clamp(min=0.0)
    above = light.ambient * (0.78 - 0.30 * normal[1])
    lamp = light.key[:, None] * light.tint * wrapped * (0.45 + 0.55 * sky)[:, None]
    return lamp + (above * sky)[:, None]


def gleam(normal: Float[Tensor, "3 B H W"], light: Lights) -> tuple[Float[Tensor, "B H W"], Float[Tensor, "B H W"]]:
    """Mirror-like parts of the lamp (Blinn), 0 .. 1: a broad one (power 14) and a sharp one (power 40)."""
    x, y, z = light.toward[0], light.toward[1], light.toward[2] + 1.0
    length = torch.sqrt(x * x + y * y + z * z)
    facing = ((normal[0] * x + normal[1] * y + normal[2] * z) / length).clamp(min=0.0)
    second = facing * facing
    fourth = second * second
    eighth = fourth * fourth
    # By squares: a power of any exponent takes ten times as long.
    return eighth * fourth * second * light.key, (eighth * eighth) ** 2 * eighth * light.key
