"""Who a drawn person is: the shape of the face, its skin, hair and age, drawn once per participant."""

import re
from dataclasses import dataclass

import numpy as np

from csnviz.errors import InputError

CAST_SEED = 20240900


def participant_number(participant: str) -> int:
    """The number in a drawn participant's name ("C007" -> 7); it is the only seed of that person."""
    if not re.fullmatch(r"C\d{3}", participant):
        raise InputError(f"{participant!r} is no drawn participant: names are C and three digits, such as C101.")
    return int(participant[1:])


def generator(participant: str, *purpose: int) -> np.random.Generator:
    """Random numbers that depend on the participant and the purpose (for instance a frame number) and on nothing else."""
    return np.random.default_rng([CAST_SEED, participant_number(participant), *purpose])


@dataclass(frozen=True)
class Identity:
    """One person's resting face. Lengths are in inter-ocular distances (eye centre to eye centre = 1), y grows downwards."""

    participant: str
    age: float  # years
    sturdiness: float  # 0 .. 1; goes with jaw, brow ridge, beard shadow and short hair
    face_width: float  # half the width at the cheekbones
    chin: float  # eye line to the tip of the chin
    jaw: float  # small = square jaw
    skull_top: float
    brow_height: float
    brow_arch: float
    brow_tilt: float
    brow_thickness: float
    brow_density: float
    brow_inner: float
    brow_outer: float
    eye_width: float  # half the width of the lid opening
    eye_upper: float
    eye_lower: float
    eye_tilt: float
    eye_crease: float
    nose_length: float
    nose_width: float
    nose_height: float
    bridge_width: float
    mouth_y: float
    mouth_width: float
    lip_upper: float
    lip_lower: float
    cupid_bow: float
    corner_rest: float
    cheek: float
    brow_asymmetry: float
    mouth_asymmetry: float
    nasolabial_rest: float
    melanin: float  # 0 pale .. 1 very dark
    undertone: float  # -1 cool .. 1 warm
    freckles: float
    iris: float  # 0 dark brown .. 1 pale blue
    hair_melanin: float  # 0 blond .. 1 black
    hair_red: float
    hair_grey: float
    hair_length: float  # 0 cropped .. 1 below the shoulders
    hair_volume: float
    hair_curl: float
    hair_part: float  # where the hair divides, -1 .. 1
    hairline: float
    hair_recession: float
    fringe: float
    beard_shadow: float
    shirt: tuple[float, float, float]  # sRGB, 0 .. 1
    backdrop: tuple[float, float, float]


def _bounded(rng: np.random.Generator, mean: float, spread: float) -> float:
    """A normal draw held within two standard deviations: nobody in the cast is a caricature."""
    return float(mean + spread * np.clip(rng.standard_normal(), -2.0, 2.0))


def _colour(rng: np.random.Generator, low: float, high: float, saturation: float) -> tuple[float, float, float]:
    level = rng.uniform(low, high)
    tint = rng.uniform(-saturation, saturation, 3)
    red, green, blue = np.clip(level + tint - tint.mean(), 0.02, 0.95)
    return float(red), float(green), float(blue)


def _face(rng: np.random.Generator, sturdy: float, age: float) -> dict[str, float]:
    """Proportions of the face. The brow's spread (.05) is a third of what AU1 at 5 moves it: enough to mislead a reader."""
    return {
        "face_width": _bounded(rng, 1.04 + 0.05 * sturdy, 0.04),
        "chin": _bounded(rng, 1.78 + 0.10 * sturdy, 0.05),
        "jaw": _bounded(rng, 0.60 - 0.10 * sturdy, 0.035),
        "skull_top": _bounded(rng, 1.72, 0.05),
        "brow_height": _bounded(rng, 0.345 - 0.05 * sturdy, 0.05),
        "brow_arch": _bounded(rng, 0.060 - 0.025 * sturdy, 0.018),
        "brow_tilt": _bounded(rng, 0.0, 0.022),
        "brow_thickness": _bounded(rng, 0.064 + 0.026 * sturdy, 0.010),
        "brow_density": float(np.clip(_bounded(rng, 0.92, 0.10), 0.65, 1.1)),
        "brow_inner": _bounded(rng, 0.205, 0.03),
        "brow_outer": _bounded(rng, 0.80, 0.03),
        "eye_width": _bounded(rng, 0.250, 0.014),
        "eye_upper": _bounded(rng, 0.126 - 0.012 * sturdy, 0.010),
        "eye_lower": _bounded(rng, 0.060, 0.008),
        "eye_tilt": _bounded(rng, 0.014, 0.016),
        "eye_crease": _bounded(rng, 0.058, 0.016),
        "nose_length": _bounded(rng, 0.63 + 0.03 * sturdy, 0.035),
        "nose_width": _bounded(rng, 0.245 + 0.025 * sturdy, 0.025),
        "nose_height": _bounded(rng, 0.34 + 0.04 * sturdy, 0.04),
        "bridge_width": _bounded(rng, 0.105, 0.014),
        "mouth_y": _bounded(rng, 1.14, 0.03),
        "mouth_width": _bounded(rng, 0.395, 0.028),
        "lip_upper": _bounded(rng, 0.095 - 0.02 * sturdy - 0.0006 * (age - 40), 0.015),
        "lip_lower": _bounded(rng, 0.135 - 0.02 * sturdy - 0.0006 * (age - 40), 0.018),
        "cupid_bow": float(np.clip(_bounded(rng, 0.30, 0.12), 0.05, 0.6)),
        "corner_rest": _bounded(rng, 0.004, 0.016),
        "cheek": _bounded(rng, 0.06, 0.02),
        "brow_asymmetry": _bounded(rng, 0.0, 0.012),
        "mouth_asymmetry": _bounded(rng, 0.0, 0.010),
        "nasolabial_rest": float(np.clip(_bounded(rng, 0.10 + 0.010 * (age - 20), 0.08), 0.0, 0.75)),
    }


def _colouring(rng: np.random.Generator, sturdy: float, age: float) -> dict[str, float]:
    melanin = float(rng.beta(0.9, 1.1))
    fair = float(np.clip(1.0 - 1.9 * melanin, 0.0, 1.0))
    return {
        "melanin": melanin,
        "undertone": _bounded(rng, 0.0, 0.45),
        "freckles": float(np.clip(rng.normal(-0.2, 0.5), 0.0, 1.0)) * fair,
        "iris": float(np.clip(rng.normal(0.15 + 0.5 * fair, 0.28), 0.0, 1.0)) * (0.15 + 0.85 * fair),
        "hair_melanin": float(np.clip(rng.normal(0.95 - 0.55 * fair, 0.18), 0.08, 1.0)),
        "hair_red": float(np.clip(rng.normal(-0.1, 0.4), 0.0, 1.0)) * fair,
        "hair_grey": float(np.clip(rng.normal((age - 50) / 22.0, 0.25), 0.0, 0.95)),
        "beard_shadow": float(np.clip(rng.normal(0.45, 0.25), 0.0, 0.9)) * sturdy,
    }


def _hair(rng: np.random.Generator, sturdy: float, age: float, melanin: float) -> dict[str, float]:
    long = float(rng.random() > 0.30 + 0.62 * sturdy)
    length = long * rng.uniform(0.45, 1.0) + (1 - long) * rng.uniform(0.0, 0.22)
    curl = np.clip(rng.normal(0.15 + 0.6 * max(0.0, melanin - 0.45), 0.2), 0.0, 1.0)
    return {
        "hair_length": float(length),
        "hair_volume": float(np.clip(_bounded(rng, 0.11 + 0.08 * curl + 0.04 * long, 0.03), 0.05, 0.30)),
        "hair_curl": float(curl),
        "hair_part": float(rng.uniform(-0.6, 0.6)),
        "hairline": _bounded(rng, 1.06, 0.06),
        "hair_recession": float(np.clip(rng.normal((age - 35) / 45.0, 0.25), 0.0, 1.0)) * sturdy,
        "fringe": float(rng.random() < 0.25) * (1.0 - 0.7 * sturdy) * float(rng.uniform(0.3, 1.0)),
    }


def draw_identity(participant: str) -> Identity:
    """The one identity that belongs to this participant: same name, same person, on every machine."""
    rng = generator(participant, 1)
    age = float(20 + 52 * rng.beta(1.2, 1.6))
    sturdy = float(rng.beta(0.7, 0.7))
    face = _face(rng, sturdy, age)
    colouring = _colouring(rng, sturdy, age)
    hair = _hair(rng, sturdy, age, colouring["melanin"])
    return Identity(
        participant=participant,
        age=age,
        sturdiness=sturdy,
        shirt=_colour(rng, 0.12, 0.75, 0.22),
        backdrop=_colour(rng, 0.30, 0.80, 0.08),
        **face,
        **colouring,
        **hair,
    )
