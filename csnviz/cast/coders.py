"""Who marks the drawn faces: the truth, or a coder who errs as human coders do."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from csnviz.cast.anatomy import CAST_AUS, Expression
from csnviz.cast.identity import generator
from csnviz.errors import InputError

_HELD = 0.8
"""How much of an error is still there in the next frame: a coder who overlooks a trace overlooks it for a while."""


def drawn_intensities(expressions: Sequence[Expression]) -> Float[np.ndarray, "N A"]:
    """What was played, 0 .. 5 and continuous, in the order of CAST_AUS."""
    return np.array([[frame.get(au, 0.0) for au in CAST_AUS] for frame in expressions]).reshape(-1, len(CAST_AUS))


def to_letters(intensities: Float[np.ndarray, "N A"]) -> Float[np.ndarray, "N A"]:
    """The nearest of 0 (absent) and 1 to 5 (A to E), halves upwards.

    >>> to_letters(np.array([[0.49, 0.5, 3.4, 5.2]])).tolist()
    [[0.0, 1.0, 3.0, 5.0]]
    """
    return np.floor(np.clip(intensities, 0.0, 5.0) + 0.5).astype(np.float32)


def label(expression: Expression) -> tuple[float, ...]:
    """The true letters of one face, 0 .. 5, in the order of CAST_AUS."""
    return tuple(to_letters(drawn_intensities([expression]))[0].tolist())


@dataclass(frozen=True)
class Coder:
    """A coder with stated noise.

    seed: another seed is another person. noise: the standard deviation of what the coder reads, in steps of the scale 0 to 5,
    where a unit is seen (intensity 1 and above); a third of it where the face does nothing. Errors last: from one frame to the
    next .8 of them stay. With .6, two coders of the cast reach an ICC(3,1) of .92 (.84 to .95 by unit), about as human coders do.
    """

    seed: int
    noise: float = 0.6

    def __post_init__(self) -> None:
        """InputError for noise that is negative or beyond half of the scale."""
        if not 0.0 <= self.noise <= 2.5:
            raise InputError(f"A coder's noise goes from 0 to 2.5 steps of the scale 0 to 5; found {self.noise:g}.")

    def mark(self, participant: str, intensities: Float[np.ndarray, "N A"]) -> Float[np.ndarray, "N A"]:
        """Whole numbers 0 .. 5 for what this participant's face does; a longer performance begins with the shorter one's."""
        fresh = generator(participant, 40, self.seed).standard_normal(intensities.shape)
        error = np.zeros(intensities.shape[1:])
        read = np.empty(intensities.shape)
        for frame, (now, drawn) in enumerate(zip(fresh, intensities, strict=True)):
            error = now if frame == 0 else _HELD * error + np.sqrt(1.0 - _HELD**2) * now
            read[frame] = drawn + self.noise * (1.0 + 2.0 * np.minimum(drawn, 1.0)) / 3.0 * error
        return to_letters(read)
