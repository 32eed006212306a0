"""Walking from one face to another and adding up the gradients met on the way: integrated gradients over pixels.

Sundararajan, Taly and Yan (2017, arXiv 1703.01365): along the straight line from a start to the face, the gradient of the estimate
times the change of each pixel, summed over the line, is what that pixel adds. Over all pixels that is the difference between the
two estimates; what a finite number of steps leaves out of it is the gap.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from captum.attr import IntegratedGradients
from jaxtyping import Float
from torch import Tensor

from csnviz.explain.results import LEAST_DIFFERENCE
from csnviz.inference.features import Cancelled, WorkCancelled

STEPS = 50
MOST_STEPS = 200
"""Steps are doubled from the first number up to the second while the gap is larger than this share of the difference:"""
LARGEST_GAP = 0.05
RULE = "riemann_middle"
"""Captum's name for steps of equal length, each told by its middle. Networks with kinks give gradients that jump, for which the
points of Gauss and Legendre, Captum's own choice, left out more on the demo's faces."""
PASS = 8
"""Faces per pass, forwards and backwards; more would need more memory and no less time on a CPU."""

Estimate = Callable[[Float[Tensor, "K 3 S S"]], Float[Tensor, " K"]]
"""The estimate of one action unit for each of K faces, differentiable."""


@dataclass(frozen=True)
class Walk:
    """What each pixel adds between two faces, by whatever method.

    values: in intensity steps. start_estimate and estimate: at both ends. gap: the sum of values less their difference. algorithm:
    in words. steps_that_mend and adds_up: as in `csnviz.explain.results.Attribution`.
    """

    values: Float[Tensor, "3 S S"]
    start_estimate: float
    estimate: float
    gap: float
    algorithm: str
    steps_that_mend: int | None = None
    adds_up: bool = True


Method = Callable[[Estimate, Float[Tensor, "1 3 S S"], Float[Tensor, "1 3 S S"], Cancelled | None], Walk]
"""A way to say what each pixel adds: of an estimate, from one face to another, until it is cancelled."""


def integrated(
    estimate: Estimate,
    begin: Float[Tensor, "1 3 S S"],
    end: Float[Tensor, "1 3 S S"],
    cancelled: Cancelled | None = None,
) -> Walk:
    """Integrated gradients with ever more steps until the values account for the difference, or MOST_STEPS.

    WorkCancelled when `cancelled` says so on the way, which is asked before each pass.
    """
    asked = interruptible(estimate, cancelled)
    first, last = both_ends(estimate, begin, end)
    shares: list[float] = []
    steps = STEPS
    while True:
        walk = IntegratedGradients(asked)
        values = walk.attribute(end, begin, n_steps=steps, method=RULE, internal_batch_size=PASS)[0].detach()
        gap = float(values.cpu().double().sum()) - (last - first)
        shares.append(abs(gap) / max(abs(last - first), LEAST_DIFFERENCE))
        enough = shares[-1] <= LARGEST_GAP
        if enough or 2 * steps > MOST_STEPS:
            mend = None if enough else steps_that_mend(steps, shares)
            return Walk(values, first, last, gap, f"integrated gradients, {steps} steps", mend)
        steps *= 2


def steps_that_mend(steps: int, shares: Sequence[float]) -> int | None:
    """How many steps would bring a gap down to LARGEST_GAP; None where it did not fall.

    steps: the most that were tried. shares: the gaps as shares, each with half the steps of the next. An estimate: the gap is taken
    to fall on as it fell from the first to the last of them, by the same factor with each doubling; whole doublings are counted.

    >>> steps_that_mend(200, [0.4, 0.2, 0.1])
    400
    """
    doublings = len(shares) - 1
    if doublings < 1 or not shares[0] > shares[-1] > 0:
        return None
    a_doubling = (shares[0] / shares[-1]) ** (1 / doublings)
    more = math.ceil(math.log(shares[-1] / LARGEST_GAP) / math.log(a_doubling) - 1e-9)
    return steps * 2**more if more <= _MOST_DOUBLINGS else None


_MOST_DOUBLINGS = 10
"""A gap that would need a thousand times the steps is not falling."""


def both_ends(
    estimate: Estimate, begin: Float[Tensor, "1 3 S S"], end: Float[Tensor, "1 3 S S"]
) -> tuple[float, float]:
    """The estimates at the start and at the face."""
    with torch.no_grad():
        first, last = (float(value) for value in estimate(torch.cat([begin, end])))
    return first, last


def interruptible(estimate: Estimate, cancelled: Cancelled | None) -> Estimate:
    """The same estimate, which raises WorkCancelled before a pass once `cancelled` says so."""

    def asked(pixels: Float[Tensor, "K 3 S S"]) -> Float[Tensor, " K"]:
        if cancelled is not None and cancelled():
            raise WorkCancelled
        return estimate(pixels)

    return asked
