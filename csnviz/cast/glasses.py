"""Eyeglasses: two rims on a curved front that the nose carries, side pieces to the ears, their shadow, and what they mirror."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import avg_pool2d

from csnviz.cast.anatomy import Column
from csnviz.cast.attributes import Attributes
from csnviz.cast.canvas import Canvas, Picture, Pixels, Window
from csnviz.cast.geometry import View
from csnviz.cast.hairstyles import style_of
from csnviz.cast.light import Lights
from csnviz.cast.rims import CENTRE_X, CENTRE_Y, HALF_WIDTH, LEAN, WRAP, Pair, bar_distance, material_of, rim_distance
from csnviz.cast.texture import bump, edge, smoothstep

_EAR = (0.03, 0.06, -0.66)  # where a side piece rests: out from the side of the head, down, deep


@dataclass(frozen=True)
class Spectacles:
    """Where the glasses are in each frame: coverage of frame and lens, and the shadow they throw (each 0 .. 1)."""

    frame: Float[Tensor, "B S S"]
    lens: Float[Tensor, "B S S"]
    shadow: Float[Tensor, "B S S"]

    def touched(self) -> Float[Tensor, "B S S"]:
        """How much of each pixel the glasses change."""
        return torch.maximum(torch.maximum(self.frame, self.lens), self.shadow)


def _temple_ends(canvas: Canvas, view: View, pair: Pair) -> list[tuple[Tensor, Tensor, Tensor]]:
    """Columns, rows and depths (B, 1, 2) of the hinge and the ear that each side piece joins."""
    out, down, deep = _EAR
    hinge = CENTRE_X + HALF_WIDTH * pair.make.wide - 0.005
    x = torch.tensor([[[hinge, canvas.shape.identity.face_width + out]]])
    y = torch.tensor([[[CENTRE_Y - 0.15, down]]])
    z = torch.tensor([[[float(pair.front(torch.tensor(hinge), torch.tensor(CENTRE_Y - 0.15))), deep]]])
    return [(*view.project(sign * x, y, z), _depth(view, sign * x, y, z)) for sign in (-1.0, 1.0)]


def _depth(view: View, x: Tensor, y: Tensor, z: Tensor) -> Tensor:
    """How near the camera a place is; larger is nearer."""
    return view.rotation[2, 0] * x + view.rotation[2, 1] * y + view.rotation[2, 2] * z


def _window(canvas: Canvas, view: View, pair: Pair, temples: list[tuple[Tensor, Tensor, Tensor]]) -> Window:
    """The block that holds all that glasses can touch: rims of any shape with their shadow, and side pieces."""
    x = torch.tensor([[[-1.08, 1.08, -1.08, 1.08, 0.0, 0.0]]])
    y = torch.tensor([[[-0.46, -0.46, 0.62, 0.62, -0.46, 0.62]]])
    places = [view.project(x, y, pair.front(x, y)), *(ends[:2] for ends in temples)]
    columns, rows = (torch.cat(part, -1) for part in zip(*places, strict=True))
    reach = 0.05 * view.scale
    columns, rows = (torch.cat((part - reach, part + reach), -1) for part in (columns, rows))
    return canvas.block(columns, rows)


def _on_front(view: View, window: Window, pair: Pair) -> tuple[Pixels, Pixels]:
    """Face x and y of every pixel on the front of the glasses: exact on an upright plane, then three steps for the curve."""
    corners = torch.tensor(((0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0), (0.0, 0.0, 0.0, 1.0)))
    places = view.project(*corners[:, None, None])
    (left, a, b, lean_x), (top, c, d, lean_y) = ((part[..., :1], *_steps(part)) for part in places)
    within = a * d - b * c
    away_x, away_y = (d * lean_x - b * lean_y) / within, (a * lean_y - c * lean_x) / within
    device = window.rows.device
    left, top, away_x, away_y, a, b, c, d = (
        part.to(device) for part in (left, top, away_x, away_y, a / within, b / within, c / within, d / within)
    )
    dx, dy = window.columns[:, None] - left, window.rows[:, :, None] - top
    flat_x, flat_y = d * dx - b * dy, a * dy - c * dx
    x, y = flat_x - away_x * pair.depth, flat_y - away_y * pair.depth
    for _ in range(3):
        rise = pair.front(x.clamp(-1.3, 1.3), y)
        x, y = flat_x - away_x * rise, flat_y - away_y * rise
    return x, y


def _steps(places: Float[Tensor, "B 1 K"]) -> tuple[Column, ...]:
    """How far the second and every later place lies from the first."""
    return tuple(places[..., at : at + 1] - places[..., :1] for at in range(1, places.shape[-1]))


def _temple(ends: tuple[Tensor, Tensor, Tensor], window: Window) -> tuple[Pixels, Pixels]:
    """Distance in pixels to a side piece, drawn between hinge and ear in the picture, and how near the camera it is there."""
    across, down, deep = (part.to(window.rows.device) for part in ends)
    step_x, step_y = (part[..., 1:] - part[..., :1] for part in (across, down))
    px, py = window.columns[:, None] - across[..., :1], window.rows[:, :, None] - down[..., :1]
    along = ((px * step_x + py * step_y) / (step_x**2 + step_y**2).clamp(min=1.0)).clamp(0.0, 1.0)
    away = torch.hypot(px - along * step_x, py - along * step_y)
    return away, torch.lerp(deep[..., :1], deep[..., 1:], along)


def _clean(cover: Pixels) -> Pixels:
    """Coverage without the logistic's endless tail: what is nearly nothing is nothing."""
    return ((cover - 0.01) / 0.98).clamp(0.0, 1.0)


def draw_glasses(canvas: Canvas, attributes: Sequence[Attributes], light: Lights, picture: Picture) -> Spectacles:
    """Shadow, lenses and frame over the finished faces, in place. Returns what was drawn: all zero where none are worn."""
    covers = torch.zeros_like(picture)
    frames = [frame for frame, each in enumerate(attributes) if each.eyeglasses > 0]
    if frames:
        who = torch.tensor(frames)
        everyone = len(frames) == len(attributes)
        there = slice(None) if everyone else who.to(canvas.device)  # a slice copies no picture
        view = View(canvas.view.rotation[:, :, who], canvas.view.offset[:, who], canvas.view.scale[who])
        lit = Lights(light.toward[:, there], light.key[there], light.ambient[there], light.tint[there])
        pair = Pair.of(canvas.shape.identity, [attributes[frame] for frame in frames], canvas.device)
        skin = _Skin(canvas.x[there], canvas.y[there], canvas)
        faces, drawn = picture[there], covers[there]
        _draw(skin, view, pair, lit, faces, drawn)
        if not everyone:
            picture[there], covers[there] = faces, drawn
    return Spectacles(*covers.unbind(1))


@dataclass(frozen=True)
class _Skin:
    """Face coordinates of the wearers' pixels."""

    x: Float[Tensor, "B S S"]
    y: Float[Tensor, "B S S"]
    canvas: Canvas


def _draw(skin: _Skin, view: View, pair: Pair, light: Lights, picture: Picture, covers: Picture) -> None:
    """The same on wearers only; covers takes frame, lens and shadow as its channels."""
    canvas = skin.canvas
    ends = _temple_ends(canvas, view, pair)
    window = _window(canvas, view, pair, ends)
    x, y = _on_front(view, window, pair)
    there = view.to(canvas.device)
    skin_x, skin_y = window.cut(skin.x), window.cut(skin.y)
    skin_z = _front_of_head(canvas, skin_x, skin_y)
    pixel = 1.0 / there.scale
    rim = rim_distance(pair, x, y)
    thick, deep = 0.72 * pair.thick / pixel, _depth(there, skin_x, skin_y, skin_z)
    bar = torch.maximum(bar_distance(pair, rim, x, y), pixel * _temples(canvas, ends, window, thick, skin_x, deep))
    pads = _pads(pair, x, y)
    frame, lens = _clean(edge(bar, 0.5 * pixel)), torch.maximum(_clean(edge(rim, 0.6 * pixel)), pads)
    shadow = _shadow(there, pair, light, (skin_x, skin_y, skin_z))
    window.put(covers, torch.stack((frame, lens, shadow), 1))

    power = light.key + light.ambient
    glare = _reflection(there, pair, light, x, y) * smoothstep(rim, 0.0, 0.03) + 0.10 * pads
    clear = 1.0 - shadow - 0.05 * lens
    patch = window.cut(picture) * clear[:, None] + (lens * glare * power)[:, None]
    material = material_of(pair, x, y) * (_roundness(pair, rim, y, light) * power)[:, None]
    worn = torch.lerp(patch, material, frame[:, None])
    let_through = 1.0 - canvas.shape.non_additivity
    window.put(picture, worn + let_through * frame[:, None] * _detail(patch, canvas) if let_through > 0 else worn)


def _detail(patch: Tensor, canvas: Canvas) -> Tensor:
    """What wrinkles make of the skin: each place against its surroundings."""
    reach = max(1, round(0.03 * canvas.size))  # .12 inter-ocular distances; the same for all frames
    return patch - avg_pool2d(patch, 2 * reach + 1, 1, reach, count_include_pad=False)


def _front_of_head(canvas: Canvas, x: Pixels, y: Pixels) -> Pixels:
    """z of the skin, without the movement of the jaw."""
    identity = canvas.shape.identity
    across = x / identity.face_width
    slack = 1.0 - 0.86 * across * across
    sides = 1.0 - torch.sqrt(0.5 * (slack + torch.sqrt(slack * slack + 0.03)))
    return 0.15 - 0.95 * sides + 0.16 * bump(x, y, 0.0, 0.45, 0.13, 0.35)


def _temples(
    canvas: Canvas,
    ends: list[tuple[Tensor, Tensor, Tensor]],
    window: Window,
    thick: Column,
    skin_x: Pixels,
    head: Pixels,
) -> Pixels:
    """Distance in pixels inside the side pieces, as far as neither the head stands before them nor hair hangs over them.

    thick: half of their thickness in pixels. head: how near the camera the skin is."""
    identity, inside = canvas.shape.identity, torch.full_like(head, -30.0)
    style = style_of(identity)
    for end, sign, tucked in zip(ends, (-1.0, 1.0), style.tucked, strict=True):
        away, deep = _temple(end, window)
        hidden = (head - deep - 0.10).clamp(min=0.0)
        if style.falls and not tucked:
            hidden = hidden + (sign * skin_x - 0.92 * identity.face_width).clamp(min=0.0)
        inside = torch.maximum(inside, thick - away - 60.0 * hidden)
    return inside


def _pads(pair: Pair, x: Pixels, y: Pixels) -> Pixels:
    """Coverage of the clear pads with which wire rims rest on the nose."""
    light = (1.0 - 2.0 * pair.heavy).clamp(0.0, 1.0)
    pad = bump(x.abs() - 0.35 * (y - 0.1), y, 0.125, 0.10, 0.016, 0.045)
    return light * _clean(pad)


def _shadow(view: View, pair: Pair, light: Lights, skin: tuple[Pixels, Pixels, Pixels]) -> Pixels:
    """The shade of rims and bridge on the skin: what the rims keep from the lamp, seen from each place of the face."""
    x, y, z = skin
    lamp = (view.rotation * light.toward[:, None]).sum(0)
    ahead = lamp[2].clamp(min=0.35)
    gap = (pair.front(x, y) - z).clamp(0.0, 0.5)
    far_x, far_y = x + gap * lamp[0] / ahead, y + gap * lamp[1] / ahead
    bar = bar_distance(pair, rim_distance(pair, far_x, far_y), far_x, far_y)
    soft = 0.016 + 0.10 * gap
    on_skin = smoothstep(x.abs(), 1.02, 0.90)
    return _clean(0.46 * edge(bar, soft) * on_skin * (1.0 - 1.5 * gap).clamp(min=0.2))


def _reflection(view: View, pair: Pair, light: Lights, x: Pixels, y: Pixels) -> Pixels:
    """What the lenses mirror of the room: a little of everything, a window with a bar, and the lamp where it stands right."""
    aside, below = x - x.sign() * CENTRE_X, y - CENTRE_Y
    tilt_x, tilt_y = 2.0 * WRAP * x.sign() * CENTRE_X + 0.50 * aside, LEAN + 0.50 * below
    ahead = 1.0 - 0.5 * (tilt_x * tilt_x + tilt_y * tilt_y)
    facing = [row[0] * tilt_x + row[1] * tilt_y + row[2] * ahead for row in view.rotation[:2]]
    across, down = facing[0] - pair.make.window[0], facing[1] - pair.make.window[1]
    panes = smoothstep(across.abs(), 0.085, 0.065) * smoothstep(down.abs(), 0.10, 0.08)
    panes = panes * (1.0 - 0.7 * smoothstep(across.abs(), 0.014, 0.006)) * (0.75 - 3.0 * down)
    half = light.toward + torch.tensor((0.0, 0.0, 1.0), device=x.device)[:, None, None, None]
    half = half / (half * half).sum(0).sqrt()
    lamp = smoothstep(torch.hypot(facing[0] - half[0], facing[1] - half[1]), 0.12, 0.05)
    return 0.006 + 0.10 * panes + 0.35 * lamp


def _roundness(pair: Pair, rim: Pixels, y: Pixels, light: Lights) -> Pixels:
    """How brightly the round bars shine: towards the lamp they catch it."""
    middle = (1.0 - (rim / (0.5 * pair.thick)).abs()).clamp(0.0, 1.0)
    metal = (1.5 - 2.0 * pair.heavy).clamp(0.25, 1.0)
    return 0.55 + (0.35 + 0.5 * metal * (0.6 - 2.0 * y).clamp(0.0, 1.0)) * middle
