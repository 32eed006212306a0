"""How a pair of eyeglasses is made: its front that curves round the face, the outline of its lenses, its bars and their colour."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from csnviz.cast.anatomy import Column, column
from csnviz.cast.attributes import Attributes
from csnviz.cast.canvas import Pixels
from csnviz.cast.colours import Colour, linear
from csnviz.cast.identity import Identity, generator
from csnviz.cast.texture import smoothstep

HALF_HEIGHT, HALF_WIDTH, CENTRE_X, CENTRE_Y = 0.255, 0.365, 0.510, 0.055
WRAP, LEAN = 0.13, 0.10  # how far the front curves back per squared distance, and leans towards the cheeks
_METALS = ((148, 122, 84), (150, 152, 156), (70, 72, 78), (140, 98, 84))
_PLASTICS = ((24, 21, 21), (24, 21, 21), (78, 46, 26), (34, 44, 74), (84, 28, 36), (92, 94, 98), (60, 66, 44))


@dataclass(frozen=True)
class Make:
    """What a person's glasses are, however heavy: metal and plastic of the rims, how much of the lower rim there is, how mottled
    the plastic is, how much wider than usual, and where in the room a bright window is mirrored."""

    metal: Colour
    plastic: Colour
    lower: float
    mottled: float
    wide: float
    window: tuple[float, float]

    @classmethod
    def of(cls, identity: Identity) -> "Make":
        """The same for a person at all times."""
        rng = generator(identity.participant, 8)
        metal, plastic = int(rng.integers(len(_METALS))), int(rng.integers(len(_PLASTICS)))
        half, wide, left, up = (float(value) for value in rng.random(4))
        lower = 0.0 if half < 0.25 else 0.75 if half < 0.45 else 1.0
        side = 0.16 + 0.14 * left
        return cls(
            linear(_METALS[metal]), linear(_PLASTICS[plastic]), lower, float(plastic == 2), 0.95 + 0.10 * wide,
            (side if up < 0.5 else -side, -0.10 + 0.12 * up),
        )  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """The glasses of each wearer. depth: how far before the face the front stands over the nose, which carries it."""

    make: Make
    depth: float
    heavy: Column
    thick: Column
    bridge: Column
    roundness: Column

    @classmethod
    def of(cls, identity: Identity, attributes: Sequence[Attributes], device: torch.device) -> "Pair":
        """Those of one person in so many frames, on a device."""
        heavy, bridge, roundness = (
            column([getattr(each, name) for each in attributes]).to(device)
            for name in ("eyeglasses", "eyeglasses_bridge", "eyeglasses_roundness")
        )
        depth = 0.175 + 0.34 * identity.nose_height
        return cls(Make.of(identity), depth, heavy, 0.015 + 0.034 * heavy, bridge, roundness)

    def front(self, x: Tensor, y: Tensor) -> Tensor:
        """z of the front, which curves round the face and stands nearer to it at the cheeks."""
        return self.depth - WRAP * x * x - LEAN * y


def rim_distance(pair: Pair, x: Pixels, y: Pixels) -> Pixels:
    """Signed distance to the lens outline, positive inside: a rounded box that is round for roundness 1."""
    half_width = (HALF_WIDTH - 0.085 * pair.roundness) * pair.make.wide
    half_height = HALF_HEIGHT + 0.02 * pair.roundness
    radius = 0.09 + (torch.minimum(half_width, half_height) - 0.09) * pair.roundness**1.5
    aside = x.abs() - CENTRE_X
    below = y - CENTRE_Y + 0.04 * aside
    narrower = 0.10 * below.clamp(min=0.0) * (1.0 - pair.roundness)
    qx = aside.abs() - half_width + radius + narrower
    qy = below.abs() - half_height + radius
    return radius - torch.hypot(qx.clamp(min=0.0), qy.clamp(min=0.0)) - torch.maximum(qx, qy).clamp(max=0.0)


def _bridge(pair: Pair, x: Pixels, y: Pixels) -> Pixels:
    middle = -0.085 + 0.11 * pair.bridge
    reach = CENTRE_X - HALF_WIDTH * pair.make.wide + 0.085 * pair.roundness + 0.02
    arc = y - (middle - 0.035 * (1.0 - (x / reach) ** 2))
    return torch.where(x.abs() < reach, 0.55 * pair.thick - arc.abs(), -1.0)


def bar_distance(pair: Pair, rim: Pixels, x: Pixels, y: Pixels) -> Pixels:
    """Distance inside rims, bridge and lugs. Plastic is thicker above the eyes; a half rim thins out below them."""
    lower = pair.make.lower + (1.0 - pair.make.lower) * smoothstep(pair.heavy, 0.55, 0.80)
    thick = (
        pair.thick
        * (0.84 + 0.32 * smoothstep(y, 0.14, -0.10))
        * torch.lerp(smoothstep(y, 0.20, 0.02), torch.ones_like(y), lower)
    )
    rims = 0.5 * thick - rim.abs() - 0.02 * smoothstep(thick, 0.006, 0.0)
    # Held above -.5: far outside, a logistic has nothing left, and so small a number takes a CPU long.
    return torch.maximum(torch.maximum(rims, _bridge(pair, x, y)), _lugs(pair, rim, x, y)).clamp(min=-0.5)


def _lugs(pair: Pair, rim: Pixels, x: Pixels, y: Pixels) -> Pixels:
    """Distance inside the two short bars that lead from the rims to the hinges."""
    out = CENTRE_X + HALF_WIDTH * pair.make.wide + 0.012 - x.abs()
    level = 0.55 * pair.thick - (y - CENTRE_Y + 0.15).abs()
    return torch.minimum(torch.minimum(out, level), torch.minimum(-rim + 0.2 * pair.thick, x.abs() - CENTRE_X))


def material_of(pair: Pair, x: Pixels, y: Pixels) -> Float[Tensor, "B 3 H W"]:
    """The frame's colour: metal when it is light, plastic when it is heavy."""
    metal, plastic = pair.make.metal.to(x.device), pair.make.plastic.to(x.device)
    share = (2.2 * pair.heavy - 0.6).clamp(0.0, 1.0)[:, None]
    if pair.make.mottled == 0:
        return torch.lerp(metal, plastic, share).expand(-1, -1, *x.shape[1:])
    spots = torch.sin(23.0 * x + 3.0 * torch.sin(17.0 * y)) * torch.sin(29.0 * y + 3.0 * torch.sin(19.0 * x))
    mottled = plastic * (1.0 + pair.make.mottled * (0.9 * spots).clamp(min=-0.6))[:, None]
    return torch.lerp(metal.expand_as(mottled), mottled, share)
