"""How a person wears scalp hair: its style, where it grows, how far it stands out, and which way it lies."""

from dataclasses import dataclass

import torch
from torch import Tensor

from csnviz.cast.identity import Identity, generator
from csnviz.cast.texture import Map, bump, decay, smoothstep


@dataclass(frozen=True)
class Style:
    """One person's way of wearing hair. Lengths in inter-ocular distances, shares 0 .. 1."""

    length: float  # of a strand on top of the head
    ends: float  # height at which falling hair ends; 0 where none falls
    volume: float  # how far hair stands out from the skull
    back: float  # share of hair combed away from the face
    forward: float  # share of hair combed into the forehead
    coil: float  # radius of a curl; 0 without
    wave: float  # sideways swing of a strand
    bare: float  # how bald the top is
    knot: float  # radius of a bun over the crown; 0 without
    tucked: tuple[bool, bool]  # behind the ear, on the image's left and right
    peak: float  # how far the hairline dips in the middle of the forehead

    @property
    def falls(self) -> bool:
        """Whether hair hangs beside the face."""
        return self.ends > 0


def style_of(identity: Identity) -> Style:
    """The style that follows from this person's hair, with what the identity leaves open drawn by chance."""
    rng = generator(identity.participant, 5, 1)
    chance, comb, knot, swing, peak, left, right = (float(value) for value in rng.random(7))
    curl, long = identity.hair_curl, identity.hair_length >= 0.4
    tied = long and chance < 0.3
    falls = long and not tied
    bare = min(1.0, max(0.0, 1.9 * (identity.hair_recession - 0.42)))
    cropped = not long and (identity.hair_length < 0.05 or bare > 0.6)
    length = 0.55 if long else 0.05 + 0.03 * comb if cropped else 0.12 + 1.5 * identity.hair_length
    coil = (0.022 + 0.03 * swing) * (1.5 if falls else 1.0) if curl > 0.5 else 0.0
    return Style(
        length=length,
        ends=0.80 + 2.4 * (identity.hair_length - 0.4) if falls else 0.0,
        volume=identity.hair_volume * (0.45 if tied else 0.3 if cropped else 1.0 + 0.9 * (curl > 0.5)),
        back=1.0 if tied else 0.0 if falls or identity.fringe > 0 else max(0.0, 1.4 * comb - 0.4),
        forward=0.0 if long else max(0.0, 0.6 - 1.6 * comb),
        coil=coil,
        wave=(0.004 + 0.05 * curl) * (0.6 + 0.8 * swing) if coil == 0 else 0.01,
        bare=bare,
        knot=0.26 + 0.16 * curl if tied and (knot < 0.45 or coil > 0) else 0.0,
        tucked=(left < 0.35 and coil == 0, right < 0.35 and coil == 0),
        peak=0.09 * peak * (peak > 0.4),
    )


def hairline(identity: Identity, style: Style, x: Tensor) -> Tensor:
    """y of the border between forehead and hair: drawn back at the temples, dipping in the middle, falling to the sideburns."""
    ax, recession = x.abs() / identity.face_width, identity.hair_recession
    temples = -(0.05 + 0.22 * recession) * decay(((ax - 0.56) / 0.18) ** 2)
    middle = -0.30 * max(0.0, recession - 0.45) * decay((ax / 0.5) ** 2) + style.peak * decay((ax / 0.13) ** 2)
    fall = 0.30 * ax**2.2 + 0.70 * smoothstep(ax, 0.72, 1.0) + 0.30 * smoothstep(ax, 0.90, 1.0)
    return -identity.hairline + temples + middle + fall


def growth(identity: Identity, style: Style, x: Map, y: Map, uneven: Map) -> Map:
    """How densely hair grows, 0 .. 1: thinning out towards a broken hairline, sparse where it balds, none on the ears."""
    above = hairline(identity, style, x) - y + 0.028 * uneven
    ax = x.abs()
    density = smoothstep(above, -0.045, 0.11 + 0.16 * identity.hair_recession)
    top = smoothstep(-y, 0.75, 1.15) * smoothstep(ax, 0.90, 0.62)
    density = density * (1.0 - style.bare * top * (0.93 + 0.07 * uneven).clamp(0.0, 1.0))
    end = 0.30 if style.falls or style.back == 1.0 else -0.10 + 0.36 * smoothstep(ax, 0.985, 0.93)
    return density * smoothstep(y, end + 0.06, end - 0.14 - 0.04 * uneven)


def skull_level(identity: Identity, style: Style, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """1 on the outer border of the hair on the skull, below 1 inside, and which way lies outwards (a unit vector)."""
    down = smoothstep(y, -1.0, -0.05)
    taper = 1.0 if style.falls else 1.0 - (0.30 if style.coil > 0 else 0.75) * down
    wide = identity.face_width + 0.02 + (0.75 if style.coil > 0 else 0.45) * style.volume * taper
    tall = identity.skull_top + (1.0 - style.bare) * style.volume
    power = 2.7 - 3.0 * min(0.13, max(0.0, style.volume - 0.05))  # the skull's own; the more hair, the rounder
    across, up = x.abs() / wide, (-y + 0.05).clamp(min=0.0) / tall
    right, above = x.sign() * across / wide, up ** (power - 1.0) / tall
    length = torch.hypot(right, above) + 1e-6
    return across * across + up**power, right / length, -above / length


def silhouette(identity: Identity, style: Style, x: Map, y: Map, uneven: Map) -> Map:
    """Inside the outer border of the hair on the skull."""
    rough = 0.015 + 0.5 * style.coil
    cover = smoothstep(1.0 + rough * uneven - skull_level(identity, style, x, y)[0], -0.08, 0.03)
    if style.knot == 0:
        return cover
    knot = 1.0 - (x / style.knot) ** 2 - ((y - knot_height(identity, style)) / (0.8 * style.knot)) ** 2
    return torch.maximum(cover, smoothstep(knot + 0.08 * uneven, -0.05, 0.2))


def knot_height(identity: Identity, style: Style) -> float:
    """Where the middle of a bun is."""
    return -identity.skull_top - 0.55 * style.knot


def hanging(identity: Identity, style: Style, x: Map, y: Map, uneven: Map) -> Map:
    """The mass of falling hair behind head and neck."""
    wide = curtain(identity, style, y)
    ragged = style.ends + 0.07 * uneven[len(uneven) // 2]  # uneven across alone, so that no speck hangs below its lock
    return smoothstep(wide + 0.02 * uneven - x.abs(), -0.02, 0.08) * smoothstep(ragged - y, -0.12, 0.16)


def curtain(identity: Identity, style: Style, y: Tensor) -> Tensor:
    """Half the width of falling hair at height y: fuller below the cheekbones, drawn in again at its ends."""
    full = identity.face_width + 0.05 + (0.75 if style.coil > 0 else 0.45) * style.volume
    ends = smoothstep(y, style.ends - 0.6, style.ends + 0.1)
    return full + 0.10 * smoothstep(y, -0.2, 0.7) - (0.16 - 1.2 * style.coil) * ends


def heading(identity: Identity, style: Style, x: Tensor, y: Tensor, side: Tensor, aim: Tensor) -> tuple[Tensor, Tensor]:
    """Which way a strand runs at (x, y), as a unit vector. side: -1 or 1, the half of the head on which it falls.
    aim: |x| towards which it falls."""
    ax = x * side
    arc_x, arc_y = (0.12 - y).clamp(min=0.25) / identity.skull_top**2, ax.clamp(min=0.0) / identity.face_width**2 + 0.10
    steep = smoothstep(y, -1.25, -0.55)
    below = (y - hairline(identity, style, x) + 0.08).clamp(0.0, 0.5) * (
        ax < aim
    )  # what lies on the face is pushed off it
    part_x = (torch.lerp(arc_x, 3.5 * (aim - ax), steep) + 7.0 * below) * side
    part_y = torch.lerp(arc_y, torch.ones_like(y), steep)
    out = torch.hypot(x, y + 0.45) + 1e-3
    back_x, back_y = x / out, (y + 0.45) / out
    if style.knot > 0:
        back_x = torch.where(y < -0.6, -0.5 * x, back_x)
        back_y = torch.where(y < -0.6, -torch.ones_like(y), back_y - 0.5)
    fall = 1.0 - style.back - style.forward
    down = smoothstep(y, -0.75, -0.35) * (
        style.back < 1.0
    )  # short hair beside the ears lies downwards however the top is combed
    back, forward = style.back * (1.0 - down), style.forward
    going_x = (fall + style.back * down) * part_x + back * back_x + forward * (0.15 - 0.4 * x)
    going_y = (fall + style.back * down) * part_y + back * back_y + forward
    length = torch.hypot(going_x, going_y) + 1e-4
    return going_x / length, going_y / length


def held(identity: Identity, style: Style, x: Tensor, y: Tensor, right: Tensor, down: Tensor) -> tuple[Tensor, Tensor]:
    """A step of a strand without what would lead it over the border: there it goes round the skull, out of sight."""
    level, out_x, out_y = skull_level(identity, style, x, y)
    leaving = (right * out_x + down * out_y).clamp(min=0.0) * smoothstep(level, 0.72, 1.0)
    if style.falls:
        leaving = leaving * smoothstep(y, 0.3, -0.1)
    return right - leaving * out_x, down - leaving * out_y


def bun(identity: Identity, style: Style, x: Map, y: Map) -> Map:
    """1 in the middle of a bun."""
    if style.knot == 0:
        return torch.zeros_like(x)
    return bump(x, y, 0.0, knot_height(identity, style), 0.6 * style.knot, 0.5 * style.knot)
