"""What stands around the face: backdrop, neck, shoulders in a shirt, and ears."""

import torch
from jaxtyping import Float
from torch import Tensor

from csnviz.cast.anatomy import Column
from csnviz.cast.canvas import Canvas, Picture, blend
from csnviz.cast.colours import linear, rgb, skin_colour
from csnviz.cast.geometry import PIVOT
from csnviz.cast.identity import Identity
from csnviz.cast.light import Lights
from csnviz.cast.texture import decay, edge, smoothstep

_TAIL = 30  # pixels beyond an edge where nothing is left of its logistic (1e-10)


def draw_backdrop(identity: Identity, light: Lights, size: int) -> Picture:
    """A wall, brighter towards the lamp."""
    places = torch.arange(float(size), device=light.key.device) / size - 0.5
    rows, columns = places[:, None], places
    glow = 0.80 + 0.30 * (columns * light.toward[0] + rows * light.toward[1]) - 0.35 * (rows**2 + columns**2)
    colour = linear([255.0 * part for part in identity.backdrop]).to(glow.device)
    return colour * (glow * (light.key + light.ambient))[:, None]


def draw_body(canvas: Canvas, light: Lights, picture: Picture) -> None:
    """Neck with the head's shadow on it, and a shirt, in place. The body follows the head's place, not its turning."""
    anchor = canvas.view.project(*(torch.full((1, 1, 1), place) for place in PIVOT))
    across, down = (place.to(canvas.device) for place in anchor)
    rows, columns = canvas.pixels()
    x = (columns - across) * canvas.pixel
    y = (rows - down) * canvas.pixel + PIVOT[1]
    throat = _row(canvas, anchor[1], 0.4)
    _draw_neck(canvas, light, x, y[:, throat:], picture[:, :, throat:])
    collar = max(0, _row(canvas, anchor[1], 2.2) - _TAIL)
    _draw_shirt(canvas, light, x, y[:, collar:], picture[:, :, collar:])


def _row(canvas: Canvas, anchor: Column, height: float) -> int:
    """The first row of pixels that lies so far down the body in any frame."""
    return int((anchor + (height - PIVOT[1]) * canvas.view.scale).min().clamp(0, canvas.size))


def _draw_neck(
    canvas: Canvas, light: Lights, x: Float[Tensor, "B 1 S"], y: Float[Tensor, "B H 1"], picture: Tensor
) -> None:
    shape, identity = canvas.shape, canvas.shape.identity
    wide = 0.60 + 0.15 * identity.sturdiness + 0.22 * smoothstep(y, 1.75, 2.45) ** 2
    across = (x / wide).clamp(-1.0, 1.0)
    front = torch.sqrt(1.0 - 0.92 * across**2)
    facing = ((across * light.toward[0] + front * light.toward[2] + 0.35) / 1.35).clamp(0.0, 1.0)
    jaw_line = (1.0 - (x.abs() / identity.face_width) ** (1.0 / identity.jaw)).clamp(min=0.0) ** 0.42
    under = smoothstep(y - shape.chin_y * jaw_line, 0.62, -0.05)
    tendon = decay(((x.abs() - 0.22 - 0.16 * (2.3 - y)) / 0.06) ** 2) * smoothstep(y, 1.8, 2.2)
    shaded = light.key * facing * (1.0 - 0.86 * under) + light.ambient * (1.0 - 0.55 * under) * 0.8
    glow = shaded * (1.0 - 0.10 * tendon)
    warm = rgb((1.0, 0.90, 0.86)).log().to(picture.device)
    skin = skin_colour(identity).to(picture.device) * torch.exp(warm * (1.0 + under[:, None])) * glow[:, None]
    cover = edge(wide - x.abs(), canvas.pixel) * smoothstep(y, 0.4, 0.6)
    picture.lerp_(skin, cover[:, None])


def _draw_shirt(
    canvas: Canvas, light: Lights, x: Float[Tensor, "B 1 S"], y: Float[Tensor, "B H 1"], picture: Tensor
) -> None:
    ax = x.abs()
    slope = 2.28 + 0.16 * (ax - 0.75).clamp(min=0.0) + 0.35 * (ax - 1.5).clamp(min=0.0) ** 2
    neckline = 2.62 - 0.42 * smoothstep(ax, 0.15, 0.92)
    top = torch.where(ax < 0.92, neckline.clamp(min=2.20), slope - 0.02)
    fold = 1.0 + 0.06 * torch.sin(5.0 * x + 2.0 * y) + 0.05 * torch.sin(9.0 * x - 4.0 * y)
    seam = 1.0 - 0.28 * decay(((y - top - 0.09) / 0.02) ** 2) * (ax < 1.1)
    lamp = 0.62 * light.key * (1.0 + 0.25 * light.toward[0].sign() * torch.tanh(x))
    glow = (lamp + 0.75 * light.ambient) * fold * seam
    colour = linear([255.0 * part for part in canvas.shape.identity.shirt]).to(picture.device)
    picture.lerp_(colour * glow[:, None], edge(y - top, 1.3 * canvas.pixel)[:, None])


def draw_ears(canvas: Canvas, light: Lights, picture: Picture) -> None:
    """Ears, half behind the cheek, in place."""
    for sign in (-1.0, 1.0):
        _draw_ear(canvas, light, sign, picture)


def _draw_ear(canvas: Canvas, light: Lights, sign: float, picture: Picture) -> None:
    identity, pixel = canvas.shape.identity, canvas.pixel
    place = (sign * (identity.face_width + 0.03), 0.24, -0.62)
    centre = canvas.view.project(*(torch.full((1, 1, 1), part) for part in place))
    reach = 0.22 * canvas.view.scale + 12.0, 0.34 * canvas.view.scale + 18.0  # its edge's logistic ends in these pixels
    columns, rows = (torch.cat((part - far, part + far), -1) for part, far in zip(centre, reach, strict=True))
    window = canvas.block(columns, rows)
    across, down = (part.to(canvas.device) for part in centre)
    u = (window.columns[:, None] - across) * pixel * sign
    v = (window.rows[:, :, None] - down) * pixel
    u = u - 0.22 * -v  # ears lean back at the top
    radius = torch.hypot(u / (0.145 - 0.06 * v.clamp(0.0, 1.0)), v / 0.34)
    bowl = decay(((u + 0.01) / 0.05) ** 2 + ((v + 0.02) / 0.17) ** 2)
    rim = decay(((radius - 0.86) / 0.12) ** 2)
    lamp = 0.55 + 0.35 * sign * light.toward[0]
    glow = (light.key * lamp + 0.62 * light.ambient) * (0.66 - 0.40 * bowl + 0.24 * rim)
    skin = (skin_colour(identity) * rgb((1.0, 0.90, 0.87))).to(picture.device)
    blend(picture, window, skin * glow[:, None], edge((1.0 - radius) * 0.14, 0.8 * pixel))
