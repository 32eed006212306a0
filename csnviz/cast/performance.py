"""One moment of a drawn person's performance: what the face does, and everything that moves without meaning.

The two never meet: what the face does comes from a script; pose, gaze, blinks and light from random numbers of their own.
"""

from functools import lru_cache

import numpy as np
from jaxtyping import Float64

from csnviz.cast.anatomy import CAST_AUS, Expression
from csnviz.cast.camera import Camera
from csnviz.cast.geometry import Pose
from csnviz.cast.identity import generator
from csnviz.cast.light import Light
from csnviz.cast.render import Moment
from csnviz.cast.scripts import NEUTRAL_START

FRAMES_PER_SECOND = 20.0


@lru_cache(maxsize=1024)
def gains(participant: str) -> tuple[float, ...]:
    """How far this person's face goes for an intensity, for each unit of CAST_AUS: .8 to 1.2 of what is usual.

    Labels do not know it. People differ in the reach of a movement, and coders see the face, not the effort.
    """
    return tuple(1.0 + 0.10 * generator(participant, 19).standard_normal(len(CAST_AUS)).clip(-2.0, 2.0))


def _played(participant: str, expression: Expression) -> Expression:
    reach = dict(zip(CAST_AUS, gains(participant), strict=True))
    return {au: min(5.0, reach[au] * intensity) for au, intensity in expression.items()}


def _drift(participant: str, purpose: int, frame: int, spread: float) -> float:
    """A slow wandering around 0 with about this standard deviation, known for any frame on its own."""
    periods, phases = _waves(participant, purpose)
    return spread * float(np.sin(2 * np.pi * frame / periods + phases).sum() / np.sqrt(2.0))


@lru_cache(maxsize=4096)
def _waves(participant: str, purpose: int) -> tuple[Float64[np.ndarray, "4"], Float64[np.ndarray, "4"]]:
    """Periods in frames and phases of what a drift is made of."""
    rng = generator(participant, 11, purpose)
    return rng.uniform(14.0, 70.0, 4), rng.uniform(0.0, 2 * np.pi, 4)


def pose_of(participant: str, frame: int) -> Pose:
    """The head's place and turning in a frame."""
    home = generator(participant, 12).standard_normal(5).clip(-2, 2)
    shake = generator(participant, 13, frame).standard_normal(5).clip(-2, 2)

    def wander(purpose: int, at_home: float, slow: float, quick: float) -> float:
        return float(at_home * home[purpose] + _drift(participant, purpose, frame, slow) + quick * shake[purpose])

    return Pose(
        yaw=wander(0, 2.0, 3.5, 0.7),
        pitch=wander(1, 1.5, 2.2, 0.5),
        roll=wander(2, 1.0, 1.6, 0.4),
        x=wander(3, 0.02, 0.05, 0.006),
        y=0.5 * wander(4, 0.02, 0.04, 0.006),
        size=float(1.0 + 0.02 * home[3] + _drift(participant, 5, frame, 0.015)),
    )


def _openness(participant: str, frame: int) -> float:
    """1 with open eyes; a blink every few seconds shuts them for a frame and half for the next. Never in the first three."""
    if frame < NEUTRAL_START:
        return 1.0

    def blinks(at: int) -> bool:
        return at >= NEUTRAL_START and bool(generator(participant, 14, at).random() < 0.022)

    if blinks(frame):
        return 0.0
    half = blinks(frame - 1) or blinks(frame + 1)
    return 0.45 if half else float(1.0 - 0.05 * abs(_drift(participant, 20, frame, 1.0)))


def _gaze(participant: str, frame: int) -> tuple[float, float]:
    """Where the eyes look (inter-ocular distances off straight ahead): fixations that last about half a second."""
    rng = generator(participant, 15, frame // 9)
    away = rng.random() < 0.3
    spread = np.array((0.040, 0.016)) if away else np.array((0.010, 0.006))
    x, y = spread * rng.standard_normal(2).clip(-1.6, 1.6)
    return float(x), float(y)


def _light(participant: str, frame: int) -> Light:
    home = generator(participant, 16).standard_normal(5).clip(-1.8, 1.8)
    return Light(
        azimuth=float(22.0 * home[0] + _drift(participant, 21, frame, 5.0)),
        elevation=float(34.0 + 7.0 * home[1] + _drift(participant, 22, frame, 2.5)),
        key=float(1.05 * np.exp(0.10 * home[2] + _drift(participant, 23, frame, 0.035))),
        ambient=float(0.36 * np.exp(0.10 * home[3] + _drift(participant, 24, frame, 0.035))),
        warmth=float(0.45 * home[4]),
    )


def _camera(participant: str, frame: int) -> Camera:
    home = generator(participant, 17).standard_normal(5).clip(-2, 2)
    shake = generator(participant, 18, frame).standard_normal(2).clip(-2, 2)
    return Camera(
        exposure=float(np.exp(0.06 * home[0] + _drift(participant, 25, frame, 0.03))),
        white_balance=float(0.018 * home[1] + 0.004 * shake[0]),
        blur=float(np.clip(0.45 + 0.25 * np.abs(home[2]) + 0.10 * shake[1], 0.15, 1.2)),
        noise=float(1.8 + 0.7 * home[3]),
        jpeg_quality=int(np.clip(86 + 6 * home[4], 72, 96)),
    )


def moment_of(participant: str, frame: int, expression: Expression) -> Moment:
    """Everything about one frame; only the expression knows the labels."""
    return Moment(
        expression=_played(participant, expression),
        pose=pose_of(participant, frame),
        gaze=_gaze(participant, frame),
        openness=_openness(participant, frame),
        light=_light(participant, frame),
        camera=_camera(participant, frame),
    )
