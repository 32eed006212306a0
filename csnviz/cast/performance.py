"""What a drawn person does over time: expressions that rise, hold and fall, and everything that moves without meaning.

The two never meet: action units come from one stream of random numbers; pose, gaze, blinks and light from others.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from csnviz.cast.anatomy import CAST_AUS, Expression
from csnviz.cast.camera import Camera
from csnviz.cast.geometry import Pose
from csnviz.cast.identity import generator
from csnviz.cast.light import Light
from csnviz.cast.render import Moment

FRAMES_PER_SECOND = 20.0
NEUTRAL_START = 3
"""Every performance begins with at least this many frames in which all action units are exactly 0."""

PROTOTYPES: tuple[Mapping[int, float], ...] = (
    {6: 4.0, 12: 4.5, 25: 3.5},  # joy
    {1: 4.0, 2: 4.0, 5: 3.5, 25: 4.0, 26: 4.0},  # surprise
    {4: 2.5, 9: 4.5, 17: 3.0},  # disgust
    {1: 4.0, 4: 3.0, 15: 4.0, 17: 2.5},  # sadness
    {4: 4.5, 5: 3.0, 17: 2.5},  # anger
    {1: 3.5, 2: 3.0, 4: 2.5, 5: 4.0, 20: 4.0, 25: 3.0, 26: 2.0},  # fear
)
SINGLES: tuple[Mapping[int, float], ...] = (
    *({au: 4.0} for au in CAST_AUS if au != 26),
    {25: 2.5, 26: 4.0},  # a jaw rarely falls behind closed lips
)


@dataclass(frozen=True)
class Event:
    """One expression: which action units, how strong at the apex, and when (frames)."""

    peaks: Expression
    start: int
    onset: int
    apex: int
    offset: int

    @property
    def end(self) -> int:
        """The first frame after it."""
        return self.start + self.onset + self.apex + self.offset


def _level(event: Event, frame: int) -> float:
    """How far an event has risen in a frame, 0 .. 1: raised cosine up, hold, raised cosine down."""
    since = frame - event.start + 1
    rising = min(1.0, since / event.onset)
    falling = min(1.0, (event.end - frame) / event.offset) if frame >= event.end - event.offset else 1.0
    return 0.0 if since <= 0 or frame >= event.end else 0.5 - 0.5 * float(np.cos(np.pi * min(rising, falling)))


def _peaks(prototype: Mapping[int, float], expressiveness: float, rng: np.random.Generator) -> Expression:
    size = expressiveness * rng.uniform(0.75, 1.2)
    jitter = 1.0 + 0.2 * np.clip(rng.standard_normal(len(prototype)), -2, 2)
    return {
        au: float(np.clip(peak * size * part, 0.0, 5.0))
        for (au, peak), part in zip(prototype.items(), jitter, strict=True)
    }


def events(participant: str) -> Iterator[Event]:
    """The person's expressions in order, without end: shuffled prototypes and single units, again and again."""
    rng = generator(participant, 10)
    expressiveness = float(np.clip(rng.normal(1.0, 0.12), 0.75, 1.25))
    start = NEUTRAL_START + int(rng.integers(0, 3))
    while True:
        deck = (*PROTOTYPES, *SINGLES)
        for card in rng.permutation(len(deck)):
            onset, apex, offset = (int(rng.integers(low, high)) for low, high in ((2, 4), (1, 4), (2, 4)))
            event = Event(_peaks(deck[card], expressiveness, rng), start, onset, apex, offset)
            yield event
            start = event.end + int(rng.integers(1, 8))


def expressions(participant: str, n_frames: int) -> tuple[Expression, ...]:
    """Drawn intensities (AU number -> 0 .. 5, continuous) of the first n_frames frames."""
    frames: list[dict[int, float]] = [{} for _ in range(n_frames)]
    for event in events(participant):
        if event.start >= n_frames:
            return tuple(frames)
        for frame in range(event.start, min(event.end, n_frames)):
            level = _level(event, frame)
            frames[frame] = {au: peak * level for au, peak in event.peaks.items()}
    raise AssertionError("events never end")


def label(expression: Expression) -> tuple[float, ...]:
    """The coder's label of a drawn expression: every AU's drawn intensity, rounded to 0 .. 5, in the order of CAST_AUS."""
    return tuple(float(np.floor(expression.get(au, 0.0) + 0.5)) for au in CAST_AUS)


def _drift(participant: str, purpose: int, frame: int, spread: float) -> float:
    """A slow wandering around 0 with about this standard deviation, known for any frame on its own."""
    rng = generator(participant, 11, purpose)
    periods, phases = rng.uniform(14.0, 70.0, 4), rng.uniform(0.0, 2 * np.pi, 4)
    return spread * float(np.sin(2 * np.pi * frame / periods + phases).sum() / np.sqrt(2.0))


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
    home = generator(participant, 17).standard_normal(4).clip(-2, 2)
    shake = generator(participant, 18, frame).standard_normal(2).clip(-2, 2)
    return Camera(
        exposure=float(np.exp(0.06 * home[0] + _drift(participant, 25, frame, 0.03))),
        white_balance=float(0.018 * home[1] + 0.004 * shake[0]),
        blur=float(np.clip(0.38 + 0.08 * home[2] + 0.10 * shake[1], 0.15, 0.8)),
        noise=float(1.5 + 0.5 * home[3]),
        jpeg_quality=92,
    )


def moment_of(participant: str, frame: int, expression: Expression) -> Moment:
    """Everything about one frame; only the expression knows the labels."""
    return Moment(
        expression=expression,
        pose=pose_of(participant, frame),
        gaze=_gaze(participant, frame),
        openness=_openness(participant, frame),
        light=_light(participant, frame),
        camera=_camera(participant, frame),
    )
