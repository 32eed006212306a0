"""The eyes: lids as curves, an eyeball that looks somewhere, its catchlight, and the shadow of the lid on it."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from csnviz.cast.canvas import Canvas, Picture, Pixels, Window
from csnviz.cast.colours import brow_colour, iris_colour, linear, rgb, skin_colour
from csnviz.cast.geometry import EYE_X, IRIS_RADIUS, IRIS_Y, FaceShape
from csnviz.cast.light import Lights
from csnviz.cast.texture import decay, edge, smoothstep


@dataclass(frozen=True)
class Lids:
    """Lid borders of one eye at some x, of pixels (B, H, W) or of points (B, 1, K). across: -1 inner corner .. 1 outer corner."""

    across: Pixels
    upper: Pixels
    lower: Pixels
    crease: Pixels


def lid_curves(shape: FaceShape, sign: float, x: Pixels) -> Lids:
    """The lid margins and the crease above the upper lid (y, down), for one half of the face."""
    identity = shape.identity
    across = (x * sign - EYE_X) / identity.eye_width
    u = across.clamp(-1.0, 1.0)
    arch = (1.0 - u * u).clamp(min=1e-30)
    root, log = arch.sqrt(), arch.log()  # arch ** .85 is exp(.85 log), which a CPU has far sooner
    tilt = 0.006 - (identity.eye_tilt + 0.006) * u
    lower = tilt + shape.lid_lower * torch.exp(0.85 * log) * (1.0 + 0.22 * u)
    raised = (shape.lid_upper - identity.eye_upper).clamp(min=0.0)  # a lid that is pulled up peaks, it does not round
    opened = tilt - shape.lid_upper * torch.exp((0.66 + 1.2 * raised) * log) * (1.0 - (0.20 + 0.5 * raised) * u)
    # A brow that rises takes the fold with it; a lid that rises draws back under it.
    bared = identity.eye_crease * (1.0 - 5.0 * shape.moved.brow_peak_y).clamp(0.35, 1.8)
    crease = opened - (bared - 0.55 * (shape.lid_upper - identity.eye_upper)).clamp(min=0.014) * (0.35 + 0.65 * root)
    hood = shape.hood * (0.036 * root + 0.030 * smoothstep(u, -0.2, 0.9) * torch.exp(0.3 * log))
    shut = tilt + 0.75 * shape.lid_lower * torch.exp(0.8 * log)
    upper = shut + (opened + hood - shut) * shape.openness
    return Lids(across, torch.minimum(upper, lower + 0.002), lower, crease)


def eye_window(canvas: Canvas, sign: float) -> Window:
    """The block of pixels that holds one eye with its crease and lashes."""
    near, far = sorted((sign * (EYE_X - 0.36), sign * (EYE_X + 0.38)))
    return canvas.window(near, far, -0.36, 0.20)


def _hill(distance: Pixels, width: float | Pixels) -> Pixels:
    return decay((distance / width) ** 2)


def shape_lids(canvas: Canvas, height: Float[Tensor, "B S S"], dark: Float[Tensor, "B S S"]) -> None:
    """The crease above each lid, the hood that hangs over it and the roundness of the lid, in place."""
    shape = canvas.shape
    for sign in (-1.0, 1.0):
        window = eye_window(canvas, sign)
        y = window.cut(canvas.y)
        lids = lid_curves(shape, sign, window.cut(canvas.x))
        ends = smoothstep(lids.across.abs(), 1.25, 0.85)
        crease = _hill(y - lids.crease, 0.017) * ends * (0.30 + 0.70 * shape.openness) * (1.0 - 0.75 * shape.hood)
        hood, above = shape.hood * ends, y - lids.upper
        fold = _hill(above + 0.055, 0.042) * hood
        shadow = (1.0 - 0.42 * crease) * (1.0 - 0.34 * hood * _hill(above + 0.014, 0.016))
        lower_rim = _hill(y - lids.lower - 0.020, 0.016) * ends
        window.put(height, window.cut(height) + (0.040 * fold - 0.014 * crease + 0.008 * lower_rim))
        window.put(dark, window.cut(dark) * shadow)


def _white(across: Pixels) -> Float[Tensor, "B 3 H W"]:
    """The white of the eye, greyer towards both corners and red in the inner one."""
    red = rgb((0.05, 0.45, 0.42)).to(across.device) * _hill(across + 1.0, 0.22)[:, None]
    return linear((228, 220, 212)).to(across.device) * (0.64 - 0.28 * across**2)[:, None] * (1.0 - red)


def _iris_tone(sign: float, dx: Pixels, dy: Pixels, radius: Pixels) -> Pixels:
    """How light each place of iris and pupil is: fibres, a light collar, light gathered below, a dark border."""
    angle = torch.atan2(dy, dx)
    fibres = torch.sin(angle * 17 + 3 * sign) + torch.sin(angle * 29 + 1.3) + torch.sin(angle * 43 + radius * 4)
    tone = 1.0 + 0.10 * fibres * smoothstep(radius, 0.3, 0.6) + 0.25 * _hill(radius - 0.50, 0.16)
    lower_glow = 0.75 + 0.55 * smoothstep(dy / IRIS_RADIUS, -0.4, 0.9)
    border = 1.0 - 0.78 * smoothstep(radius, 0.76, 1.0)
    return tone * lower_glow * border * (1.0 - 0.94 * edge(0.44 - radius, 0.04))


def _eyeball(
    shape: FaceShape, sign: float, light: Lights, x: Pixels, y: Pixels, lids: Lids
) -> Float[Tensor, "B 3 H W"]:
    """Colour of white, iris and pupil, already lit."""
    gaze_x, gaze_y = shape.gaze
    dx = x - (sign * (EYE_X - 0.004) + gaze_x)
    dy = y - (IRIS_Y + gaze_y)
    radius = torch.hypot(dx, dy) / IRIS_RADIUS
    iris = iris_colour(shape.identity).to(x.device) * _iris_tone(sign, dx, dy, radius)[:, None]
    ball = torch.lerp(_white(lids.across), iris, edge(1.0 - radius, 0.065)[:, None])
    below = y - lids.upper
    lid_shadow = 1.0 - 0.66 * decay(below.clamp(min=0.0) / 0.030)
    aside = light.toward[0]
    spot = torch.hypot(dx - 0.027 * aside.sign() - 0.01 * aside, dy + 0.042)
    catch = 1.5 * _hill(spot, 0.0155) + 0.05 * _hill(torch.hypot(dx + 0.035, dy - 0.040), 0.03)
    shine = 0.95 * catch * smoothstep(below, 0.004, 0.02)
    return ball * (lid_shadow * (light.key * 0.75 + light.ambient))[:, None] + shine[:, None]


def draw_eyes(canvas: Canvas, light: Lights, picture: Picture) -> None:
    """Eyeballs, wet rims and lashes over the lit skin, in place."""
    shape, soft = canvas.shape, 0.55 * canvas.pixel
    for sign in (-1.0, 1.0):
        window = eye_window(canvas, sign)
        x, y = window.cut(canvas.x), window.cut(canvas.y)
        lids = lid_curves(shape, sign, x)
        between = edge(1.0 - lids.across.abs(), 0.03)
        cover = edge(y - lids.upper, soft) * edge(lids.lower - y, soft) * between
        cover = cover * smoothstep(lids.lower - lids.upper, 0.004, 0.03)
        patch = torch.lerp(window.cut(picture), _eyeball(shape, sign, light, x, y, lids), cover[:, None])
        window.put(picture, _with_rim_and_lashes(shape, lids, y, patch))


def _with_rim_and_lashes(shape: FaceShape, lids: Lids, y: Pixels, patch: Tensor) -> Float[Tensor, "B 3 H W"]:
    """The patch with the wet rim of the lower lid and both rows of lashes laid over it."""
    identity, u = shape.identity, lids.across
    out, below = u.abs(), y - lids.lower
    near = edge(1.04 - out, 0.03)
    wet = _hill(below - 0.006, 0.010) * near * smoothstep(u, -1.0, -0.6)
    rim = (skin_colour(identity) * rgb((0.95, 0.72, 0.70))).to(y.device)
    patch = torch.lerp(patch, rim, (0.55 * wet * shape.openness)[:, None])
    lower_lash = 0.30 * _hill(below - 0.012, 0.013) * near * smoothstep(u, -0.6, 0.7)
    lashes = 1.0 - (1.0 - _upper_lash(identity.sturdiness, u, y - lids.upper)) * (1.0 - lower_lash)
    return torch.lerp(patch, (brow_colour(identity) * 0.35).to(y.device), lashes[:, None])


def _upper_lash(sturdiness: float, u: Pixels, above: Pixels) -> Pixels:
    """Coverage of the upper lashes: a line along the lid's margin and tips that stand up from it."""
    soft, out = 1.0 - sturdiness, u.abs()
    thick = (0.013 + 0.007 * soft) * (0.65 + 0.5 * smoothstep(u, -0.8, 0.8))
    line = _hill(above, thick) * edge(1.06 - out, 0.03)
    comb = 0.55 + 0.45 * torch.sin(u * 46.0 + 120.0 * above)
    tips = torch.exp(above.clamp(max=0.0) / (0.022 + 0.014 * soft)) * edge(-above, 0.004)
    tips = tips * comb * smoothstep(u, -0.9, 0.4) * edge(1.12 - out, 0.04)
    return (line * 0.93 + tips * (0.55 * (0.45 + 0.55 * soft))).clamp(0.0, 0.96)
