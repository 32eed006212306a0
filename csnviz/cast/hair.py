"""Scalp hair: grown once per person as strands over the face plane, lit in every frame."""

from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor

from csnviz.cast.canvas import Canvas, Picture, Pixels
from csnviz.cast.colours import hair_colour
from csnviz.cast.geometry import coarse_depth
from csnviz.cast.identity import Identity, generator
from csnviz.cast.light import Lights
from csnviz.cast.texture import Atlas, Map, Plane, smooth_noise, smoothstep, strands

HAIR_PLANE = Plane(-2.1, 2.1, -2.35, 2.75, 84.0)
FRONT, BEHIND, SHADE, SHINE, SIDEWAYS = range(5)


@dataclass(frozen=True)
class Hair:
    """One person's hair. Atlas channels: coverage in front of the head, coverage behind it, strand brightness, how much
    a strand shines, and which way its surface faces sideways (-1 .. 1)."""

    atlas: Atlas


def _flow(identity: Identity, x: Map, y: Map) -> tuple[Map, Map]:
    """The direction in which hair lies: away from the parting over the crown, then down."""
    from_part = x - 0.35 * identity.hair_part
    crown = torch.exp(-(((y + 1.5).clamp(min=0.0) / 0.75) ** 2))
    long = identity.hair_length >= 0.4
    flow_x = torch.tanh(from_part * 2.5) * (0.25 + 0.95 * crown) if long else 0.45 * from_part
    flow_y = 0.30 + 1.2 * smoothstep(y, -1.75, -0.7) + 0.5 * from_part.abs()
    return flow_x, flow_y


def _hairline(identity: Identity, x: Map) -> Map:
    """y of the border between forehead and hair: rounded, drawn back at the temples, falling to the sideburns."""
    ax, recession = x.abs() / identity.face_width, identity.hair_recession
    temples = -0.20 * recession * torch.exp(-(((ax - 0.55) / 0.20) ** 2))
    middle = -0.25 * max(0.0, recession - 0.5) * torch.exp(-((ax / 0.5) ** 2))
    fall = 0.34 * ax**2.2 + 0.72 * smoothstep(ax, 0.70, 1.02) + 0.30 * smoothstep(ax, 0.93, 1.03)
    return -identity.hairline + temples + middle + fall


def _scalp_cover(identity: Identity, x: Map, y: Map, noise: Map) -> Map:
    """Hair that grows on the head: from the hairline to the rounded outer border."""
    above = _hairline(identity, x) - y + (0.020 + 0.02 * identity.hair_curl) * noise
    inner = smoothstep(above, -0.05, 0.16 + 0.12 * identity.hair_recession)
    return inner * _silhouette(identity, x, y, noise) * smoothstep(y, 0.42, 0.12)


def _silhouette(identity: Identity, x: Map, y: Map, noise: Map) -> Map:
    """Inside the rounded outer border of the hair on the skull."""
    volume = identity.hair_volume
    wide = identity.face_width + 0.35 * volume + 0.02
    tall = identity.skull_top + volume
    rough = 0.012 + 0.035 * identity.hair_curl
    radius = (x.abs() / wide) ** 2.3 + ((-y + 0.05).clamp(min=0.0) / tall) ** 2.3
    return smoothstep(1.0 + rough * noise - radius, -0.03, 0.07)


def _fringe_cover(identity: Identity, x: Map, y: Map, noise: Map) -> Map:
    if identity.fringe <= 0:
        return torch.zeros_like(x)
    hang = 0.46 - 0.20 * (x - 0.5 * identity.hair_part).abs()
    length = -identity.hairline + identity.fringe * hang + 0.05 * noise
    hanging = smoothstep(length - y, -0.03, 0.06) * smoothstep(x.abs(), 1.02, 0.88)
    return hanging * _silhouette(identity, x, y, noise)


def _long_cover(identity: Identity, x: Map, y: Map, noise: Map) -> tuple[Map, Map]:
    """Locks beside the face, and the mass behind head and neck."""
    if identity.hair_length < 0.4:
        return torch.zeros_like(x), torch.zeros_like(x)
    ax = x.abs()
    end = 0.95 + 2.3 * (identity.hair_length - 0.4)
    wide = identity.face_width + 0.04 + 0.45 * identity.hair_volume + 0.12 * smoothstep(y, -0.2, 1.4)
    ragged = end + 0.14 * noise
    mass = smoothstep(wide + 0.03 * noise - ax, -0.02, 0.07) * smoothstep(ragged - y, -0.1, 0.15)
    mass = mass * smoothstep(y, -0.75, -0.25)
    inner = 0.93 * identity.face_width + 0.05 * torch.sin(2.2 * y + 3.0 * identity.hair_part) + 0.03 * noise
    inner = inner + 0.03 * smoothstep(y, 0.6, 1.3) * identity.hair_length
    lock = mass * smoothstep(ax - inner, -0.015, 0.06) * smoothstep(y, -0.85, -0.35)
    return lock, mass


def grow_hair(identity: Identity) -> Hair:
    """Everything about this person's hair that no frame changes."""
    rng = generator(identity.participant, 5)
    x, y = HAIR_PLANE.grid()
    curl = identity.hair_curl
    flow_x, flow_y = _flow(identity, x, y)
    swirl = 1.6 * curl * smooth_noise(rng, x.shape, 5.0 + 3.0 * (1.0 - curl), 5.0)
    flow_x = flow_x + 0.12 * smooth_noise(rng, x.shape, 14.0, 10.0) + swirl
    flow_y = flow_y + 0.9 * curl * smooth_noise(rng, x.shape, 5.0, 5.0)
    fine = strands(rng, flow_x, flow_y, int(22 - 12 * curl))
    tufts = strands(rng, flow_x, flow_y, 30) * 0.6 + 0.5 * smooth_noise(rng, x.shape, 8.0, 5.0)
    noise = 0.6 * fine + 0.5 * tufts
    lock, behind = _long_cover(identity, x, y, noise)
    front = torch.maximum(_scalp_cover(identity, x, y, noise), _fringe_cover(identity, x, y, noise))
    front = torch.maximum(front, lock)
    front = (front * (1.0 + 0.25 * fine * (1.0 - front))).clamp(0.0, 1.0)
    shade = 1.0 + 0.24 * fine.clamp(-2.0, 2.0) + 0.16 * tufts.clamp(-2.0, 2.0)
    parting = torch.exp(-(((x - 0.35 * identity.hair_part) / 0.03) ** 2)) * smoothstep(y, -1.15, -1.35)
    shade = (shade * (1.0 - 0.35 * parting * (identity.hair_length > 0.4))).clamp(min=0.12)
    arc = y + identity.skull_top * 0.80 - 0.35 * x * x
    shine = (1.0 - 0.8 * curl) * torch.exp(-((arc / 0.22) ** 2)) * (1.0 + 0.55 * fine).clamp(0.0, 2.5)
    sideways = (x / (identity.face_width + 0.25)).clamp(-1.0, 1.0)
    return Hair(HAIR_PLANE.atlas(front, behind, shade, shine, sideways))


def _lit(identity: Identity, maps: Float[Tensor, "B C H W"], light: Lights, y: Pixels) -> Float[Tensor, "B 3 H W"]:
    sideways = maps[:, SIDEWAYS]
    up = ((-0.35 - y) / 1.5).clamp(-0.5, 0.9)
    front = torch.sqrt((1.0 - sideways**2 - up**2).clamp(min=0.04))
    facing = sideways * light.toward[0] - up * light.toward[1] + front * light.toward[2]
    glow = light.key * (0.28 + 0.72 * facing).clamp(0.06, 1.1) + light.ambient * (0.55 + 0.35 * up)
    sheen = 0.055 * light.key * maps[:, SHINE] * facing.clamp(0.0, 1.0)
    colour = hair_colour(identity).to(maps.device)
    return colour * (glow * maps[:, SHADE])[:, None] + (0.5 + 2.0 * colour) * sheen[:, None]


def _rows(canvas: Canvas, top: float, bottom: float) -> slice:
    """The rows of all pictures that hold the face between two heights. Hair fills their width, so no block is cut."""
    x, y = torch.tensor([[[-1.7, 0.0, 1.7] * 2]]), torch.tensor([[[top] * 3 + [bottom] * 3]])
    rows = canvas.view.project(x, y, coarse_depth(canvas.plan, x, y))[1].clamp(0, canvas.size)
    return slice(max(0, int(rows.min()) - 3), int(rows.max()) + 4)


def draw_hair_behind(canvas: Canvas, hair: Hair, light: Lights, picture: Picture) -> None:
    """The mass of long hair behind neck and head, in place; darker, because it lies in their shadow."""
    identity = canvas.shape.identity
    if identity.hair_length < 0.4:
        return
    rows = _rows(canvas, -0.75, 2.75)
    x, y = canvas.x[:, rows], canvas.y[:, rows]
    maps = hair.atlas.at(x, y)
    picture[:, :, rows].lerp_(0.55 * _lit(identity, maps, light, y), maps[:, BEHIND, None])


def draw_hair(canvas: Canvas, hair: Hair, light: Lights, picture: Picture) -> None:
    """Hair on the head and beside the face, with the shade it throws on the forehead, in place."""
    identity = canvas.shape.identity
    rows = _rows(canvas, -2.3, 2.75 if identity.hair_length >= 0.4 else 0.6)
    x, y, patch = canvas.x[:, rows], canvas.y[:, rows], picture[:, :, rows]
    maps = hair.atlas.at(x, y)
    cover = replace(hair.atlas, maps=hair.atlas.maps[FRONT, None])
    patch *= 1.0 - 0.30 * cover.at(x - 0.02 * light.toward[0].sign(), y - 0.05)
    patch.lerp_(_lit(identity, maps, light, y), maps[:, FRONT, None])
