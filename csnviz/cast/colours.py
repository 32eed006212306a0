"""Colours of people in linear light: skin by melanin, hair by pigment, irises. Palettes are given in sRGB.

Every colour is shaped to meet pictures (3, H, W) and lies on the CPU.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from csnviz.cast.identity import Identity

Colour = Float[Tensor, "3 1 1"]

_SKIN = ((240, 205, 184), (228, 184, 155), (208, 158, 124), (172, 120, 86), (126, 84, 60), (86, 58, 44))
_HAIR = ((205, 170, 112), (138, 98, 60), (74, 50, 34), (30, 24, 22))
_IRIS = ((52, 30, 20), (92, 60, 34), (112, 98, 58), (96, 124, 134), (122, 160, 190))


def rgb(values: Sequence[float | int] | Tensor) -> Colour:
    """Three numbers, shaped to meet pictures."""
    return torch.as_tensor(values, dtype=torch.float32).reshape(3, 1, 1)


def linear(srgb: Sequence[float | int] | Tensor) -> Colour:
    """Linear light 0 .. 1 from sRGB 0 .. 255 (a plain 2.2 power: the cast's own camera undoes it)."""
    return (rgb(srgb) / 255.0) ** 2.2


def _between(palette: tuple[tuple[int, int, int], ...], place: float) -> Colour:
    at = min(max(place, 0.0), 1.0) * (len(palette) - 1)
    low = min(int(at), len(palette) - 2)
    return torch.lerp(linear(palette[low]), linear(palette[low + 1]), at - low)


def skin_colour(identity: Identity) -> Colour:
    """Base colour of the skin."""
    warm = identity.undertone
    return _between(_SKIN, identity.melanin) * rgb((1.0 + 0.015 * warm, 1.0 + 0.005 * warm, 1.0 - 0.07 * warm))


def hair_colour(identity: Identity) -> Colour:
    """Base colour of scalp hair, with grey mixed in."""
    plain = _between(_HAIR, identity.hair_melanin)
    tinted = torch.lerp(plain, plain * rgb((1.35, 0.85, 0.6)), identity.hair_red)
    return torch.lerp(tinted, linear((158, 154, 150)), identity.hair_grey)


def brow_colour(identity: Identity) -> Colour:
    """Brows are darker than scalp hair and grey later."""
    dark = _between(_HAIR, min(1.0, identity.hair_melanin + 0.30))
    return torch.lerp(dark, linear((120, 116, 112)), 0.45 * identity.hair_grey)


def iris_colour(identity: Identity) -> Colour:
    """Colour of the iris between pupil and rim."""
    return _between(_IRIS, identity.iris)


def lip_colour(identity: Identity) -> Colour:
    """Lips: the skin with more blood and, in dark skin, more pigment."""
    skin = skin_colour(identity)
    rose = linear((190, 98, 96)) * (1.0 - 0.72 * identity.melanin)
    return 0.42 * skin * rgb((0.95, 0.70, 0.72)) + 0.58 * rose
