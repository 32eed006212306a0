"""Why a network gives the intensity it gives: four questions, each answered in pixels by a method of one's choice.

The questions differ in what walks and from where; the methods (`walks.integrated`, `occlusion.occluded`) in how they tell what each
pixel adds on the way. A permanent attribute (glasses, a wrinkle, a beard) is in the person's reference too, so a walk that
starts there is blind to it: that start is for movement only.

Only pixels are attributed to. Of the stages of a network see `csnviz.explain.layers`.
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from csnviz.errors import InputError
from csnviz.explain.held_still import held_still
from csnviz.explain.results import Attribution
from csnviz.explain.starts import Start
from csnviz.explain.walks import Estimate, Method, Walk, integrated
from csnviz.facs import AUSet, au
from csnviz.inference.features import Cancelled
from csnviz.models.checkpoints import TrainedNetwork
from csnviz.models.heads import intensity
from csnviz.models.images import images_of

Crop = UInt8[np.ndarray, "S S 3"]
OWN_REFERENCE = "the person's own reference"


def why_ncg(
    ncg: TrainedNetwork,
    image: Crop,
    start: Start,
    au_number: int,
    cancelled: Cancelled | None = None,
    method: Method = integrated,
) -> Attribution:
    """Why a network without a reference sees this intensity of an action unit: which pixels, against a face without the attribute.

    image: the crop of a usable face. start: the mean neutral face of the training people, or the image blurred. The values are
    about the image and add up to its estimate less the start's, as far as the method's do. InputError when the network does not
    estimate the unit's intensity; WorkCancelled when `cancelled` says so on the way.
    """
    column = column_of(ncg, au_number)
    with held_still(ncg.network):
        begin, end = pixels_for(ncg, start.crop, image)
        walk = method(_alone(ncg, column), begin, end, cancelled)
    asked = _Asked("why does the network see it without a reference?", au_number, "image", start.words)
    return asked.answered_by(walk)


def what_the_reference_cancelled(
    csn: TrainedNetwork,
    image: Crop,
    reference: Crop,
    start: Start,
    au_number: int,
    cancelled: Cancelled | None = None,
    method: Method = integrated,
) -> Attribution:
    """What knowing this person's neutral face took off an action unit's intensity: the image held still, the reference walking.

    The walk leads from `start`, a reference that is not this person (the mean neutral face), to the person's own. The values are
    about the reference: below 0 they cancelled. They add up to the estimate with the person's reference less that with the
    start. Otherwise as `why_ncg`.
    """
    column, network = column_of(csn, au_number), csn.csn
    with held_still(csn.network):
        begin, end, held = pixels_for(csn, start.crop, reference, image)
        with torch.no_grad():
            image_features = network.encode(held)

        def estimate(pixels: Float[Tensor, "K 3 S S"]) -> Float[Tensor, " K"]:
            same = image_features.expand(len(pixels), *image_features.shape[1:])
            outputs = network.decode(network.difference(network.encode(pixels), same))
            return intensity(outputs, len(csn.config.aus))[:, column]

        walk = method(estimate, begin, end, cancelled)
    return _Asked("what did the reference cancel?", au_number, "reference", start.words).answered_by(walk)


def what_moved(
    csn: TrainedNetwork,
    image: Crop,
    reference: Crop,
    au_number: int,
    cancelled: Cancelled | None = None,
    method: Method = integrated,
) -> Attribution:
    """Which movements since neutral a CSN reads as this action unit: the walk leads from the person's own reference to the image.

    The values are about the image, are exactly 0 where it equals the reference, and add up to the estimate less that of the
    reference beside itself. Otherwise as `why_ncg`.
    """
    column = column_of(csn, au_number)
    with held_still(csn.network):
        begin, end = pixels_for(csn, reference, image)
        walk = method(_beside(csn, begin, column), begin, end, cancelled)
    return _Asked("what moved since neutral?", au_number, "image", OWN_REFERENCE).answered_by(walk)


def what_csn_does_not_see(
    ncg: TrainedNetwork,
    csn: TrainedNetwork,
    image: Crop,
    reference: Crop,
    start: Start,
    au_number: int,
    cancelled: Cancelled | None = None,
    method: Method = integrated,
) -> Attribution:
    """What in this face drives the two methods apart: NCG's estimate less that of the CSN, whose reference is held still.

    The values are about the image: above 0 where NCG sees more than the CSN does. They add up to the difference between the
    methods here less that at `start`, of which the CSN has the same reference. Otherwise as `why_ncg`.
    """
    ncg_column, csn_column = column_of(ncg, au_number), column_of(csn, au_number)
    with held_still(ncg.network), held_still(csn.network):
        begin, end = pixels_for(ncg, start.crop, image)
        (held,) = pixels_for(csn, reference)
        alone, beside = _alone(ncg, ncg_column), _beside(csn, held, csn_column)

        def estimate(pixels: Float[Tensor, "K 3 S S"]) -> Float[Tensor, " K"]:
            return alone(pixels) - beside(pixels)

        walk = method(estimate, begin, end, cancelled)
    return _Asked("what does NCG see that the CSN does not?", au_number, "image", start.words).answered_by(walk)


def _alone(ncg: TrainedNetwork, column: int) -> Estimate:
    """The estimates of a network that sees one face."""

    def estimate(pixels: Float[Tensor, "K 3 S S"]) -> Float[Tensor, " K"]:
        return intensity(ncg.network(pixels), len(ncg.config.aus))[:, column]

    return estimate


def _beside(csn: TrainedNetwork, reference: Float[Tensor, "1 3 S S"], column: int) -> Estimate:
    """The estimates of a CSN beside one reference, which is encoded once."""
    network = csn.csn
    with torch.no_grad():
        reference_features = network.encode(reference)

    def estimate(pixels: Float[Tensor, "K 3 S S"]) -> Float[Tensor, " K"]:
        same = reference_features.expand(len(pixels), *reference_features.shape[1:])
        outputs = network.decode(network.difference(same, network.encode(pixels)))
        return intensity(outputs, len(csn.config.aus))[:, column]

    return estimate


@dataclass(frozen=True)
class _Asked:
    """What an attribution answers: the question in words, about which unit, about which face, from where."""

    words: str
    au: int
    about: str
    start: str

    def answered_by(self, walk: Walk) -> Attribution:
        return Attribution(
            walk.values.float().cpu().numpy(),
            self.au,
            self.about,
            f"{au(self.au).title}: {self.words}",
            walk.algorithm,
            self.start,
            walk.start_estimate,
            walk.estimate,
            walk.gap,
            steps_that_mend=walk.steps_that_mend,
            adds_up=walk.adds_up,
        )


def column_of(trained: TrainedNetwork, au_number: int) -> int:
    """The place of a unit among a network's outputs; InputError where it does not estimate that unit's intensity."""
    if trained.config.quantity != "intensity":
        raise InputError(f"{trained.name} estimates occurrence. Choose a network that estimates intensity.")
    return AUSet(trained.config.aus).column_of(au_number)


def pixels_for(trained: TrainedNetwork, *crops: Crop) -> tuple[Float[Tensor, "1 3 S S"], ...]:
    """The crops as images of the network's own precision, where the network is."""
    like = next(trained.network.parameters())
    return tuple(images_of(crop[None], like.device).to(like.dtype) for crop in crops)
