"""How a batch becomes outputs in training, without a reference and with one, and which statistics BatchNorm uses meanwhile.

`BatchNorm` names the three ways; a recipe records the name among its settings and asks `step_for` for the step.

two_passes   the authors': a CSN makes two passes before the merge, references first, each normalised by its own batch.
frozen       the stored statistics throughout, in both methods; they never move. For a pretrained network only.
one_pass     references and images in one batch, normalised together. Another method (its outputs differ by up to 0.4
             of their size) that the paper's words would also allow; here for studies of that choice.

Where K images in a row share a reference, `with_reference` encodes it once and its features serve all K. Encoding it K times in one
pass would give the same mean, variance and gradients, because every reference then weighs the same; only the stored variance
differs, by the n / (n - 1) with which BatchNorm corrects it. So sharing is exact, and costs 1 + 1 / K passes instead of 2. With
K = 1 it is the authors' step. Where references have unequal numbers of images it would not be exact, which is why batches are
balanced (csnviz.data.batches). `python -m csnviz.training.step_times` measures what sharing saves.

# Differs from the paper: with K > 1 the K images also share one draw of their reference's augmentation.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm

from csnviz.models.csn import CSN
from csnviz.models.stages import StagedNetwork

Step = Callable[[Any, Tensor, Tensor], Tensor]
"""(network, references, images) -> outputs."""


class BatchNorm(StrEnum):
    """Which statistics normalise the features while a network trains."""

    TWO_PASSES = "two_passes"
    FROZEN = "frozen"
    ONE_PASS = "one_pass"  # noqa: S105 - a way of passing, not a pass word


def step_for(batch_norm: BatchNorm, merge_before: str | None) -> Step:
    """The step of a network without a reference (merge_before None) or of a CSN; a single pass has nothing to choose but FROZEN."""
    if merge_before is None:
        return frozen(without_reference) if batch_norm is BatchNorm.FROZEN else without_reference
    steps = {
        BatchNorm.TWO_PASSES: with_reference,
        BatchNorm.FROZEN: frozen(with_reference),
        BatchNorm.ONE_PASS: in_one_pass,
    }
    return steps[batch_norm]


def without_reference(
    network: StagedNetwork, references: Float[Tensor, "G *face"], images: Float[Tensor, "B *face"]
) -> Float[Tensor, "B M"]:
    """The outputs of a network that sees the images alone (NCG); the references are not looked at."""
    return network(images)


def with_reference(
    csn: CSN, references: Float[Tensor, "G *face"], images: Float[Tensor, "B *face"]
) -> Float[Tensor, "B M"]:
    """The outputs of a CSN; reference g belongs to images g * K to (g + 1) * K - 1, where K = B / G."""
    shared = csn.encode(references).repeat_interleave(len(images) // len(references), dim=0)
    return csn.decode(csn.difference(shared, csn.encode(images)))


def in_one_pass(
    csn: CSN, references: Float[Tensor, "G *face"], images: Float[Tensor, "B *face"]
) -> Float[Tensor, "B M"]:
    """The outputs of a CSN whose references and images are one batch before the merge.

    Each reference stands there once for each of its images, so that the outputs do not depend on how many share it.
    """
    repeated = references.repeat_interleave(len(images) // len(references), dim=0)
    reference_features, image_features = csn.encode(torch.cat([repeated, images])).chunk(2)
    return csn.decode(csn.difference(reference_features, image_features))


def frozen(step: Step) -> Step:
    """The same step with BatchNorm's stored statistics, which stay as they are; its scales and shifts still learn."""

    def frozen_step(network: Any, references: Tensor, images: Tensor) -> Tensor:
        for module in network.modules():
            if isinstance(module, _BatchNorm):
                module.eval()
        return step(network, references, images)

    return frozen_step
