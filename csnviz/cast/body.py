"""What stands around the face: neck, shoulders in a shirt, and ears."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor

from csnviz.cast.anatomy import Column
from csnviz.cast.backdrop import draw_backdrop as draw_backdrop  # render takes all that is no face from here
from csnviz.cast.canvas import Canvas, Picture, Pixels, Window, blend
from csnviz.cast.colours import linear, rgb, skin_colour
from csnviz.cast.geometry import PIVOT
from csnviz.cast.hairstyles import style_of
from csnviz.cast.identity import Identity, generator
from csnviz.cast.light import Lights, falling_light
from csnviz.cast.texture import Atlas, Plane, blur, bump, decay, edge, smoothstep

_TAIL = 30  # pixels beyond an edge where nothing is left of its logistic (1e-10)


def draw_body(canvas: Canvas, light: Lights, picture: Picture) -> None:
    """Neck with the head's shadow on it, and a shirt, in place. The body follows the head's place, not its turning."""
    anchor = canvas.view.project(*(torch.full((1, 1, 1), place) for place in PIVOT))
    across, down = (place.to(canvas.device) for place in anchor)
    rows, columns = canvas.pixels()
    x = (columns - across) * canvas.pixel
    y = (rows - down) * canvas.pixel + PIVOT[1]
    throat = slice(_row(canvas, anchor[1], 0.4), canvas.size)
    beside = slice(_column(canvas, anchor[0], -1.12, torch.min), _column(canvas, anchor[0], 1.12, torch.max))
    _draw_neck(canvas, light, x[:, :, beside], y[:, throat], picture, (throat, beside))
    collar = max(0, _row(canvas, anchor[1], 2.0) - _TAIL)
    _draw_shirt(canvas, light, x, y[:, collar:], picture[:, :, collar:])


def _row(canvas: Canvas, anchor: Column, height: float) -> int:
    """The first row of pixels that lies so far down the body in any frame."""
    return int((anchor + (height - PIVOT[1]) * canvas.view.scale).min().clamp(0, canvas.size))


def _column(canvas: Canvas, anchor: Column, place: float, which: Callable[[Tensor], Tensor]) -> int:
    """The column of pixels at this place across the body, the first or the last of all frames."""
    return int(which((anchor + place * canvas.view.scale).clamp(0, canvas.size).flatten()))


def _draw_neck(
    canvas: Canvas,
    light: Lights,
    x: Float[Tensor, "B 1 W"],
    y: Float[Tensor, "B H 1"],
    picture: Picture,
    block: tuple[slice, slice],
) -> None:
    """A column of skin, lit as the face is. The jaw keeps the lamp off its upper end and the sky off what lies behind it."""
    identity = canvas.shape.identity
    wide = 0.60 + 0.15 * identity.sturdiness + 0.22 * smoothstep(y, 1.75, 2.45) ** 2
    across = (x / wide).clamp(-1.0, 1.0)
    middle = (across.abs() < 0.8) * smoothstep(y, 1.7, 2.2)
    cord = bump(x.abs(), torch.zeros_like(y), 0.20 + 0.18 * (2.35 - y).clamp(0.0, 0.8), 0.0, 0.055, 1.0) * middle
    apple = identity.sturdiness * bump(x, y, 0.0, 2.02, 0.09, 0.10)
    side = 0.97 * across * (across.abs() + 0.35) / 1.35
    tilt = side + 0.28 * x.sign() * cord * (x.abs() - 0.20) / 0.2 + 0.22 * apple * x / 0.09
    ahead = (1.0 - tilt * tilt).clamp(min=0.04).sqrt()
    normal = torch.stack((tilt, torch.full_like(tilt, 0.10), ahead))
    below = _below_jaw(canvas, block)
    sky = 1.0 - 0.50 * smoothstep(below, 0.55, -0.05)
    reach = 0.62 * (-light.toward[1] / light.toward[2].clamp(min=0.3)).clamp(0.15, 0.9)
    shifted = below + 0.25 * x * light.toward[0] / light.toward[2].clamp(min=0.3)
    lamp = 1.0 - 0.78 * smoothstep(shifted, reach + 0.16, reach - 0.22)
    lamp_alone = replace(light, ambient=torch.zeros_like(light.ambient))
    glow = falling_light(normal, lamp_alone, sky) * lamp[:, None] + (0.75 * light.ambient * sky)[:, None]
    warm = (1.0 - lamp)[:, None] * rgb((0.02, -0.10, -0.12)).to(picture.device)
    skin = (skin_colour(identity) * rgb((1.0, 0.96, 0.94))).to(picture.device) * (1.0 + warm) * glow
    cover = edge(wide - x.abs(), canvas.pixel) * smoothstep(y, 0.4, 0.6)
    picture[:, :, *block].lerp_(skin, cover[:, None])


def _below_jaw(canvas: Canvas, block: tuple[slice, slice]) -> Pixels:
    """How far each place lies below the line of the jaw as the head is turned."""
    shape, identity = canvas.shape, canvas.shape.identity
    x, y = canvas.x[:, *block], canvas.y[:, *block]
    jaw = (1.0 - (x.abs() / identity.face_width) ** (1.0 / identity.jaw)).clamp(min=0.0) ** 0.42
    return y - shape.chin_y * jaw


@dataclass(frozen=True)
class _Shirt:
    """How a neckline is cut: how deep and how pointed, how broad its border is, how much of the neck it closes, and stripes."""

    depth: float
    pointed: float
    border: float
    roll: float
    stripes: float

    @classmethod
    def of(cls, identity: Identity) -> "_Shirt":
        rng = generator(identity.participant, 5, 2)
        kind, depth, stripes = (float(value) for value in rng.random(3))
        roll = 0.22 if kind > 0.85 else 0.0
        return cls(
            0.30 + 0.25 * depth, float(0.35 < kind < 0.6), 0.05 + 0.06 * (kind < 0.35), roll, float(stripes > 0.75)
        )


def _draw_shirt(
    canvas: Canvas, light: Lights, x: Float[Tensor, "B 1 S"], y: Float[Tensor, "B H 1"], picture: Tensor
) -> None:
    cut, ax = _Shirt.of(canvas.shape.identity), x.abs()
    shoulder = 2.16 + 0.14 * (ax - 0.75).clamp(min=0.0) + 0.35 * (ax - 1.5).clamp(min=0.0) ** 2
    dip = smoothstep(ax, 0.95, 0.15) * (1.0 - cut.pointed) + cut.pointed * (1.0 - ax / 0.95).clamp(min=0.0)
    top = shoulder + cut.depth * dip - cut.roll * smoothstep(ax, 0.95, 0.80)
    inside = y - top
    hem = smoothstep(inside, 0.0, 0.02) * smoothstep(inside, cut.border + 0.02, cut.border) * (ax < 0.98)
    fold = 0.10 * torch.sin(4.0 * x + 2.2 * y + 1.5 * torch.sin(2.0 * x)) * smoothstep(inside, 0.1, 0.5)
    tilt = (0.42 * x + fold).clamp(-0.9, 0.9)
    up = -0.45 * smoothstep(inside, 0.5, 0.0)
    facing = (
        tilt * light.toward[0]
        + up * light.toward[1]
        + (1.0 - tilt * tilt - up * up).clamp(min=0.05).sqrt() * light.toward[2]
    )
    stripe = 1.0 - 0.35 * cut.stripes * smoothstep(torch.sin(26.0 * y + 0.6 * x * x), 0.2, 0.5)
    shade = (
        stripe * (1.0 + 0.12 * hem) * (1.0 - 0.25 * decay(((inside - cut.border - 0.02) / 0.015) ** 2) * (ax < 0.98))
    )
    glow = (light.key * (0.25 + 0.75 * facing).clamp(min=0.0) + 0.75 * light.ambient) * shade
    colour = linear([255.0 * part for part in canvas.shape.identity.shirt]).to(picture.device)
    picture.lerp_(colour * glow[:, None], edge(inside, 1.3 * canvas.pixel)[:, None])


_EAR_PLANE = Plane(-0.12, 0.64, -0.56, 0.56, 110.0)
_COVER, _RIGHT, _DOWN, _SKY, _RED = range(5)


@lru_cache(maxsize=8)
def _ear_relief(device: torch.device) -> Atlas:
    """An ear seen from its side, u backwards from where it grows on the head, v down: outline, slopes, hollows, redness."""
    u, v = _EAR_PLANE.grid()
    wide = 0.250 - 0.075 * smoothstep(v, -0.02, 0.42)
    across, along = (u - 0.235 + 0.09 * smoothstep(v, 0.0, 0.42)) / wide, v / 0.41
    radius = (across.abs() ** 2.3 + along.abs() ** 2.3) ** (1 / 2.3)
    open_front = smoothstep(across, -0.85, -0.35) + smoothstep(v, -0.15, -0.3)
    helix = 0.055 * bump(radius, v, 0.86, -0.1, 0.10, 0.26) * open_front.clamp(max=1.0)
    antihelix = 0.050 * bump(radius, v, 0.57, 0.0, 0.10, 0.17) * smoothstep(across, -0.15, 0.25)
    bowl = -0.110 * bump(u, v, 0.155, 0.075, 0.075, 0.105)
    canal = -0.060 * bump(u, v, 0.085, 0.06, 0.035, 0.05)
    flap = 0.050 * bump(u, v, 0.035, 0.07, 0.030, 0.055)
    lobe = 0.035 * bump(u, v, 0.135, 0.335, 0.06, 0.055)
    height = helix + antihelix + bowl + canal + flap + lobe - 0.045 * radius.clamp(max=0.93) ** 4
    height = blur(height, 1.2, 1.2)
    down, right = (part * _EAR_PLANE.per_unit for part in torch.gradient(0.75 * height))
    deep = (blur(height, 7.0, 7.0) - height).clamp(min=0.0)
    cover = smoothstep(1.0 - radius, -0.02, 0.05)
    red = 0.5 * smoothstep(radius, 0.6, 1.0) + 0.5 * bump(u, v, 0.135, 0.33, 0.09, 0.09)
    return _EAR_PLANE.atlas(cover, -right, -down, torch.exp(-16.0 * deep), red).to(device)


def draw_ears(canvas: Canvas, light: Lights, picture: Picture) -> None:
    """Ears that stand off the sides of the head, in place; the head is drawn over their front. Falling hair hides them."""
    identity = canvas.shape.identity
    rng, style = generator(identity.participant, 5, 3), style_of(identity)
    stands, size = 0.30 + 0.22 * float(rng.random()), 0.90 + 0.18 * float(rng.random())
    for sign, tucked in zip((-1.0, 1.0), style.tucked, strict=True):
        if tucked or not style.falls:
            _draw_ear(canvas, light, _ear_frame(identity, sign, stands, size), sign, picture)


def _ear_frame(identity: Identity, sign: float, stands: float, size: float) -> Float[Tensor, "4 3"]:
    """Where an ear grows, and its directions: backwards, down (both as long as its unit) and away from the head."""
    back = torch.tensor((sign * stands, -0.05, -((1.0 - stands * stands) ** 0.5)))
    down = torch.tensor((-sign * 0.10, 0.97, 0.20))
    away = torch.linalg.cross(down, back) * -sign
    root = torch.tensor((sign * (identity.face_width - 0.05), 0.23, -0.50))
    return torch.stack((root, size * back, size * down, away / away.norm()))


def _draw_ear(canvas: Canvas, light: Lights, frame: Float[Tensor, "4 3"], sign: float, picture: Picture) -> None:
    identity = canvas.shape.identity
    u, v, seen, window = _on_ear(canvas, frame, sign)
    maps = _ear_relief(canvas.device).at(u, v)
    directions = torch.einsum("ijbcd,kj->ikbcd", canvas.view.rotation, frame[1:]).to(canvas.device)
    rise = (maps[:, _RIGHT] ** 2 + maps[:, _DOWN] ** 2 + 1.0).sqrt()
    normal = torch.stack([
        (maps[:, _RIGHT] * part[0] + maps[:, _DOWN] * part[1] + part[2]) / rise for part in directions
    ])  # fmt: skip
    glow = falling_light(normal, light, maps[:, _SKY])
    blood = maps[:, _RED, None] * rgb((0.04, -0.16, -0.14)).to(canvas.device)
    skin = (skin_colour(identity) * rgb((1.0, 0.92, 0.89))).to(picture.device) * (1.0 + blood)
    blend(picture, window, skin * glow, maps[:, _COVER] * seen)


def _on_ear(canvas: Canvas, frame: Float[Tensor, "4 3"], sign: float) -> tuple[Pixels, Pixels, Column, Window]:
    """u and v of an ear's pixels, how far it shows at all (an ear seen edgewise or from within does not), and its block."""
    root, back, down, _ = frame
    corners = torch.stack([root + u * back + v * down for u in (-0.05, 0.52) for v in (-0.46, 0.46)])
    window = canvas.block(*canvas.view.project(*corners.T[:, None, None]))
    places = canvas.view.project(*torch.stack((root, root + back, root + down)).T[:, None, None])
    (left, a, b), (top, c, d) = ((p[..., :1], p[..., 1:2] - p[..., :1], p[..., 2:] - p[..., :1]) for p in places)
    within = a * d - b * c
    seen = smoothstep(sign * within / canvas.view.scale**2, 0.03, 0.12).to(canvas.device)
    within = torch.where(within.abs() < 1.0, torch.ones_like(within), within)
    a, b, c, d, left, top = (
        part.to(canvas.device) for part in (a / within, b / within, c / within, d / within, left, top)
    )
    dx, dy = window.columns[:, None] - left, window.rows[:, :, None] - top
    return d * dx - b * dy, a * dy - c * dx, seen, window
