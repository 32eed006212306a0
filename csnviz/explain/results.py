"""What an explanation of one number is, whatever computed it."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, UInt8

from csnviz.errors import InputError

ABOUT = ("image", "reference")
LEAST_DIFFERENCE = 0.1
"""Intensity steps; a gap is told as a share of what there is to explain, but of no less than this."""


@dataclass(frozen=True)
class FaceParts:
    """Which part of a face every pixel of its crop belongs to: `of_pixels` holds the place of its title among `titles`."""

    of_pixels: UInt8[np.ndarray, "S S"]
    titles: tuple[str, ...]


@dataclass(frozen=True)
class Attribution:
    """How much each pixel of one face moved a method's intensity estimate of one action unit, and in which direction.

    values: (3, S, S) float32, signed, in intensity steps per pixel and colour; above 0 raised the estimate. au: the FACS number.
    about: "image" or "reference", the face whose pixels these are. question: what is answered, in the words that a panel
    shows. algorithm: how, for the small print. start: what the pixels began as, in words; start_estimate and
    estimate: what the method says there and here. gap: the sum of values less (estimate - start_estimate), which is 0 when
    every bit of the difference is accounted for. by_region: sums over the parts of the face (`csnviz.faces.parts`) by their
    titles, in face order; they add up to the sum of values. steps_that_mend: where a walk left too much out at the most steps,
    how many would leave out little enough; None otherwise. adds_up: False where the method does not promise that its values
    add up to the difference, so that `gap` is no error of it. parts: where the parts of `by_region` lie.
    """

    values: Float32[np.ndarray, "3 S S"]
    au: int
    about: str
    question: str
    algorithm: str
    start: str
    start_estimate: float
    estimate: float
    gap: float
    by_region: dict[str, float] | None = None
    steps_that_mend: int | None = None
    adds_up: bool = True
    parts: FaceParts | None = None

    def __post_init__(self) -> None:
        if self.about not in ABOUT:
            raise InputError(f"An attribution is about one of {ABOUT}; found {self.about!r}.")

    @property
    def output_difference(self) -> float:
        """What there is to explain: the estimate less the estimate at the start, in intensity steps."""
        return self.estimate - self.start_estimate

    @property
    def relative_gap(self) -> float:
        """The size of the gap as a share of the output difference, or of LEAST_DIFFERENCE where that is larger.

        Of what is next to nothing every gap would be a large share.
        """
        return abs(self.gap) / max(abs(self.output_difference), LEAST_DIFFERENCE)

    def heat(self) -> Float32[np.ndarray, "S S"]:
        """The three colours of each pixel added up, signs kept: what a picture of the attribution shows, shape (S, S)."""
        return self.values.sum(axis=0, dtype=np.float32)


@dataclass(frozen=True)
class Changed:
    """What each method says of a face before and after a change of its pixels, the AU's intensity by the key of a method.

    words: what was changed. picture: the changed crop, (S, S, 3) RGB. before and after: "ncg", "bs" and "csn", NaN where there is
    none. approximate: the pixels that were filled in are a guess. on_reference: the reference was changed with the image.
    """

    words: str
    picture: UInt8[np.ndarray, "S S 3"]
    before: dict[str, float]
    after: dict[str, float]
    approximate: bool
    on_reference: bool = False
