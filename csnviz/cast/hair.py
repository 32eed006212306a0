"""Scalp hair: grown once per person as strands over the face plane, lit in every frame."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from csnviz.cast.canvas import Canvas, blend
from csnviz.cast.colours import hair_colour
from csnviz.cast.identity import Identity, generator
from csnviz.cast.light import Light
from csnviz.cast.texture import Atlas, Plane, smooth_noise, smoothstep, strands

HAIR_PLANE = Plane(-2.1, 2.1, -2.35, 2.75, 84.0)
FRONT, BEHIND, SHADE, SHINE, SIDEWAYS = range(5)


@dataclass(frozen=True)
class Hair:
    """One person's hair. Atlas channels: coverage in front of the head, coverage behind it, strand brightness, how much
    a strand shines, and which way its surface faces sideways (-1 .. 1)."""

    atlas: Atlas


def _flow(identity: Identity, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The direction in which hair lies: away from the parting over the crown, then down."""
    from_part = x - 0.35 * identity.hair_part
    crown = np.exp(-((np.maximum(y + 1.5, 0.0) / 0.75) ** 2))
    flow_x = np.tanh(from_part * 2.5) * (0.25 + 0.95 * crown) if identity.hair_length >= 0.4 else 0.45 * from_part
    flow_y = 0.30 + 1.2 * smoothstep(y, -1.75, -0.7) + 0.5 * np.abs(from_part)
    return flow_x, flow_y


def _hairline(identity: Identity, x: np.ndarray) -> np.ndarray:
    """y of the border between forehead and hair: rounded, drawn back at the temples, falling to the sideburns."""
    ax = np.abs(x) / identity.face_width
    temples = -0.20 * identity.hair_recession * np.exp(-(((ax - 0.55) / 0.20) ** 2)) - 0.25 * max(
        0.0, identity.hair_recession - 0.5
    ) * np.exp(-((ax / 0.5) ** 2))
    fall = 0.34 * ax**2.2 + 0.72 * smoothstep(ax, 0.70, 1.02) + 0.30 * smoothstep(ax, 0.93, 1.03)
    return -identity.hairline + temples + fall


def _scalp_cover(identity: Identity, x: np.ndarray, y: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Hair that grows on the head: from the hairline to the rounded outer border."""
    above = _hairline(identity, x) - y + (0.020 + 0.02 * identity.hair_curl) * noise
    inner = smoothstep(above, -0.05, 0.16 + 0.12 * identity.hair_recession)
    return inner * _silhouette(identity, x, y, noise) * smoothstep(y, 0.42, 0.12)


def _silhouette(identity: Identity, x: np.ndarray, y: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Inside the rounded outer border of the hair on the skull."""
    volume = identity.hair_volume
    wide = identity.face_width + 0.35 * volume + 0.02
    tall = identity.skull_top + volume
    rough = 0.012 + 0.035 * identity.hair_curl
    radius = (np.abs(x) / wide) ** 2.3 + (np.maximum(-y + 0.05, 0.0) / tall) ** 2.3
    return smoothstep(1.0 + rough * noise - radius, -0.03, 0.07)


def _fringe_cover(identity: Identity, x: np.ndarray, y: np.ndarray, noise: np.ndarray) -> np.ndarray:
    if identity.fringe <= 0:
        return np.zeros_like(x)
    length = -identity.hairline + identity.fringe * (0.46 - 0.20 * np.abs(x - 0.5 * identity.hair_part)) + 0.05 * noise
    hanging = smoothstep(length - y, -0.03, 0.06) * smoothstep(np.abs(x), 1.02, 0.88)
    return hanging * _silhouette(identity, x, y, noise)


def _long_cover(identity: Identity, x: np.ndarray, y: np.ndarray, noise: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Locks beside the face, and the mass behind head and neck."""
    if identity.hair_length < 0.4:
        return np.zeros_like(x), np.zeros_like(x)
    end = 0.95 + 2.3 * (identity.hair_length - 0.4)
    wide = identity.face_width + 0.04 + 0.45 * identity.hair_volume + 0.12 * smoothstep(y, -0.2, 1.4)
    ragged = end + 0.14 * noise
    mass = smoothstep(wide + 0.03 * noise - np.abs(x), -0.02, 0.07) * smoothstep(ragged - y, -0.1, 0.15)
    mass = mass * smoothstep(y, -0.75, -0.25)
    inner = 0.93 * identity.face_width + 0.05 * np.sin(2.2 * y + 3.0 * identity.hair_part) + 0.03 * noise
    inner = inner + 0.03 * smoothstep(y, 0.6, 1.3) * identity.hair_length
    lock = mass * smoothstep(np.abs(x) - inner, -0.015, 0.06) * smoothstep(y, -0.85, -0.35)
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
    front = np.maximum.reduce((_scalp_cover(identity, x, y, noise), _fringe_cover(identity, x, y, noise), lock))
    front = np.clip(front * (1.0 + 0.25 * fine * (1 - front)), 0.0, 1.0)
    shade = 1.0 + 0.24 * np.clip(fine, -2, 2) + 0.16 * np.clip(tufts, -2, 2)
    parting = np.exp(-(((x - 0.35 * identity.hair_part) / 0.03) ** 2)) * smoothstep(y, -1.15, -1.35)
    shade = np.maximum(shade * (1.0 - 0.35 * parting * (identity.hair_length > 0.4)), 0.12)
    arc = y + identity.skull_top * 0.80 - 0.35 * x * x
    shine = (1.0 - 0.8 * curl) * np.exp(-((arc / 0.22) ** 2)) * np.clip(1.0 + 0.55 * fine, 0.0, 2.5)
    sideways = np.clip(x / (identity.face_width + 0.25), -1.0, 1.0)
    return Hair(HAIR_PLANE.atlas(front, behind, shade, shine, sideways))


def _lit(identity: Identity, maps: np.ndarray, light: Light, y: np.ndarray) -> np.ndarray:
    sideways = maps[..., SIDEWAYS]
    up = np.clip((-0.35 - y) / 1.5, -0.5, 0.9)
    front = np.sqrt(np.maximum(1.0 - sideways**2 - up**2, 0.04))
    to_lamp = light.direction()
    facing = sideways * to_lamp[0] - up * to_lamp[1] + front * to_lamp[2]
    glow = light.key * np.clip(0.28 + 0.72 * facing, 0.06, 1.1) + light.ambient * (0.55 + 0.35 * up)
    colour = hair_colour(identity) * (glow * maps[..., SHADE])[..., None]
    sheen = 0.055 * light.key * maps[..., SHINE] * np.clip(facing, 0.0, 1.0)
    return colour + (sheen[..., None] * (0.5 + 2.0 * hair_colour(identity))).astype(np.float32)


def draw_hair_behind(canvas: Canvas, hair: Hair, light: Light, picture: Float[np.ndarray, "S S 3"]) -> None:
    """The mass of long hair behind neck and head, in place; darker, because it lies in their shadow."""
    identity = canvas.shape.identity
    if identity.hair_length < 0.4:
        return
    window = canvas.window(-1.7, 1.7, -1.5, 2.75)
    maps = hair.atlas.at(canvas.x[window], canvas.y[window])
    blend(picture, window, 0.55 * _lit(identity, maps, light, canvas.y[window]), maps[..., BEHIND])


def draw_hair(canvas: Canvas, hair: Hair, light: Light, picture: Float[np.ndarray, "S S 3"]) -> None:
    """Hair on the head and beside the face, with the shade it throws on the forehead, in place."""
    identity = canvas.shape.identity
    window = canvas.window(-1.7, 1.7, -2.3, 2.75 if identity.hair_length >= 0.4 else 0.6)
    x, y = canvas.x[window], canvas.y[window]
    maps = hair.atlas.at(x, y)
    above = hair.atlas.at(x - 0.02 * np.sign(light.azimuth), y - 0.05)[..., FRONT]
    picture[window] *= (1.0 - 0.30 * np.clip(above, 0.0, 1.0))[..., None]
    blend(picture, window, _lit(identity, maps, light, y), maps[..., FRONT])
