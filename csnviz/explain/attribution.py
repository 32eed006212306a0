"""Why a network gives the intensity it gives: three questions, each answered by integrated gradients over pixels.

Sundararajan, Taly and Yan (2017, arXiv 1703.01365): walk in a straight line from a start to the face, add up the gradients met
on the way, and the sums over all pixels are the difference between the two estimates. The questions differ in what walks
and from where. A permanent attribute (glasses, a wrinkle, a beard) is in the person's reference too, so a walk that
starts there is blind to it: that start is for movement only.

Only pixels are attributed to. Captum's layer methods on a stage before the merge would report the reference's pass in place of
the image's, and say nothing about it.
"""

import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from captum.attr import IntegratedGradients
from jaxtyping import Float, UInt8
from torch import Tensor, nn

from csnviz.errors import InputError
from csnviz.explain.results import Attribution
from csnviz.explain.starts import Start
from csnviz.facs import AUSet, au
from csnviz.inference.features import Cancelled, WorkCancelled
from csnviz.models.checkpoints import TrainedNetwork
from csnviz.models.heads import intensity
from csnviz.models.images import images_of

STEPS = 50
MOST_STEPS = 200
"""Steps are doubled from the first number up to the second while the gap is larger than this share of the difference:"""
LARGEST_GAP = 0.05
PASS = 8
"""Faces per pass, forwards and backwards; more would need more memory and no less time on a CPU."""

Crop = UInt8[np.ndarray, "S S 3"]
Estimate = Callable[[Float[Tensor, "K 3 S S"]], Float[Tensor, " K"]]

_locks: weakref.WeakKeyDictionary[nn.Module, threading.RLock] = weakref.WeakKeyDictionary()
_locks_lock = threading.Lock()


def why_ncg(
    ncg: TrainedNetwork, image: Crop, start: Start, au_number: int, cancelled: Cancelled | None = None
) -> Attribution:
    """Why a network without a reference sees this intensity of an action unit: which pixels, against a face without the attribute.

    image: the crop of a usable face. start: the mean neutral face of the training people, or the image blurred. The values are
    about the image and add up to its estimate less the start's. InputError when the network does not estimate the unit's
    intensity; WorkCancelled when `cancelled` says so on the way.
    """
    column = _column(ncg, au_number)

    def estimate(pixels: Float[Tensor, "K 3 S S"]) -> Float[Tensor, " K"]:
        return intensity(ncg.network(pixels), len(ncg.config.aus))[:, column]

    with _held_still(ncg.network):
        begin, end = _pixels(ncg.network, start.crop, image)
        walk = _integrated(estimate, begin, end, cancelled)
    question = f"{au(au_number).title}: why does the network see it without a reference?"
    return _attribution(walk, au_number, "image", question, start.words)


def what_the_reference_cancelled(
    csn: TrainedNetwork, image: Crop, reference: Crop, start: Start, au_number: int, cancelled: Cancelled | None = None
) -> Attribution:
    """What knowing this person's neutral face took off an action unit's intensity: the image held still, the reference walking.

    The walk leads from `start`, a reference that is not this person (the mean neutral face), to the person's own. The values are
    about the reference: below 0 they cancelled. They add up to the estimate with the person's reference less that with the
    start. Otherwise as `why_ncg`.
    """
    column, network = _column(csn, au_number), csn.csn
    with _held_still(csn.network):
        begin, end, held = _pixels(csn.network, start.crop, reference, image)
        with torch.no_grad():
            image_features = network.encode(held)

        def estimate(pixels: Float[Tensor, "K 3 S S"]) -> Float[Tensor, " K"]:
            same = image_features.expand(len(pixels), *image_features.shape[1:])
            outputs = network.decode(network.difference(network.encode(pixels), same))
            return intensity(outputs, len(csn.config.aus))[:, column]

        walk = _integrated(estimate, begin, end, cancelled)
    question = f"{au(au_number).title}: what did the reference cancel?"
    return _attribution(walk, au_number, "reference", question, start.words)


def what_moved(
    csn: TrainedNetwork, image: Crop, reference: Crop, au_number: int, cancelled: Cancelled | None = None
) -> Attribution:
    """Which movements since neutral a CSN reads as this action unit: the walk leads from the person's own reference to the image.

    The values are about the image, are exactly 0 where it equals the reference, and add up to the estimate less that of the
    reference beside itself. Otherwise as `why_ncg`.
    """
    column, network = _column(csn, au_number), csn.csn
    with _held_still(csn.network):
        begin, end = _pixels(csn.network, reference, image)
        with torch.no_grad():
            reference_features = network.encode(begin)

        def estimate(pixels: Float[Tensor, "K 3 S S"]) -> Float[Tensor, " K"]:
            same = reference_features.expand(len(pixels), *reference_features.shape[1:])
            outputs = network.decode(network.difference(same, network.encode(pixels)))
            return intensity(outputs, len(csn.config.aus))[:, column]

        walk = _integrated(estimate, begin, end, cancelled)
    question = f"{au(au_number).title}: what moved since neutral?"
    return _attribution(walk, au_number, "image", question, "the person's own reference")


@dataclass(frozen=True)
class _Walk:
    """One finished integration."""

    values: Float[Tensor, "3 S S"]
    steps: int
    start_estimate: float
    estimate: float
    gap: float


def _integrated(
    estimate: Estimate, begin: Float[Tensor, "1 3 S S"], end: Float[Tensor, "1 3 S S"], cancelled: Cancelled | None
) -> _Walk:
    """Walks with ever more steps until the values account for the difference, or MOST_STEPS."""

    def interruptible(pixels: Float[Tensor, "K 3 S S"]) -> Float[Tensor, " K"]:
        if cancelled is not None and cancelled():
            raise WorkCancelled
        return estimate(pixels)

    with torch.no_grad():
        first, last = (float(value) for value in estimate(torch.cat([begin, end])))
    steps = STEPS
    while True:
        values = IntegratedGradients(interruptible).attribute(end, begin, n_steps=steps, internal_batch_size=PASS)[0]
        gap = float(values.cpu().double().sum()) - (last - first)
        if abs(gap) <= LARGEST_GAP * abs(last - first) or 2 * steps > MOST_STEPS:
            return _Walk(values.detach(), steps, first, last, gap)
        steps *= 2


def _attribution(walk: _Walk, au_number: int, about: str, question: str, start: str) -> Attribution:
    algorithm = f"integrated gradients, {walk.steps} steps"
    values = walk.values.float().cpu().numpy()
    return Attribution(
        values, au_number, about, question, algorithm, start, walk.start_estimate, walk.estimate, walk.gap
    )


def _column(trained: TrainedNetwork, au_number: int) -> int:
    if trained.config.quantity != "intensity":
        raise InputError(f"{trained.name} estimates occurrence. Choose a network that estimates intensity.")
    return AUSet(trained.config.aus).column_of(au_number)


def _pixels(network: nn.Module, *crops: Crop) -> tuple[Float[Tensor, "1 3 S S"], ...]:
    """The crops as images of the network's own precision, where the network is."""
    like = next(network.parameters())
    return tuple(images_of(crop[None], like.device).to(like.dtype) for crop in crops)


@contextmanager
def _held_still(network: nn.Module) -> Iterator[None]:
    """One thread at a time, stored statistics in force, parameters without gradients; afterwards as it was before."""
    with _locks_lock:
        lock = _locks.setdefault(network, threading.RLock())
    # A caller may be in inference mode, in which no gradient can be had.
    with lock, torch.inference_mode(False), torch.enable_grad():
        wanted = [(parameter, parameter.requires_grad) for parameter in network.parameters()]
        training = network.training
        network.eval().requires_grad_(False)
        try:
            yield
        finally:
            network.train(training)
            for parameter, flag in wanted:
                parameter.requires_grad_(flag)
