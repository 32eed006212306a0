"""The skin of one person at rest, drawn once: relief of the resting face, hollows, colour, and where a beard grows."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from csnviz.cast.colours import linear, rgb, skin_colour
from csnviz.cast.identity import Identity, generator
from csnviz.cast.texture import Atlas, Map, Plane, blur, bump, smooth_noise, smoothstep, strands

FACE_PLANE = Plane(-1.5, 1.5, -2.0, 2.3, 96.0)


@dataclass(frozen=True)
class Skin:
    """What render needs of one person's skin. `atlas` channels, in order, are named by the constants below."""

    atlas: Atlas


RELIEF, HOLLOW, RED, GREEN, BLUE, BEARD, GLOSS = range(7)


def _pair(x: Map, y: Map, cx: float, cy: float, sx: float, sy: float) -> Map:
    """The same hill on both halves of the face."""
    return bump(x.abs(), y, cx, cy, sx, sy)


def _nose(identity: Identity, x: Map, y: Map) -> Map:
    tip, wide = identity.nose_length, identity.nose_width
    along = ((y + 0.22) / (tip + 0.22)).clamp(0.0, 1.0)
    profile = identity.nose_height * (0.16 + 0.84 * along**1.2) * smoothstep(y, -0.42, -0.05)
    profile = profile * (1.0 - smoothstep(y + 1.6 * x * x, tip - 0.05, tip + 0.23))
    width = identity.bridge_width + (0.150 - identity.bridge_width) * along**2
    ridge = profile * (0.72 * torch.exp(-0.5 * (x / width) ** 2) + 0.28 * torch.exp(-0.5 * (x / (2.0 * width)) ** 2))
    ball = 0.060 * bump(x, y, 0.0, tip - 0.005, 0.100, 0.085)
    wings = 0.160 * _pair(x, y, wide * 0.80, tip + 0.060, 0.062, 0.070)
    crease = -0.060 * _pair(x, y, wide * 1.13, tip + 0.040, 0.034, 0.080)
    columella = 0.05 * bump(x, y, 0.0, tip + 0.115, 0.045, 0.05)
    return ridge + ball + wings + crease + columella


def _resting_relief(identity: Identity, x: Map, y: Map) -> Map:
    sturdy, mouth, chin = identity.sturdiness, identity.mouth_y, identity.chin
    brow = -identity.brow_height
    relief = _nose(identity, x, y) - 0.30 * bump(x, y, 0.0, 0.50, 0.17, 0.26)
    relief += (0.030 + 0.040 * sturdy) * _pair(x, y, 0.42, brow + 0.02, 0.30, 0.085)
    relief += 0.020 * bump(x, y, 0.0, brow + 0.01, 0.12, 0.10)
    relief -= 0.125 * _pair(x, y, 0.44, -0.075, 0.25, 0.135)
    relief -= 0.060 * _pair(x, y, 0.20, -0.020, 0.075, 0.13)
    relief += 0.085 * _pair(x, y, 0.50, -0.005, 0.17, 0.115)
    relief -= 0.018 * _pair(x, y, 0.42, 0.185, 0.20, 0.050)
    relief += (0.065 + identity.cheek) * _pair(x, y, 0.64, 0.36, 0.23, 0.20)
    relief -= (0.105 - 0.5 * identity.cheek) * _pair(x, y, 0.66, 0.98, 0.20, 0.28)
    relief += 0.105 * bump(x, y, 0.0, mouth, 0.34, 0.25)
    relief -= 0.018 * bump(x, y, 0.0, mouth - 0.22, 0.030, 0.085)
    relief += 0.010 * _pair(x, y, 0.062, mouth - 0.20, 0.026, 0.085)
    relief -= 0.070 * bump(x, y, 0.0, mouth + 0.270, 0.20, 0.060)
    relief += (0.105 + 0.03 * sturdy) * bump(x, y, 0.0, chin - 0.235, 0.19, 0.135)
    relief -= 0.060 * _pair(x, y, 0.95, -0.42, 0.14, 0.26)
    relief += 0.030 * _pair(x, y, 0.34, -0.80, 0.26, 0.20)
    return relief


def _ageing(identity: Identity, x: Map, y: Map) -> Map:
    """Bags under the eyes and jowls."""
    old = min(max((identity.age - 35) / 40.0, 0.0), 1.0)
    bags = 0.028 * _pair(x, y, 0.46, 0.170, 0.16, 0.045) - 0.022 * _pair(x, y, 0.46, 0.255, 0.18, 0.035)
    jowls = 0.035 * _pair(x, y, 0.56, 1.36, 0.11, 0.13) - 0.025 * _pair(x, y, 0.36, 1.44, 0.06, 0.12)
    return old * (bags + jowls)


def _hollows(relief: Map, per_unit: float) -> Map:
    """How much sky a place sees, from how far it lies below its surroundings. 1 is open."""
    near = (blur(relief, 0.045 * per_unit, 0.045 * per_unit) - relief).clamp(min=0.0)
    far = (blur(relief, 0.14 * per_unit, 0.14 * per_unit) - relief).clamp(min=0.0)
    return torch.exp(-9.0 * near - 5.0 * far)


def _blood(identity: Identity, x: Map, y: Map, rng: np.random.Generator) -> Map:
    """Where the skin is redder: cheeks, nose tip, chin, lids."""
    flush = 0.36 * _pair(x, y, 0.60, 0.44, 0.24, 0.20) + 0.30 * bump(x, y, 0.0, identity.nose_length, 0.16, 0.13)
    flush += 0.25 * bump(x, y, 0.0, identity.chin - 0.25, 0.22, 0.14) + 0.25 * _pair(x, y, 0.45, 0.06, 0.22, 0.10)
    return flush * rng.uniform(0.5, 1.1) + 0.07 * smooth_noise(rng, x.shape, 9.0, 9.0)


def _beard_region(identity: Identity, x: Map, y: Map) -> Map:
    """Chin, moustache and jaw, where hair can grow; 1 on the chin."""
    mouth, ax = identity.mouth_y, x.abs()
    chin = smoothstep(y, mouth + 0.20, mouth + 0.36) * (1.0 - smoothstep(ax, 0.26, 0.50))
    patch = bump(x, y, 0.0, mouth + 0.24, 0.07, 0.08)
    from_lip = (y - (mouth - 0.155 + 0.25 * x * x)).abs()
    moustache = 0.75 * smoothstep(from_lip, 0.095, 0.04) * smoothstep(ax, 0.46, 0.30)
    strip = 0.75 * smoothstep((ax - 0.47 - 0.1 * (mouth - y)).abs(), 0.10, 0.03)
    strip *= smoothstep(y, mouth - 0.16, mouth - 0.04)
    return torch.stack((chin, patch, moustache, strip)).amax(0)


def _shadow_region(identity: Identity, x: Map, y: Map) -> Map:
    """The wider area of a shaven beard."""
    jaw = smoothstep(y, 0.72 + 0.5 * torch.exp(-((x / 0.42) ** 2)), 1.30) * smoothstep(x.abs(), 0.05, 0.3)
    return torch.maximum(jaw, _beard_region(identity, x, y))


def _colour(identity: Identity, x: Map, y: Map, rng: np.random.Generator) -> Float[Tensor, "3 H W"]:
    shape = x.shape
    blood = _blood(identity, x, y, rng) * rgb((0.02, -0.17, -0.13))
    blotches = 0.020 * smooth_noise(rng, shape, 7.0, 7.0) + 0.010 * smooth_noise(rng, shape, 2.2, 2.2)
    pores = (0.010 + 0.010 * identity.sturdiness) * smooth_noise(rng, shape, 0.8, 0.8)
    colour = skin_colour(identity) * (1.0 + blood) * (1.0 + blotches + pores)
    spots = smoothstep(smooth_noise(rng, shape, 1.3, 1.3), 1.7, 2.6) * identity.freckles
    spots *= _pair(x, y, 0.45, 0.35, 0.45, 0.28)
    colour *= 1.0 - spots * rgb((0.25, 0.42, 0.5))
    tired = 0.20 * _pair(x, y, 0.42, 0.13, 0.20, 0.065) + 0.22 * _pair(x, y, 0.28, -0.03, 0.09, 0.10)
    tired += 0.14 * _pair(x, y, 0.50, -0.11, 0.22, 0.06)
    colour *= 1.0 - tired * rgb((0.75, 1.0, 0.90))
    shadow = 0.45 * identity.beard_shadow * _shadow_region(identity, x, y)
    shadow = shadow * (1.0 + 0.16 * smooth_noise(rng, shape, 1.0, 0.8).clamp(-2.0, 2.0))
    stubble = linear((72, 70, 74)) * (1.0 - 0.7 * identity.melanin)
    return colour + (stubble - colour) * shadow.clamp(0.0, 0.6)


def _nostrils(identity: Identity, x: Map, y: Map) -> Map:
    tip, wide = identity.nose_length, identity.nose_width
    ax = x.abs() - 0.43 * wide
    tilted = y - tip - 0.118 + 0.25 * ax
    return torch.exp(-((ax / (0.24 * wide)) ** 2) - (tilted / 0.026) ** 2)


def paint_skin(identity: Identity) -> Skin:
    """Everything about this skin that no frame changes."""
    rng = generator(identity.participant, 3)
    x, y = FACE_PLANE.grid()
    relief = _resting_relief(identity, x, y) + _ageing(identity, x, y)
    hollow = _hollows(relief, FACE_PLANE.per_unit)
    bumpy = 0.0004 * smooth_noise(rng, x.shape, 1.0, 1.0) + 0.0005 * smooth_noise(rng, x.shape, 2.5, 2.5)
    colour = _colour(identity, x, y, rng)
    hole = _nostrils(identity, x, y)
    colour *= 1.0 - hole * rgb((0.86, 0.93, 0.94))
    region = _beard_region(identity, x, y)
    hairs = strands(rng, 0.35 * x.sign() * x.abs().sqrt(), torch.ones_like(y), 4)
    uneven = (0.80 + 0.20 * hairs + 0.10 * smooth_noise(rng, x.shape, 4.0, 4.0)).clamp(0.0, 1.2)
    beard = blur(region, 1.5, 1.5) * uneven
    gloss = 0.6 + 0.25 * bump(x, y, 0.0, 0.55, 0.12, 0.2) + 0.4 * bump(x, y, 0.0, -0.75, 0.5, 0.25)
    gloss = gloss * (1.0 + 0.20 * smooth_noise(rng, x.shape, 1.0, 1.0)) * (1.0 - hole) * (1.0 - 0.5 * region)
    return Skin(FACE_PLANE.atlas(relief + bumpy, hollow, *colour, beard, gloss))
