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


RELIEF, HOLLOW, RED, GREEN, BLUE, BEARD, GLOSS, DIMPLES = range(8)


def _pair(x: Map, y: Map, cx: float, cy: float, sx: float, sy: float) -> Map:
    """The same hill on both halves of the face."""
    return bump(x.abs(), y, cx, cy, sx, sy)


def _nose(identity: Identity, x: Map, y: Map) -> Map:
    """A narrow ridge on sloping sides, a round tip that curls under, two wings and the column between the nostrils."""
    tip, wide, high = identity.nose_length, identity.nose_width, identity.nose_height
    along = ((y + 0.12) / (tip + 0.12)).clamp(0.0, 1.0)
    profile = high * (0.14 + 0.86 * along**1.15) * smoothstep(y, -0.42, -0.02)
    profile = profile * (1.0 - smoothstep(y + 2.4 * x * x, tip - 0.01, tip + 0.19))
    narrow = 0.86 * identity.bridge_width
    width = narrow + (0.112 - narrow) * along**2
    ridge = profile * (0.45 * torch.exp(-0.5 * (x / width) ** 2) + 0.55 * torch.exp(-0.5 * (x / (1.85 * width)) ** 2))
    ball = 0.080 * bump(x, y, 0.0, tip + 0.005, 0.092, 0.072) - 0.012 * bump(x, y, 0.0, tip - 0.14, 0.08, 0.06)
    wings = 0.122 * _pair(x, y, wide * 0.80, tip + 0.050, 0.062, 0.064)
    column = 0.070 * bump(x, y, 0.0, tip + 0.120, 0.038, 0.048)
    return ridge + ball + wings + column - 0.034 * _wing_crease(identity, x, y)


def _wing_crease(identity: Identity, x: Map, y: Map) -> Map:
    """1 in the groove that runs around each nose wing, from above it to the cheek beside it."""
    wide = identity.nose_width
    across, down = (x.abs() - 0.76 * wide) / 0.100, (y - identity.nose_length - 0.060) / 0.108
    ring = bump(torch.hypot(across, down), torch.zeros_like(y), 1.0, 0.0, 0.21, 1.0)
    return ring * smoothstep(across - 0.55 * down, 0.10, 0.75) * smoothstep(down, 1.05, 0.35)


def _resting_relief(identity: Identity, x: Map, y: Map) -> Map:
    sturdy, mouth, chin = identity.sturdiness, identity.mouth_y, identity.chin
    brow, base = -identity.brow_height, identity.nose_length + 0.16
    relief = _nose(identity, x, y) - 0.30 * bump(x, y, 0.0, 0.50, 0.17, 0.26)
    relief += (0.034 + 0.044 * sturdy) * _pair(x, y, 0.42, brow + 0.02, 0.30, 0.085)
    relief += 0.020 * bump(x, y, 0.0, brow + 0.01, 0.12, 0.10)
    relief -= 0.125 * _pair(x, y, 0.44, -0.075, 0.25, 0.135)
    relief -= 0.070 * _pair(x, y, 0.20, -0.020, 0.075, 0.13)
    relief += 0.085 * _pair(x, y, 0.50, -0.005, 0.17, 0.115)
    relief -= 0.022 * _pair(x, y, 0.40, 0.200, 0.18, 0.050)
    relief += (0.070 + identity.cheek) * _pair(x, y, 0.66, 0.36, 0.22, 0.17)
    relief -= (0.100 - 0.5 * identity.cheek) * _pair(x, y, 0.70, 0.92, 0.19, 0.27)
    relief += 0.105 * bump(x, y, 0.0, mouth, 0.34, 0.25)
    # The philtrum: a gutter between two rims that part on their way down.
    rims = 0.042 + 0.10 * (y - base).clamp(min=0.0)
    high = smoothstep(y, base - 0.01, base + 0.06) * smoothstep(y, mouth - 0.06, mouth - 0.11)
    relief += high * (0.011 * bump(x.abs(), y, rims, 0.0, 0.024, 1e3) - 0.010 * bump(x, y, 0.0, 0.0, 0.032, 1e3))
    relief -= 0.070 * bump(x, y, 0.0, mouth + 0.270, 0.20, 0.060)
    relief += (0.105 + 0.03 * sturdy) * bump(x, y, 0.0, chin - 0.235, 0.19, 0.135)
    relief -= 0.030 * _pair(x, y, 0.34, chin - 0.30, 0.10, 0.14)
    relief -= 0.30 * (x.abs() / identity.face_width - 0.42).clamp(min=0.0) ** 2 * smoothstep(y, -0.9, 0.6)
    relief -= 0.060 * _pair(x, y, 0.95, -0.42, 0.14, 0.26)
    relief += 0.030 * _pair(x, y, 0.34, -0.80, 0.26, 0.20)
    return relief


def _ageing(identity: Identity, x: Map, y: Map, rng: np.random.Generator) -> Map:
    """Bags under the eyes, jowls, and fine lines where skin is thin or often folded."""
    old = min(max((identity.age - 35) / 40.0, 0.0), 1.0)
    bags = 0.036 * _pair(x, y, 0.46, 0.170, 0.16, 0.045) - 0.030 * _pair(x, y, 0.46, 0.255, 0.18, 0.035)
    jowls = 0.050 * _pair(x, y, 0.56, 1.34, 0.11, 0.13) - 0.035 * _pair(x, y, 0.36, 1.42, 0.06, 0.12)
    sunken = -0.030 * _pair(x, y, 0.72, 0.85, 0.13, 0.20) - 0.020 * _pair(x, y, 0.93, -0.42, 0.12, 0.22)
    lying = smooth_noise(rng, x.shape, 1.1, 9.0)
    standing = smooth_noise(rng, x.shape, 7.0, 1.1)
    fine = 0.0042 * lying * bump(x, y, 0.0, -0.72, 0.55, 0.20)
    fine += 0.0036 * lying * (_pair(x, y, 0.46, 0.17, 0.22, 0.06) + _pair(x, y, 0.84, 0.03, 0.09, 0.12))
    fine += 0.0034 * standing * bump(x, y, 0.0, identity.mouth_y - 0.16, 0.22, 0.06)
    return old * (bags + jowls + sunken + fine)


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


def _zones(identity: Identity, x: Map, y: Map) -> Float[Tensor, "3 H W"]:
    """The three bands that painters see: a yellower forehead, a redder middle, a cooler and greyer lower face."""
    forehead = smoothstep(y, -0.35, -0.65)
    lower = smoothstep(y, 0.85, 1.25) * (0.4 + 0.6 * identity.sturdiness)
    warm, cool = rgb((1.015, 1.010, 0.955)), rgb((0.955, 0.970, 0.995))
    return (1.0 + forehead * (warm - 1.0)) * (1.0 + lower * (cool - 1.0))


def _complexion(identity: Identity, shape: torch.Size, rng: np.random.Generator) -> Float[Tensor, "3 H W"]:
    """What makes skin uneven: patches of blood and of pigment, and pores. 1 on average."""
    patches, pigment = smooth_noise(rng, shape, 6.0, 6.0), smooth_noise(rng, shape, 2.4, 2.4)
    pores = smooth_noise(rng, shape, 0.8, 0.8)
    worn = min(max((identity.age - 30.0) / 40.0, 0.0), 1.0)
    blood = (0.020 + 0.012 * worn) * patches * rgb((0.35, 1.0, 0.9))
    brown = (0.014 + 0.012 * worn + 0.010 * identity.melanin) * pigment * rgb((0.8, 1.0, 1.25))
    grain = (0.011 + 0.008 * identity.sturdiness + 0.008 * worn) * pores
    return 1.0 + blood + brown + grain - 0.025 * (pores - 1.2).clamp(min=0.0)


def _spots(identity: Identity, x: Map, y: Map, rng: np.random.Generator) -> Map:
    """Freckles over nose and cheeks; with age, larger and paler spots on temples and forehead. 1 is a full spot."""
    freckles = smoothstep(smooth_noise(rng, x.shape, 1.3, 1.3), 1.7, 2.6) * identity.freckles
    freckles *= _pair(x, y, 0.45, 0.35, 0.45, 0.28)
    worn = min(max((identity.age - 45.0) / 25.0, 0.0), 1.0)
    spots = smoothstep(smooth_noise(rng, x.shape, 2.6, 2.6), 1.9, 2.6) * _pair(x, y, 0.70, -0.35, 0.35, 0.60)
    return torch.maximum(freckles, 0.40 * worn * spots)


def _colour(identity: Identity, x: Map, y: Map, rng: np.random.Generator) -> Float[Tensor, "3 H W"]:
    blood = _blood(identity, x, y, rng) * rgb((0.02, -0.17, -0.13))
    pale = max(0.0, 1.0 - 3.0 * identity.melanin)
    fair = 1.0 - pale * rgb((0.085, 0.135, 0.150))  # the palest skin still gives back less light than paper
    colour = fair * skin_colour(identity) * (1.0 + blood) * _zones(identity, x, y)
    colour = colour * _complexion(identity, x.shape, rng)
    colour *= 1.0 - _spots(identity, x, y, rng) * rgb((0.25, 0.42, 0.5))
    tired = 0.20 * _pair(x, y, 0.42, 0.13, 0.20, 0.065) + 0.22 * _pair(x, y, 0.28, -0.03, 0.09, 0.10)
    tired += 0.14 * _pair(x, y, 0.50, -0.11, 0.22, 0.06)
    colour *= 1.0 - tired * rgb((0.75, 1.0, 0.90))
    colour *= 1.0 - 0.10 * _wing_crease(identity, x, y) * rgb((0.7, 1.0, 1.0))
    shadow = 0.45 * identity.beard_shadow * _shadow_region(identity, x, y)
    shadow = shadow * (1.0 + 0.16 * smooth_noise(rng, x.shape, 1.0, 0.8).clamp(-2.0, 2.0))
    stubble = linear((72, 70, 74)) * (1.0 - 0.7 * identity.melanin)
    return colour + (stubble - colour) * shadow.clamp(0.0, 0.6)


def _nostrils(identity: Identity, x: Map, y: Map) -> Map:
    """Coverage of the two openings: each a slit under an arched rim, its outer end higher than the inner one."""
    tip, wide = identity.nose_length, identity.nose_width
    out = (x.abs() - 0.47 * wide) / (0.24 * wide)
    down = (y - tip - 0.110 + 0.012 * out - 0.012 * out * out) / 0.025
    return torch.exp(-((out * out + down * down) ** 1.4))


def _under_the_nose(identity: Identity, x: Map, y: Map) -> Map:
    """How much light reaches the nose's underside and the lip in its shadow (1 all)."""
    tip, wide = identity.nose_length, identity.nose_width
    under = _pair(x, y, 0.48 * wide, tip + 0.112, 0.26 * wide, 0.032) + 0.4 * bump(x, y, 0.0, tip + 0.10, 0.05, 0.03)
    cast = bump(x, y, 0.0, tip + 0.185, 0.55 * wide, 0.045)
    return (1.0 - 0.30 * under) * (1.0 - 0.24 * cast)


def _chin_dimples(identity: Identity, x: Map, y: Map, rng: np.random.Generator) -> Map:
    """The pits that the chin's muscle pulls into its skin: a few, unevenly spaced. 0 .. 1."""
    dimples = torch.zeros_like(x)
    for row, count in enumerate((3, 4, 3)):
        for place in range(count):
            shift = rng.uniform(-0.018, 0.018, 2)
            cx = 0.088 * (place - 0.5 * (count - 1)) + shift[0]
            cy = identity.chin - 0.325 + 0.070 * row + shift[1]
            deep, broad = rng.uniform(0.55, 1.0), rng.uniform(0.020, 0.029)
            dimples = torch.maximum(
                dimples, float(deep) * bump(x, y, float(cx), float(cy), float(broad), 0.8 * float(broad))
            )
    return dimples


def paint_skin(identity: Identity) -> Skin:
    """Everything about this skin that no frame changes."""
    rng = generator(identity.participant, 3)
    x, y = FACE_PLANE.grid()
    relief = _resting_relief(identity, x, y)
    hollow = _hollows(relief, FACE_PLANE.per_unit) * _under_the_nose(identity, x, y)
    rough = 0.7 + 0.5 * identity.sturdiness + 0.6 * min(max((identity.age - 30.0) / 40.0, 0.0), 1.0)
    bumpy = rough * (0.0005 * smooth_noise(rng, x.shape, 0.9, 0.9) + 0.0004 * smooth_noise(rng, x.shape, 2.5, 2.5))
    colour = _colour(identity, x, y, rng)
    hole = _nostrils(identity, x, y)
    colour *= 1.0 - hole * rgb((0.88, 0.94, 0.95))
    region = _beard_region(identity, x, y)
    hairs = strands(rng, 0.45 * x.sign() * x.abs().sqrt(), torch.ones_like(y), 5)
    grown = blur(region, 3.5, 3.5)
    uneven = 0.12 * hairs + 0.05 * smooth_noise(rng, x.shape, 4.0, 4.0)  # single hairs reach over the border
    thick = smoothstep(grown + uneven * smoothstep(grown, 0.02, 0.25), 0.10, 0.74)
    beard = thick * (0.86 + 0.14 * hairs).clamp(0.3, 1.15)
    gloss = 0.6 + 0.25 * bump(x, y, 0.0, 0.55, 0.12, 0.2) + 0.3 * bump(x, y, 0.0, -0.75, 0.5, 0.25)
    gloss = gloss * (1.0 + 0.30 * smooth_noise(rng, x.shape, 0.9, 0.9)) * (1.0 - hole) * (1.0 - 0.5 * region)
    dimples = _chin_dimples(identity, x, y, rng)
    folded = relief + bumpy + _ageing(identity, x, y, rng)
    return Skin(FACE_PLANE.atlas(folded, hollow, *colour, beard, gloss, dimples))
