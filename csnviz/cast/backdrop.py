"""What is behind a person: a wall, or a room that the camera does not focus on. The same in all frames of a person."""

from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import interpolate

from csnviz.cast.canvas import Picture
from csnviz.cast.colours import linear, rgb
from csnviz.cast.identity import Identity, generator
from csnviz.cast.light import Lights
from csnviz.cast.texture import Map, blur, smooth_noise, smoothstep

_GRID, _MARGIN = 128, 16  # texels a side, and those beyond the picture's border

Room = Float[Tensor, "3 G G"]


def draw_backdrop(identity: Identity, light: Lights, size: int) -> Picture:
    """The wall or room behind this person, brighter towards the lamp."""
    places = torch.arange(float(size), device=light.key.device) / size - 0.5
    rows, columns = places[:, None], places
    glow = 0.86 + 0.26 * (columns * light.toward[0] + rows * light.toward[1]) - 0.22 * (rows**2 + columns**2)
    return _room(identity, size, light.key.device) * (glow * (light.key + light.ambient))[:, None]


@lru_cache(maxsize=8)
def _room(identity: Identity, size: int, device: torch.device) -> Float[Tensor, "3 S S"]:
    whole = _furnished(identity)[:, _MARGIN:-_MARGIN, _MARGIN:-_MARGIN]
    grown = interpolate(whole[None], (size, size), mode="bicubic", align_corners=False)[0]
    return grown.clamp(min=0.0).to(device)


def _furnished(identity: Identity) -> Room:
    """A plain wall for two people of five; for the others things stand before it, out of focus."""
    rng = generator(identity.participant, 7)
    places = (torch.arange(float(_GRID)) - _MARGIN) / (_GRID - 2 * _MARGIN)
    y, x = torch.meshgrid(places, places, indexing="ij")
    wall = linear([255.0 * part for part in identity.backdrop]) * torch.ones_like(x)
    lean = rng.uniform(-0.35, 0.35, 2)
    room = wall * (1.0 + float(lean[0]) * (x - 0.5) + float(lean[1]) * (y - 0.5))
    if rng.random() < 0.4:
        return room * (1.0 + 0.03 * smooth_noise(rng, x.shape, 14.0, 14.0))
    things = (_window, _door, _shelf, _frame, _plant, _lamps, _edge)
    for at in rng.permutation(len(things))[: int(rng.integers(1, 4))]:
        room = things[at](rng, room, x, y)
    focus = float(rng.uniform(1.2, 4.5))
    return torch.stack([blur(channel, focus, focus) for channel in room])


def _panel(x: Map, y: Map, left: float, right: float, top: float, bottom: float) -> Map:
    """1 inside an upright rectangle."""
    across = smoothstep(x, left - 0.006, left + 0.006) * smoothstep(x, right + 0.006, right - 0.006)
    return across * smoothstep(y, top - 0.006, top + 0.006) * smoothstep(y, bottom + 0.006, bottom - 0.006)


def _beside(rng: np.random.Generator, width: float) -> float:
    """Left border of something so wide that stands to one side of the head."""
    middle = rng.uniform(-0.05, 0.25) if rng.random() < 0.5 else rng.uniform(0.75, 1.05)
    return float(middle - 0.5 * width)


def _window(rng: np.random.Generator, room: Room, x: Map, y: Map) -> Room:
    wide, tall, top = float(rng.uniform(0.3, 0.5)), float(rng.uniform(0.5, 0.8)), float(rng.uniform(-0.15, 0.15))
    left, bright = _beside(rng, wide), float(rng.uniform(0.55, 0.95))
    pane = _panel(x, y, left, left + wide, top, top + tall)
    middle, across = left + 0.5 * wide, top + 0.45 * tall
    bars = torch.maximum(smoothstep((x - middle).abs(), 0.018, 0.008), smoothstep((y - across).abs(), 0.018, 0.008))
    frame = _panel(x, y, left - 0.03, left + wide + 0.03, top - 0.03, top + tall + 0.03)
    room = torch.lerp(room, linear((214, 210, 204)) * torch.ones_like(x), 0.7 * frame)
    outside = rgb((0.86, 0.95, 1.0)) * bright * (1.0 - 0.5 * smoothstep(y, top + 0.5 * tall, top + tall))
    return torch.lerp(room, outside, pane * (1.0 - 0.8 * bars))


def _door(rng: np.random.Generator, room: Room, x: Map, y: Map) -> Room:
    wide, level = float(rng.uniform(0.22, 0.4)), float(rng.uniform(40, 190))
    left = _beside(rng, wide)
    wood = linear((level, level * rng.uniform(0.75, 1.0), level * rng.uniform(0.6, 0.95))) * torch.ones_like(x)
    return torch.lerp(room, wood, _panel(x, y, left, left + wide, float(rng.uniform(-0.2, 0.15)), 1.3))


def _shelf(rng: np.random.Generator, room: Room, x: Map, y: Map) -> Room:
    """Boards with books of many colours."""
    wide = float(rng.uniform(0.4, 0.9))
    left, top = _beside(rng, wide), float(rng.uniform(-0.1, 0.2))
    for board in range(int(rng.integers(2, 5))):
        low, place = top + 0.22 * (board + 1), left
        shelf = _panel(x, y, left, left + wide, low, low + 0.025)
        room = torch.lerp(room, linear((96, 74, 56)) * torch.ones_like(x), shelf)
        while place < left + wide - 0.02:
            thick, tall = float(rng.uniform(0.02, 0.06)), float(rng.uniform(0.10, 0.19))
            book = _panel(x, y, place, place + thick, low - tall, low)
            room = torch.lerp(
                room,
                linear((rng.uniform(40, 190) + rng.uniform(-35, 35, 3)).tolist()) * torch.ones_like(x),
                book * (rng.random() < 0.85),
            )
            place += thick + 0.004
    return room


def _frame(rng: np.random.Generator, room: Room, x: Map, y: Map) -> Room:
    wide, tall = (float(value) for value in rng.uniform(0.14, 0.32, 2))
    left, top = _beside(rng, wide), float(rng.uniform(0.02, 0.3))
    room = torch.lerp(
        room,
        linear(rng.uniform(15, 90, 3).tolist()) * torch.ones_like(x),
        _panel(x, y, left, left + wide, top, top + tall),
    )
    within = _panel(x, y, left + 0.02, left + wide - 0.02, top + 0.02, top + tall - 0.02)
    painted = linear((rng.uniform(70, 215) + rng.uniform(-35, 35, 3)).tolist()) * (
        1.0 + 0.25 * smooth_noise(rng, x.shape, 5.0, 5.0)
    ).clamp(0.2, 1.8)
    return torch.lerp(room, painted, within)


def _plant(rng: np.random.Generator, room: Room, x: Map, y: Map) -> Room:
    middle = _beside(rng, 0.0)
    for _ in range(26):
        at = middle + 0.10 * rng.standard_normal(), 0.62 + 0.16 * rng.standard_normal()
        angle, size = rng.uniform(0, np.pi), rng.uniform(0.04, 0.10)
        u = (x - at[0]) * np.cos(angle) + (y - at[1]) * np.sin(angle)
        v = (y - at[1]) * np.cos(angle) - (x - at[0]) * np.sin(angle)
        leaf = smoothstep(1.0 - torch.hypot(u / size, v / (0.3 * size)), 0.0, 0.3)
        green = linear((rng.uniform(30, 80), rng.uniform(70, 130), rng.uniform(30, 70)))
        room = torch.lerp(room, green * torch.ones_like(x), leaf)
    return room


def _lamps(rng: np.random.Generator, room: Room, x: Map, y: Map) -> Room:
    """Small lights far away, each a disc."""
    for _ in range(int(rng.integers(3, 12))):
        at, size = rng.uniform((-0.05, -0.05), (1.05, 0.8)), float(rng.uniform(0.015, 0.06))
        disc = smoothstep(torch.hypot(x - at[0], y - at[1]), size, 0.8 * size)
        room = (
            room + rgb((1.0, rng.uniform(0.65, 0.95), rng.uniform(0.35, 0.85))) * float(rng.uniform(0.1, 0.45)) * disc
        )
    return room


def _edge(rng: np.random.Generator, room: Room, x: Map, y: Map) -> Room:
    """The corner of two walls: one of them lies in the shade."""
    at, lean, dark = float(rng.uniform(0.1, 0.9)), float(rng.uniform(-0.06, 0.06)), float(rng.uniform(0.55, 0.85))
    return room * (1.0 - (1.0 - dark) * smoothstep(x + lean * y, at - 0.008, at + 0.008))
