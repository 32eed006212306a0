"""Colours of people in linear light: skin by melanin, hair by pigment, irises. Palettes are given in sRGB."""

import numpy as np
from jaxtyping import Float

from csnviz.cast.identity import Identity

_SKIN = ((240, 205, 184), (228, 184, 155), (208, 158, 124), (172, 120, 86), (126, 84, 60), (86, 58, 44))
_HAIR = ((205, 170, 112), (138, 98, 60), (74, 50, 34), (30, 24, 22))
_IRIS = ((52, 30, 20), (92, 60, 34), (112, 98, 58), (96, 124, 134), (122, 160, 190))


def linear(srgb: object) -> Float[np.ndarray, "..."]:
    """Linear light 0 .. 1 from sRGB 0 .. 255 (a plain 2.2 power: the cast's own camera undoes it)."""
    return (np.asarray(srgb, np.float32) / 255.0) ** np.float32(2.2)


def _between(palette: tuple[tuple[int, int, int], ...], place: float) -> Float[np.ndarray, "3"]:
    stops = linear(palette)
    at = np.clip(place, 0.0, 1.0) * (len(palette) - 1)
    low = min(int(at), len(palette) - 2)
    return stops[low] + (stops[low + 1] - stops[low]) * np.float32(at - low)


def skin_colour(identity: Identity) -> Float[np.ndarray, "3"]:
    """Base colour of the skin."""
    warm = identity.undertone
    tint = np.array((1.0 + 0.015 * warm, 1.0 + 0.005 * warm, 1.0 - 0.07 * warm), np.float32)
    return _between(_SKIN, identity.melanin) * tint


def hair_colour(identity: Identity) -> Float[np.ndarray, "3"]:
    """Base colour of scalp hair, with grey mixed in."""
    plain = _between(_HAIR, identity.hair_melanin)
    red = plain * np.array((1.35, 0.85, 0.6), np.float32)
    tinted = plain + (red - plain) * np.float32(identity.hair_red)
    return tinted + (linear((158, 154, 150)) - tinted) * np.float32(identity.hair_grey)


def brow_colour(identity: Identity) -> Float[np.ndarray, "3"]:
    """Brows are darker than scalp hair and grey later."""
    dark = _between(_HAIR, min(1.0, identity.hair_melanin + 0.30))
    return dark + (linear((120, 116, 112)) - dark) * np.float32(0.45 * identity.hair_grey)


def iris_colour(identity: Identity) -> Float[np.ndarray, "3"]:
    """Colour of the iris between pupil and rim."""
    return _between(_IRIS, identity.iris)


def lip_colour(identity: Identity) -> Float[np.ndarray, "3"]:
    """Lips: the skin with more blood and, in dark skin, more pigment."""
    skin = skin_colour(identity)
    rose = linear((190, 98, 96)) * (1.0 - 0.72 * identity.melanin)
    return (0.42 * skin * np.array((0.95, 0.70, 0.72), np.float32) + 0.58 * rose).astype(np.float32)
