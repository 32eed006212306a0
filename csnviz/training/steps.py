"""How a batch becomes outputs in training, without a reference and with one.

A CSN makes two passes before the merge, references first, as the authors do, each normalised by its own batch (train-mode
BatchNorm). Where K images in a row share a reference, the reference is encoded once and its features serve all K. Encoding it
K times in one pass would give the same mean, variance and gradients, because every reference then weighs the same; only the
stored variance differs, by the n / (n - 1) with which BatchNorm corrects it. So sharing is exact, and costs 1 + 1 / K passes
instead of 2. With K = 1 it is the authors' step.
"""

from collections.abc import Callable
from typing import Any

from jaxtyping import Float
from torch import Tensor

from csnviz.models.csn import CSN
from csnviz.models.stages import StagedNetwork

Step = Callable[[Any, Tensor, Tensor], Tensor]
"""(network, references, images) -> outputs: `without_reference` or `with_reference`."""


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
