"""Scalp hair: grown once per person, lock by lock and layer over layer on the face plane, lit in every frame."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from csnviz.cast.canvas import Canvas, Picture, Pixels, blend
from csnviz.cast.colours import hair_colour, skin_colour
from csnviz.cast.geometry import coarse_depth
from csnviz.cast.hairstyles import Style, bun, growth, hairline, hanging, silhouette, style_of
from csnviz.cast.identity import Identity, generator
from csnviz.cast.light import Lights
from csnviz.cast.locks import (
    ACROSS,
    BEHIND,
    DOWN,
    FRONT,
    HAIR_PLANE,
    SHADE,
    Sheet,
    guides_from,
    locks_about,
    normal,
    paint,
    roots_in,
    undercoat,
    uniform,
)
from csnviz.cast.texture import Atlas, Map, blur, smooth_noise, smoothstep

_LAYERS = 9


@dataclass(frozen=True)
class Hair:
    """One person's hair. Atlas channels: coverage in front of the head, coverage behind it, strand brightness, and the way
    the strands run (across and down; short where they cross)."""

    atlas: Atlas


def _grow_behind(rng: np.random.Generator, identity: Identity, style: Style, sheet: Sheet, uneven: Map) -> None:
    x, y = HAIR_PLANE.grid()
    mass = hanging(identity, style, x, y, uneven) * smoothstep(y, -0.75, -0.25)
    undercoat(sheet, BEHIND, mass, 0.72, uneven)
    sheet[DOWN] = torch.lerp(sheet[DOWN], torch.ones_like(y), mass)
    top = mass * smoothstep(y, 0.0 if style.coil == 0 else style.ends, -0.4)
    roots = roots_in(rng, top, 240)
    length = (style.ends + 0.12 * normal(rng, 240) - roots[1]).clamp(min=0.2)
    guides = guides_from(rng, identity, replace(style, back=0.0, forward=0.0), roots, length)
    for layer in range(4):
        paint(sheet, BEHIND, locks_about(rng, guides.some(layer, 4), 0.035, 0.75 + 0.10 * layer), 0.9)


def _lengths(rng: np.random.Generator, style: Style, x: Tensor, y: Tensor) -> Tensor:
    count = len(y)
    spread = uniform(rng, 0.65, 1.2, count)
    if style.falls:
        aside = 0.5 * (1.0 - x.abs()).clamp(min=0.0)  # what it takes to reach the side of the face
        return (aside + (style.ends + 0.1 - y) * uniform(rng, 0.86, 1.03, count)).clamp(min=0.2)
    beside = 1.0 - 0.55 * smoothstep(y, -1.1, -0.6) * (style.back < 1.0)
    return (style.length * beside * spread).clamp(min=0.03)


def _grow_on_head(rng: np.random.Generator, identity: Identity, style: Style, sheet: Sheet, uneven: Map) -> None:
    x, y = HAIR_PLANE.grid()
    density = growth(identity, style, x, y, uneven) * silhouette(identity, style, x, y, uneven)
    cropped = style.length < 0.1
    undercoat(sheet, FRONT, density**1.5 * (0.72 if cropped else 0.97), 0.80 if cropped else 0.52, uneven)
    area = float(density.sum()) / HAIR_PLANE.per_unit**2
    count = int(min(420.0, max(40.0, 26.0 * area * (0.5 if style.falls else 1.0) / max(style.length, 0.12))))
    roots = roots_in(rng, density * (1.0 if style.coil > 0 else 0.25 + 0.75 * density), count * _LAYERS)
    guides = guides_from(rng, identity, style, roots, _lengths(rng, style, *roots))
    for layer in range(_LAYERS):
        depth = layer / (_LAYERS - 1)
        spread = 0.012 if style.coil > 0 or cropped else 0.022 + 0.008 * depth
        locks = locks_about(rng, guides.some(layer, _LAYERS), spread, 0.66 + 0.42 * depth)
        paint(sheet, FRONT, locks, 0.55 if cropped else 0.75)


def _grow_fringe(rng: np.random.Generator, identity: Identity, style: Style, sheet: Sheet) -> None:
    """Locks that hang over the forehead, swept towards one side."""
    count = 320
    x = uniform(rng, -0.82, 0.82, count) * identity.face_width
    y = hairline(identity, style, x) - uniform(rng, 0.05, 0.35, count)
    hang = identity.fringe * (0.50 - 0.20 * (x - 0.5 * identity.hair_part).abs()) + 0.05 * normal(rng, count)
    end = -identity.hairline + hang.clamp(min=0.02)
    down = replace(style, back=0.0, forward=1.0, coil=0.6 * style.coil)
    guides = guides_from(rng, identity, down, (x, y), (end - y).clamp(0.1, 0.9))
    for layer in range(4):
        paint(sheet, FRONT, locks_about(rng, guides.some(layer, 4), 0.026, 0.72 + 0.12 * layer), 0.75)


def _grow_wisps(rng: np.random.Generator, identity: Identity, style: Style, sheet: Sheet, uneven: Map) -> None:
    """Fine hairs: short ones along the hairline, and strays that stand off from the outer border."""
    x, y = HAIR_PLANE.grid()
    near = growth(identity, style, x, y, uneven)
    inside = silhouette(identity, style, x, y, uneven)
    rim = near * near * (1.0 - near) * inside  # rooted in hair, not before it
    count = int(500 * (1.0 - 0.6 * style.bare))
    roots = roots_in(rng, rim, count)
    loose = replace(style, wave=max(style.wave, 0.02))
    guides = guides_from(rng, identity, loose, roots, uniform(rng, 0.04, 0.16, count))
    paint(sheet, FRONT, locks_about(rng, guides, 0.01, 0.95, 1), 0.5)
    stray = inside * inside * (1.0 - inside) * smoothstep(y, 0.1, -0.5) * near.clamp(min=0.0)
    if float(stray.sum()) > 0 and style.length > 0.1:
        roots = roots_in(rng, stray, 60)
        guides = guides_from(rng, identity, replace(loose, wave=0.04), roots, uniform(rng, 0.06, 0.25, 60))
        paint(sheet, FRONT, locks_about(rng, guides, 0.02, 1.0, 1), 0.26)


def _tuck(identity: Identity, style: Style, sheet: Sheet, uneven: Map) -> None:
    """Falling hair that is put behind an ear leaves the front."""
    x, y = HAIR_PLANE.grid()
    for sign, tucked in zip((-1.0, 1.0), style.tucked, strict=True):
        if tucked:
            ear = smoothstep(sign * x, identity.face_width + 0.30, identity.face_width + 0.16) * (sign * x > 0.3)
            sheet[FRONT] *= 1.0 - smoothstep(y + 0.03 * uneven, -0.22, 0.02) * ear


def grow_hair(identity: Identity) -> Hair:
    """Everything about this person's hair that no frame changes."""
    rng, style = generator(identity.participant, 5), style_of(identity)
    x, y = HAIR_PLANE.grid()
    uneven = 0.6 * smooth_noise(rng, x.shape, 6.0, 4.0) + 0.5 * smooth_noise(rng, x.shape, 2.0, 1.4)
    sheet = torch.zeros(5, *x.shape)
    sheet[SHADE], sheet[DOWN] = 0.7, 0.3
    if style.falls:
        _grow_behind(rng, identity, style, sheet, uneven)
    _grow_on_head(rng, identity, style, sheet, uneven)
    if style.falls:
        _tuck(identity, style, sheet, uneven)
    if identity.fringe > 0:
        _grow_fringe(rng, identity, style, sheet)
    _grow_wisps(rng, identity, style, sheet, uneven)
    sheet[SHADE] *= _gathered(identity, style, x, y, sheet)
    return Hair(HAIR_PLANE.atlas(*sheet))


def _gathered(identity: Identity, style: Style, x: Map, y: Map, sheet: Sheet) -> Map:
    """Shade of the hair as a whole: darker towards the nape and in the parting, rounder in a bun."""
    low = 1.0 - 0.12 * smoothstep(y, -0.5, 0.4)
    parting = torch.exp(-(((x - 0.35 * identity.hair_part) / 0.022) ** 2)) * smoothstep(y, -1.0, -1.25) * style.falls
    knot = bun(identity, style, x, y)
    ring = smoothstep(knot, 0.02, 0.2) * smoothstep(knot, 0.5, 0.2) if style.knot > 0 else 0.0
    thin = blur(sheet[FRONT], 2.0, 2.0)
    return low * (1.0 - 0.45 * parting) * (1.0 - 0.25 * ring) * (0.88 + 0.12 * thin)


def _outwards(canvas: Canvas, x: Pixels, y: Pixels) -> tuple[Pixels, Pixels, Pixels]:
    """Which way the mass of hair faces: right, down and towards the viewer of a head that looks ahead."""
    right = (x / (canvas.shape.identity.face_width + 0.40)).clamp(-0.93, 0.93)
    down = ((y + 0.40) / 1.6).clamp(-0.85, 0.05)
    return right, down, (1.0 - right * right - down * down).clamp(min=0.05).sqrt()


def _lamp(canvas: Canvas, light: Lights) -> Float[Tensor, "3 B 1 1"]:
    """Where the lamp stands for a head that has turned: a unit vector."""
    return (canvas.view.rotation.to(canvas.device) * light.toward[:, None]).sum(0)


def _reached(canvas: Canvas, light: Lights, right: Pixels, down: Pixels, ahead: Pixels) -> tuple[Pixels, Pixels]:
    """How much of the lamp and of the sky falls on hair that faces so."""
    lamp = _lamp(canvas, light)
    facing = right * lamp[0] + down * lamp[1] + ahead * lamp[2]
    return light.key * (0.52 + 0.48 * facing).clamp(0.0, 1.0), light.ambient * (0.50 - 0.30 * down)


def _lit(
    canvas: Canvas, maps: Float[Tensor, "B C H W"], light: Lights, x: Pixels, y: Pixels
) -> Float[Tensor, "B 3 H W"]:
    """Hair under the lamp. A strand shines all round like a cylinder: where it runs square to the half-way direction."""
    identity = canvas.shape.identity
    right, low, ahead = _outwards(canvas, x, y)
    reached, sky = _reached(canvas, light, right, low, ahead)
    half = _lamp(canvas, light) + canvas.view.rotation[2].to(canvas.device)
    half = half / (half * half).sum(0).sqrt()
    across, down, shade = maps[:, ACROSS], maps[:, DOWN], maps[:, SHADE]
    deep = -(across * right + down * low) / (ahead + 0.25)
    size = across * across + down * down + deep * deep
    on_half = across * half[0] + down * half[1] + deep * half[2]
    square = (1.0 - on_half * on_half / (size + 1e-3)).clamp(0.0, 1.0) ** 2
    broad = square * square
    sharp = (broad * broad) ** 2 * broad  # sine to the power of 36, by squares
    order = size.clamp(max=1.0) * shade * shade * reached * (1.0 - 0.55 * identity.hair_curl)
    own = ((0.55 + 0.45 * broad) * reached + sky) * shade + (0.35 * broad + 0.22 * sharp) * order
    return hair_colour(identity).to(maps.device) * own[:, None] + (0.027 * sharp * order)[:, None]


def _block(canvas: Canvas, style: Style, top: float, bottom: float) -> tuple[slice, slice]:
    """The rows and columns of all pictures that hold hair between two heights of the face."""
    wide = canvas.shape.identity.face_width + (0.55 if style.falls else 0.30) + style.volume
    x, y = torch.tensor([[[-wide, 0.0, wide] * 3]]), torch.tensor([[[top] * 3 + [-0.4] * 3 + [bottom] * 3]])
    places = canvas.view.project(x, y, coarse_depth(canvas.plan, x, y))
    columns, rows = (
        slice(max(0, int(part.min()) - 3), int(part.max()) + 4) for part in (p.clamp(0, canvas.size) for p in places)
    )
    return rows, columns


def draw_hair_behind(canvas: Canvas, hair: Hair, light: Lights, picture: Picture) -> None:
    """The back of the head and the mass of falling hair, in place; darker, because it lies in the head's shadow."""
    _draw_occiput(canvas, hair, light, picture)
    style = style_of(canvas.shape.identity)
    if not style.falls:
        return
    block = _block(canvas, style, -0.75, style.ends + 1.0)
    x, y = canvas.x[:, *block], canvas.y[:, *block]
    cover, shade = replace(hair.atlas, maps=hair.atlas.maps[[BEHIND, SHADE]]).at(x, y).unbind(1)
    reached, sky = _reached(canvas, light, *_outwards(canvas, x, y))
    colour = hair_colour(canvas.shape.identity).to(canvas.device)
    picture[:, :, *block].lerp_(colour * ((0.60 * reached + 0.85 * sky) * shade)[:, None], cover[:, None])


def _draw_occiput(canvas: Canvas, hair: Hair, light: Lights, picture: Picture) -> None:
    """The round back of the head, which shows behind the ear when the head is turned."""
    identity, style = canvas.shape.identity, style_of(canvas.shape.identity)
    wide, tall = 0.97 * identity.face_width + 0.3 * style.volume, 1.14 + 0.4 * style.volume
    centre = canvas.view.project(*(torch.full((1, 1, 1), place) for place in (0.0, -0.52, -0.92)))
    reach = [part * canvas.view.scale for part in (wide + 0.06, tall + 0.06)]
    columns, rows = (torch.cat((part - far, part + far), -1) for part, far in zip(centre, reach, strict=True))
    window = canvas.block(columns, rows)
    across, down = (part.to(canvas.device) for part in centre)
    u = (window.columns[:, None] - across) * canvas.pixel / wide
    v = (window.rows[:, :, None] - down) * canvas.pixel / tall
    level = u * u + v * v
    facing = u * light.toward[0] + v * light.toward[1] + (1.0 - level).clamp(min=0.0).sqrt() * light.toward[2]
    strands = replace(hair.atlas, maps=hair.atlas.maps[SHADE, None]).at(
        *torch.broadcast_tensors(0.9 * u, -1.1 + 0.6 * v)
    )[:, 0]
    glow = (light.key * (0.42 + 0.48 * facing).clamp(min=0.05) + 0.45 * light.ambient) * (
        0.20 + (0.75 - 6.0 * style.coil) * strands
    )
    thin = 0.12 * (style.length < 0.1) + 0.5 * style.bare * smoothstep(v, -0.15, -0.45)
    colour = hair_colour(identity).to(canvas.device)
    shown = colour + (skin_colour(identity).to(canvas.device) - colour) * thin[:, None]
    blend(picture, window, shown * glow[:, None], smoothstep(1.0 - level, -0.02, 0.07))


def draw_hair(canvas: Canvas, hair: Hair, light: Lights, picture: Picture) -> None:
    """Hair on the head and beside the face, with the shade it throws on the forehead, in place."""
    style = style_of(canvas.shape.identity)
    block = _block(canvas, style, -2.3, style.ends + 1.0 if style.falls else 0.6)
    x, y, patch = canvas.x[:, *block], canvas.y[:, *block], picture[:, :, *block]
    maps = hair.atlas.at(x, y)
    cover = replace(hair.atlas, maps=hair.atlas.maps[FRONT, None])
    patch *= 1.0 - 0.30 * cover.at(x - 0.02 * light.toward[0].sign(), y - 0.05)
    patch.lerp_(_lit(canvas, maps, light, x, y), maps[:, FRONT, None])
