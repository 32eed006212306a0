"""What a drawn person's face does over time: scripts of expressions that rise, hold and fall, posed or spontaneous.

Action units come from one stream of random numbers; pose, gaze, blinks and light come from others (see `performance`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from csnviz.cast.anatomy import CAST_AUS, Expression
from csnviz.cast.identity import generator
from csnviz.errors import InputError

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
BLENDS: tuple[Mapping[int, float], ...] = (
    {1: 3.0, 2: 3.0, 6: 3.0, 12: 4.0, 25: 3.5, 26: 2.0},  # a glad surprise
    {1: 3.5, 4: 2.5, 12: 2.5, 15: 3.0},  # a smile against sadness
    {4: 3.5, 9: 3.0, 17: 3.0, 20: 2.0},  # anger with disgust
)
_SPEECH: Mapping[int, float] = {25: 3.0, 26: 1.8}
_ROUNDED_SPEECH: Mapping[int, float] = {17: 1.0, 25: 2.2, 26: 1.2}

Range = tuple[float, float]
Frames = tuple[int, int]


@dataclass(frozen=True)
class Card:
    """One thing that a script may ask of a face.

    peaks: intensities at the apex when it is played in full. size: how much of that is shown. onset, apex, offset: how many
    frames they take, from and up to. times: how often in a row, as syllables come.
    """

    peaks: Mapping[int, float]
    size: Range
    onset: Frames
    apex: Frames
    offset: Frames
    times: Frames = (1, 1)


@dataclass(frozen=True)
class Script:
    """A deck of cards that a performance deals again and again, each time in another order.

    name: names the frames that are kept. neutral_share: how much of the time nothing is played, 0 to below 1.
    """

    name: str
    cards: tuple[Card, ...]
    neutral_share: float = 0.35

    def __post_init__(self) -> None:
        """InputError for a share with which a performance never begins, or never rests."""
        if not 0.0 < self.neutral_share < 1.0:
            raise InputError(
                f"A script rests for a share of its frames between 0 and 1; found {self.neutral_share:g}. Ask for .35, say."
            )


def _posed(peaks: Mapping[int, float]) -> Card:
    return Card(peaks, (0.75, 1.2), (2, 3), (1, 3), (2, 3))


def _spontaneous(peaks: Mapping[int, float]) -> Card:
    """Weaker and slower than what is played for a camera."""
    return Card(peaks, (0.40, 0.90), (3, 5), (2, 5), (3, 6))


def _speech(peaks: Mapping[int, float]) -> Card:
    """Lips and jaw as syllables move them; AU25 and AU26 are marked, as coders mark them in speech."""
    return Card(peaks, (0.4, 1.2), (2, 2), (1, 2), (2, 2), times=(3, 5))


_PLAYED = tuple(_posed(peaks) for peaks in (*PROTOTYPES, *SINGLES))
_FELT = (
    *(_spontaneous(peaks) for peaks in (*PROTOTYPES, *BLENDS)),
    _speech(_SPEECH),
    _speech(_ROUNDED_SPEECH),
)
POSED = Script("posed", _PLAYED)
"""Prototypes and single units on demand, strong and quick, as in DISFA+."""
SPONTANEOUS = Script("spontaneous", _FELT, neutral_share=0.5)
"""Prototypes and blends that are felt, weak and slow, and speech, as in DISFA."""
MIXED = Script("mixed", (*_PLAYED, *_FELT))
"""Both: what the cast plays when nothing else is asked for."""

SCRIPTS: Mapping[str, Script] = {script.name: script for script in (MIXED, POSED, SPONTANEOUS)}
"""The scripts by their names on the command line."""


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


def _peaks(card: Card, expressiveness: float, rng: np.random.Generator) -> Expression:
    size = expressiveness * rng.uniform(*card.size)
    jitter = 1.0 + 0.2 * np.clip(rng.standard_normal(len(card.peaks)), -2, 2)
    return {
        au: float(np.clip(peak * size * part, 0.0, 5.0))
        for (au, peak), part in zip(card.peaks.items(), jitter, strict=True)
    }


def _count(rng: np.random.Generator, frames: Frames) -> int:
    return int(rng.integers(frames[0], frames[1] + 1))


def _dealt(card: Card, start: int, expressiveness: float, rng: np.random.Generator) -> Iterator[Event]:
    """The events of one card, back to back."""
    for _ in range(_count(rng, card.times)):
        onset, apex, offset = (_count(rng, part) for part in (card.onset, card.apex, card.offset))
        event = Event(_peaks(card, expressiveness, rng), start, onset, apex, offset)
        yield event
        start = event.end


def events(participant: str, script: Script = MIXED) -> Iterator[Event]:
    """The person's expressions in order, without end."""
    rng = generator(participant, 10)
    expressiveness = float(np.clip(rng.normal(1.0, 0.12), 0.75, 1.25))
    start = NEUTRAL_START + int(rng.integers(0, 3))
    rest = script.neutral_share / (1.0 - script.neutral_share)
    while True:
        for card in rng.permutation(len(script.cards)):
            began = start
            for event in _dealt(script.cards[card], began, expressiveness, rng):
                yield event
                start = event.end
            start += max(1, round((start - began) * rest * rng.uniform(0.4, 1.6)))


def expressions(participant: str, n_frames: int, script: Script = MIXED) -> tuple[Expression, ...]:
    """Intensities (AU number -> 0 .. 5, continuous) of the first n_frames frames."""
    frames: list[dict[int, float]] = [{} for _ in range(n_frames)]
    for event in events(participant, script):
        if event.start >= n_frames:
            return tuple(frames)
        for frame in range(event.start, min(event.end, n_frames)):
            level = _level(event, frame)
            frames[frame] = {au: peak * level for au, peak in event.peaks.items()}
    raise AssertionError("events never end")
