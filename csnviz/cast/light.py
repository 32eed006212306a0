"""Light on skin and hair: one soft key lamp, light from the sky, and the redness of light that went through skin."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float


@dataclass(frozen=True)
class Light:
    """Where the key lamp stands (degrees; azimuth > 0 to the image's right, elevation > 0 above) and how strong it is."""

    azimuth: float = -25.0
    elevation: float = 35.0
    key: float = 1.05
    ambient: float = 0.36
    warmth: float = 0.0  # -1 bluish .. 1 yellowish

    def direction(self) -> Float[np.ndarray, "3"]:
        """Unit vector from the face to the lamp (x right, y down, z towards the viewer)."""
        azimuth, elevation = np.deg2rad((self.azimuth, self.elevation))
        return np.array(
            (np.sin(azimuth) * np.cos(elevation), -np.sin(elevation), np.cos(azimuth) * np.cos(elevation)), np.float32
        )

    def tint(self) -> Float[np.ndarray, "3"]:
        """Colour of the lamp."""
        return np.array((1.0 + 0.06 * self.warmth, 1.0, 1.0 - 0.10 * self.warmth), np.float32)


# Red light travels further through skin, so the border of a shadow is warm. Wrap per channel.
_THROUGH_SKIN = np.array((0.36, 0.22, 0.17), np.float32)


def normals(depth: Float[np.ndarray, "H W"], pixel: float) -> Float[np.ndarray, "H W 3"]:
    """Unit normals of a surface from its camera depth; pixel is the grid step in the unit of the depth."""
    down, right = np.gradient(depth, np.float32(pixel))
    normal = np.stack((-right, -down, np.ones_like(depth)), -1)
    return normal / np.sqrt((normal * normal).sum(-1, keepdims=True))


def falling_light(normal: Float[np.ndarray, "H W 3"], light: Light, sky: np.ndarray) -> Float[np.ndarray, "H W 3"]:
    """Light that reaches skin, per channel. sky: how much of the surroundings each place sees (1 all)."""
    facing = (normal @ light.direction())[..., None]
    wrapped = np.maximum((facing + _THROUGH_SKIN) / (1.0 + _THROUGH_SKIN), 0.0)
    above = light.ambient * (0.78 - 0.30 * normal[..., 1:2])
    return light.key * light.tint() * wrapped * (0.45 + 0.55 * sky[..., None]) + above * sky[..., None]


def gleam(normal: Float[np.ndarray, "H W 3"], light: Light, sharpness: float) -> Float[np.ndarray, "H W"]:
    """Mirror-like part of the lamp (Blinn), 0 .. 1."""
    between = light.direction() + np.array((0.0, 0.0, 1.0), np.float32)
    halfway = between / np.float32(np.sqrt((between * between).sum()))
    return np.maximum(normal @ halfway, 0.0) ** sharpness * light.key
