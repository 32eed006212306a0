"""What the stages of a CSN after its merge add to an intensity, by integrated gradients over the output of a stage.

A CSN's stages before the merge run twice, once for the reference and once for the image. Whoever listens at such a stage, as
Captum's layer methods do, hears one of the two passes (the reference's), and nothing says so: asked about one, this room refuses.
After the merge there is one pass only, that of the difference between the two faces.
"""

from dataclasses import dataclass

import numpy as np
import torch
from captum.attr import LayerIntegratedGradients
from jaxtyping import Float, Float32
from torch import Tensor

from csnviz.errors import InputError
from csnviz.explain.attribution import Crop, column_of, pixels_for
from csnviz.explain.held_still import held_still
from csnviz.explain.walks import PASS, RULE, STEPS
from csnviz.models.checkpoints import TrainedNetwork
from csnviz.models.heads import intensity
from csnviz.models.stages import stages_before


@dataclass(frozen=True)
class InStage:
    """What each number that a stage gives adds to the intensity of an action unit.

    values: (C, H, W) or (M,), as the stage gives them, in intensity steps. stage: its name. start_estimate: of the reference beside
    itself; estimate: of the image beside it. gap: the sum of values less their difference.
    """

    values: Float32[np.ndarray, "*features"]
    stage: str
    au: int
    start_estimate: float
    estimate: float
    gap: float


def what_a_stage_adds(csn: TrainedNetwork, image: Crop, reference: Crop, stage: str, au_number: int) -> InStage:
    """Which numbers of a stage after the merge drive the intensity, from the reference beside itself to the image beside it.

    Captum's LayerIntegratedGradients on decode, whose input is the difference map: nothing (0) at the start. InputError for a stage
    before the merge, one that the network does not have, and as in `csnviz.explain.attribution.why_ncg`.
    """
    column, network = column_of(csn, au_number), csn.csn
    after_the_merge(csn, stage)

    def estimate(difference: Float[Tensor, "K *features"]) -> Float[Tensor, " K"]:
        return intensity(network.decode(difference), len(csn.config.aus))[:, column]

    with held_still(csn.network):
        with torch.no_grad():
            neutral, seen = (network.encode(pixels) for pixels in pixels_for(csn, reference, image))
            difference = network.difference(neutral, seen)
            first, last = (float(estimate(each)) for each in (torch.zeros_like(difference), difference))
        walk = LayerIntegratedGradients(estimate, csn.network.get_submodule(stage))
        nothing = torch.zeros_like(difference)
        values = walk.attribute(difference, nothing, n_steps=STEPS, method=RULE, internal_batch_size=PASS)[0]
    gap = float(values.double().sum()) - (last - first)
    return InStage(values.detach().float().cpu().numpy(), stage, au_number, first, last, gap)


def after_the_merge(csn: TrainedNetwork, stage: str) -> None:
    """InputError, in a sentence, for a stage that runs before the faces are compared, or that the network does not have."""
    merge_before, names = csn.csn.merge_before, csn.network.names
    after = names[stages_before(csn.network, merge_before) :]
    if stage in after:
        return
    choices = f"choose {' or '.join(after)}" if after else "none of its stages comes after that; ask about pixels"
    if stage not in names:
        raise InputError(f"{csn.name} has no stage {stage!r}; {choices}.")
    raise InputError(
        f"{csn.name} compares the faces before {merge_before}, so {stage} sees the reference and the image apart, and an answer "
        f"there would be about the reference alone: {choices}."
    )
