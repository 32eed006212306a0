"""All that follows the last bend of a network, as one matrix.

A block bends once, between its two convolutions. In eval mode the rest of it is affine, and where no other block follows, so is
all up to the outputs. A matrix for what was bent and one for the way around then say the same with a quarter of the arithmetic
(SMALL before stage 4, 72 outputs). IR50 bends twice more there and stays as it is.
"""

from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import linear

from csnviz.models.iresnet import Block, Blocks, Tail
from csnviz.models.stages import StagedNetwork, stages_before


class AffineEnd(nn.Module):
    """A block and all stages behind it as one stage, an AffineStart whose finish is the bend and a product.

    inner (M, F), around (M, G): what each number of the bent map and of the way around adds to each of M outputs. bias (M,).
    """

    inner: Tensor
    around: Tensor
    bias: Tensor

    def __init__(self, block: Block, inner: Tensor, around: Tensor, bias: Tensor) -> None:
        super().__init__()
        self.block = block
        self.register_buffer("inner", inner)
        self.register_buffer("around", around)
        self.register_buffer("bias", bias)

    def forward(self, features: Float[Tensor, "B C H W"]) -> Float[Tensor, "B M"]:
        """The network's outputs."""
        return self.finish(*self.begin(features))

    def begin(self, features: Float[Tensor, "B C H W"]) -> tuple[Float[Tensor, "B D H W"], Float[Tensor, "B M"]]:
        """What lies before the bend, and what the way around and all biases add to the outputs."""
        inner, around = self.block.begin(features)
        return inner, linear(_flat(around), self.around, self.bias)

    def finish(self, inner: Float[Tensor, "B D H W"], around: Float[Tensor, "B M"]) -> Float[Tensor, "B M"]:
        """The bend and all that follows it."""
        return linear(_flat(self.block.prelu(inner)), self.inner) + around


def with_affine_end(network: StagedNetwork, cut: str, features: Float[Tensor, "1 *features"]) -> StagedNetwork:
    """The network with all its stages from the cut on as one; itself where they are not one block, a tail and a linear layer.

    The same outputs, in eval mode and while the parameters stay as they are. features: any that fit the stage after the cut.
    """
    stages, before = dict(network.named_children()), stages_before(network, cut)
    match list(stages.values())[before:]:
        case [Blocks() as blocks, Tail() as tail, nn.Linear() as fc] if len(blocks) == 1:
            end = _affine_end(cast(Block, blocks[0]), nn.Sequential(tail, fc), features)
            return StagedNetwork({name: stages[name] for name in network.names[:before]} | {cut: end})
    return network


def _affine_end(block: Block, rest: nn.Module, features: Tensor) -> AffineEnd:
    def end(bent: Tensor, around: Tensor) -> Tensor:
        return rest(block.end(bent, around))

    with torch.no_grad():
        nothing = [torch.zeros_like(begun) for begun in block.begin(features)]
        bias = end(*nothing)[0]
    with torch.enable_grad():
        # A copy of nothing for each output, asked about that one alone: one pass backwards brings the slopes of all.
        # `torch.func.jacrev` brings them too, and torch's compiler with it, which takes two seconds to load.
        copies = [part.expand(len(bias), *part.shape[1:]).clone().requires_grad_() for part in nothing]
        inner, around = torch.autograd.grad(end(*copies).diagonal().sum(), copies)
    return AffineEnd(block, _flat(inner), _flat(around), bias)


def _flat(maps: Float[Tensor, "B C H W"]) -> Float[Tensor, "B F"]:
    # Channels last, as maps lie in memory here, so that nothing is copied.
    return maps.permute(0, 2, 3, 1).flatten(1)
